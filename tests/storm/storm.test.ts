import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PLANTED } from './planted.ts';

/** The command as people run it, in a process of its own: sources with a planted fault must not be those of the test runner. */
async function storm(...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('run-storm.ts', import.meta.url)), ...options]);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

/** More are run with `npm run storm -- --seeds N`. */
const SEEDS = 200;
const MINUTE_MS = 60_000;

/** Sum of one line of the coverage. */
function covered(output: string, name: string): number {
  const line = output.split('\n').find((text) => text.startsWith(name));
  return Number(/(\d+) {3}in/.exec(line ?? '')?.[1] ?? 0);
}

test(
  `${SEEDS} seeds settle to the truth, and every kind of fault has occurred in them`,
  async () => {
    const { code, output } = await storm('--seeds', String(SEEDS), '--workers', '2');
    expect(output).toContain(`${SEEDS} seeds, 0 failing`);
    expect(code).toBe(0);
    const things = [
      'fault crash_before',
      'fault crash_after',
      'fault fail_before',
      'fault fail_after',
      'fault slow',
      'fault delayed',
      'fault duplicated',
      'fault redelivered',
      'fault two sealers at once',
      'fault reader raised',
      'fault settings changed',
      'fault retracted midway',
      'inbox grows',
      'inbox rewritten',
      'inbox reverted',
      'inbox loses_a_day',
      'inbox emptied',
      'told by chain',
      'told by session+fork',
      'calls of another tier',
      'inbox reports telling tiers',
      'seen meters of a tier set against the day beside',
      'seen meters of a tier set against the other tier',
      'seen readers',
      'seen switches lost to races',
    ];
    expect(things.filter((thing) => covered(output, thing) === 0)).toEqual([]);
    expect(covered(output, 'calls')).toBeGreaterThanOrEqual(200 * SEEDS);
    expect(covered(output, 'seen faults')).toBeGreaterThanOrEqual(20 * SEEDS);
    expect(covered(output, 'seen seeds with 20 faults')).toBe(SEEDS);
  },
  20 * MINUTE_MS,
);

test(
  'a seed replays to the letter',
  async () => {
    const [first, second, other] = await Promise.all([
      storm('--seed', '7'),
      storm('--seed', '7'),
      storm('--seed', '9'),
    ]);
    expect(first?.code).toBe(0);
    expect(first?.output.split('\n').length).toBeGreaterThan(500);
    expect(second).toEqual(first);
    expect(other?.output).not.toEqual(first?.output);
  },
  MINUTE_MS,
);

test.each(PLANTED.map(({ name, seed }) => [name, seed] as const))(
  'the storm finds a planted fault: %s',
  async (name, seed) => {
    const { code, output } = await storm('--plant', name, '--until-failure', '--from', String(seed), '--seeds', '300');
    expect(output).toMatch(/seed \d+ fails:/);
    expect(output).toMatch(/\d+ seeds, 1 failing/);
    expect(code).toBe(1);
  },
  20 * MINUTE_MS,
);
