import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import type { UncertainParameter } from '../../lib/simulate/parameter-draws.ts';
import { drawOutcomes, drawParameters, spreadOf } from '../../lib/simulate/parameter-draws.ts';

const share = { name: 'share', distribution: { kind: 'counted', hits: 12, trials: 80 } } as const;
const factor = { name: 'factor', distribution: { kind: 'lognormal', mode: 1, sigma: 0.4 } } as const;
const rate = { name: 'rate', distribution: { kind: 'pert', low: 1, mode: 2, high: 5 } } as const;

describe('common random numbers', () => {
  test('a parameter gets the same draws in any company and order', () => {
    const alone = drawParameters([factor]).get('factor');
    const together = drawParameters([share, factor, rate]).get('factor');
    expect(drawParameters([rate, factor]).get('factor')).toEqual(alone);
    expect(together).toEqual(alone);
    expect(alone).toHaveLength(2_000);
  });

  test('a difference of two scenarios has no noise of its own', () => {
    const model = (price: number) => (values: { share: number; factor: number }) =>
      values.share * values.factor * price;
    const cheap = drawOutcomes([share, factor], model(1));
    const dear = drawOutcomes([rate, factor, share], model(1.01));
    for (const [draw, outcome] of dear.outcomes.entries())
      expect(outcome / (cheap.outcomes[draw] ?? NaN)).toBeCloseTo(1.01, 12);
  });

  test('other parameters and other seeds are drawn apart', () => {
    const twin: UncertainParameter = { name: 'twin', distribution: factor.distribution };
    const draws = drawParameters<string>([factor, twin]);
    expect(draws.get('twin')).not.toEqual(draws.get('factor'));
    expect(drawParameters([factor], { seed: 5 }).get('factor')).not.toEqual(drawParameters([factor]).get('factor'));
  });
});

describe('outcomes', () => {
  test('a product of lognormals is lognormal', () => {
    // medians e^0.16 and 2·e^0.09, σ² = 0.16 + 0.09: P10 and P90 are the median times e^∓(1.28155·0.5)
    const other = { name: 'other', distribution: { kind: 'lognormal', mode: 2, sigma: 0.3 } } as const;
    const { p10, p50, p90, positiveShare } = drawOutcomes([factor, other], (values) => values.factor * values.other, {
      draws: 20_000,
    });
    const median = 2 * Math.exp(0.25);
    // standard error of a log-quantile: 0.5·√(p(1−p)/n)/φ(z), at most 0.5·0.012 = 0.006 here
    expect(Math.abs(Math.log(p50 / median))).toBeLessThan(0.02);
    expect(Math.abs(Math.log(p10 / median) + 0.640776)).toBeLessThan(0.025);
    expect(Math.abs(Math.log(p90 / median) - 0.640776)).toBeLessThan(0.025);
    expect(positiveShare).toBe(1);
  });

  test('a saving that may be none is told by how often it is one', () => {
    const cost = { name: 'cost', distribution: { kind: 'normal', mean: 9, sd: 1 } } as const;
    // P(10 − cost > 0) = Φ(1) = 0.8413; four standard errors of 2,000 draws are 0.033
    const { positiveShare } = drawOutcomes([cost], (values) => 10 - values.cost);
    expect(Math.abs(positiveShare - 0.8413)).toBeLessThan(0.033);
    expect(drawOutcomes([cost], () => 0).positiveShare).toBe(0);
  });

  test('constants give one outcome, in every quantile', () => {
    const price = { name: 'price', distribution: { kind: 'constant', value: 3 } } as const;
    expect(drawOutcomes([price], (values) => 2 * values.price, { draws: 10 })).toMatchObject({
      p10: 6,
      p50: 6,
      p90: 6,
    });
  });

  test('stay in the order of the draws', () => {
    const outcomes = Float64Array.of(3, 1, 2);
    expect(spreadOf(outcomes)).toEqual({
      outcomes: Float64Array.of(3, 1, 2),
      p10: 1.2,
      p50: 2,
      p90: 2.8,
      positiveShare: 1,
    });
  });
});

describe('refused', () => {
  test('a parameter twice, a distribution that cannot be, an outcome that is no number', () => {
    expect(() => drawParameters([factor, factor])).toThrow('parameter factor is given twice');
    const wrong = { name: 'rate', distribution: { kind: 'pert', low: 3, mode: 2, high: 5 } } as const;
    expect(() => drawParameters([wrong])).toThrow(Misconfigured);
    expect(() => drawOutcomes([factor], () => NaN)).toThrow('the outcome of draw 0 is not a finite number');
    expect(() => spreadOf(new Float64Array())).toThrow('no outcomes were drawn');
  });
});
