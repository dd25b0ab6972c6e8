import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { createChance } from '../../lib/simulate/chance.ts';
import type { Distribution } from '../../lib/simulate/distributions.ts';
import { checkDistribution, drawsOf, lognormalAround, quantileOf } from '../../lib/simulate/distributions.ts';

const DRAWS = 20_000;

/** Mean and standard deviation from textbooks, not from the code. */
const MOMENTS: readonly (readonly [string, Distribution, number, number])[] = [
  ['a constant', { kind: 'constant', value: 3 }, 3, 0],
  // Beta(3.5, 17.5): mean 3.5/21, variance 3.5·17.5 / (21²·22)
  ['3 of 20 counted', { kind: 'counted', hits: 3, trials: 20 }, 1 / 6, Math.sqrt(61.25 / (441 * 22))],
  ['none of 50 counted', { kind: 'counted', hits: 0, trials: 50 }, 0.5 / 51, Math.sqrt(25.25 / (2601 * 52))],
  ['Beta(2, 5)', { kind: 'beta', a: 2, b: 5 }, 2 / 7, Math.sqrt(10 / (49 * 8))],
  ['Gamma(2.5) × 4', { kind: 'gamma', shape: 2.5, scale: 4 }, 10, Math.sqrt(40)],
  ['uniform on [2, 8]', { kind: 'uniform', low: 2, high: 8 }, 5, 6 / Math.sqrt(12)],
  // (a + b + c)/3 and (a² + b² + c² − ab − ac − bc)/18
  ['triangular 1, 2, 6', { kind: 'triangular', low: 1, mode: 2, high: 6 }, 3, Math.sqrt((41 - 20) / 18)],
  // (1 + 4·2 + 6)/6 = 2.5; variance of Beta(1.8, 4.2)·5: 25·1.8·4.2/(36·7)
  ['PERT 1, 2, 6', { kind: 'pert', low: 1, mode: 2, high: 6 }, 2.5, Math.sqrt((25 * 1.8 * 4.2) / (36 * 7))],
  ['normal', { kind: 'normal', mean: -2, sd: 3 }, -2, 3],
  // μ = ln 10 + 0.25, mean e^(μ + σ²/2) = 10·e^0.375, variance mean²·(e^0.25 − 1)
  [
    'lognormal with mode 10',
    { kind: 'lognormal', mode: 10, sigma: 0.5 },
    10 * Math.exp(0.375),
    10 * Math.exp(0.375) * Math.sqrt(Math.exp(0.25) - 1),
  ],
];

describe('draws', () => {
  test.each(MOMENTS)('of %s have its mean and its spread', (name, distribution, mean, sd) => {
    const draws = drawsOf(distribution, createChance(7, name), DRAWS);
    const drawnMean = draws.reduce((sum, draw) => sum + draw, 0) / DRAWS;
    const drawnSd = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - drawnMean) ** 2, 0) / DRAWS);
    // four standard errors of a mean; the spread of the most skewed of these is known to 5 % from 20,000 draws
    expect(Math.abs(drawnMean - mean)).toBeLessThanOrEqual((4 * sd) / Math.sqrt(DRAWS) + 1e-12);
    expect(Math.abs(drawnSd - sd)).toBeLessThanOrEqual(0.05 * sd + 1e-12);
  });

  test.each(MOMENTS)('of %s lie below each quantile as often as it says', (name, distribution) => {
    const draws = drawsOf(distribution, createChance(8, name), DRAWS);
    for (const share of [0.1, 0.5, 0.9]) {
      const point = quantileOf(distribution)(share);
      const below = draws.filter((draw) => draw <= point).length / DRAWS;
      // four standard errors: 4·√(0.25 / 20,000) = 0.014; a constant lies at all its quantiles
      const expected = distribution.kind === 'constant' ? 1 : share;
      expect(Math.abs(below - expected)).toBeLessThan(0.015);
    }
  });

  test('take one uniform number each and rise with it, so that a moved range moves every draw its way', () => {
    const at = (high: number): Float64Array =>
      drawsOf({ kind: 'triangular', low: 0, mode: 1, high }, createChance(1, 'load'), 500);
    const [narrow, wide] = [at(4), at(8)];
    for (const [i, draw] of wide.entries()) expect(draw).toBeGreaterThan(narrow[i] ?? NaN);
    const order = (draws: Float64Array): number[] =>
      [...draws.keys()].toSorted((a, b) => (draws[a] ?? 0) - (draws[b] ?? 0));
    expect(order(wide)).toEqual(order(narrow));
    expect(order(drawsOf({ kind: 'pert', low: 0, mode: 1, high: 4 }, createChance(1, 'load'), 500))).toEqual(
      order(narrow),
    );
  });
});

describe('quantiles', () => {
  const shares = fc.double({ min: 0.001, max: 0.999, noNaN: true });

  test('of a triangle are the square roots of its areas', () => {
    // low 0, mode 3, high 12: below the mode lies 3/12 of the area
    const at = quantileOf({ kind: 'triangular', low: 0, mode: 3, high: 12 });
    expect([at(0.0625), at(0.25), at(0.75)]).toEqual([1.5, 3, 12 - Math.sqrt(0.25 * 12 * 9)]);
    expect(quantileOf({ kind: 'triangular', low: 0, mode: 0, high: 1 })(0.75)).toBe(0.5);
    expect(quantileOf({ kind: 'triangular', low: 0, mode: 1, high: 1 })(0.25)).toBe(0.5);
  });

  test('of a lognormal: mode, median and a median of one’s own', () => {
    const sigma = 1.676;
    // turnaround of a batch: median 7 min, one in ten above 60 min
    const around = quantileOf(lognormalAround(7, sigma));
    expect(around(0.5)).toBeCloseTo(7, 10);
    expect(around(0.9)).toBeCloseTo(60, 1);
    expect(quantileOf({ kind: 'lognormal', mode: 7, sigma })(0.5)).toBeCloseTo(7 * Math.exp(sigma ** 2), 10);
  });

  test('of a counted share with no hit in 50 stay above nothing and below 5 %', () => {
    const at = quantileOf({ kind: 'counted', hits: 0, trials: 50 });
    expect(at(0.025)).toBeGreaterThan(0);
    expect(at(0.975)).toBeLessThan(0.05);
  });

  test('stay within their ends and never descend', () => {
    const sorted = fc.tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true }));
    fc.assert(
      fc.property(sorted, fc.double({ min: 0, max: 9, noNaN: true }), shares, shares, ([low, a], b, p, q) => {
        for (const kind of ['triangular', 'pert'] as const) {
          const at = quantileOf({ kind, low, mode: low + a, high: low + a + b });
          const [lower, upper] = [at(Math.min(p, q)), at(Math.max(p, q))];
          expect(lower).toBeGreaterThanOrEqual(low - 1e-9);
          expect(upper).toBeLessThanOrEqual(low + a + b + 1e-9);
          expect(lower).toBeLessThanOrEqual(upper + 1e-9);
        }
      }),
    );
  });

  test('of a range without width are its one value', () => {
    expect(quantileOf({ kind: 'pert', low: 2, mode: 2, high: 2 })(0.3)).toBe(2);
    expect(quantileOf({ kind: 'triangular', low: 2, mode: 2, high: 2 })(0.3)).toBe(2);
  });
});

describe('what cannot be is refused by the name of the parameter', () => {
  test.each<[Distribution, string]>([
    [{ kind: 'constant', value: NaN }, 'value must be a finite number'],
    [{ kind: 'counted', hits: 5, trials: 4 }, 'hits must be between 0 and trials'],
    [{ kind: 'beta', a: 0, b: 1 }, 'a and b must be above 0'],
    [{ kind: 'gamma', shape: 1, scale: 0 }, 'shape and scale must be above 0'],
    [{ kind: 'uniform', low: 2, high: 1 }, 'low must not be above high'],
    [{ kind: 'triangular', low: 1, mode: 0, high: 2 }, 'low, mode and high must not descend'],
    [{ kind: 'pert', low: 1, mode: 3, high: 2 }, 'low, mode and high must not descend'],
    [{ kind: 'normal', mean: 0, sd: -1 }, 'sd must not be below 0'],
    [{ kind: 'lognormal', mode: 0, sigma: 1 }, 'mode must be above 0 and sigma not below 0'],
  ])('%j', (distribution, problem) => {
    const check = (): void => checkDistribution('batch.share', distribution);
    expect(check).toThrow(Misconfigured);
    expect(check).toThrow(`parameter batch.share: ${problem}`);
  });

  test('and what can be is not', () => {
    for (const [name, distribution] of MOMENTS) expect(() => checkDistribution(name, distribution)).not.toThrow();
  });
});
