import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_RULES } from '../../lib/simulate/batch-rules-data.ts';
import type { BatchRule } from '../../lib/simulate/batch-rules-data.ts';
import {
  batchRulesFor,
  batchTokens,
  cheaperChannel,
  jobsFor,
  lateProbability,
  turnaroundOf,
  turnaroundQuantileMs,
} from '../../lib/simulate/batch-rules.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

const NOVEMBER = Date.UTC(2026, 10, 15);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TURNAROUND = turnaroundOf(parametersWith());

function ruleOf(provider: string): BatchRule {
  const rule = batchRulesFor(provider, 'any-model', NOVEMBER);
  if (rule === null) throw new Error(`no batch rule of ${provider}`);
  return rule;
}

describe('turnaround', () => {
  test('has the published median and 90 %', () => {
    expect(turnaroundQuantileMs(0.5, TURNAROUND) / MINUTE_MS).toBeCloseTo(7, 6);
    expect(turnaroundQuantileMs(0.9, TURNAROUND) / MINUTE_MS).toBeCloseTo(60, 1);
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

  test('quantile and probability are each other’s inverse', () => {
    fc.assert(
      fc.property(drawnBetween(0.001, 0.999), (quantile) => {
        expect(lateProbability(turnaroundQuantileMs(quantile, TURNAROUND), TURNAROUND)).toBeCloseTo(1 - quantile, 9);
      }),
    );
  });

  test('follows the config', () => {
    expect(turnaroundOf(parametersWith({ 'batch.turnaround_median_s': 60 })).medianMs).toBe(60_000);
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

describe('tokens in a batch', () => {
  test('keep their sum, whatever is kept of the cache', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BATCH_RULES),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        drawnBetween(-1, 2),
        (rule, fresh, cached, share) => {
          const moved = batchTokens(fresh, cached, share, rule);
          expect(moved.freshTokens + moved.cachedTokens).toBe(fresh + cached);
          expect(moved.cachedTokens).toBeGreaterThanOrEqual(0);
          expect(moved.cachedTokens).toBeLessThanOrEqual(rule.cachedTokens === 'not_cached' ? 0 : cached);
        },
      ),
    );
  });
});

describe('the cheaper channel', () => {
  // 10,000 input tokens, 9,500 of them cached at a tenth, price 1 per token: 500 + 950 = 1,450. In a batch without cache: 10,000 / 2 = 5,000
  test('is standard for a call that its cache makes cheap', () => {
    expect(cheaperChannel(1450n, 5000n, 0)).toEqual({ channel: 'standard', costPico: 1450n, batchSavingPico: -3550n });
  });

  // 1,000 standard, 500 in the batch, one in ten late: 500 + 100
  test('pays for what comes late', () => {
    expect(cheaperChannel(1000n, 500n, 0.1)).toEqual({ channel: 'batch', costPico: 600n, batchSavingPico: 400n });
  });

  test('never costs more than standard', () => {
    const pico = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(pico, pico, drawnBetween(0, 1), (standard, batch, late) => {
        const { channel, costPico, batchSavingPico } = cheaperChannel(standard, batch, late);
        expect(costPico <= standard).toBe(true);
        expect(costPico).toBe(channel === 'batch' ? standard - batchSavingPico : standard);
      }),
    );
  });
});
