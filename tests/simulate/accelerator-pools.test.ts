import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharesByWork } from '../../lib/simulate/accelerator-pools.ts';
import type { AcceleratorPool } from '../../lib/simulate/accelerator-pools.ts';
import { makePlan } from '../../lib/simulate/plan.ts';
import type { Plan } from '../../lib/simulate/plan.ts';
import { CALL_LEVERS, leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import type { CallLever, Scenario } from '../../lib/simulate/scenario-costs.ts';
import { drawnCalls, loggedCall, promptOf, scenarioOf } from '../fixtures/logged-calls.ts';

const USD = 10n ** 12n;

/** Takes all calls of a model, keeps a machine busy for a second per thousand input tokens, and is rented by the hundred calls. */
function rentedBy(
  instancePico: bigint,
  model = 'claude-sonnet-4-5',
  rejectedThousandths = 0,
): (scenario: Scenario) => AcceleratorPool {
  return (scenario) => ({
    lever: 'self_hosting',
    takes: (call, kind) => scenario.effects.isOpen[call] === 1 && scenario.kinds.kinds[kind]?.model === model,
    rejectedThousandths,
    workS: (_, tokens) => (tokens.input + tokens.cacheRead) / 1000,
    costPico: ({ calls }) => BigInt(Math.ceil(calls.length / 100)) * instancePico,
  });
}

function withPool(scenario: Scenario, pool: (scenario: Scenario) => AcceleratorPool): Scenario {
  return { ...scenario, effects: { ...scenario.effects, pools: [pool(scenario)] } };
}

function planOf(scenario: Scenario, levers: readonly CallLever[] = CALL_LEVERS): Plan {
  const { codes, names } = scenario.log.team;
  const day = scenario.log.timeMs.map((ms) => Math.floor((ms - (scenario.log.timeMs[0] ?? 0)) / 86_400_000));
  return makePlan({
    scenario,
    levers,
    groupOf: codes,
    groups: names.length,
    clusterings: [{ of: Int32Array.from(day), clusters: (day.at(-1) ?? 0) + 1 }],
  });
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

/** Cost of everything under one set for all calls, rent included. */
function costUnder(scenario: Scenario, levers: readonly CallLever[]): bigint {
  const bits = levers.reduce((all, lever) => all | leverBit(lever), 0);
  const { costPico, poolOf } = scenarioCosts(scenario, bits);
  const none = new Float64Array(0);
  const calls = Int32Array.from(poolOf.keys()).filter((call) => poolOf[call] === 0);
  const rent =
    scenario.effects.pools[0]?.costPico({ calls, inputTokens: none, outputTokens: none, images: none }) ?? 0n;
  return [...costPico].reduce((total, pico) => total + BigInt(pico), calls.length === 0 ? 0n : rent);
}

describe('shares by work', () => {
  test('are whole, sum to the cost, and are within a picodollar and a trillionth of their proportion', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (total, seconds) => {
          const shares = sharesByWork(total, Float64Array.from(seconds));
          const all = seconds.reduce((a, b) => a + b, 0);
          expect(sum(shares)).toBe(all > 0 ? total : 0n);
          for (const [at, share] of shares.entries()) {
            expect(share >= 0n).toBe(true);
            const part = all > 0 ? (Number(total) * (seconds[at] ?? 0)) / all : 0;
            expect(Math.abs(Number(share) - part)).toBeLessThanOrEqual(2 + Number(total) * 1e-10);
          }
        },
      ),
    );
  });
});

describe('own accelerators in a plan', () => {
  const drawn = fc
    .tuple(drawnCalls, fc.constantFrom(0n, USD / 1000n, USD / 50n, USD), fc.constantFrom(0, 100, 1000))
    .map(([calls, rent, rejected]) => withPool(scenarioOf(calls), rentedBy(rent, 'claude-sonnet-4-5', rejected)));

  test('shares of levers, teams and days sum to the plan, rent included', () => {
    fc.assert(
      fc.property(drawn, fc.subarray([...CALL_LEVERS]), (scenario, levers) => {
        const plan = planOf(scenario, levers);
        expect(sum(plan.savingByGroup)).toBe(plan.savingPico);
        for (const [group, saving] of plan.savingByGroup.entries())
          expect(sum(plan.levers.map(({ sharePico }) => sharePico[group] ?? 0n))).toBe(saving);
        for (const lever of plan.levers) {
          expect(sum(lever.aloneByGroup)).toBe(lever.alonePico);
          expect(sum(lever.lastByGroup)).toBe(lever.lastPico);
          expect(lever.lastPico >= 0n).toBe(true);
        }
        const days = plan.clusterCosts[0]?.at(-1) ?? new Float64Array();
        const byDay = days.reduce((total, cost) => total + cost, 0);
        expect(byDay / Number(plan.baselinePico - plan.savingPico || 1n)).toBeCloseTo(
          plan.baselinePico === plan.savingPico ? 0 : 1,
          6,
        );
      }),
    );
  });

  test('a plan is never dearer than any one set for all calls, rented or not', () => {
    fc.assert(
      fc.property(drawn, fc.subarray([...CALL_LEVERS], { maxLength: 4 }), (scenario, levers) => {
        const plan = planOf(scenario, levers);
        const without = levers.filter((lever) => lever !== 'self_hosting');
        for (let set = 0; set < 1 << without.length; set++) {
          const some = without.filter((_, at) => (set & (1 << at)) !== 0);
          expect(plan.baselinePico - plan.savingPico <= costUnder(scenario, some)).toBe(true);
        }
        const alone: CallLever[] = levers.includes('self_hosting') ? ['self_hosting'] : [];
        expect(plan.baselinePico - plan.savingPico <= costUnder(scenario, alone)).toBe(true);
      }),
    );
  });

  test('they are rented for the whole log or not at all, and what rent costs is told', () => {
    const calls = Array.from({ length: 60 }, (_, n) =>
      loggedCall({
        timeMs: Date.UTC(2026, 9, 5, 0, n),
        keyId: `k${n % 3}`,
        team: `t${n % 3}`,
        tokens: { input: 1_000 * (1 + (n % 3)), output: 0 },
      }),
    );
    // 60 calls cost 20 × (1 + 2 + 3) × 0.003 = 0.36 USD; one instance 0.3: no workspace alone would pay it
    const rented = planOf(withPool(scenarioOf(calls), rentedBy((3n * USD) / 10n)), ['self_hosting']);
    expect(rented.savingPico).toBe((6n * USD) / 100n);
    expect(rented.poolPico).toEqual([(3n * USD) / 10n]);
    // by seconds of work, 1 : 2 : 3, against bills of 0.06, 0.12 and 0.18
    expect(rented.savingByGroup).toEqual([1n, 2n, 3n].map((part) => (part * USD) / 100n));
    const dear = planOf(withPool(scenarioOf(calls), rentedBy((4n * USD) / 10n)), ['self_hosting']);
    expect([dear.savingPico, dear.poolPico, dear.chosen]).toEqual([0n, [0n], []]);
    expect(dear.levers[0]?.alonePico).toBe((-4n * USD) / 100n);
  });

  test('answers that are not accepted are paid twice: here and at the provider', () => {
    const calls = Array.from({ length: 10 }, (_, n) => loggedCall({ timeMs: n, tokens: { input: 1_000, output: 0 } }));
    const plan = planOf(withPool(scenarioOf(calls), rentedBy(USD / 1000n, 'claude-sonnet-4-5', 250)), ['self_hosting']);
    // 10 × 0.003, of which a quarter is asked again, and 0.001 of rent
    expect(plan.savingPico).toBe((30n * USD) / 1000n - (75n * USD) / 10_000n - USD / 1000n);
  });

  test('a call that a cache serves does not arrive there', () => {
    const calls = [0, 1, 2].map((at) =>
      loggedCall({
        timeMs: Date.UTC(2026, 9, 5, at),
        prompt: promptOf(['a', 'b']),
        tokens: { input: 2_048, output: 100 },
      }),
    );
    const scenario = withPool(scenarioOf(calls, [], { 'exact.lookup_usd': 0, 'exact.store_usd': 0 }), rentedBy(0n));
    const { poolOf } = scenarioCosts(scenario, leverBit('exact_cache') | leverBit('self_hosting'));
    expect([...poolOf]).toEqual([0, -1, -1]);
  });
});
