import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { belowCacheMinimum, growingSessions, longInput, uncachedBeginning } from '../../lib/simulate/prompt-waste.ts';
import type { PromptStream } from '../../lib/simulate/prompt-waste.ts';

const PARAMETERS = parametersWith();

function stream(columns: {
  input: number[];
  output?: number[];
  cached?: number[] | null;
  session?: number[] | null;
  blocks?: number[][] | null;
}): PromptStream {
  const { input, output = input.map(() => 1), cached = null, session = null, blocks = null } = columns;
  let end = 0;
  return {
    inputTokens: Float64Array.from(input),
    outputTokens: Float64Array.from(output),
    cachedTokens: cached && Float64Array.from(cached),
    session: session && Int32Array.from(session),
    blocks: blocks && {
      offsets: Int32Array.from([0, ...blocks.map((list) => (end += list.length))]),
      numbers: Int32Array.from(blocks.flat()),
      blockTokens: 100,
    },
  };
}

describe('long input', () => {
  test.each([
    ['fires above 100', [3000, 101, 101], [1, 1, 500], 'fires', 101],
    ['is quiet at 100', [3000, 100, 100], [1, 1, 500], 'quiet', 100],
    ['takes the middle of an even number', [100, 300, 1, 999], [1, 3, 1, 3], 'quiet', 100],
  ])('%s', (_what, input, output, outcome, ratio) => {
    expect(longInput(stream({ input, output }), PARAMETERS)).toMatchObject({ outcome, evidence: { ratio } });
  });

  test('is not identifiable without output, as of embeddings', () => {
    expect(longInput(stream({ input: [5, 5], output: [0, 0] }), PARAMETERS).outcome).toBe('not_identifiable');
    expect(longInput(stream({ input: [] }), PARAMETERS).outcome).toBe('not_identifiable');
  });

  test('follows the threshold of the config', () => {
    const own = parametersWith({ 'waste.input_output_ratio': 20 });
    expect(longInput(stream({ input: [21] }), own).outcome).toBe('fires');
  });
});

describe('growing sessions', () => {
  const growing = [100, 150, 200, 250, 300];
  test.each([
    ['fires where input triples and never shrinks', growing, [1, 1, 1, 1, 1], 'fires', 1],
    ['is quiet where it was compacted once', [100, 250, 150, 250, 300], [1, 1, 1, 1, 1], 'quiet', 0],
    ['is quiet below the factor', [100, 150, 200, 250, 299], [1, 1, 1, 1, 1], 'quiet', 0],
    ['is quiet in four turns', [100, 200, 300, 400], [1, 1, 1, 1], 'quiet', 0],
    ['is quiet where others hold half of the input', [...growing, 1000], [1, 1, 1, 1, 1, 2], 'quiet', 0.5],
    ['fires above half', [...growing, 999], [1, 1, 1, 1, 1, 2], 'fires', 1000 / 1999],
    ['does not mind calls without session', [...growing, 9999], [1, 1, 1, 1, 1, -1], 'fires', 1],
  ])('%s', (_what, input, session, outcome, share) => {
    expect(growingSessions(stream({ input, session }), PARAMETERS)).toMatchObject({ outcome, evidence: { share } });
  });

  test('are told apart, however they are mixed', () => {
    const mixed = stream({ input: growing.flatMap((tokens) => [tokens, 500]), session: growing.flatMap(() => [7, 8]) });
    // 1,000 of 3,500 tokens
    expect(growingSessions(mixed, PARAMETERS)).toEqual({
      detector: 'growing_sessions',
      outcome: 'quiet',
      evidence: { sessions: 2, growing: 1, tokens: 3500, growingTokens: 1000, share: 1000 / 3500 },
    });
  });

  test.each([[null], [[-1, -1]]])('are not identifiable with sessions %j', (session) => {
    expect(growingSessions(stream({ input: [1, 2], session }), PARAMETERS)).toMatchObject({
      outcome: 'not_identifiable',
      needs: 'session ids',
    });
  });
});

describe('an uncached beginning', () => {
  // three of four calls begin with the blocks 1, 2, 3: 3 · 300 of 1,400 tokens = 64 %
  const blocks = [
    [1, 2, 3, 4],
    [1, 2, 3, 5],
    [6, 7, 8],
    [1, 2, 3],
  ];
  const input = [400, 400, 300, 300];

  test('fires above 60 %, with what it rests on', () => {
    expect(uncachedBeginning(stream({ input, blocks, cached: [0, 0, 0, 0] }), PARAMETERS, 0)).toEqual({
      detector: 'uncached_beginning',
      outcome: 'fires',
      evidence: { calls: 3, beginningTokens: 300, share: 900 / 1400, cachedTokens: 0 },
    });
  });

  test.each([
    ['one of its calls read from a cache', input, [0, 128, 0, 0], 0],
    ['it is too short for the provider', input, [0, 0, 0, 0], 301],
    ['it is 60 %', [400, 400, 400, 300], [0, 0, 0, 0], 0],
  ])('is quiet where %s', (_what, tokens, cached, minimumTokens) => {
    expect(uncachedBeginning(stream({ input: tokens, blocks, cached }), PARAMETERS, minimumTokens).outcome).toBe(
      'quiet',
    );
  });

  test('fires where only other calls read from a cache, and at the provider’s minimum', () => {
    expect(uncachedBeginning(stream({ input, blocks, cached: [0, 0, 300, 0] }), PARAMETERS, 300).outcome).toBe('fires');
  });

  test('is quiet where nothing is common', () => {
    const own = stream({ input: [100, 100], blocks: [[1], [2]], cached: [0, 0] });
    expect(uncachedBeginning(own, PARAMETERS, 0)).toMatchObject({ outcome: 'quiet', evidence: { calls: 0, share: 0 } });
  });

  test('is not identifiable without blocks or without cached tokens', () => {
    expect(uncachedBeginning(stream({ input, cached: [0, 0, 0, 0] }), PARAMETERS, 0).outcome).toBe('not_identifiable');
    expect(uncachedBeginning(stream({ input, blocks }), PARAMETERS, 0)).toMatchObject({
      outcome: 'not_identifiable',
      needs: 'cached tokens',
    });
  });

  test('is the longest one, weighed by its calls, as counted beginning by beginning', () => {
    const paths = fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 5 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(paths, (drawn) => {
        const names = new Map<string, number>();
        const numberOf = (name: string): number => names.get(name) ?? names.set(name, names.size).size - 1;
        const chained = drawn.map((path) => path.map((_, depth) => numberOf(path.slice(0, depth + 1).join(''))));
        if (chained.flat().length === 0) return;
        const columns = { input: drawn.map((path) => path.length * 100), blocks: chained, cached: drawn.map(() => 0) };
        const { calls = 0, beginningTokens = 0 } = uncachedBeginning(stream(columns), PARAMETERS, 0).evidence;
        const weights = [...names.keys()].map((name) => {
          const count = drawn.filter((path) => path.join('').startsWith(name)).length;
          return count > 1 ? count * name.length * 100 : 0;
        });
        expect(calls * beginningTokens).toBe(Math.max(...weights));
      }),
    );
  });
});

describe('below the minimum of a cache', () => {
  // 1,100 tokens of which 1,000 cached at a tenth: 200; 990 without a cache: 790 more
  test('fires where a shorter prompt costs more', () => {
    expect(belowCacheMinimum(stream({ input: [1100], cached: [1000] }), 0.9, 1024, 0.1)).toEqual({
      detector: 'below_cache_minimum',
      outcome: 'fires',
      evidence: { calls: 1, cachedTokensLost: 1000, dearerCalls: 1, addedFreshTokens: 790 },
    });
  });

  test.each([
    ['the rest is long enough', 2000, 1000, 0.9],
    ['the rest is just long enough', 1024, 1000, 1],
    ['nothing was cached', 1100, 0, 0.9],
    ['little was cached', 1100, 50, 0.9],
    ['so much is cut that it is cheaper all the same', 1100, 1000, 0.1],
  ])('is quiet where %s', (_what, input, cached, kept) => {
    expect(belowCacheMinimum(stream({ input: [input], cached: [cached] }), kept, 1024, 0.1).outcome).toBe('quiet');
  });

  test('is not identifiable without cached tokens', () => {
    expect(belowCacheMinimum(stream({ input: [1100] }), 0.9, 1024, 0.1).outcome).toBe('not_identifiable');
  });
});
