import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counted, Interval } from '../../lib/simulate/proportion.ts';
import {
  clopperPearsonInterval,
  clopperPearsonUpper,
  comparePassRates,
  wilsonInterval,
} from '../../lib/simulate/proportion.ts';

const four = ({ low, high }: Interval): string[] => [low.toFixed(4), high.toFixed(4)];
const counts = fc
  .integer({ min: 1, max: 400 })
  .chain((trials) => fc.record({ trials: fc.constant(trials), hits: fc.integer({ min: 0, max: trials }) }));

/** P(X ≤ hits) of a binomial, summed term by term: shares nothing with the beta function of the code. */
function binomialCdf(hits: number, trials: number, share: number): number {
  let logTerm = trials * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= hits; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logTerm);
  }
  return sum;
}

// Newcombe, Statistics in Medicine 17 (1998) 857, table I: score interval without correction, and Clopper–Pearson
describe('published tables of one share at 95 %', () => {
  test.each([
    [81, 263, ['0.2553', '0.3662'], ['0.2527', '0.3676']],
    [15, 148, ['0.0624', '0.1605'], ['0.0578', '0.1617']],
    [0, 20, ['0.0000', '0.1611'], ['0.0000', '0.1684']],
    [1, 29, ['0.0061', '0.1718'], ['0.0009', '0.1776']],
  ])('%i of %i', (hits, trials, wilson, exact) => {
    expect(four(wilsonInterval({ hits, trials }))).toEqual(wilson);
    expect(four(clopperPearsonInterval({ hits, trials }))).toEqual(exact);
  });
});

describe('the exact bounds', () => {
  test('are where the binomial leaves 2.5 % on either side', () => {
    fc.assert(
      fc.property(counts, ({ hits, trials }) => {
        const { low, high } = clopperPearsonInterval({ hits, trials });
        expect(hits < trials ? binomialCdf(hits, trials, high) : 0.025).toBeCloseTo(0.025, 8);
        expect(hits > 0 ? 1 - binomialCdf(hits - 1, trials, low) : 0.025).toBeCloseTo(0.025, 8);
      }),
    );
  });

  test('after no error: 1 − 0.05^(1/n), about 3/n; 299 clean labels certify one in a hundred', () => {
    const upper = (trials: number): number => clopperPearsonUpper({ hits: 0, trials });
    expect(upper(50)).toBeCloseTo(1 - 0.05 ** (1 / 50), 12);
    expect(upper(1_000) * 1_000).toBeCloseTo(3, 1);
    expect([upper(298) <= 0.01, upper(299) <= 0.01]).toEqual([false, true]);
    expect(clopperPearsonUpper({ hits: 5, trials: 5 })).toBe(1);
  });

  test('hold the true share at least 95 times in 100, for every share tried', () => {
    for (const share of [0.01, 0.05, 0.2, 0.5, 0.93]) {
      const trials = 40;
      let covered = 0;
      for (let hits = 0; hits <= trials; hits++) {
        const { low, high } = clopperPearsonInterval({ hits, trials });
        const chance = binomialCdf(hits, trials, share) - (hits > 0 ? binomialCdf(hits - 1, trials, share) : 0);
        if (low <= share && share <= high) covered += chance;
      }
      expect(covered).toBeGreaterThanOrEqual(0.95);
    }
  });
});

test('both intervals hold the counted share, stay in [0, 1], narrow with less confidence, and mirror', () => {
  fc.assert(
    fc.property(counts, ({ hits, trials }) => {
      for (const intervalOf of [wilsonInterval, clopperPearsonInterval]) {
        const { low, high } = intervalOf({ hits, trials });
        const narrow = intervalOf({ hits, trials }, 0.8);
        const mirrored = intervalOf({ hits: trials - hits, trials });
        expect(low >= 0 && low <= hits / trials && hits / trials <= high && high <= 1).toBe(true);
        expect(narrow.high - narrow.low).toBeLessThan(high - low);
        expect(mirrored.low).toBeCloseTo(1 - high, 10);
        expect(mirrored.high).toBeCloseTo(1 - low, 10);
      }
    }),
  );
});

// Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10
describe('published table of differences at 95 %', () => {
  test.each([
    [56, 70, 48, 80, '0.0524', '0.3339'],
    [9, 10, 3, 10, '0.1705', '0.8090'],
    [6, 7, 2, 7, '0.0582', '0.8062'],
    [5, 56, 0, 29, '-0.0381', '0.1926'],
    [0, 10, 0, 20, '-0.1611', '0.2775'],
    [10, 10, 0, 20, '0.6791', '1.0000'],
    [10, 10, 0, 10, '0.6075', '1.0000'],
  ])('%i of %i less %i of %i', (hits, trials, otherHits, otherTrials, low, high) => {
    const result = comparePassRates({ hits, trials }, { hits: otherHits, trials: otherTrials }, 0.02);
    expect(four(result)).toEqual([low, high]);
    expect(result.difference).toBe(hits / trials - otherHits / otherTrials);
  });
});

describe('non-inferior', () => {
  const compared = (candidate: Counted, reference: Counted, margin: number): boolean =>
    comparePassRates(candidate, reference, margin).isNonInferior;

  test('only where the lower bound is above −Δ: equal rates need enough tasks', () => {
    // lower bound of 90 % against 90 %: −0.085 with 100 tasks each, −0.026 with 1,000
    expect(compared({ hits: 90, trials: 100 }, { hits: 90, trials: 100 }, 0.05)).toBe(false);
    expect(compared({ hits: 900, trials: 1_000 }, { hits: 900, trials: 1_000 }, 0.05)).toBe(true);
    expect(compared({ hits: 900, trials: 1_000 }, { hits: 900, trials: 1_000 }, 0.02)).toBe(false);
  });

  test('exactly at the margin is not enough', () => {
    const [candidate, reference] = [
      { hits: 80, trials: 100 },
      { hits: 85, trials: 100 },
    ];
    const { low } = comparePassRates(candidate, reference, 0.5);
    expect(compared(candidate, reference, -low)).toBe(false);
    expect(compared(candidate, reference, -low + 1e-12)).toBe(true);
  });
});

test('what is no count or no margin is refused', () => {
  for (const counted of [
    { hits: 1, trials: 0 },
    { hits: 3, trials: 2 },
    { hits: -1, trials: 2 },
    { hits: 0.5, trials: 2 },
  ]) {
    expect(() => wilsonInterval(counted)).toThrow(RangeError);
    expect(() => clopperPearsonUpper(counted)).toThrow(RangeError);
  }
  expect(() => comparePassRates({ hits: 1, trials: 2 }, { hits: 1, trials: 2 }, 0)).toThrow('a margin is a share');
});
