import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulateSchema } from '../../lib/config-simulate.ts';
import type { CallTokens } from '../../lib/simulate/call-log.ts';
import { allInputOf } from '../../lib/simulate/call-states.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { cutsAt, promptCuts, shortTokens } from '../../lib/simulate/prompt-cuts.ts';
import type { ConfiguredCut, CutPart, PromptCutRule } from '../../lib/simulate/prompt-cuts.ts';
import type { PromptParts } from '../../lib/simulate/prompt-parts.ts';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';
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

/** The rule of a config that tells the parts of its prompts. */
const byParts = (
  parts: PromptParts,
  parameters: Readonly<Record<string, number>> = {},
  given: Partial<ConfiguredCut> = {},
): PromptCutRule => {
  const all = parametersWith(parameters);
  const [cut] = cutsAt([{ parts, outputPercent: 100, compressorUsd: '0', ...given }], (name) =>
    name.includes('outputPercent') ? 100 : all.valueOf(name as never),
  );
  if (cut === undefined) throw new Error('no rule');
  return cut;
};

describe('a prompt by its parts', () => {
  // the register keeps 82.5, 55, 60 and 60 %; of 10,000 tokens go 4,000 · 0.175 + 1,000 · 0.45 + 3,000 · 0.4 + 1,000 · 0.4 = 2,750
  const PARTS = { system: 4_000, fewShot: 1_000, retrieved: 3_000, history: 1_000, user: 1_000 };

  test('keeps what the parameters say, and all that the user wrote', () => {
    expect(byParts(PARTS).keptPercent).toBeCloseTo(72.5, 9);
    expect(byParts({ user: 500 }).keptPercent).toBe(100);
    expect(byParts(PARTS, { 'prompt.kept_history': 1, 'prompt.kept_retrieved': 1 }).keptPercent).toBeCloseTo(88.5, 9);
    // system, examples and history are 6,000 tokens, of which go 700 + 450 + 400 of all 2,750
    const { cut } = byParts(PARTS);
    expect(cut).toMatchObject({ beginningShare: 0.6 });
    expect(typeof cut === 'object' && [cut.beginningCutShare, cut.beginningKeptShare]).toEqual([
      expect.closeTo(1_550 / 2_750, 12),
      expect.closeTo(4_450 / 6_000, 12),
    ]);
  });

  test('is told instead of a percent, not beside one', () => {
    const isValid = (given: object): boolean =>
      simulateSchema.safeParse({ promptOptimization: [{ application: 'chat', ...given }] }).success;
    const parts = { system: 100 };
    expect([{ parts }, { keptPercent: 80 }, { parts, cut: 'cached' }].map(isValid)).toEqual([true, true, true]);
    expect([{}, { parts, keptPercent: 80 }, { parts: {} }, { parts: { user: 0 } }].map(isValid)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('is cut as the owner says where he says it', () => {
    expect(byParts(PARTS, {}, { cut: 'fresh' }).cut).toBe('fresh');
  });

  const drawnParts = fc
    .record({
      system: fc.nat(9_000),
      fewShot: fc.nat(9_000),
      history: fc.nat(9_000),
      retrieved: fc.nat(9_000),
      user: fc.nat(9_000),
    })
    .filter((parts) => Object.values(parts).some((tokens) => tokens > 0));
  const drawnKept = fc.record({
    'prompt.kept_system': drawnBetween(0, 1),
    'prompt.kept_few_shot': drawnBetween(0, 1),
    'prompt.kept_history': drawnBetween(0, 1),
    'prompt.kept_retrieved': drawnBetween(0, 1),
  });

  test('loses no fewer cached tokens than a cache of its first tokens does, and exactly as many in all', () => {
    fc.assert(
      fc.property(drawnTokens, drawnParts, drawnKept, (tokens, parts, kept) => {
        const rule = byParts(parts, kept);
        const short = cutTokens(tokens, rule);
        const all = allInputOf({ ...tokens, images: 0, webSearches: 0 });
        expect(allInputOf(short)).toBe(Math.round((all * Math.round(rule.keptPercent * 10)) / 1000));
        for (const meter of ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
          expect(short[meter]).toBeGreaterThanOrEqual(0);
          expect(short[meter]).toBeLessThanOrEqual(tokens[meter]);
        }
        // each part where it stands in a prompt of this length, and how much of it the cached beginning covers
        const scale = all / Object.values(parts).reduce((sum, count) => sum + count, 0);
        const cached = all - tokens.input;
        let [from, expected] = [0, 0];
        for (const [part, name] of [
          ['system', 'prompt.kept_system'],
          ['fewShot', 'prompt.kept_few_shot'],
          ['history', 'prompt.kept_history'],
          ['retrieved', 'prompt.kept_retrieved'],
        ] as const) {
          const length = parts[part] * scale;
          expected += Math.max(0, Math.min(length, cached - from)) * (1 - kept[name]);
          from += length;
        }
        // shares are kept in thousandths, tokens in whole ones
        expect(tokens.input - short.input).toBeLessThanOrEqual(
          (1 - rule.keptPercent / 100) * all - expected + all / 1000 + 3,
        );
      }),
    );
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

  test('a cached system prompt saves a tenth', () => {
    // 6,000 · 0.175 = 1,050 tokens, at 0.3 instead of 3
    const parts = { system: 6_000, user: 4_000 };
    expect(saved({ input: 10_000 }, byParts(parts))).toBe(3_150);
    expect(saved({ input: 4_000, cacheRead: 6_000 }, byParts(parts))).toBe(315);
    // where the owner says that it goes evenly: 630 · 0.3 + 420 · 3
    expect(saved({ input: 4_000, cacheRead: 6_000 }, byParts(parts, {}, { cut: 'evenly' }))).toBe(1_449);
  });

  test('retrieved text is fresh as far as the cache does not reach it', () => {
    // 4,000 · 0.175 = 700 and 5,000 · 0.4 = 2,000
    const parts = byParts({ system: 4_000, retrieved: 5_000, user: 1_000 });
    expect(saved({ input: 6_000, cacheRead: 4_000 }, parts)).toBe(700 * 0.3 + 2_000 * 3);
    expect(saved({ input: 1_000, cacheRead: 9_000 }, parts)).toBe(2_700 * 0.3);
    // 500 cached tokens are fewer than are cut at the beginning
    expect(saved({ input: 9_500, cacheRead: 500 }, parts)).toBe(500 * 0.3 + 2_200 * 3);
    expect(saved({ input: 10_000 }, parts)).toBe(2_700 * 3);
  });

  test('a prompt shorter by 40 % saves 24 % of the bill if it goes evenly, and 4.4 % out of its cached half', () => {
    // 50,000 · 3 + 50,000 · 0.3 = 165,000, 60 % of a bill with answers for 110,000
    const bill = 275_000;
    const tokens = { input: 50_000, cacheRead: 50_000 };
    expect((100 * saved(tokens, { keptPercent: 60 })) / bill).toBeCloseTo(24, 9);
    const ownCut = byParts({ system: 5_000, user: 5_000 }, { 'prompt.kept_system': 0.2 });
    expect(ownCut.keptPercent).toBeCloseTo(60, 9);
    expect(((100 * saved(tokens, ownCut)) / bill).toFixed(1)).toBe('4.4');
  });

  test('below the provider’s minimum caching ends, and the bill rises', () => {
    // 1,100 read and 100 fresh: 330 + 300 = 630; cut by a fifth to 880 and 80, below 1,024: 960 × 3 = 2,880
    expect(saved({ input: 100, cacheRead: 1_100 }, { keptPercent: 80 })).toBe(630 - 2_880);
    // by parts: 1,100 · 0.175 = 192.5, of 1,200 in thousandths 192, all of them cached; 908 and 100 are fresh
    expect(saved({ input: 100, cacheRead: 1_100 }, byParts({ system: 1_100, user: 100 }))).toBe(630 - 1_008 * 3);
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
    const bySystem = (parts: PromptParts): number[] => {
      const own = byParts(parts, { 'prompt.kept_system': 0.5, 'prompt.kept_retrieved': 0.5 });
      return [...scenarioCosts(scenarioOf(calls, [], {}, [own]), both).costPico];
    };
    expect(bySystem({ system: 4_096 })).toEqual([2_048 * 3.75e6, 2_048 * 0.3e6, 2_048 * 0.3e6]);
    // a beginning that is not cut, and 1,024 of the 2,048 tokens after it: three blocks are left
    expect(bySystem({ user: 2_048, retrieved: 2_048 })).toEqual([3_072 * 3.75e6, 3_072 * 0.3e6, 3_072 * 0.3e6]);
    // half of the beginning goes, so four blocks of the log are 2,048 tokens of the 3,072 that are left
    const [written, read] = [2_048 * 3.75e6 + 1_024 * 3e6, 2_048 * 0.3e6 + 1_024 * 3e6];
    expect(bySystem({ system: 2_048, user: 2_048 })).toEqual([written, read, read]);
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

  test('by parts, its range is that of the parameters, which are moved one by one', async () => {
    const calls = Array.from({ length: 100 }, (_, n) =>
      loggedCall({ timeMs: Date.UTC(2026, 9, 1 + Math.floor(n / 5), n % 5), tokens: { input: 10_000, output: 0 } }),
    );
    const parts = { system: 6_000, user: 4_000 };
    const simulation = await simulationOf(calls, {
      levers: { cuts: [{ parts, outputPercent: 100, compressorUsd: '0' }] },
    });
    const lever = simulation.levers.find((finding) => finding.lever === 'prompt_optimization');
    expect(lever).toMatchObject({ basis: 'modelled', isInPlan: true, calls: 100 });
    expect(lever?.assumptions.join(' ')).toContain('quality is not assessed');
    // 3 USD, 60 % of it system prompts, of which 82.5 % remain, or 95, or 70
    const usd = [lever?.savingPico, lever?.range?.lowPico, lever?.range?.highPico].map((pico) => Number(pico) / 1e12);
    expect(usd).toEqual([0.315, 0.09, 0.54]);
    expect(simulation.ranges.tornado.map(({ name }) => name)).toEqual(['prompt.kept_system']);
  });
});
