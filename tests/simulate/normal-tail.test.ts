import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalTail } from '../../lib/simulate/normal-tail.ts';
import { shareOfPico } from '../../lib/simulate/share-of-pico.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

// tables of the normal distribution (Abramowitz and Stegun, table 26.1 and 26.2)
test.each([
  [0, 0.5],
  [1, 0.158655253931],
  [1.959963984540054, 0.025],
  [3, 0.001349898032],
  [3.0000001, 0.001349897589],
  [6, 9.865876450377e-10],
  [10, 7.619853024160527e-24],
  [-1, 0.841344746069],
])('P(Z > %d) is %d', (z, tail) => {
  expect(normalTail(z) / tail).toBeCloseTo(1, 9);
});

test('it falls, and both tails make one', () => {
  fc.assert(
    fc.property(drawnBetween(-8, 8), drawnBetween(0.000001, 1), (z, step) => {
      expect(normalTail(z + step)).toBeLessThanOrEqual(normalTail(z));
      expect(normalTail(z) + normalTail(-z)).toBeCloseTo(1, 12);
    }),
  );
});

test('far out nothing is left', () => {
  expect([normalTail(Infinity), normalTail(-Infinity)]).toEqual([0, 1]);
});

const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });

test('a share of money: none, all, and never less for more', () => {
  fc.assert(
    fc.property(amount, drawnBetween(0, 1), drawnBetween(0, 1), (pico, a, b) => {
      expect(shareOfPico(pico, 0)).toBe(0n);
      expect(shareOfPico(pico, 1)).toBe(pico);
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      const size = pico < 0n ? -pico : pico;
      expect(shareOfPico(size, less) <= shareOfPico(size, more)).toBe(true);
    }),
  );
});

// 0.1 of 10¹⁵ + 5 is 10¹⁴ + 0.5: half to even
test('it is rounded once, half to even', () => {
  expect([shareOfPico(1_000_000_000_000_005n, 0.1), shareOfPico(15n, 0.1), shareOfPico(25n, 0.1)]).toEqual([
    100_000_000_000_000n,
    2n,
    2n,
  ]);
});

test('what is no share is refused', () => {
  expect(() => shareOfPico(1n, NaN)).toThrow(RangeError);
  expect(() => shareOfPico(1n, 1e9)).toThrow(RangeError);
});
