import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addPico,
  compact,
  decimalText,
  divideHalfEven,
  parseDecimal,
  picoFromUsd,
  splitByWeights,
  timesFemto,
  timesPico,
  usdDisplay,
  usdText,
} from '../lib/money.ts';

describe('decimal text', () => {
  test.each([
    ['0.054399', 54_399_000_000],
    ['1e-12', 1],
    ['1.5E3', 1_500_000_000_000_000],
    ['-0.1', -100_000_000_000],
    ['1,234.5', 1_234_500_000_000_000],
    ['.5', 500_000_000_000],
    ['0.0000000000005', 0], // half to even
    ['0.0000000000015', 2],
    ['0.0000000000025', 2],
    [0.1, 100_000_000_000],
    [0.012345, 12_345_000_000],
  ])('%s is %s picodollars', (usd, pico) => {
    expect(picoFromUsd(usd)).toBe(pico);
  });

  test.each(['', 'abc', '1.2.3', '--1', '1e999', 'NaN', '0x10'])('%j is not a number', (text) => {
    expect(picoFromUsd(text)).toBeNull();
  });

  test('beyond 2^53 it stays exact', () => {
    expect(picoFromUsd('123456789.123456789012')).toBe(123_456_789_123_456_789_012n);
    expect(usdText(123_456_789_123_456_789_012n)).toBe('123456789.123456789012');
  });

  test('writing and reading are inverse', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (value) => {
        expect(parseDecimal(decimalText(value, 12), 12)).toBe(value);
      }),
    );
  });
});

describe('arithmetic', () => {
  const amount = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(compact);

  test('sums and products are those of integers, whatever the representation', () => {
    fc.assert(
      fc.property(amount, amount, fc.nat(2 ** 31), (a, b, n) => {
        expect(BigInt(addPico(a, b))).toBe(BigInt(a) + BigInt(b));
        expect(BigInt(timesPico(n, a))).toBe(BigInt(n) * BigInt(a));
        expect(BigInt(timesFemto(n, a))).toBe(divideHalfEven(BigInt(n) * BigInt(a), 1000n));
      }),
    );
  });

  test('half-even division rounds by less than half, and halves to even', () => {
    expect([5n, 15n, 25n, -5n, -15n, 14n, 16n].map((n) => divideHalfEven(n, 10n))).toEqual([
      0n,
      2n,
      2n,
      0n,
      -2n,
      1n,
      2n,
    ]);
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 12n }), (n, d) => {
        const error = n - divideHalfEven(n, d) * d;
        expect((error < 0n ? -error : error) * 2n <= d).toBe(true);
      }),
    );
  });

  test('splits sum exactly and follow the weights to within one unit', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 }),
        (total, weights) => {
          const parts = splitByWeights(total, weights);
          expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
          const sum = weights.reduce((a, b) => a + b, 0n);
          const astray = parts.filter((part, i) => {
            const distance = part * sum - total * (weights[i] ?? 0n);
            return sum > 0n && (distance < 0n ? -distance : distance) >= sum;
          });
          expect(astray).toEqual([]);
        },
      ),
    );
    expect(splitByWeights(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(splitByWeights(7n, [0n, 0n])).toEqual([4n, 3n]);
  });

  test('one million calls of GPT-4o mini, 7 in and 3 out, are exactly 2.85', () => {
    let sum = addPico(0, 0);
    for (let i = 0; i < 1_000_000; i++) sum = addPico(sum, addPico(timesPico(7, 150_000), timesPico(3, 600_000)));
    expect(usdText(sum)).toBe('2.85');
  });
});

test('dollars for people: two decimals, four where the amount is small', () => {
  expect([1_234_567_890_000_000, 4_200_000_000, 0, -1_500_000_000_000, 999_999_999_999_999n].map(usdDisplay)).toEqual([
    '$1,234.57',
    '$0.0042',
    '$0.00',
    '-$1.50',
    '$1,000.00',
  ]);
});
