/** A large period, here one above small limits: what is looked at is a sample of a real lake, and what is told is money of the whole bill. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateHome, simulateLake } from '../../bin/commands/simulate.ts';
import { openSimulationHome } from '../../bin/simulation-home.ts';
import { savingsInput } from '../../lib/simulate/savings-input.ts';
import { savingsRows } from '../../lib/simulate/savings-rows.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';

const START = Date.UTC(2026, 9, 5);
const SESSIONS = 700;
const TURNS = 4;
const DAYS = { from: '2026-10-05', to: '2026-10-25' };

/** Sessions of four turns whose prompts grow; every second one may wait, every prompt of a session is asked twice. */
function logLines(): string {
  const lines: string[] = [];
  for (let session = 0; session < SESSIONS; session++)
    for (let turn = 0; turn < TURNS; turn++) {
      const blocks = Array.from({ length: 10 + (turn >> 1) * 4 }, (_, k) => session * 1_000 + k + 1);
      lines.push(
        JSON.stringify({
          timestamp: new Date(START + ((session * 7_919) % (20 * 86_400)) * 1_000 + turn * 60_000).toISOString(),
          id: `call-${session}-${turn}`,
          model: session % 3 === 0 ? 'claude-sonnet-4-5' : 'claude-haiku-4-5',
          team: session % 2 === 0 ? 'search' : 'growth',
          session: `session-${session}`,
          tags: session % 2 === 0 ? { mode: 'batch' } : {},
          input_tokens: blocks.length * 512,
          output_tokens: 40 + (session % 50),
          latency_ms: 900,
          prompt_hash: `${session}-${turn >> 1}`.padEnd(32, '0'),
          prompt_blocks: blocks,
          block_tokens: 512,
        }),
      );
    }
  return `${lines.join('\n')}\n`;
}

let work: Workspace;
let whole: Simulation;
let sampled: Simulation;
beforeAll(async () => {
  work = await workspace();
  await work.write({ 'log.jsonl': logLines() });
  await work.run();
  whole = await simulateLake({ lake: work.lake, ...DAYS });
  const home = await openSimulationHome({ lake: work.lake });
  try {
    sampled = (await simulateHome(home, DAYS, { limits: { calls: 1_000, blockReferences: 1e9 } })).simulation;
  } finally {
    await home.close();
  }
}, 120_000);
afterAll(async () => {
  await work.close();
});

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

describe('a period above the limits', () => {
  test('is looked at in part, session by session', () => {
    const { sampling, calls } = sampled;
    expect(whole.sampling).toBe(null);
    expect(calls).toBe(SESSIONS * TURNS);
    expect(sampling).toMatchObject({ calls: SESSIONS * TURNS, rate: Math.floor((65_536 * 1_000) / 2_800) / 65_536 });
    const taken = sampling?.sampledCalls ?? 0;
    expect(taken % TURNS).toBe(0);
    expect(taken).toBeGreaterThan(800);
    expect(taken).toBeLessThan(1_200);
  });

  test('is told in money of the bill', () => {
    expect(sampled.plan.baselinePico).toBe(whole.plan.baselinePico);
    expect(sum(sampled.groups.map(({ savingPico }) => savingPico))).toBe(sampled.plan.savingPico);
    const byGroup = (simulation: Simulation) =>
      new Map(simulation.groups.map(({ team, model, baselinePico }) => [`${team} ${model}`, baselinePico]));
    expect(byGroup(sampled)).toEqual(byGroup(whole));
    const { lowPico = 0n, highPico = 0n } = sampled.ranges.plan ?? {};
    expect(lowPico <= whole.plan.savingPico && whole.plan.savingPico <= highPico).toBe(true);
    expect(Number(sampled.plan.savingPico) / Number(whole.plan.savingPico)).toBeCloseTo(1, 1);
  });

  test('gives rows of the table savings that sum like those of the whole', () => {
    const rows = savingsRows(savingsInput(sampled));
    const saving = (lever: string): bigint =>
      sum(rows.filter((row) => row.lever === lever).map(({ savingPico }) => savingPico ?? 0n));
    const levers = [...new Set(rows.map(({ lever }) => lever))].filter((lever) => lever !== 'plan');
    expect(sum(levers.map(saving))).toBe(saving('plan'));
    expect(saving('plan')).toBe(sampled.plan.savingPico);
  });

  test('has its repeats, reuse and demand counted as a whole', () => {
    const json = JSON.parse(JSON.stringify(simulationJson(sampled))) as {
      readonly sampling: {
        readonly whole_period: Readonly<Record<'repeats' | 'reuse_gaps' | 'demand', readonly Record<string, number>[]>>;
      };
    };
    const { repeats, reuse_gaps: reuse, demand } = json.sampling.whole_period;
    const total = (rows: readonly Record<string, number>[], name: string): number =>
      rows.reduce((all, row) => all + (row[name] ?? 0), 0);
    const within = (rows: readonly Record<string, number>[], ttl: number) =>
      rows.filter((row) => row['ttl_seconds'] === ttl);
    // each prompt is asked twice, a minute apart; the third and fourth find the ten blocks of the first two
    expect(total(within(repeats, 300), 'hits')).toBe(2 * SESSIONS);
    expect(total(within(reuse, 300), 'hit_tokens')).toBe(SESSIONS * 512 * (10 + 10 + 14));
    expect(total(demand, 'calls')).toBe(SESSIONS * TURNS);
  });
});
