import { expect, test } from 'vitest';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { wasteSigns } from '../../lib/simulate/waste-evidence.ts';
import { loggedCall, logOf } from '../fixtures/logged-calls.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';

const parameters = parametersWith();
/** Calls of an application, a minute apart. */
const stream = (
  application: string,
  count: number,
  tokensOf: (at: number) => [input: number, output: number],
): LoggedCall[] =>
  Array.from({ length: count }, (_, at) => {
    const [input, output] = tokensOf(at);
    return loggedCall({
      timeMs: at * 60_000,
      application,
      sessionId: `${application}${at >> 3}`,
      tokens: { input, output },
    });
  });
const signs = (...calls: LoggedCall[][]): [string | null, string][] =>
  wasteSigns(logOf(calls.flat()), parameters).map(({ stream: { application }, detector }) => [application, detector]);

test('much read to say little, and sessions that only grow, are told with their stream, most expensive first', () => {
  // the register's thresholds: input more than 100 times the output; sessions of at least some turns that grow and never shrink
  const growing = stream('agent', 40, (at) => [1_000 * (1 + (at % 8)), 500]);
  const classifier = stream('classifier', 40, () => [60_000, 5]);
  const chat = stream('chat', 40, (at) => [500 + (at % 2), 300]);
  expect(signs(chat, growing, classifier)).toEqual([
    ['classifier', 'long_input'],
    ['agent', 'growing_sessions'],
  ]);
});

test('a few calls are no habit, and calls of another team are another stream', () => {
  const classifier = stream('classifier', 40, () => [60_000, 5]);
  expect(signs(classifier.slice(0, 29))).toEqual([]);
  expect(signs(classifier.map((call, at) => ({ ...call, team: at % 2 === 0 ? 'search' : 'growth' })))).toEqual([]);
});

test('a long beginning that no call reads from a cache is told where the provider would cache it', () => {
  // sixteen blocks of 128 tokens, 2,048 of 2,560 in each of 40 calls: 80 %
  const asked = (application: string, cacheRead: number): LoggedCall[] =>
    Array.from({ length: 40 }, (_, at) => {
      const blocks = [
        ...Array.from({ length: 16 }, (_block, depth) => BigInt(depth)),
        ...[0, 1, 2, 3].map((own) => BigInt(1000 + 4 * at + own)),
      ];
      return loggedCall({
        timeMs: at * 60_000,
        application,
        tokens: { input: 2_560 - cacheRead, cacheRead, output: 100 },
        prompt: { hashKeyId: 'k', promptHash: `${application === 'fresh' ? 'f' : 'c'}${at}`, blocks, blockTokens: 128 },
      });
    });
  const found = wasteSigns(logOf([...asked('fresh', 0), ...asked('cached', 2_048)]), parameters);
  expect(found.map(({ stream: { application }, detector }) => [application, detector])).toEqual([
    ['fresh', 'uncached_beginning'],
  ]);
  expect(found[0]?.evidence).toEqual({ calls: 40, beginningTokens: 2_048, share: 0.8, cachedTokens: 0 });
});
