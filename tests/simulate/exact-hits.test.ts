import { describe, expect, test } from 'vitest';
import { exactHits } from '../../lib/simulate/exact-hits.ts';
import { createExactRepeats } from '../../lib/simulate/exact-repeats.ts';
import { loggedCall, logOf, promptOf } from '../fixtures/logged-calls.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';

const at = (ms: number, words: string, given: Partial<LoggedCall> = {}): LoggedCall =>
  loggedCall({ timeMs: ms, prompt: promptOf(words.split(' ')), ...given });
const hits = (calls: readonly LoggedCall[], ttlMs = 10_000, capacity = 100): number[] => [
  ...exactHits(logOf(calls), { ttlMs, assumedLatencyMs: 5_000, capacity }),
];

describe('a hit', () => {
  test('needs the whole prompt, and a use within the lifetime, which it renews', () => {
    expect(hits([at(0, 'a b'), at(2_000, 'a'), at(9_000, 'a b'), at(19_000, 'a b'), at(29_001, 'a b')])).toEqual([
      0, 0, 1, 1, 0,
    ]);
  });

  test('needs an answer that is there: what comes while it is under way is asked too', () => {
    const slow = { latencyMs: 3_000 };
    expect(hits([at(0, 'a', slow), at(2_999, 'a', slow), at(3_000, 'a', slow)])).toEqual([0, 0, 1]);
    // without a measured latency five seconds are taken
    const unknown = { latencyMs: null };
    expect(hits([at(0, 'a', unknown), at(4_999, 'a', unknown), at(5_000, 'a', unknown)])).toEqual([0, 0, 1]);
  });

  test('is never an image: the same prompt again asks for another picture', () => {
    const image = { operation: 'image' };
    expect(hits([at(0, 'a', image), at(9_000, 'a', image)])).toEqual([0, 0]);
    // of a model that answers in words as well
    const drawn = loggedCall({ tokens: { images: 1 } }).tokens;
    expect(hits([at(0, 'a', { tokens: drawn }), at(9_000, 'a', { tokens: drawn }), at(9_500, 'a')])).toEqual([0, 0, 0]);
  });

  test('takes the first answer of several under way, also if a later call got it', () => {
    expect(hits([at(0, 'a', { latencyMs: 9_000 }), at(1_000, 'a', { latencyMs: 500 }), at(1_500, 'a')])).toEqual([
      0, 0, 1,
    ]);
  });

  test('is not served across models or workspaces, nor by a failed call', () => {
    expect(
      hits([at(0, 'a'), at(2_000, 'a', { model: 'claude-haiku-4-5' }), at(3_000, 'a', { keyId: 'other' })]),
    ).toEqual([0, 0, 0]);
    expect(hits([at(0, 'a', { status: 'error' }), at(2_000, 'a'), at(4_000, 'a')])).toEqual([0, 0, 1]);
  });

  test('is lost where the cache was too small to keep the answer', () => {
    const others = [at(0, 'a'), at(2_000, 'b'), at(4_000, 'c'), at(6_000, 'a')];
    expect([hits(others, 10_000, 3), hits(others, 10_000, 2)]).toEqual([
      [0, 0, 0, 1],
      [0, 0, 0, 0],
    ]);
  });

  test('is not known without a prompt', () => {
    expect(hits([loggedCall({ timeMs: 0 }), loggedCall({ timeMs: 5_000 })])).toEqual([0, 0]);
  });
});

test('repeats are counted by lifetime; what has no fingerprint is counted apart', () => {
  const repeats = createExactRepeats([60_000, 300_000]);
  for (const [prompt, ms] of [
    [0, 0],
    [1, 10_000],
    [0, 60_000],
    [0, 120_001],
    [1, 900_000],
  ] as const)
    repeats.see(prompt, ms, 100);
  repeats.seeUnknown();
  // of prompt 0 after 60 s and again after 60.001 s, of prompt 1 after 890 s
  expect(repeats.counts()).toEqual({
    requests: 5,
    withoutFingerprint: 1,
    repeats: 3,
    repeatInputTokens: 300,
    hits: [1, 2],
  });
});
