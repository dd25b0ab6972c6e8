import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rangeOfParameter, tornado } from '../../lib/simulate/tornado.ts';

const at = <const Name extends string>(name: Name, low: number, value: number, high: number) => ({
  name,
  low,
  value,
  high,
});

describe('bars', () => {
  test('of a straight line, by hand', () => {
    // 3x + y − 2z at (1, 5, 2) is 4; x alone moves it by 3·2, y by 1·4, z by −2·6
    const { outcome, bars } = tornado(
      [at('x', 0, 1, 2), at('y', 4, 5, 8), at('z', 0, 2, 6)],
      ({ x, y, z }) => 3 * x + y - 2 * z,
    );
    expect(outcome).toBe(4);
    expect(
      bars.map(({ name, outcomeAtLow, outcomeAtHigh, swing }) => [name, outcomeAtLow, outcomeAtHigh, swing]),
    ).toEqual([
      ['z', 8, -4, 12],
      ['x', 1, 7, 6],
      ['y', 3, 7, 4],
    ]);
    // squares 144, 36, 16 of 196
    expect(bars.map(({ spreadShare }) => spreadShare)).toEqual([144 / 196, 36 / 196, 16 / 196]);
    // lost at the worse end, of 4: 8, 3, 1
    expect(bars.map(({ dependence }) => dependence)).toEqual([2, 0.75, 0.25]);
  });

  test('see the middle where both ends are on one side of it', () => {
    const { bars } = tornado([at('x', -1, 0, 2)], ({ x }) => x * x);
    expect(bars[0]).toMatchObject({ outcomeAtLow: 1, outcomeAtHigh: 4, swing: 4, dependence: 0 });
  });

  test('of a model that does not care have no share; equal ones stand by name', () => {
    const { bars } = tornado([at('b', 0, 1, 2), at('a', 0, 1, 2)], () => 7);
    expect(bars.map(({ name, swing, spreadShare }) => [name, swing, spreadShare])).toEqual([
      ['a', 0, 0],
      ['b', 0, 0],
    ]);
  });

  test('a loss has nothing to depend on', () => {
    expect(tornado([at('x', -9, -5, -1)], ({ x }) => x).bars[0]?.dependence).toBe(0);
  });

  test('descend, and their shares sum to one', () => {
    const ranges = fc.array(
      fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0.1, max: 5, noNaN: true })),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(ranges, (drawn) => {
        const parameters = drawn.map(([low, more], i) => at(`p${i}`, low, low + more / 3, low + more));
        const { bars } = tornado(parameters, (values) => Object.values(values).reduce((sum, value) => sum + value, 0));
        const swings = bars.map(({ swing }) => swing);
        expect(swings).toEqual(swings.toSorted((a, b) => b - a));
        expect(bars.reduce((sum, { spreadShare }) => sum + spreadShare, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  test('an outcome that is no number is refused by the name of what was moved', () => {
    expect(() => tornado([at('x', 0, 1, 2)], ({ x }) => 1 / x)).toThrow(
      'the outcome with x moved is not a finite number',
    );
  });
});

test('the ends of a distribution are its P10 and P90', () => {
  const range = rangeOfParameter({ name: 'load', distribution: { kind: 'uniform', low: 10, high: 20 } });
  expect(range).toEqual({ name: 'load', low: 11, value: 15, high: 19 });
});
