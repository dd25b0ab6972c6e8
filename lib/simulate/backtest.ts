/**
 * A forecast held against what came: the ratio found in the first half of a log is applied to the second. In: both halves' sums in picodollars.
 * Out: the forecast, what the second half really gave, and the error, to be printed beside every forecast of the whole. Invariant: money is
 * exact, rounded once; a half without cost gives no test, not an error of zero.
 */
import type { Pico } from '../money.ts';
import { divideHalfEven } from '../money.ts';

/** What a half was billed, and what it cost under the plan (simulated, or observed where the log shows it). */
export interface HalfSums {
  readonly basePico: Pico;
  readonly newPico: Pico;
}

export interface Backtest {
  readonly kind: 'tested';
  readonly forecastSavingPico: bigint;
  readonly actualSavingPico: bigint;
  /** savings as shares of the base: found in the first half, and come true in the second */
  readonly forecastShare: number;
  readonly actualShare: number;
  /** forecast less actual, in percentage points of the base */
  readonly errorPoints: number;
  /** forecast less actual, as a share of the actual saving; null where nothing was saved */
  readonly relativeError: number | null;
}

export interface NoBacktest {
  readonly kind: 'not_testable';
  readonly message: string;
}

/** Fits on `first`, predicts `second`. */
export function backtestRatio(first: HalfSums, second: HalfSums): Backtest | NoBacktest {
  const [base1, new1, base2, new2] = [first.basePico, first.newPico, second.basePico, second.newPico].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  if (base1 <= 0n || base2 <= 0n) {
    const half = base1 <= 0n ? 'first' : 'second';
    return { kind: 'not_testable', message: `the ${half} half of the log has no cost to fit or to predict` };
  }
  const forecastSavingPico = divideHalfEven(base2 * (base1 - new1), base1);
  const actualSavingPico = base2 - new2;
  const forecastShare = Number(base1 - new1) / Number(base1);
  const actualShare = Number(actualSavingPico) / Number(base2);
  return {
    kind: 'tested',
    forecastSavingPico,
    actualSavingPico,
    forecastShare,
    actualShare,
    errorPoints: 100 * (forecastShare - actualShare),
    relativeError: actualShare === 0 ? null : (forecastShare - actualShare) / Math.abs(actualShare),
  };
}

/** One sentence: `backtest: the first half forecast 31.2%, the second gave 28.1% (+3.1 points)`. */
export function backtestText({ forecastShare, actualShare, errorPoints }: Backtest): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
  const error = `${errorPoints >= 0 ? '+' : ''}${errorPoints.toFixed(1)} points`;
  return `backtest: the first half forecast ${percent(forecastShare)}, the second gave ${percent(actualShare)} (${error})`;
}
