import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import { makePlan } from '../../lib/simulate/plan.ts';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import { loggedCall, promptOf, scenarioOf, simulationOf } from '../fixtures/logged-calls.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 9, 5);
const BLOCK = 1_024;
/** Picodollars per token of gpt-5 in the table, fresh and read. */
const [FRESH, READ] = [1_250_000, 125_000];

const OF_OPENAI = { provider: 'openai', model: 'gpt-5', modelReported: 'gpt-5' } as const;

/** A call of a model of OpenAI, `minutes` after the start, with so many tokens read from the cache. */
const call = (
  minutes: number,
  words: string,
  cacheRead = 0,
  given: Partial<Omit<LoggedCall, 'tokens'>> = {},
): LoggedCall =>
  loggedCall({
    timeMs: START + minutes * MINUTE_MS,
    ...OF_OPENAI,
    prompt: promptOf(words.split('')),
    ...given,
    tokens: { input: words.length * BLOCK - cacheRead, cacheRead },
  });
const savedTokens = (calls: readonly LoggedCall[], parameters: Readonly<Record<string, number>> = {}): number[] => {
  const scenario = scenarioOf(calls, [], parameters);
  const { costPico } = scenarioCosts(scenario, leverBit('prefix_cache'));
  return Array.from(costPico, (pico, at) => (Number(scenario.log.costPico[at]) - pico) / (FRESH - READ));
};

describe('24 hours instead of five minutes', () => {
  test('read what came up to a day before, at nine tenths off', () => {
    expect(savedTokens([call(0, 'abcd'), call(120, 'abcd')])).toEqual([0, 4_096]);
    const { costPico } = scenarioCosts(scenarioOf([call(0, 'abcd'), call(120, 'abcd')]), leverBit('prefix_cache'));
    // 4,096 tokens at 1.25 USD per million, then at 0.125
    expect([...costPico]).toEqual([5_120_000_000, 512_000_000]);
    expect(savedTokens([call(0, 'abcd'), call(25 * 60, 'abcd')])).toEqual([0, 0]);
    // each use renews it
    expect(savedTokens([call(0, 'ab'), call(20 * 60, 'ab'), call(40 * 60, 'abc')])).toEqual([0, 2_048, 2_048]);
  });

  test('save nothing that five minutes would give, though the log lacks it', () => {
    expect(savedTokens([call(0, 'abcd'), call(4, 'abcd')])).toEqual([0, 0]);
    // the two first blocks were used a minute before, all four two hours before
    expect(savedTokens([call(0, 'abcd'), call(119, 'ab'), call(120, 'abcd')])).toEqual([0, 2_048, 2_048]);
  });

  test('save nothing that was billed as cached', () => {
    // entries may outlive five minutes: half an hour later three of four blocks were there
    expect(savedTokens([call(0, 'abcd'), call(30, 'abcd', 3 * BLOCK)])).toEqual([0, BLOCK]);
    expect(savedTokens([call(0, 'abcd'), call(30, 'abcd', 4 * BLOCK)])).toEqual([0, 0]);
    expect(savedTokens([call(0, 'abcd'), call(119, 'ab'), call(120, 'abcd', 3 * BLOCK)])).toEqual([0, 2_048, BLOCK]);
  });

  test('come true as often as other reads', () => {
    const calls = [call(0, 'abcd'), call(30, 'abcd', BLOCK)];
    expect(savedTokens(calls, { 'cache.served_share': 0.5 })).toEqual([0, 1_536]);
    expect(savedTokens(calls, { 'cache.served_share': 0 })).toEqual([0, 0]);
  });

  test('come in steps of 128 tokens from 1,024 on', () => {
    const blocks = (minutes: number, words: string): LoggedCall => ({
      ...loggedCall({ ...OF_OPENAI, timeMs: START + minutes * MINUTE_MS, tokens: { input: words.length * 500 } }),
      prompt: promptOf(words.split(''), 500),
    });
    // 2,500 tokens are 19 steps; 1,000 are too few
    expect(savedTokens([blocks(0, 'abcde'), blocks(60, 'abcde')])).toEqual([0, 2_432]);
    expect(savedTokens([blocks(0, 'abcde'), blocks(60, 'abxyz')])).toEqual([0, 0]);
  });

  test('are on already where something was read that nobody had used for an hour', () => {
    const calls = [call(0, 'abcd'), call(120, 'abcd', 4 * BLOCK), call(300, 'abcd')];
    expect(savedTokens(calls)).toEqual([0, 0, 0]);
    // of another workspace that says nothing
    const elsewhere = [call(1, 'abcd', 0, { keyId: 'other' }), call(200, 'abcd', 0, { keyId: 'other' })];
    expect(savedTokens([...calls, ...elsewhere])).toEqual([0, 0, 0, 4_096, 0]);
  });

  test('can be asked for only where the provider says so', () => {
    const canAsk = (given: Partial<Omit<LoggedCall, 'tokens'>>): boolean => {
      const one = call(0, 'a', 0, given);
      return scenarioOf([one]).effects.promptCache.hasRetention(one, one.timeMs);
    };
    const models = ['gpt-4.1', 'gpt-4.1-2025-04-14', 'gpt-5.1-codex-mini', 'gpt-5.4'];
    expect(models.filter((model) => canAsk({ model }))).toEqual(models);
    // smaller models are not named; 5.5 has nothing else; the others have no such option
    const without = ['gpt-4.1-mini', 'gpt-5-nano', 'gpt-5.5', 'gpt-5.6', 'gpt-4o', 'o3'];
    expect(without.filter((model) => canAsk({ model }))).toEqual([]);
    expect(canAsk({ provider: 'google', model: 'gemini-2.5-pro' })).toBe(false);
    expect(canAsk({ timeMs: Date.UTC(2025, 10, 12) })).toBe(false);
  });

  test('are a lever of the plan, and say what they rest on', async () => {
    // twice a day for twenty days, twelve hours apart
    const calls = Array.from({ length: 40 }, (_, n) =>
      call(n * 720, 'abcd', 0, { prompt: promptOf(['a', 'b', 'c', `turn ${n}`]) }),
    );
    const simulation = await simulationOf(calls);
    const lever = simulation.levers.find((finding) => finding.lever === 'prefix_cache');
    expect(lever).toMatchObject({ isInPlan: true, calls: 39, savingPico: BigInt(39 * 3_072 * (FRESH - READ)) });
    expect(lever?.assumptions.join(' ')).toContain('prompt_cache_retention');
  });
});

describe('on any log', () => {
  interface Drawn {
    readonly minutes: number;
    readonly words: string;
    readonly cached: number;
  }
  const drawn = fc.array(
    fc.record({
      minutes: fc.oneof(fc.nat(90), fc.nat(4 * 24 * 60)),
      words: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 }).map((words) => words.join('')),
      cached: fc.constantFrom(0, 0, 0, 0, 1),
    }),
    { minLength: 1, maxLength: 14 },
  );
  // two calls at once have no order of their own
  const inOrder = (calls: readonly Drawn[]): Drawn[] =>
    calls
      .toSorted((a, b) => a.minutes - b.minutes)
      .filter(({ minutes }, at, all) => at === 0 || minutes > (all[at - 1]?.minutes ?? 0));
  const asLogged = ({ minutes, words, cached }: Drawn): LoggedCall =>
    call(minutes, words, Math.floor((cached * words.length) / 2) * BLOCK);

  /** Tokens that a cache of this life has of a prompt: the longest beginning that any earlier call within it shares. */
  const readsOf = (calls: readonly Drawn[], at: number, lifeMinutes: number): number => {
    const { minutes, words } = calls[at] as Drawn;
    let most = 0;
    for (const earlier of calls.slice(0, at)) {
      if (minutes - earlier.minutes > lifeMinutes) continue;
      let same = 0;
      while (same < words.length && words[same] === earlier.words[same]) same++;
      most = Math.max(most, same);
    }
    return most * BLOCK;
  };

  test('as much is read as a search among all earlier calls finds', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(1, 0.75), (any, share) => {
        const calls = inOrder(any);
        const logged = calls.map(asLogged);
        const isOnAlready = calls.some(
          (_, at) =>
            readsOf(calls, at, 60) === 0 && readsOf(calls, at, 1_440) > 0 && (logged[at]?.tokens.cacheRead ?? 0) > 0,
        );
        const expected = calls.map((_, at) => {
          const usual = Math.max(readsOf(calls, at, 5), logged[at]?.tokens.cacheRead ?? 0);
          return isOnAlready ? 0 : Math.floor(share * Math.max(0, readsOf(calls, at, 1_440) - usual));
        });
        expect(savedTokens(logged, { 'cache.served_share': share })).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('a plan saves no less than nothing, and no more than the difference in price of all fresh input', () => {
    fc.assert(
      fc.property(drawn, (any) => {
        const logged = inOrder(any).map(asLogged);
        const scenario = scenarioOf(logged);
        const { codes, names } = scenario.log.team;
        const groups = { groupOf: codes, groups: names.length, clusterings: [] };
        const { savingPico } = makePlan({ scenario, levers: ['prefix_cache'], ...groups });
        const fresh = logged.reduce((sum, { tokens }) => sum + tokens.input, 0);
        expect(savingPico >= 0n && savingPico <= BigInt(fresh * (FRESH - READ))).toBe(true);
      }),
    );
  });

  test('nothing is saved where no beginning comes again within a day', () => {
    fc.assert(
      fc.property(drawn, (any) => {
        const apart = any.map((one, at) => ({ ...one, minutes: at * 1_441 }));
        expect(savedTokens(apart.map(asLogged)).every((tokens) => tokens === 0)).toBe(true);
      }),
    );
  });
});
