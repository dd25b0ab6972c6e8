import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallTokens } from '../../lib/simulate/call-log.ts';
import { allInputOf } from '../../lib/simulate/call-states.ts';
import { promptCuts, shortTokens } from '../../lib/simulate/prompt-cuts.ts';
import type { CutPart, PromptCutRule } from '../../lib/simulate/prompt-cuts.ts';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import { logOf, loggedCall, promptOf, scenarioOf, simulationOf } from '../fixtures/logged-calls.ts';

const rule = (given: Partial<PromptCutRule> = {}): PromptCutRule => ({
  cut: 'evenly',
  keptPercent: 60,
  outputPercent: 100,
  compressorPico: 0,
  ...given,
});
const cutTokens = (tokens: Partial<CallTokens>, given: Partial<PromptCutRule>): CallTokens => {
  const log = logOf([loggedCall({ tokens })]);
  return shortTokens(
    { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, images: 0, webSearches: 0, ...tokens },
    0,
    promptCuts(log, [rule(given)]),
  );
};
const drawnTokens = fc.record({
  input: fc.nat(100_000),
  cacheRead: fc.nat(100_000),
  cacheWrite5m: fc.nat(10_000),
  cacheWrite1h: fc.nat(10_000),
  output: fc.nat(5_000),
});

describe('what is cut', () => {
  test('whole tokens, never more from a part than it has, and from no other part', () => {
    fc.assert(
      fc.property(
        drawnTokens,
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom<CutPart>('evenly', 'fresh', 'cached'),
        (tokens, keptPercent, cut) => {
          const short = cutTokens(tokens, { cut, keptPercent });
          const all = allInputOf({ ...tokens, images: 0, webSearches: 0 });
          const removed = all - allInputOf(short);
          const asked = all - Math.round((all * keptPercent) / 100);
          for (const meter of ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
            expect(Number.isInteger(short[meter])).toBe(true);
            expect(short[meter]).toBeGreaterThanOrEqual(0);
          }
          const cached = all - tokens.input;
          const most = { evenly: asked, fresh: Math.min(asked, tokens.input), cached: Math.min(asked, cached) };
          expect(removed).toBe(most[cut]);
          // what is not to be cut is whole
          expect(short.input === tokens.input || cut !== 'cached').toBe(true);
          expect(short.cacheRead === tokens.cacheRead || cut !== 'fresh').toBe(true);
        },
      ),
    );
  });

  test('the first rule that matches is the one: by application, team and model', () => {
    const log = logOf([
      loggedCall({ timeMs: 1, application: 'chat', team: 'a' }),
      loggedCall({ timeMs: 2, application: 'chat', team: 'b' }),
      loggedCall({ timeMs: 3, application: 'mail', team: 'b', model: 'claude-haiku-4-5' }),
      loggedCall({ timeMs: 4, application: 'mail', team: 'b', status: 'error' }),
      loggedCall({ timeMs: 5 }),
    ]);
    const cuts = promptCuts(log, [
      rule({ application: 'chat', team: 'a', keptPercent: 10 }),
      rule({ application: 'chat', keptPercent: 20 }),
      rule({ model: 'claude-haiku-4-5', keptPercent: 30 }),
    ]);
    expect([...cuts.applies]).toEqual([1, 1, 1, 0, 0]);
    expect([...cuts.keptThousandths]).toEqual([100, 200, 300, 1000, 1000]);
  });
});

// rates of the table: sonnet 3 / 0.3 / 3.75 / 6 / 15 USD per million tokens
describe('what it saves', () => {
  const saved = (tokens: Partial<CallTokens>, given: Partial<PromptCutRule>): number => {
    const scenario = scenarioOf([loggedCall({ tokens })], [], {}, [rule(given)]);
    const { costPico } = scenarioCosts(scenario, leverBit('prompt_optimization'));
    return (Number(scenario.log.costPico[0]) - (costPico[0] ?? NaN)) / 1e6;
  };

  test('what is read from a cache saves a tenth: 40 % of a bill whose input is half cached is not 40 % of it', () => {
    // 10,000 fresh and 10,000 read: 30,000 + 3,000; half of the tokens cut evenly saves half of that, all out of the cached half a tenth of 10,000 × 3
    expect(saved({ input: 10_000, cacheRead: 10_000 }, { keptPercent: 50 })).toBe(16_500);
    expect(saved({ input: 10_000, cacheRead: 10_000 }, { keptPercent: 75, cut: 'cached' })).toBe(1_500);
    expect(saved({ input: 10_000, cacheRead: 10_000 }, { keptPercent: 75, cut: 'fresh' })).toBe(15_000);
  });

  test('below the provider’s minimum caching ends, and the bill rises', () => {
    // 1,100 read and 100 fresh: 330 + 300 = 630; cut by a fifth to 880 and 80, below 1,024: 960 × 3 = 2,880
    expect(saved({ input: 100, cacheRead: 1_100 }, { keptPercent: 80 })).toBe(630 - 2_880);
  });

  test('longer answers and a compressor cost what they cost', () => {
    // half of 1,000 tokens, 1.5 times 200 words of answer, and a compressor of 0.0001 USD
    expect(saved({ input: 1_000, output: 200 }, { keptPercent: 50, outputPercent: 150, compressorPico: 1e8 })).toBe(
      1_500 - 1_500 - 100,
    );
  });

  test('a shorter prompt that is cached as well is written and read at its shorter length', () => {
    const words = ['a', 'b', 'c', 'd'];
    const calls = [0, 1, 2].map((at) =>
      loggedCall({ timeMs: Date.UTC(2026, 9, 5, 0, at), prompt: promptOf(words), tokens: { input: 4_096 } }),
    );
    const both = leverBit('prompt_optimization') | leverBit('prefix_cache');
    const costs = (keptPercent: number, cut: CutPart): number[] => [
      ...scenarioCosts(scenarioOf(calls, [], {}, [rule({ keptPercent, cut })]), both).costPico,
    ];
    // half of 4,096 written once at 3.75, read twice at 0.3
    expect(costs(50, 'evenly')).toEqual([2_048 * 3.75e6, 2_048 * 0.3e6, 2_048 * 0.3e6]);
    // cut off the end: two of four blocks are left
    expect(costs(50, 'fresh')).toEqual([2_048 * 3.75e6, 2_048 * 0.3e6, 2_048 * 0.3e6]);
    // a fifth of 4,096 is 819, less than the 1,024 that are cached at least
    expect(costs(20, 'evenly')).toEqual([819 * 3e6, 819 * 3e6, 819 * 3e6]);
  });

  test('a lever of the plan, with its range, as wide as the owner’s measurement', async () => {
    const calls = Array.from({ length: 100 }, (_, n) =>
      loggedCall({ timeMs: Date.UTC(2026, 9, 1 + Math.floor(n / 5), n % 5), tokens: { input: 10_000, output: 0 } }),
    );
    const simulation = await simulationOf(calls, {
      levers: {
        cuts: [
          { cut: 'evenly', keptPercent: { value: 80, low: 70, high: 90 }, outputPercent: 100, compressorUsd: '0' },
        ],
      },
    });
    const lever = simulation.levers.find((finding) => finding.lever === 'prompt_optimization');
    expect(lever).toMatchObject({ basis: 'modelled', isInPlan: true, calls: 100 });
    // 100 × 0.03 USD, of which a fifth; between a tenth and three
    expect(
      [lever?.savingPico, lever?.range?.lowPico, lever?.range?.highPico].map((pico) => Number(pico) / 1e12),
    ).toEqual([0.6, 0.3, 0.9]);
  });
});
