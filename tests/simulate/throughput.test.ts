import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anchorsOf, THROUGHPUT_ANCHORS } from '../../lib/simulate/throughput-data.ts';
import type { ThroughputAnchor } from '../../lib/simulate/throughput-data.ts';
import {
  outsideRange,
  replicaSeconds,
  replicaWork,
  saturation,
  usableThroughput,
  yearsSince,
} from '../../lib/simulate/throughput.ts';

function anchor(...configuration: Parameters<typeof anchorsOf>): ThroughputAnchor {
  const [found] = anchorsOf(...configuration);
  if (!found) throw new Error(`no anchor of ${configuration.join(' ')}`);
  return found;
}

const SEVENTY_ON_TWO = anchor('Llama-3.x-70B', 'fp8', 'H100', 2);

describe('the fitted anchors', () => {
  // TensorRT-LLM perf-overview v1.0, output tokens per second at 1,000 in and 1,000 out
  test.each([
    ['Llama-3.1-8B', 'fp8', 'H100', 1, 15_220],
    ['Llama-3.1-8B', 'fp8', 'H200', 1, 17_744],
    ['Llama-3.x-70B', 'fp8', 'H100', 2, 4205],
    ['Llama-3.x-70B', 'fp8', 'H200', 1, 2909],
    ['Llama-3.x-70B', 'fp4', 'B200', 1, 7007],
    ['Llama-3.1-405B', 'fp8', 'H200', 8, 3330],
    ['Llama-3.1-405B', 'fp8', 'H100', 8, 2919],
  ] as const)('give what was measured of %s in %s on %s × %i', (model, precision, gpu, gpus, measured) => {
    const row = anchor(model, precision, gpu, gpus);
    const { outputTokensPerSecond } = saturation(row, { inputTokens: [1000], outputTokens: [1000] });
    expect(Math.abs(outputTokensPerSecond / measured - 1)).toBeLessThanOrEqual(row.maxFitError);
    expect(row.measuredAt1000).toBe(measured);
  });

  test('of other releases are near: the tables of v0.17 measured these pairs of lengths too', () => {
    // perf-overview of v0.17 (2025-02): 8B FP8 on one H100, 70B FP8 on two H100; output tokens per second
    const eight = anchor('Llama-3.1-8B', 'fp8', 'H100', 1);
    const measured: [ThroughputAnchor, number, number, number][] = [
      [eight, 128, 128, 28_836.77],
      [eight, 2048, 128, 3556.73],
      [eight, 20_000, 2000, 1401.31],
      [SEVENTY_ON_TWO, 128, 2048, 6169.58],
      [SEVENTY_ON_TWO, 5000, 500, 919.73],
      [SEVENTY_ON_TWO, 2048, 2048, 2898.16],
    ];
    for (const [row, input, output, tokensPerSecond] of measured) {
      const fitted = saturation(row, { inputTokens: [input], outputTokens: [output] }).outputTokensPerSecond;
      expect(Math.abs(fitted / tokensPerSecond - 1)).toBeLessThan(0.15);
    }
  });

  test('name engine, day, source and the lengths they hold for', () => {
    for (const row of THROUGHPUT_ANCHORS) {
      expect(row.source).not.toBe('');
      expect(Number.isNaN(Date.parse(row.measuredAt))).toBe(false);
      expect(row.inputTokens[0]).toBeLessThan(row.inputTokens[1]);
      expect(row.outputTokens[0]).toBeLessThan(row.outputTokens[1]);
    }
    expect(THROUGHPUT_ANCHORS).toHaveLength(13);
    expect(new Set(THROUGHPUT_ANCHORS.map((row) => JSON.stringify(row))).size).toBe(13);
  });

  test('of an old engine: 70B in BF16 on four A100 serves about 29,000 requests of 400/100 tokens an hour', () => {
    // 400 · 142 µs + 100 · 663 µs = 0.1231 s
    const row = anchor('Llama-3.x-70B', 'bf16', 'A100-80', 4);
    expect(saturation(row, { inputTokens: [400], outputTokens: [100] }).requestsPerSecond * 3600).toBeCloseTo(
      29_244.5,
      1,
    );
  });
});

describe('the seconds of a call', () => {
  test('are prefill, decode and reading of keys and values', () => {
    // 400 · 68.6 µs + 100 · 71 µs + 68.4 ns · 100 · (400 + 50) = 0.02744 + 0.0071 + 0.003078
    expect(replicaSeconds(SEVENTY_ON_TWO, 400, 100)).toBeCloseTo(0.037618, 12);
    // 300 of the 400 tokens in the prefix cache: only the prefill shrinks
    expect(replicaSeconds(SEVENTY_ON_TWO, 400, 100, 100)).toBeCloseTo(0.037618 - 300 * 68.6e-6, 12);
  });

  test('are averaged over the calls: the call of average length is faster than the average call', () => {
    const calls = { inputTokens: [100, 10_000], outputTokens: [10, 1000] };
    const full = saturation(SEVENTY_ON_TWO, calls);
    // 0.00686 + 0.00071 + 68.4e-9 · 10 · 105 and 0.686 + 0.071 + 68.4e-9 · 1,000 · 10,500
    expect(full.meanReplicaS).toBeCloseTo((0.00757 + 0.00007182 + 0.757 + 0.7182) / 2, 9);
    expect(full.meanReplicaS).toBeGreaterThan(1.2 * replicaSeconds(SEVENTY_ON_TWO, 5050, 505));
    expect(full.requestsPerSecond).toBeCloseTo(1 / full.meanReplicaS, 12);
    expect(full.outputTokensPerSecond).toBeCloseTo(505 / full.meanReplicaS, 9);
    expect([...replicaWork(SEVENTY_ON_TWO, calls)].reduce((a, b) => a + b) / 2).toBeCloseTo(full.meanReplicaS, 12);
  });

  test('grow with every length, and a prefix cache never costs', () => {
    const tokens = fc.integer({ min: 0, max: 50_000 });
    fc.assert(
      fc.property(fc.constantFrom(...THROUGHPUT_ANCHORS), tokens, tokens, tokens, (row, input, output, cached) => {
        const seconds = replicaSeconds(row, input, output);
        expect(replicaSeconds(row, input + 1, output)).toBeGreaterThan(seconds);
        expect(replicaSeconds(row, input, output + 1)).toBeGreaterThan(seconds);
        expect(replicaSeconds(row, input, output, Math.max(0, input - cached))).toBeLessThanOrEqual(seconds);
      }),
    );
  });

  test('are not known of no calls, nor of calls without lengths', () => {
    expect(() => saturation(SEVENTY_ON_TWO, { inputTokens: [], outputTokens: [] })).toThrow(RangeError);
    expect(() => saturation(SEVENTY_ON_TWO, { inputTokens: [NaN], outputTokens: [5] })).toThrow('known lengths');
  });
});

describe('what is usable', () => {
  const calls = { inputTokens: [1000, 1000], outputTokens: [200, 200] };

  test('shrinks with the latency people ask for, and newer software widens the upper side only', () => {
    const then = usableThroughput(SEVENTY_ON_TWO, calls, 'tight', SEVENTY_ON_TWO.measuredAt);
    expect(then.usablePerSecond.low).toBeCloseTo((then.requestsPerSecond * 0.3) / 1.15, 9);
    expect(then.usablePerSecond.value).toBeCloseTo(then.requestsPerSecond * 0.35, 9);
    expect(then.usablePerSecond.high).toBeCloseTo(then.requestsPerSecond * 0.4 * 1.15, 9);
    const later = usableThroughput(SEVENTY_ON_TWO, calls, 'tight', '2027-09-24');
    expect(later.usablePerSecond.low).toBe(then.usablePerSecond.low);
    expect(later.usablePerSecond.high / then.usablePerSecond.high).toBeCloseTo(1.6, 2);
    const shares = (['offline', 'relaxed', 'tight'] as const).map(
      (latency) => usableThroughput(SEVENTY_ON_TWO, calls, latency, '2026-11-30').usablePerSecond.value,
    );
    expect(shares.map((share) => share / then.requestsPerSecond)).toEqual(
      [0.9, 0.6, 0.35].map((s) => expect.closeTo(s, 9)),
    );
  });

  test('is less certain outside the lengths that were measured, and says which share is', () => {
    const wide = { inputTokens: [1000, 127, 20_001, 1000], outputTokens: [4096, 200, 200, 4097] };
    expect(outsideRange(SEVENTY_ON_TWO, wide)).toBe(3);
    const estimate = usableThroughput(SEVENTY_ON_TWO, wide, 'offline', '2026-11-30');
    expect(estimate.relativeError).toBe(0.4);
    expect(estimate.warnings).toEqual([expect.stringContaining('75.0 % of the calls (3 of 4)')]);
    expect(usableThroughput(SEVENTY_ON_TWO, calls, 'offline', '2026-11-30')).toMatchObject({
      relativeError: 0.15,
      warnings: [],
    });
  });

  test('ages from the day of the measurement, not before', () => {
    expect(yearsSince('2025-09-24', '2025-01-01')).toBe(0);
    expect(yearsSince('2025-09-24', '2026-09-24')).toBeCloseTo(1, 2);
    expect(() => yearsSince('2025-09-24', 'today')).toThrow('YYYY-MM-DD');
  });
});
