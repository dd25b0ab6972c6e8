import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/generate/random.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import type { BilledGroup } from '../../lib/simulate/sampled-plan.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { loggedCall, promptOf, simulationOf } from '../fixtures/logged-calls.ts';

const START = Date.UTC(2026, 9, 5);
const NOTHING = { repeats: [], reuse_gaps: [], demand: [] };
const NO_ACCOUNT = { provider: 'anthropic', account: null };

/** Sessions of growing prompts over 20 days; some work may wait. Each session is a unit. */
function drawnSessions(seed: number, sessions: number): LoggedCall[] {
  const random = createRandom(seed);
  return Array.from({ length: sessions }, (_, session) => {
    const atMs = START + random.below(20 * 86_400_000);
    const mayWait = random.chance(0.3);
    const words = [`s${session}`, 'system', 'tools'];
    return Array.from({ length: random.between(1, 8) }, (_call, turn) => {
      words.push(`t${turn}`);
      return loggedCall({
        timeMs: atMs + turn * 60_000,
        sessionId: `s${session}`,
        team: random.chance(0.5) ? 'search' : 'growth',
        tags: mayWait ? { mode: 'batch' } : {},
        prompt: promptOf([...words]),
        tokens: { input: words.length * 1_024, output: random.skewed(300, 0.5) },
      });
    });
  })
    .flat()
    .toSorted((a, b) => a.timeMs - b.timeMs);
}

function billOf(calls: readonly LoggedCall[]): BilledGroup[] {
  return [...Map.groupBy(calls, ({ team, model }) => `${team} ${model}`).values()].map((own): BilledGroup => {
    const costPico = own.reduce((sum, call) => sum + (call.costPico ?? 0n), 0n);
    const { team, model } = own[0] as LoggedCall;
    // a row of a provider's report stands beside the calls: billed, and no lever may touch it
    return {
      ...NO_ACCOUNT,
      team,
      model,
      rows: own.length + 1,
      calls: own.length,
      costPico: costPico + 7n,
      callsPico: costPico,
    };
  });
}

function sampled(calls: readonly LoggedCall[], rate: number, salt: number): Promise<Simulation> {
  const taken = (call: LoggedCall): boolean =>
    createRandom(salt * 100_003 + Number(call.sessionId?.slice(1))).chance(rate);
  return simulationOf(calls.filter(taken), { sample: { rate, groups: billOf(calls), wholePeriod: NOTHING } });
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

describe('a sample of whole sessions', () => {
  const calls = drawnSessions(1, 400);

  test('is told in money of the bill, which is exact, and whose levers and teams sum to the plan', async () => {
    const { plan, groups, levers, keptPico, sampling, calls: rows } = await sampled(calls, 0.5, 1);
    const bill = sum(calls.map(({ costPico }) => costPico ?? 0n));
    expect(plan.baselinePico).toBe(bill + 14n);
    expect(rows).toBe(calls.length + 2);
    expect(keptPico).toBe(14n);
    expect(sum(groups.map(({ savingPico }) => savingPico))).toBe(plan.savingPico);
    expect(sum(groups.map(({ baselinePico }) => baselinePico))).toBe(plan.baselinePico);
    expect(sum(levers.map(({ savingPico }) => savingPico ?? 0n))).toBe(plan.savingPico);
    for (const [group, saving] of plan.savingByGroup.entries())
      expect(sum(plan.levers.map(({ sharePico }) => sharePico[group] ?? 0n))).toBe(saving);
    expect(sampling).toMatchObject({ rate: 0.5, calls: calls.length, notSampled: [] });
    expect((sampling?.sampledCalls ?? 0) / calls.length).toBeCloseTo(0.5, 1);
  });

  test('its ranges hold what the whole would have saved, and the error is about as large as it says', async () => {
    const { plan: whole } = await simulationOf(calls);
    const errors: number[] = [];
    const told: number[] = [];
    let held = 0;
    for (let salt = 1; salt <= 40; salt++) {
      const { plan, ranges, sampling } = await sampled(calls, 0.25, salt);
      const { lowPico = 0n, highPico = 0n } = ranges.plan ?? {};
      held += Number(lowPico <= whole.savingPico && whole.savingPico <= highPico);
      errors.push(Number(plan.savingPico - whole.savingPico));
      told.push(Number(sampling?.standardErrorPico ?? 0n));
    }
    expect(held).toBeGreaterThanOrEqual(38);
    const actual = Math.sqrt(errors.reduce((total, error) => total + error * error, 0) / errors.length);
    const expected = told.reduce((total, error) => total + error, 0) / told.length;
    expect(actual / expected).toBeGreaterThan(0.6);
    expect(actual / expected).toBeLessThan(1.5);
  });

  test('a group of which nothing was drawn saves nothing, and is named', async () => {
    const lonely = loggedCall({ timeMs: START, team: 'quiet', sessionId: 's9', tokens: { input: 1_000 } });
    const sample = { rate: 0.5, groups: billOf([...calls, lonely]), wholePeriod: NOTHING };
    const simulation = await simulationOf(calls, { sample });
    expect(simulation.sampling?.notSampled).toMatchObject([{ team: 'quiet' }]);
    expect(simulation.groups.find(({ team }) => team === 'quiet')).toMatchObject({
      baselinePico: (lonely.costPico ?? 0n) + 7n,
      savingPico: 0n,
    });
    expect(JSON.stringify(simulationJson(simulation))).toContain('"not_sampled":[{"team":"quiet"');
  });
});

test('a fleet of a sample is that of the period: half of the calls pay half of its rent', async () => {
  const many = Array.from({ length: 4_000 }, (_, n) =>
    loggedCall({ timeMs: START + n * 20_000, sessionId: `s${n}`, tokens: { input: 400_000, output: 2_000 } }),
  );
  const fleets = [
    {
      name: 'llama',
      models: ['claude-sonnet-4-5'],
      replica: 'llama-3.x-70b-fp8-2xh100' as const,
      instance: { gpu: 'H100' as const, gpus: 2, usdPerHour: '5' },
      purchase: { kind: 'on_demand' as const },
      capacity: 'static' as const,
      latencyClass: 'offline' as const,
      acceptedPercent: 100,
      fillTroughs: true,
    },
  ];
  const whole = await simulationOf(many, { levers: { fleets } });
  const half = await simulationOf(
    many.filter((_, n) => n % 2 === 0),
    { levers: { fleets }, sample: { rate: 0.5, groups: billOf(many), wholePeriod: NOTHING } },
  );
  expect(whole.plan.chosen).toContain('self_hosting');
  const ratio = Number(half.plan.poolPico[0]) / Number(whole.plan.poolPico[0]);
  // every second call with twice the work comes in larger lumps, which may take a replica more, never fewer
  expect(ratio).toBeGreaterThanOrEqual(1);
  expect(ratio).toBeLessThan(1.6);
});
