import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCallLog } from '../../lib/simulate/call-log.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import type { ModelMove } from '../../lib/simulate/move-effects.ts';
import { makePlan } from '../../lib/simulate/plan.ts';
import type { Plan } from '../../lib/simulate/plan.ts';
import { CALL_LEVERS, leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import type { CallLever, Scenario } from '../../lib/simulate/scenario-costs.ts';
import { drawnCalls, loggedCall, promptOf, scenarioOf } from '../fixtures/logged-calls.ts';

const TO_HAIKU: ModelMove = {
  from: 'claude-sonnet-4-5',
  to: 'claude-haiku-4-5',
  inputPercent: 100,
  outputPercent: 100,
  retryPercent: 0,
};
const drawnScenario = fc
  .tuple(drawnCalls, fc.boolean())
  .map(([calls, isMoved]) => scenarioOf(calls, isMoved ? [TO_HAIKU] : []));
const drawnLevers = fc.subarray([...CALL_LEVERS]);

function planOf(scenario: Scenario, levers: readonly CallLever[] = CALL_LEVERS): Plan {
  const { codes, names } = scenario.log.team;
  return makePlan({ scenario, levers, groupOf: codes, groups: names.length, clusterings: [] });
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);
const bill = (scenario: Scenario): bigint => sum(scenario.log.costPico);
const total = (scenario: Scenario, levers: readonly CallLever[], calls?: Int32Array): number =>
  scenarioCosts(
    scenario,
    levers.reduce((bits, lever) => bits | leverBit(lever), 0),
    calls,
  ).costPico.reduce((all, cost) => all + cost, 0);

describe('laws', () => {
  test('without levers the bill is reproduced, call by call', () => {
    fc.assert(
      fc.property(drawnScenario, (scenario) => {
        expect([...scenarioCosts(scenario, 0).costPico].map(BigInt)).toEqual([...scenario.log.costPico]);
        expect(planOf(scenario, []).savingPico).toBe(0n);
        expect(planOf(scenario).baselinePico).toBe(bill(scenario));
      }),
    );
  });

  test('a call never costs less than nothing, and only calls a lever may touch change', () => {
    fc.assert(
      fc.property(drawnScenario, drawnLevers, (scenario, levers) => {
        const bits = levers.reduce((all, lever) => all | leverBit(lever), 0);
        const { costPico, touched } = scenarioCosts(scenario, bits);
        for (const [call, cost] of costPico.entries()) {
          expect(cost).toBeGreaterThanOrEqual(0);
          expect(touched[call] !== 0 || BigInt(cost) === scenario.log.costPico[call]).toBe(true);
          expect(scenario.effects.isOpen[call] === 1 || touched[call] === 0).toBe(true);
          expect((touched[call] ?? 0) & ~bits).toBe(0);
        }
      }),
    );
  });

  test('the plan is the best of all subsets, and never worse than doing nothing', () => {
    fc.assert(
      fc.property(drawnScenario, drawnLevers, (scenario, levers) => {
        const plan = planOf(scenario, levers);
        const subsets = Array.from({ length: 1 << levers.length }, (_, set) =>
          levers.filter((_lever, at) => (set & (1 << at)) !== 0),
        );
        // parts share no cache, so the best of all takes the best subset in each
        const least = plan.parts.reduce(
          (all, { calls: own }) => all + Math.min(...subsets.map((subset) => total(scenario, subset, own))),
          0,
        );
        expect(Number(plan.baselinePico - plan.savingPico)).toBe(least);
        expect(least).toBeLessThanOrEqual(Math.min(...subsets.map((subset) => total(scenario, subset))));
        expect(plan.parts.reduce((calls, part) => calls + part.calls.length, 0)).toBe(scenario.log.calls);
        expect(plan.savingPico >= 0n && plan.savingPico <= plan.baselinePico).toBe(true);
      }),
    );
  });

  test('shares of levers sum to the plan, over all and by team; so do teams', () => {
    fc.assert(
      fc.property(drawnScenario, drawnLevers, (scenario, levers) => {
        const plan = planOf(scenario, levers);
        for (const [group, saving] of plan.savingByGroup.entries())
          expect(sum(plan.levers.map(({ sharePico }) => sharePico[group] ?? 0n))).toBe(saving);
        expect(sum(plan.savingByGroup)).toBe(plan.savingPico);
        expect(sum(plan.baselineByGroup)).toBe(plan.baselinePico);
        expect(sum(plan.levers.map(({ alonePico }) => alonePico)) - plan.overlapPico).toBe(plan.savingPico);
      }),
    );
  });

  test('a lever that is there twice changes nothing', () => {
    fc.assert(
      fc.property(drawnScenario, fc.constantFrom(...CALL_LEVERS), (scenario, lever) => {
        const once = planOf(scenario, [lever]);
        const twice = planOf(scenario, [lever, lever]);
        expect(twice.savingPico).toBe(once.savingPico);
        expect(twice.savingByGroup).toEqual(once.savingByGroup);
      }),
    );
  });

  test('the order in which files were read does not matter', () => {
    fc.assert(
      fc.property(drawnCalls, (calls) => {
        // calls of one instant keep the order of the log; others may come in any
        const apart = calls.map((call, at) => ({ ...call, timeMs: call.timeMs + at }));
        expect(planOf(scenarioOf(apart.toReversed())).savingPico).toBe(planOf(scenarioOf(apart)).savingPico);
      }),
    );
  });
});

// rates of the table: sonnet 3 / 0.3 / 3.75 / 6 / 15 USD per million tokens, haiku a third of it
describe('one price per call', () => {
  const minutes = (n: number): number => Date.UTC(2026, 9, 5) + n * 60_000;
  const call = (atMinutes: number, words: readonly string[], given: Partial<LoggedCall> = {}): LoggedCall =>
    loggedCall({
      timeMs: minutes(atMinutes),
      prompt: promptOf(words),
      ...given,
      tokens: { input: words.length * 1_024, output: 100 },
    });

  test('a repeat is served from the cache, and then neither batched nor cached again', () => {
    const repeats = [0, 1, 2].map((at) => call(at, ['a', 'b'], { tags: { batch: 'true' } }));
    const { costPico, touched } = scenarioCosts(
      scenarioOf(repeats, [], { 'exact.lookup_usd': 0, 'exact.store_usd': 0 }),
      0xff,
    );
    // the first: 2,048 × 3 + 100 × 15 = 7,644 millionths, half in a batch, and late ones again (0.07 % of them)
    expect([...touched]).toEqual([
      leverBit('batch') | leverBit('exact_cache'),
      leverBit('exact_cache'),
      leverBit('exact_cache'),
    ]);
    expect(costPico[1]).toBe(0);
    const late = scenarioOf(repeats).effects.batchLateMillionths[0] ?? NaN;
    expect(costPico[0]).toBe(3_822_000_000 + Math.round(7_644 * late));
  });

  test('a cache is asked in vain, too, and stands only where it saves more than that costs', () => {
    const cost = { 'exact.lookup_usd': 0.000001, 'exact.store_usd': 0.000005 };
    const workspace = (keyId: string, words: string[]): LoggedCall[] =>
      words.map((word, at) => call(at, [word, 'x'], { keyId }));
    // one workspace repeats a prompt once, the other never: three calls are asked for, two of them stored, one served
    const scenario = scenarioOf([...workspace('k1', ['a', 'b', 'a']), ...workspace('k2', ['a', 'b'])], [], cost);
    const { costPico } = scenarioCosts(scenario, leverBit('exact_cache'));
    const without = 7_644 * 1e6;
    const byCall = scenario.log.workspace.codes;
    const ofKey = (key: number): number[] => [...costPico].filter((_, at) => byCall[at] === key);
    expect(ofKey(0)).toEqual([without + 6e6, without + 6e6, 1e6]);
    expect(ofKey(1)).toEqual([without, without]);
    const costly = scenarioOf(workspace('k1', ['a', 'b', 'a']), [], { ...cost, 'exact.store_usd': 0.01 });
    expect(planOf(costly, ['exact_cache']).savingPico).toBe(0n);
  });

  test('a move keeps its own tokens and its rejected answers when its prompts are cached or batched', () => {
    // a conversation that grows, moved to a model that costs a third but takes twice the tokens, three times the answers, and fails nine in ten
    const words = (at: number): string[] => Array.from({ length: at + 4 }, (_, k) => `w${k}`);
    const calls = Array.from({ length: 12 }, (_, at) => call(at, words(at), { tags: { batch: 'true' } }));
    const losing = scenarioOf(calls, [{ ...TO_HAIKU, inputPercent: 200, outputPercent: 300, retryPercent: 90 }]);
    const plan = planOf(losing);
    expect(plan.levers.find(({ lever }) => lever === 'model_choice')).toMatchObject({ isInPlan: false });
    expect(planOf(losing, ['model_choice', 'prefix_cache']).chosen).toEqual(['prefix_cache']);
    // 2 calls of 4 and 5 blocks: haiku reads 2 × 4,096 at 0.1 of the second, writes 2 × 1,024 and 2 × 4,096 at 1.25, answers 300 × 5;
    // then nine tenths of that and of the first model's cost on top
    const two = scenarioOf(calls.slice(0, 2), [
      { ...TO_HAIKU, inputPercent: 200, outputPercent: 300, retryPercent: 90 },
    ]);
    const both = scenarioCosts(two, leverBit('model_choice') | leverBit('prefix_cache')).costPico;
    const [first, second] = [8_192 * 1.25 + 1_500, 8_192 * 0.1 + 2_048 * 1.25 + 1_500];
    expect(both[0]).toBe(Math.round(1e6 * (first + 0.9 * (first + 4_096 * 3 + 1_500))));
    expect(both[1]).toBe(Math.round(1e6 * (second + 0.9 * (second + 5_120 * 3 + 1_500))));
  });

  test('a well-cached call stays where it is, because it is cheaper there than in a batch', () => {
    const shared = Array.from({ length: 20 }, (_, k) => `w${k}`);
    const calls = [0, 1, 2, 3].map((at) => call(at, [...shared, `q${at}`], { tags: { batch: 'true' } }));
    // a mark at the end of each prompt serves no other prompt, so nothing is read and batching wins
    const marks = scenarioCosts(scenarioOf(calls), leverBit('batch') | leverBit('prefix_cache'));
    expect([...marks.touched]).toEqual(Array.from(calls, () => leverBit('batch')));
    // a conversation that grows reads all that came before: 0.1 of 20 blocks is less than half of them
    const grown = [0, 1, 2, 3].map((at) =>
      call(at, [...shared, ...Array.from({ length: at }, (_, k) => `t${k}`)], { tags: { batch: 'true' } }),
    );
    const { touched } = scenarioCosts(scenarioOf(grown), leverBit('batch') | leverBit('prefix_cache'));
    expect([...touched.subarray(1)]).toEqual([1, 2, 3].map(() => leverBit('prefix_cache')));
  });

  test('an hour’s lifetime is bought only where five minutes are too short', () => {
    const every = (gapMinutes: number): number => {
      const calls = Array.from({ length: 30 }, (_, k) => call(k * gapMinutes, ['a', 'b', 'c', 'd'], { keyId: 'k' }));
      const exactOff = scenarioCosts(scenarioOf(calls), leverBit('prefix_cache')).costPico;
      return exactOff.reduce((all, cost) => all + cost, 0) / 1e6;
    };
    // 4,096 tokens: written once for 5 minutes (3.75) or 1 hour (6), then read 29 times (0.3); answers 30 × 100 × 15
    expect(every(2)).toBe(4_096 * (3.75 + 29 * 0.3) + 45_000);
    expect(every(20)).toBe(4_096 * (6 + 29 * 0.3) + 45_000);
    expect(every(90)).toBe(4_096 * 30 * 3 + 45_000);
  });

  test('what is cached already stays as it was billed', () => {
    const calls = [0, 1].map((at) =>
      loggedCall({
        timeMs: minutes(at),
        prompt: promptOf(['a', 'b', 'c']),
        tokens: { input: 1_024, cacheRead: 2_048, output: 10 },
      }),
    );
    expect(planOf(scenarioOf(calls), ['prefix_cache']).savingPico).toBe(0n);
  });

  test('another model takes the call with its own tokens, and rejected answers are asked again', () => {
    const move: ModelMove = { ...TO_HAIKU, inputPercent: 130, outputPercent: 50, retryPercent: 10 };
    const one = loggedCall({ tokens: { input: 1_000, output: 200 } });
    // 1,300 × 1 + 100 × 5 = 1,800; once more for a tenth of the calls, and 0.1 × (3,000 + 3,000) of the first model
    const { costPico } = scenarioCosts(scenarioOf([one], [move]), leverBit('model_choice'));
    expect(costPico[0]).toBe((1_800 + 180 + 600) * 1e6);
  });

  test('failed calls, several calls in a row of the log, and calls without a price stay', () => {
    const stays = [
      loggedCall({ status: 'error', tokens: { input: 100 } }),
      loggedCall({ calls: 3, tokens: { input: 100 } }),
      loggedCall({ isCall: false, tokens: { input: 100 } }),
      loggedCall({ costPico: null, tokens: { input: 100 } }),
      loggedCall({ costPico: 5n, tokens: { input: 100 } }),
      loggedCall({ costPico: 9_000_000_000_000_000_001n, tokens: { input: 100 } }),
    ].map((one) => ({ ...one, tags: { batch: 'true' } }));
    const scenario = scenarioOf(stays, [TO_HAIKU]);
    expect([...scenario.effects.isOpen]).toEqual(stays.map(() => 0));
    const plan = planOf(scenario);
    expect([plan.savingPico, plan.baselinePico]).toEqual([0n, bill(scenario)]);
  });
});

test('calls that come out of order are refused', () => {
  const builder = createCallLog();
  builder.add(loggedCall({ timeMs: 2 }));
  expect(() => builder.add(loggedCall({ timeMs: 1 }))).toThrow('in order of time');
});
