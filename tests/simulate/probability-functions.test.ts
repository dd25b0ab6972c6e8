import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  gammaCdf,
  gammaQuantile,
  logGamma,
  normalCdf,
  normalQuantile,
  studentQuantile,
} from '../../lib/simulate/probability-functions.ts';

const shares = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const shapes = fc.double({ min: 0.3, max: 500, noNaN: true });
const relativeError = (value: number, expected: number): number => Math.abs(value - expected) / Math.abs(expected);

describe('log-gamma', () => {
  test('is that of factorials and of halves', () => {
    expect(relativeError(logGamma(0.5), Math.log(Math.sqrt(Math.PI)))).toBeLessThanOrEqual(1e-11);
    expect(relativeError(logGamma(0.25), 1.2880225246980774)).toBeLessThanOrEqual(1e-11);
    expect(relativeError(logGamma(11), Math.log(3_628_800))).toBeLessThanOrEqual(1e-11);
    // ln 999999! by Stirling's series, ten digits beyond the point
    expect(relativeError(logGamma(1e6), 12_815_504.5691476)).toBeLessThanOrEqual(1e-12);
  });
});

describe('beta', () => {
  // closed forms: Beta(a, 1) has the quantile p^(1/a), Beta(1, b) 1 − (1 − p)^(1/b), Beta(½, ½) sin²(πp/2)
  test('quantiles are the closed forms where there are some', () => {
    fc.assert(
      fc.property(shares, shapes, (p, shape) => {
        expect(relativeError(betaQuantile(p, shape, 1), p ** (1 / shape))).toBeLessThanOrEqual(1e-9);
        expect(relativeError(betaQuantile(p, 1, shape), -Math.expm1(Math.log1p(-p) / shape))).toBeLessThanOrEqual(1e-9);
        expect(relativeError(betaQuantile(p, 0.5, 0.5), Math.sin((Math.PI * p) / 2) ** 2)).toBeLessThanOrEqual(1e-9);
      }),
    );
  });

  test('Beta(2, 2) is 3x² − 2x³', () => {
    for (const x of [0.01, 0.3, 0.5, 0.77, 0.99])
      expect(relativeError(betaCdf(x, 2, 2), 3 * x ** 2 - 2 * x ** 3)).toBeLessThanOrEqual(1e-11);
  });

  test('quantile and distribution are inverse to each other', () => {
    fc.assert(
      fc.property(shares, shapes, shapes, (p, a, b) => {
        const x = betaQuantile(p, a, b);
        // near 1 a double has no room for more: then its neighbors enclose the point
        const [below, above] = [x * (1 - 1e-15), Math.min(1, x * (1 + 1e-15))].map((at) => betaCdf(at, a, b));
        expect(below).toBeLessThanOrEqual(p + 1e-9);
        expect(above).toBeGreaterThanOrEqual(p - 1e-9);
      }),
    );
  });

  test('is the mirror of itself with shapes exchanged', () => {
    fc.assert(
      fc.property(shares, shapes, shapes, (x, a, b) => {
        expect(betaCdf(x, a, b) + betaCdf(1 - x, b, a)).toBeCloseTo(1, 10);
      }),
    );
  });

  test('holds for a million trials', () => {
    // about normal: mean 0.2, standard deviation √(0.2·0.8/10⁶) = 0.0004
    expect(betaQuantile(0.975, 200_000, 800_000)).toBeCloseTo(0.2 + 1.96 * 0.0004, 5);
    expect(betaQuantile(0.025, 200_000, 800_000)).toBeCloseTo(0.2 - 1.96 * 0.0004, 5);
  });

  test('has ends', () => {
    expect([betaCdf(0, 2, 3), betaCdf(1, 2, 3), betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1, 0, 1]);
  });
});

describe('gamma', () => {
  test('of shape 1 is exponential, of shape 2 is 1 − (1 + x)·e⁻ˣ', () => {
    fc.assert(
      fc.property(shares, fc.double({ min: 0.01, max: 30, noNaN: true }), (p, x) => {
        expect(relativeError(gammaQuantile(p, 1), -Math.log1p(-p))).toBeLessThanOrEqual(1e-9);
        expect(gammaCdf(x, 2)).toBeCloseTo(1 - (1 + x) * Math.exp(-x), 12);
      }),
    );
  });

  test('quantile and distribution are inverse to each other', () => {
    fc.assert(
      fc.property(shares, shapes, (p, shape) => {
        expect(gammaCdf(gammaQuantile(p, shape), shape)).toBeCloseTo(p, 9);
      }),
    );
  });

  test('is half of chi-square: the tables at 95 % for 1, 6 and 99 degrees of freedom', () => {
    const values = [1, 6, 99].map((degrees) => (2 * gammaQuantile(0.95, degrees / 2)).toFixed(3));
    expect(values).toEqual(['3.841', '12.592', '123.225']);
  });

  test('has ends', () => {
    expect([gammaCdf(0, 2), gammaCdf(Infinity, 2), gammaQuantile(0, 2), gammaQuantile(1, 2)]).toEqual([
      0,
      1,
      0,
      Infinity,
    ]);
  });
});

describe('normal and Student', () => {
  test('the normal table, to all digits of a double', () => {
    // Python's statistics.NormalDist().inv_cdf, another program of the same definition
    expect(relativeError(normalQuantile(0.975), 1.9599639845400536)).toBeLessThanOrEqual(1e-15);
    expect(relativeError(normalQuantile(0.9), 1.2815515655446008)).toBeLessThanOrEqual(1e-15);
    expect(relativeError(normalQuantile(1e-10), -6.361340902404056)).toBeLessThanOrEqual(1e-15);
    expect([normalQuantile(0.5), normalQuantile(0), normalQuantile(1)]).toEqual([0, -Infinity, Infinity]);
  });

  test('distribution and quantile are inverse to each other', () => {
    fc.assert(
      fc.property(shares, (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
    );
  });

  test('the table of Student at 97.5 %', () => {
    const values = [1, 2, 4, 12, 13, 30].map((degrees) => studentQuantile(0.975, degrees).toFixed(3));
    expect(values).toEqual(['12.706', '4.303', '2.776', '2.179', '2.160', '2.042']);
    expect(studentQuantile(0.025, 4)).toBe(-studentQuantile(0.975, 4));
    // with one degree it is Cauchy's: tan(π(p − ½)); with two t = (2p − 1)·√(2 / (4p(1 − p)))
    expect(relativeError(studentQuantile(0.9, 1), Math.tan(Math.PI * 0.4))).toBeLessThanOrEqual(1e-9);
    expect(relativeError(studentQuantile(0.9, 2), 0.8 * Math.sqrt(2 / 0.36))).toBeLessThanOrEqual(1e-9);
  });
});
