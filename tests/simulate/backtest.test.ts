import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backtestRatio, backtestText } from '../../lib/simulate/backtest.ts';

const half = (basePico: number | bigint, newPico: number | bigint) => ({ basePico, newPico });

describe('the second half held against the first', () => {
  test('by hand', () => {
    // first half saves 300 of 1,000; applied to 2,000 that is 600; the second half saved 500
    const result = backtestRatio(half(1_000, 700), half(2_000, 1_500));
    expect(result).toMatchObject({ kind: 'tested', forecastSavingPico: 600n, actualSavingPico: 500n });
    if (result.kind !== 'tested') return;
    expect(result.forecastShare).toBeCloseTo(0.3, 12);
    expect(result.actualShare).toBe(0.25);
    expect(result.errorPoints).toBeCloseTo(5, 10);
    expect(result.relativeError).toBeCloseTo(0.2, 10);
    expect(backtestText(result)).toBe('backtest: the first half forecast 30.0%, the second gave 25.0% (+5.0 points)');
  });

  test('a forecast that fell short is an error below zero', () => {
    const result = backtestRatio(half(1_000, 1_100), half(1_000, 900));
    expect(result).toMatchObject({ forecastSavingPico: -100n, actualSavingPico: 100n });
    expect(result.kind === 'tested' && backtestText(result)).toBe(
      'backtest: the first half forecast -10.0%, the second gave 10.0% (-20.0 points)',
    );
    expect(result.kind === 'tested' && result.relativeError).toBeCloseTo(-2, 12);
  });

  test('a loss that was larger than forecast is an error above zero, relative too', () => {
    const result = backtestRatio(half(100, 110), half(100, 120));
    expect(result.kind === 'tested' && result.errorPoints).toBeCloseTo(10, 10);
    expect(result.kind === 'tested' && result.relativeError).toBeCloseTo(0.5, 10);
  });

  test('money is exact beyond 2⁵³ and rounded once', () => {
    const result = backtestRatio(half(3n, 1n), half(10n ** 20n + 1n, 0n));
    // two thirds of 100000000000000000001 is 66666666666666666667.33…
    expect(result).toMatchObject({
      forecastSavingPico: 66_666_666_666_666_666_667n,
      actualSavingPico: 10n ** 20n + 1n,
    });
  });

  test('two halves alike are forecast without error', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n }), (base, next) => {
        const result = backtestRatio(half(base, next), half(base, next));
        expect(result).toMatchObject({ kind: 'tested', errorPoints: 0, forecastSavingPico: base - next });
      }),
    );
  });
});

describe('no test', () => {
  test('where a half has no cost, and no relative error where nothing was saved', () => {
    expect(backtestRatio(half(0, 0), half(5, 1))).toEqual({
      kind: 'not_testable',
      message: 'the first half of the log has no cost to fit or to predict',
    });
    expect(backtestRatio(half(5, 1), half(0n, 0n))).toMatchObject({ message: expect.stringContaining('second half') });
    expect(backtestRatio(half(5, 1), half(5, 5))).toMatchObject({ relativeError: null, actualShare: 0 });
  });
});
