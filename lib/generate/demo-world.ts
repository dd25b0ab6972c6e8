/**
 * What all parts of the demo share: chance per part and day, ids, and the provider's own meter of OpenAI usage. Invariant: a part's draws
 * depend on the seed, its name and the day alone, so that changing one part leaves the others as they are.
 */
import { createIds, newCall } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import type { DemoDay } from './demo-calendar.ts';
import { createRandom, seedFor } from './random.ts';
import type { Random } from './random.ts';
import { createUsageMeter } from './usage-page.ts';
import type { UsageMeter } from './usage-page.ts';

/** An object of the inbox before it becomes bytes. */
export interface DemoFile {
  readonly key: string;
  readonly lines: readonly string[];
}

export interface DemoWorld {
  readonly seed: number;
  /** what the provider counts of the OpenAI account */
  readonly openai: UsageMeter;
  /** chance of one part on one day */
  random(part: string, day: DemoDay): Random;
  call(fields: Partial<GeneratedCall> & Pick<GeneratedCall, 'startedAtMs' | 'model'>): GeneratedCall;
}

export function createDemoWorld(seed: number): DemoWorld {
  const nextId = createIds(createRandom(seedFor(seed, 'demo ids')));
  return {
    seed,
    openai: createUsageMeter(),
    random: (part, day) => createRandom(seedFor(seed, `${part} ${day.day}`)),
    call: (fields) => newCall({ idHex: nextId(), ...fields }),
  };
}

/** Time of a whole answer: a start and a rate, in milliseconds. */
export function answerMs(random: Random, outputTokens: number): { latencyMs: number; firstTokenMs: number } {
  const firstTokenMs = random.skewed(450, 0.5);
  return { firstTokenMs, latencyMs: firstTokenMs + Math.round(outputTokens * (9 + 6 * random.next())) };
}
