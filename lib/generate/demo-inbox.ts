/**
 * The demo inbox: five weeks of a company's logs in twelve formats, with everything planted that real inboxes hold. In: a seed and the last
 * day, a Sunday. Out: objects, ready to be put into a folder. Invariant: the same seed and day give the same objects; no line holds
 * anything about a real person or company.
 *
 * Planted: one file exported twice · gateway and provider log of the same calls · usage that only the provider's page knows · a source that
 * falls silent · a truncated gzip and a few broken lines · an unknown model · sessions on seats, on the API and of unknown billing ·
 * contexts in the higher price band · a job that could be a batch · repeated questions · a team that grows in the last week.
 */
import { gzipSync } from 'node:zlib';
import { breakLine } from './broken-lines.ts';
import { claudeCodeSessions, codexSessions } from './demo-agents.ts';
import {
  bedrockKey,
  financeLog,
  growthLog,
  imageLog,
  indexLog,
  labsLog,
  mobileLog,
  researchLog,
  searchLog,
} from './demo-applications.ts';
import { demoDays } from './demo-calendar.ts';
import type { DemoDay } from './demo-calendar.ts';
import { DEMO } from './demo-config.ts';
import { createSupportBot, evaluationBatch, nightlyLog } from './demo-support.ts';
import { createDemoWorld } from './demo-world.ts';
import type { DemoFile, DemoWorld } from './demo-world.ts';

export interface DemoObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** When the planted things happen, by day of the demo (0 = its first Monday). */
export const PLANTED = {
  /** days of which the provider's log of the support bot exists besides the gateway's */
  proxyCopyDays: [7, 8, 9, 10, 11],
  duplicateExportDay: 15,
  brokenLinesDay: 16,
  truncatedDay: 24,
  /** first day without a log of the marketing team */
  silentFromDay: 31,
  unloggedRequestsADay: 45,
} as const;

/** The demo's objects. Throws `Misconfigured` if `endDay` is no Sunday. */
export function* demoInbox(options: { readonly seed: number; readonly endDay: string }): Generator<DemoObject, void> {
  const days = demoDays(options.endDay);
  const world = createDemoWorld(options.seed);
  const bot = createSupportBot(world);
  for (const day of days) {
    for (const file of filesOf(world, day)) yield encoded(file);
    const support = bot.day(day);
    yield encoded(support.log);
    if (includes(PLANTED.proxyCopyDays, day.index)) yield encoded(support.copy);
    if (day.index === PLANTED.truncatedDay) yield truncated(world, day);
    meterUnlogged(world, day);
    if (day.index % 7 === 6) {
      const week = days.slice(day.index - 6, day.index + 1).map((d) => d.day);
      yield { key: `openai-usage/completions_${week[0]}_${week[6]}.json`, bytes: Buffer.from(world.openai.page(week)) };
    }
  }
}

function* filesOf(world: DemoWorld, day: DemoDay): Generator<DemoFile> {
  const search = searchLog(world, day);
  yield day.index === PLANTED.brokenLinesDay ? withBrokenLines(world, day, search) : search;
  // the same file once more, as somebody's download
  if (day.index === PLANTED.duplicateExportDay) yield { ...search, key: `exports/search ${day.day} (1).jsonl` };
  yield mobileLog(world, day);
  yield financeLog(world, day);
  if (day.index < PLANTED.silentFromDay) yield growthLog(world, day);
  yield researchLog(world, day);
  yield labsLog(world, day);
  yield indexLog(world, day);
  yield imageLog(world, day);
  yield nightlyLog(world, day);
  if (day.index % 7 === 1) yield evaluationBatch(world, day);
  yield* claudeCodeSessions(world, day, DEMO.apiAgents);
  yield* claudeCodeSessions(world, day, DEMO.seatAgents);
  yield* codexSessions(world, day);
}

/** A disk that ran full: four lines of a file are broken. The provider still billed them. */
function withBrokenLines(world: DemoWorld, day: DemoDay, file: DemoFile): DemoFile {
  const random = world.random('broken lines', day);
  const broken = new Set([3, 11, 29, 30]);
  return { ...file, lines: file.lines.map((line, i) => (broken.has(i) ? breakLine(random, line) : line)) };
}

/** A transfer that broke off: the first half of a gzip member. */
function truncated(world: DemoWorld, day: DemoDay): DemoObject {
  const whole = encoded({ ...financeLog(world, day), key: bedrockKey(day, 'ffffffffffffffff') });
  return { ...whole, bytes: whole.bytes.subarray(0, Math.floor(whole.bytes.length / 2)) };
}

/** Notebooks that log nothing: only the provider's page knows of them. */
function meterUnlogged(world: DemoWorld, day: DemoDay): void {
  const random = world.random('notebooks', day);
  for (let i = 0; i < PLANTED.unloggedRequestsADay; i++) {
    const startedAtMs = day.startMs + random.below(86_400_000);
    const model = random.chance(0.7) ? 'gpt-4o-mini' : 'gpt-4o';
    const tokens = { inputTokens: random.skewed(1_800, 0.6), outputTokens: random.skewed(350, 0.5) };
    world.openai.add(world.call({ startedAtMs, model, ...tokens }));
  }
}

function encoded(file: DemoFile): DemoObject {
  const text = file.lines.map((line) => `${line}\n`).join('');
  return { key: file.key, bytes: file.key.endsWith('.gz') ? gzipSync(text) : Buffer.from(text, 'utf8') };
}

function includes(list: readonly number[], n: number): boolean {
  return list.includes(n);
}
