import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_RULES } from '../../lib/simulate/batch-rules-data.ts';
import type { BatchRule } from '../../lib/simulate/batch-rules-data.ts';
import { batchRulesFor, jobsFor, lateProbability } from '../../lib/simulate/batch-rules.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

const NOVEMBER = Date.UTC(2026, 10, 15);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PARAMETERS = parametersWith();
const TURNAROUND = {
  medianMs: PARAMETERS.valueOf('batch.turnaround_median_s') * 1000,
  sigma: PARAMETERS.valueOf('batch.turnaround_sigma'),
};

function ruleOf(provider: string): BatchRule {
  const rule = batchRulesFor(provider, 'any-model', NOVEMBER);
  if (rule === null) throw new Error(`no batch rule of ${provider}`);
  return rule;
}

describe('turnaround', () => {
  test('has the published median and 90 %', () => {
    expect(lateProbability(7 * MINUTE_MS, TURNAROUND)).toBeCloseTo(0.5, 12);
    expect(lateProbability(60 * MINUTE_MS, TURNAROUND)).toBeCloseTo(0.1, 3);
  });

  // facts/simulation.md §3.1 says about 1.8 % and 0.07 %. By tables: z = ln(240 / 7) / 1.676 = 2.1090, P = 1.747 %;
  // ln(1440 / 7) / 1.676 = 3.1784, P = 0.0741 %
  test.each([
    [4, 0.01747, 5],
    [24, 0.00074, 5],
  ])('misses %i hours in about %d', (hours, late, digits) => {
    expect(lateProbability(hours * HOUR_MS, TURNAROUND)).toBeCloseTo(late, digits);
  });

  test('of a chain is that many times longer', () => {
    expect(lateProbability(28 * MINUTE_MS, TURNAROUND, 4)).toBeCloseTo(0.5, 12);
  });

  test('is late for sure where nothing may wait, and less so the longer one waits', () => {
    expect([lateProbability(0, TURNAROUND), lateProbability(-1, TURNAROUND)]).toEqual([1, 1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), drawnBetween(1, 100), (waitMs, times) => {
        expect(lateProbability(waitMs * times, TURNAROUND) - lateProbability(waitMs, TURNAROUND)).toBeLessThan(1e-12);
      }),
    );
  });
});

describe('the rule of a provider', () => {
  // facts/simulation.md §3.1
  test.each([
    ['openai', 1, 50_000, 200e6, true, 'batch_price'],
    ['anthropic', 1, 100_000, 256e6, true, 'batch_price'],
    ['google', 1, null, null, true, 'cache_price'],
    ['bedrock', 100, 50_000, 1e9, false, 'not_cached'],
  ])('%s', (provider, minimumRecords, maximumRecords, maximumFileBytes, allowsTools, cachedTokens) => {
    expect(ruleOf(provider)).toMatchObject({
      deadlineMs: 24 * HOUR_MS,
      minimumRecords,
      maximumRecords,
      maximumFileBytes,
      allowsTools,
      cachedTokens,
    });
  });

  test('is not known of others', () => {
    expect(batchRulesFor('somebody', 'm', NOVEMBER)).toBeNull();
  });

  test('keeps no share of cached tokens where it has none', () => {
    for (const row of BATCH_RULES) {
      expect(row.cachedTokens === 'not_cached').toBe(row.cacheKept === null);
      const { low, high } = row.cacheKept ?? { low: 0, high: 0 };
      expect([low, high]).toEqual([low, high].toSorted((a, b) => a - b));
    }
    expect(ruleOf('anthropic').cacheKept).toEqual({ low: 0.3, high: 0.98 });
  });
});

describe('jobs', () => {
  test.each([
    ['bedrock', 99, 0],
    ['bedrock', 100, 1],
    ['bedrock', 50_001, 2],
    ['anthropic', 1, 1],
    ['anthropic', 100_000, 1],
    ['anthropic', 100_001, 2],
    ['google', 5_000_000, 1],
    ['google', 0, 0],
  ])('%s: %i records make %i', (provider, records, jobs) => {
    expect(jobsFor(records, ruleOf(provider))).toBe(jobs);
  });
});
