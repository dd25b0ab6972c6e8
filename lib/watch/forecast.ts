/**
 * What some days ahead will cost together, with a range meant to hold it in 80 of 100 cases. In: costs of the days before, null where a day is
 * not complete, and the days ahead. Out: low, expected, high. Nothing is drawn by chance: the same history gives the same range.
 *
 * Logs of the days are level + weekday + trend + noise. The level follows by exponential smoothing, whose pace is the one that would have told the
 * next day best; a wild day moves it no further than three spreads. The trend is the slope of the last six weeks as far as it is more than
 * chance, and fades. Means and covariances of the days ahead follow in closed form (Hyndman et al. 2008, ch. 6: local level; what is not known
 * of trend and weekdays is added), their sum is taken as lognormal. Where days of nothing come without a weekly rhythm: mean and variance of
 * the last four weeks; of less than two weeks, of the last seven days.
 */
import { clipped, median, spread } from './robust.ts';
import { weekdayAt, weeklyShape } from './weekly-shape.ts';

export interface DailyHistory {
  /** weekday of the first day, 0 to 6 */
  readonly firstWeekday: number;
  /** USD; null = not complete */
  readonly costs: readonly (number | null)[];
}

export interface DayAhead {
  /** days after the last of the history, at least 1 */
  readonly ahead: number;
  readonly weekday: number;
}

export interface CostRange {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
  readonly method: string;
}

/** The part of the past that is looked at. */
export const HISTORY_DAYS = 56;
/** With fewer complete days than this nothing is said. */
const LEAST_DAYS = 7;
/** Of the range: 80 of 100. */
const NORMAL_90 = 1.2815515655446004;
const PACES = [0.03, 0.06, 0.12, 0.2, 0.35, 0.55];
const TREND_DAYS = 42;
/** what of a trend is left after a day */
const FADING = 0.97;
/** noise that is taken for granted as if it had been seen on this many days, because few days may look calm by chance */
const PRIOR_NOISE = 0.12;
const PRIOR_DAYS = 3;
/** a wild day counts as at most 5 times the usual */
const LARGEST_LIFT = Math.log(5);
/** share of the usual that stands for nothing, whose logarithm there is none */
const NOTHING = 0.02;

/** No days cost nothing. Null where fewer than seven complete days are known since the first spend, or nothing was ever spent. */
export function forecastSum({ firstWeekday, costs }: DailyHistory, days: readonly DayAhead[]): CostRange | null {
  if (days.length === 0) return { low: 0, expected: 0, high: 0, method: 'the month is complete' };
  const begin = costs.findIndex((cost) => cost !== null && cost > 0);
  if (begin < 0) return null;
  const start = Math.max(begin, costs.length - HISTORY_DAYS);
  const own = costs.slice(start);
  const first = weekdayAt(firstWeekday, start);
  const known = own.filter((cost) => cost !== null);
  if (known.length < LEAST_DAYS) return null;
  // of weekdays nothing is known yet, and a week has each of them once
  if (known.length < 2 * LEAST_DAYS) return fromMean(known.slice(-7), days.length, '');
  return hasRhythm(own, first)
    ? smoothed(own, first, known, days)
    : fromMean(known.slice(-28), days.length, ' with gaps');
}

/** False where days of nothing fall on weekdays that usually have spend, more often than one day in ten. */
function hasRhythm(costs: readonly (number | null)[], firstWeekday: number): boolean {
  const byWeekday: number[][] = Array.from({ length: 7 }, () => []);
  for (const [at, cost] of costs.entries())
    if (cost !== null) (byWeekday[weekdayAt(firstWeekday, at)] as number[]).push(cost);
  const active = byWeekday.filter((own) => median(own) > 0).flat();
  const isMostlyActive = active.length >= LEAST_DAYS / 2;
  return isMostlyActive && active.filter((cost) => cost === 0).length <= active.length / 10;
}

/** As the mean of some days, with what days differ by. */
function fromMean(costs: readonly number[], days: number, note: string): CostRange {
  const n = costs.length;
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / n;
  const squares = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0);
  const variance = (squares + PRIOR_DAYS * (PRIOR_NOISE * mean) ** 2) / (n - 1 + PRIOR_DAYS);
  return fromMoments(days * mean, variance * days * (1 + days / n), `mean of ${n} days${note}`);
}

function smoothed(
  costs: readonly (number | null)[],
  firstWeekday: number,
  known: readonly number[],
  days: readonly DayAhead[],
): CostRange {
  const nothing = NOTHING * median(known.filter((cost) => cost > 0));
  const logs = costs.map((cost) => (cost === null ? null : Math.log(cost + nothing)));
  const shape = weeklyShape(logs, firstWeekday);
  const plain = logs.map((log, at) => (log === null ? null : log - (shape[weekdayAt(firstWeekday, at)] as number)));
  const trend = trendOf(plain);
  const { level, pace, variance, lift, swing } = followed(plain);
  const n = known.length;
  const isShaped = shape.some((addend) => addend !== 0);
  // what was fitted to the same days: level, pace, trend, and six of the weekdays
  const fitted = isShaped ? 9 : 3;
  const unfitted = n / Math.max(2, n - fitted);
  const noise = (variance * unfitted * n + PRIOR_DAYS * PRIOR_NOISE ** 2) / (n + PRIOR_DAYS);
  const ownNoise = Math.max(noise, swing * unfitted);
  // a faded trend goes on as far as the sum of what is left of it
  const reach = days.map(({ ahead }) => (FADING * (1 - FADING ** ahead)) / (1 - FADING));
  // smoothing stays behind a trend by (1 - pace) / pace days, but it looks no further back than the trend does
  const behind = Math.min((1 - pace) / pace, TREND_DAYS / 2);
  const logMeans = days.map(
    ({ weekday }, i) => level + (shape[weekday] as number) + trend.slope * ((reach[i] as number) + behind),
  );
  const covariance = (i: number, j: number): number => {
    const [a, b] = [days[i] as DayAhead, days[j] as DayAhead];
    const earlier = Math.min(a.ahead, b.ahead);
    const own = i === j ? 1 : 0;
    const between = a.ahead === b.ahead ? 0 : pace;
    const weekday = a.weekday === b.weekday ? 7 / n : 0;
    const levelDoubt = pace / (2 - pace) + 1 / n;
    const wander = (earlier - 1) * pace ** 2;
    return (
      own * ownNoise +
      noise * (between + wander + weekday + levelDoubt) +
      trend.variance * ((reach[i] as number) + behind) * ((reach[j] as number) + behind)
    );
  };
  // what wild days add to a mean day: the mean of what was, beside what was told, stands for that of the noise
  const means = logMeans.map((log, i) => lift * Math.exp(log + (covariance(i, i) - ownNoise) / 2));
  let variance2 = 0;
  for (const [i, a] of means.entries())
    for (const [j, b] of means.entries()) variance2 += a * b * Math.expm1(covariance(i, j));
  const sum = means.reduce((all, mean) => all + Math.max(0, mean - nothing), 0);
  const isMoving = trend.slope !== 0;
  const parts = ['level', isShaped ? 'weekdays' : '', isMoving ? 'trend' : ''].filter(Boolean).join(', ');
  return fromMoments(sum, variance2, `${parts} of ${n} complete days`);
}

interface Followed {
  readonly level: number;
  readonly pace: number;
  readonly variance: number;
  /** mean of what a day was, as a multiple of what had been told of it (Duan's smearing) */
  readonly lift: number;
  /** variance of the logarithm that a lognormal multiple of the same mean and variance would have */
  readonly swing: number;
}

/** The level after the last day at the pace that told each next day best, and how far off it was. */
function followed(plain: readonly (number | null)[]): Followed {
  const known = plain.filter((value) => value !== null);
  const steps = known.slice(1).map((value, at) => value - (known[at] as number));
  const limit = 3 * Math.max(spread(steps, 0) / Math.SQRT2, 0.02);
  const start = median(known.slice(0, 7));
  const tried = PACES.map((pace) => {
    let level = start;
    let squares = 0;
    const multiples: number[] = [];
    for (const [seen, value] of known.entries()) {
      const error = clipped(value - level, 0, limit);
      squares += error ** 2;
      multiples.push(Math.exp(Math.min(value - level, LARGEST_LIFT)));
      // the first days set the level themselves, as a mean does
      level += Math.max(pace, 1 / (seen + 2)) * error;
    }
    const n = known.length;
    const lift = multiples.reduce((sum, one) => sum + one, 0) / n;
    const varying = multiples.reduce((sum, one) => sum + (one - lift) ** 2, 0) / Math.max(1, n - 1);
    return { level, pace, variance: squares / n, lift, swing: Math.log1p(varying / lift ** 2) };
  });
  return tried.reduce((best, one) => (one.variance < best.variance ? one : best));
}

/** Least squares over the last six weeks, wild days pulled in; slope as far as it is more than chance. */
function trendOf(plain: readonly (number | null)[]): { slope: number; variance: number } {
  const points = plain.flatMap((value, at) => (value === null ? [] : [[at, value] as const])).slice(-TREND_DAYS);
  const n = points.length;
  if (n < 14) return { slope: 0, variance: 0 };
  const middle = median(points.map(([, value]) => value));
  const limit =
    3 *
    Math.max(
      spread(
        points.map(([, value]) => value),
        middle,
      ),
      0.02,
    );
  const pulled = points.map(([at, value]) => [at, clipped(value, middle, limit)] as const);
  const meanAt = pulled.reduce((sum, [at]) => sum + at, 0) / n;
  const mean = pulled.reduce((sum, [, value]) => sum + value, 0) / n;
  const across = pulled.reduce((sum, [at]) => sum + (at - meanAt) ** 2, 0);
  const raw = pulled.reduce((sum, [at, value]) => sum + (at - meanAt) * (value - mean), 0) / across;
  const errors = pulled.map(([at, value]) => value - mean - raw * (at - meanAt));
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const lagged = errors.slice(1).reduce((sum, error, at) => sum + error * (errors[at] as number), 0);
  // days that follow each other tell the same twice: what is known is less by (1 - r) / (1 + r)
  const alike = Math.min(0.9, Math.max(0, squares === 0 ? 0 : lagged / squares));
  const error2 = (squares / Math.max(1, n - 2) / across) * ((1 + alike) / (1 - alike));
  const kept = raw === 0 ? 0 : Math.max(0, 1 - (2 * error2) / raw ** 2);
  return { slope: kept * raw, variance: kept * error2 };
}

/** Mean, and the range of the lognormal distribution that has it and this variance. */
function fromMoments(mean: number, variance: number, method: string): CostRange {
  if (mean <= 0) return { low: 0, expected: 0, high: 0, method };
  const logVariance = Math.log1p(variance / mean ** 2);
  const middle = Math.log(mean) - logVariance / 2;
  const width = NORMAL_90 * Math.sqrt(logVariance);
  return { low: Math.exp(middle - width), expected: mean, high: Math.exp(middle + width), method };
}
