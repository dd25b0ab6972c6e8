import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PromptRequest } from '../../lib/simulate/prefix-replay.ts';
import { createSampledDistances } from '../../lib/simulate/shards.ts';
import type { SampledDistances } from '../../lib/simulate/shards.ts';
import { drawnPrompts, plainReplay } from '../fixtures/drawn-prompts.ts';
import { tracePrompts } from '../fixtures/prompt-paths.ts';

function sampledOf(requests: readonly PromptRequest[], rate: number, seed: number): SampledDistances {
  const distances = createSampledDistances(rate, seed);
  for (const request of requests) distances.see(request);
  return distances;
}

const radix = { rule: 'radix', ttlMs: null, ttlRefresh: 'sliding', minimumTokens: 0, incrementTokens: 1 } as const;

test('at rate 1 the curve is exact', () => {
  fc.assert(
    fc.property(drawnPrompts, fc.integer({ min: 0, max: 2 ** 31 }), (requests, seed) => {
      const distances = sampledOf(requests, 1, seed);
      const counted = requests.map((request) => ({ ...request, blockTokens: 1, inputTokens: request.blocks.length }));
      const references = counted.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
      expect([distances.references(), distances.sampledReferences()]).toEqual([references, references]);
      for (let capacityBlocks = 1; capacityBlocks <= 24; capacityBlocks++) {
        const hits = plainReplay({ ...radix, capacityBlocks }, counted).reduce((sum, [hit]) => sum + hit, 0);
        expect(distances.hitRatio(capacityBlocks)).toBe(references === 0 ? 0 : hits / references);
      }
    }),
    { numRuns: 200 },
  );
});

test('the curve never falls, and stays a share', () => {
  fc.assert(
    fc.property(drawnPrompts, fc.integer({ min: 1, max: 1_000 }), fc.integer(), (requests, permille, seed) => {
      const distances = sampledOf(requests, permille / 1_000, seed);
      let before = 0;
      for (let capacity = 0; capacity <= 40; capacity++) {
        const ratio = distances.hitRatio(capacity);
        expect(ratio).toBeGreaterThanOrEqual(before);
        expect(ratio).toBeLessThanOrEqual(1);
        before = ratio;
      }
    }),
  );
});

test.each([0, -0.1, 1.1, NaN])('a rate of %d is refused', (rate) => {
  expect(() => createSampledDistances(rate, 1)).toThrow(RangeError);
});

describe('Mooncake synthetic, 122 thousand references, 10 seeds', () => {
  const requests = tracePrompts('mooncake_synthetic_paths.csv.gz', 512);
  const exact = sampledOf(requests, 1, 0);
  const capacities = Array.from({ length: 16 }, (_, at) => 2 ** (at + 1));

  // these seeds give 0.012 and 0.016, others up to 0.013 and 0.018, the worst point of all 0.09; another program (2026-11) found 0.016 and 0.022
  test.each([
    [0.1, 0.02],
    [0.03, 0.03],
  ])('mean absolute error at rate %d is below %d', (rate, bound) => {
    const seeds = Array.from({ length: 10 }, (_, at) => at + 1);
    const errors = seeds.map((seed) => {
      const sampled = sampledOf(requests, rate, seed);
      return (
        capacities.reduce((sum, c) => sum + Math.abs(sampled.hitRatio(c) - exact.hitRatio(c)), 0) / capacities.length
      );
    });
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(bound);
  });

  test('blocks are sampled at the rate', () => {
    const share = sampledOf(requests, 0.1, 3).sampledReferences() / exact.references();
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
  });
});
