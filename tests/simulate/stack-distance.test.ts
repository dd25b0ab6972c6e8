import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrefixReplay } from '../../lib/simulate/prefix-replay.ts';
import type { PromptRequest } from '../../lib/simulate/prefix-replay.ts';
import { createStackDistances } from '../../lib/simulate/stack-distance.ts';
import type { StackDistances } from '../../lib/simulate/stack-distance.ts';
import { drawnPrompts, plainReplay, unchainedPrompts } from '../fixtures/drawn-prompts.ts';
import { tracePrompts } from '../fixtures/prompt-paths.ts';

const rule = {
  rule: 'radix',
  ttlMs: null,
  ttlRefresh: 'sliding',
  minimumTokens: 0,
  incrementTokens: 1,
} as const;

function distancesOf(requests: readonly PromptRequest[]): StackDistances {
  const distances = createStackDistances();
  for (const request of requests) distances.see(request);
  return distances;
}

function lruHits(requests: readonly PromptRequest[], capacityBlocks: number): number {
  const replay = createPrefixReplay({ ...rule, capacityBlocks });
  for (const request of requests) replay.see(request);
  return replay.totals.hitTokens;
}

test('one pass gives the hits of every capacity', () => {
  fc.assert(
    fc.property(fc.oneof(drawnPrompts, unchainedPrompts), (requests) => {
      const distances = distancesOf(requests);
      for (let capacityBlocks = 1; capacityBlocks <= 24; capacityBlocks++) {
        const plain = plainReplay({ ...rule, capacityBlocks }, requests).reduce((sum, [hit]) => sum + hit, 0);
        expect(distances.hitTokens(capacityBlocks)).toBe(plain);
      }
    }),
    { numRuns: 300 },
  );
});

describe('open traces', () => {
  test.each([
    ['mooncake_synthetic_paths.csv.gz', 512, [1, 100, 5_000, 40_000, 1e9]],
    ['agentic_sessions_paths.csv.gz', 64, [1_000, 100_000]],
  ])('%s: the curve goes through the replays of single capacities', (name, blockTokens, capacities) => {
    const requests = tracePrompts(name, blockTokens);
    const distances = distancesOf(requests);
    expect(capacities.map((c) => distances.hitTokens(c))).toEqual(capacities.map((c) => lruHits(requests, c)));
    expect(distances.hitTokens(distances.reach())).toBe(distances.hitTokens(1e9));
    expect(distances.hitTokens(distances.reach() - 1)).toBeLessThan(distances.hitTokens(1e9));
  });
});

test('the line of uses is made short again and again without losing order', () => {
  // 60 prompts of 4,096 blocks by turns: a quarter of a million uses of at most 40,960 blocks
  const prompt = (at: number): PromptRequest => ({
    timeMs: at,
    inputTokens: 4_096,
    blockTokens: 1,
    blocks: Int32Array.from({ length: 4_096 }, (_, k) => ((at * 7) % 10) * 4_096 + k),
  });
  const distances = distancesOf(Array.from({ length: 60 }, (_, at) => prompt(at)));
  // every prompt comes back after nine others
  expect(distances.hitTokens(10 * 4_096)).toBe(50 * 4_096);
  expect(distances.hitTokens(9 * 4_096)).toBe(0);
  // its first block is the most recently used of its own 4,096, so it is the first to fit
  expect(distances.hitTokens(9 * 4_096 + 1)).toBe(50);
});
