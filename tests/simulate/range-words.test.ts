import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../lib/simulate/range-words.ts';
import {
  extrapolationFactor,
  headline,
  isIllustrative,
  percentRangeText,
  roundPico,
  significantDigits,
  usdRangeText,
} from '../../lib/simulate/range-words.ts';
import { tornado } from '../../lib/simulate/tornado.ts';

const USD = 10n ** 12n;
const money = (p50: bigint, p10: bigint, p90: bigint): string =>
  usdRangeText({ p10Pico: p10, p50Pico: p50, p90Pico: p90 });

describe('digits', () => {
  test('are two where the range is wider than a tenth, one more for each factor of ten', () => {
    const digits = (p10: number, p50: number, p90: number): number | null => significantDigits({ p10, p50, p90 });
    expect(digits(80, 100, 130)).toBe(2);
    expect(digits(94, 100, 105)).toBe(2);
    expect(digits(96, 100, 105)).toBe(3);
    expect(digits(99.5, 100, 100.4)).toBe(4);
    expect(digits(-130, -100, -80)).toBe(2);
    expect(digits(-5, 0, 5)).toBe(2);
    expect(digits(7, 7, 7)).toBeNull();
  });

  test('of money are rounded half to even, exactly', () => {
    expect([1_250n, 1_350n, -1_251n, 99_999n, 7n, 0n].map((pico) => roundPico(pico, 2))).toEqual([
      1_200n,
      1_400n,
      -1_300n,
      100_000n,
      7n,
      0n,
    ]);
    // beyond 2⁵³ every digit counts
    expect(roundPico(12_345_678_901_234_567_890n, 19)).toBe(12_345_678_901_234_567_890n);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.integer({ min: 1, max: 20 }),
        (pico, digits) => {
          const rounded = roundPico(pico, digits);
          const size = (value: bigint): bigint => (value < 0n ? -value : value);
          // never further off than half of the last digit kept
          expect(size(rounded - pico) * 2n * 10n ** BigInt(digits - 1)).toBeLessThanOrEqual(size(pico));
          expect(roundPico(rounded, digits)).toBe(rounded);
        },
      ),
    );
  });
});

describe('a range of money', () => {
  test('wide, narrow, and without width', () => {
    expect(money(1_234_567_890_123_456n, 912n * USD, 1_549n * USD)).toBe('$1,200 ($910 to $1,500)');
    expect(money(1_234_560_000_000_000n, 1_220n * USD, 1_251_400_000_000_000n)).toBe('$1,230 ($1,220 to $1,250)');
    expect(money(1_234_567_000_000_000n, 1_234_567_000_000_000n, 1_234_567_000_000_000n)).toBe('$1,234.57');
  });

  test('zero, negative and very small savings are shown', () => {
    expect(money(-120n * USD, -334n * USD, 44n * USD)).toBe('-$120 (-$330 to $44)');
    expect(money(0n, 0n, 0n)).toBe('$0.00');
    expect(money(0n, -2n * USD, 3n * USD)).toBe('$0 (-$2 to $3)');
    expect(money(1_234_000_000n, 400_000_000n, 2_000_000_000n)).toBe('$0.0012 ($0.0004 to $0.002)');
    expect(money(1_230_000_000_000n, 800_000_000_000n, 1_500_000_000_000n)).toBe('$1.20 ($0.80 to $1.50)');
  });
});

describe('a range of shares', () => {
  test('wide, narrow, without width, negative', () => {
    expect(percentRangeText({ p10: 0.2811, p50: 0.3377, p90: 0.4149 })).toBe('34% (28% to 41%)');
    expect(percentRangeText({ p10: 0.7871, p50: 0.79, p90: 0.7931 })).toBe('79.00% (78.71% to 79.31%)');
    expect(percentRangeText({ p10: 0.5, p50: 0.5, p90: 0.5 })).toBe('50.0%');
    expect(percentRangeText({ p10: -0.052, p50: -0.019, p90: 0.0031 })).toBe('-1.9% (-5.2% to 0.31%)');
    expect(percentRangeText({ p10: -0, p50: 0, p90: 0 })).toBe('0%');
  });
});

describe('the label "illustrative"', () => {
  // a saving of a·b − 20 with a = 10, b = 10 is 80; a at 5 leaves 30 (62.5 % lost), b at 8 leaves 60 (25 % lost)
  const { bars } = tornado(
    [
      { name: 'a', low: 5, value: 10, high: 12 },
      { name: 'b', low: 8, value: 10, high: 11 },
    ],
    ({ a, b }) => a * b - 20,
  );

  test('is given where more than half hangs on what nobody measured', () => {
    expect(isIllustrative(bars, new Set(['a']))).toBe(true);
    expect(isIllustrative(bars, new Set(['b']))).toBe(false);
    expect(isIllustrative(bars, new Set(['a', 'b']))).toBe(true);
    expect(isIllustrative(bars, new Set())).toBe(false);
  });

  test('half is not more than half', () => {
    const half = tornado([{ name: 'x', low: 1, value: 2, high: 3 }], ({ x }) => x).bars;
    expect(isIllustrative(half, new Set(['x']))).toBe(false);
  });
});

describe('the headline', () => {
  const evidence: Evidence = {
    logDays: 21,
    requests: 1_204_311,
    extrapolation: extrapolationFactor(30, 21),
    assumptions: ['A1 turnaround as published', 'A3 no retries'],
    notAssessed: ['quality'],
    isFewDays: false,
    isIllustrative: false,
  };

  test('says range, evidence, extrapolation, assumptions and what was not assessed', () => {
    expect(headline('$1,200 ($910 to $1,500)', evidence)).toBe(
      '$1,200 ($910 to $1,500), from 21 days and 1,204,311 requests; extrapolated ×1.43; ' +
        'assumptions: A1 turnaround as published, A3 no retries; not assessed: quality',
    );
  });

  test('says when days are few and when it only illustrates', () => {
    const text = headline('$3', {
      ...evidence,
      logDays: 1,
      requests: 1,
      extrapolation: 1,
      assumptions: [],
      notAssessed: [],
      isFewDays: true,
      isIllustrative: true,
    });
    expect(text).toBe('illustrative: $3, from 1 day and 1 request; few days');
  });

  test('a log without days is extrapolated to nothing', () => {
    expect(extrapolationFactor(31, 15.5)).toBe(2);
    expect(() => extrapolationFactor(30, 0)).toThrow('cannot extrapolate 0 days to 30');
  });
});
