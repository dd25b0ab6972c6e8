import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { PARAMETER_ROWS } from '../../lib/simulate/parameters-data.ts';
import type { ParameterId } from '../../lib/simulate/parameters-data.ts';
import { distributionOf, parametersWith } from '../../lib/simulate/parameters.ts';

describe('the register', () => {
  test('has unique ids', () => {
    expect(new Set(PARAMETER_ROWS.map(({ id }) => id)).size).toBe(PARAMETER_ROWS.length);
  });

  test.each(PARAMETER_ROWS.map((row) => [row.id, row] as const))('%s is in order', (_id, row) => {
    const inOrder = [row.min, row.low, row.value, row.high, row.max];
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    expect(row.source.length).toBeGreaterThan(5);
    expect(row.date).toMatch(/^20\d\d(-\d\d){0,2}$/);
    expect(row.doc).toMatch(/[.…]$/);
    expect(!row.isWhole || inOrder.every(Number.isInteger)).toBe(true);
  });

  // P5 and P95 of a lognormal with mode m: m·e^(σ² ∓ 1.6449σ)
  test.each(
    PARAMETER_ROWS.filter(({ distribution }) => distribution.shape === 'lognormal').map(
      (row) => [row.id, row] as const,
    ),
  )('the spread of %s fits its range', (_id, row) => {
    const sigma = row.distribution.shape === 'lognormal' ? row.distribution.sigma : NaN;
    const end = (z: number): number => row.value * Math.exp(sigma * sigma + z * sigma);
    expect(end(-1.6449) / row.low).toBeGreaterThan(0.75);
    expect(end(-1.6449) / row.low).toBeLessThan(1.34);
    expect(end(1.6449) / row.high).toBeGreaterThan(0.75);
    expect(end(1.6449) / row.high).toBeLessThan(1.34);
  });
});

describe('without a config', () => {
  test('every value is the register’s, and says so', () => {
    const { rows } = parametersWith();
    expect(rows).toEqual(PARAMETER_ROWS.map((row) => ({ ...row, origin: 'default' })));
  });
});

describe('a config', () => {
  test('fixes a parameter with a number and keeps its origin', () => {
    const parameters = parametersWith({ 'model.output_ratio': 1.2 });
    const row = parameters.rowOf('model.output_ratio');
    expect(row).toMatchObject({ value: 1.2, low: 1.2, high: 1.2, origin: 'config' });
    expect(distributionOf(row)).toEqual({ kind: 'constant', value: 1.2 });
    expect(parameters.rowOf('model.token_ratio').origin).toBe('default');
    expect(parametersWith().valueOf('model.output_ratio')).toBe(1);
  });

  test('gives a range', () => {
    const row = parametersWith({ 'model.retry_share': { value: 0.1, low: 0.05, high: 0.3 } }).rowOf(
      'model.retry_share',
    );
    expect(distributionOf(row)).toEqual({ kind: 'triangular', low: 0.05, mode: 0.1, high: 0.3 });
  });

  test('may go beyond the default range, never beyond the hard limits, wherever those lie', () => {
    const outcome = (id: ParameterId, value: number): unknown => {
      try {
        return parametersWith({ [id]: value }).valueOf(id);
      } catch (error) {
        return error instanceof Misconfigured && error.message.startsWith(`simulate.parameters.${id}: must be`);
      }
    };
    const drawn = fc.constantFrom(...PARAMETER_ROWS).chain((row) => {
      const width = row.max - row.min;
      return fc.tuple(
        fc.constant(row),
        fc
          .double({ noNaN: true, min: row.min - width, max: row.max + width })
          .map((value) => (row.isWhole ? Math.round(value) : value)),
      );
    });
    fc.assert(
      fc.property(drawn, ([row, value]) => {
        expect(outcome(row.id, value)).toBe(value >= row.min && value <= row.max ? value : true);
      }),
    );
  });

  test.each([
    [
      'an unknown id',
      { 'sem.treshold': 1 },
      'simulate.parameters.sem.treshold: unknown parameter; valid: cache.served_share, exact.ttl_s',
    ],
    ['a name every object has', { constructor: 1 }, 'simulate.parameters.constructor: unknown parameter'],
    ['no number', { 'model.retry_share': NaN }, 'simulate.parameters.model.retry_share: must be a number from 0 to 1'],
    [
      'half a replica',
      { 'scale.min_replicas': 1.5 },
      'simulate.parameters.scale.min_replicas: must be a whole number from 0',
    ],
    [
      'a high end outside',
      { 'model.retry_share': { value: 0.5, high: 2 } },
      'simulate.parameters.model.retry_share.high: must be a number from 0 to 1',
    ],
    [
      'a range without its value',
      { 'model.retry_share': { value: 0.5, low: 0.6 } },
      'simulate.parameters.model.retry_share: low must not exceed value',
    ],
  ])('with %s stops', (_what, overrides, message) => {
    expect(() => parametersWith(overrides)).toThrow(Misconfigured);
    expect(() => parametersWith(overrides)).toThrow(message);
  });
});

test('a range without a width is a constant to draw from', () => {
  const row = parametersWith().rowOf('model.retry_share');
  expect(distributionOf(row).kind).toBe('triangular');
  expect(distributionOf({ ...row, low: row.value, high: row.value })).toEqual({ kind: 'constant', value: row.value });
  expect(distributionOf(parametersWith().rowOf('model.output_ratio'))).toEqual({
    kind: 'lognormal',
    mode: 1,
    sigma: 0.7,
  });
});

// facts/simulation.md §3.1 median 7 min; §6 router 3 to 39 USD; §7 kept shares; §11 2,000 draws, 14 days, n_eff 30
test.each([
  ['batch.turnaround_median_s', 420],
  ['batch.turnaround_sigma', 1.676],
  ['route.router_usd_per_million_calls', 21],
  ['prompt.kept_system', 0.825],
  ['stats.draws', 2000],
  ['stats.min_days', 14],
  ['stats.min_effective_calls', 30],
  ['perf.compute_efficiency', 0.5],
  ['perf.bandwidth_efficiency', 0.7],
] as const)('%s is %d', (id, value) => {
  expect(parametersWith().valueOf(id)).toBe(value);
});

test('σ of the turnaround follows from median and 90 %', () => {
  expect(parametersWith().valueOf('batch.turnaround_sigma')).toBeCloseTo(Math.log(60 / 7) / 1.2816, 3);
});
