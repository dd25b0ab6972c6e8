/**
 * The range of a saving, and by what it was found: the log decides what may be drawn. In: costs per day, per session or tenant where they are known,
 * and the sums of the calls' costs. Out: a range per plan, or a refusal with its reason; an interval that the log cannot support is not printed.
 * Invariant: a month is never forecast from one day; a call is never the unit, because calls of one session are alike (their interval is
 * about 1.7 times too narrow on sessions of coding agents).
 *
 * Days are drawn, two neighbors at a time, where at least 14 had cost; weeks where six weeks show a weekly pattern; else sessions or tenants;
 * else the daily ratios are taken as normal on the log scale, with Student's t for the few there are (Student 1908). Thresholds are
 * conventions, dated 2026-11.
 */
import { studentQuantile } from './probability-functions.ts';
import type { ClusterCosts, ResamplingOptions, SavingRange, SavingReplicates } from './resampling.ts';
import { effectiveSampleSize, resampleSavings, savingRange, savingsOf } from './resampling.ts';
import { calendarSpan, hasWeeklyPattern, weekBlocks } from './weekly-pattern.ts';

export const MIN_CLUSTERS = 14;
export const MIN_WEEKS = 6;
export const MIN_EFFECTIVE_CALLS = 30;
const WEEK_DAYS = 7;

export interface LogCosts {
  /** one cluster per whole day of the log; a day without calls has zeros, an incomplete day is left out */
  readonly days: ClusterCosts;
  /** days since 1970-01-01 (UTC) of `days`, ascending */
  readonly dayNumbers: Int32Array;
  /** the same costs by session, or by tenant where sessions are unknown; null where neither is known */
  readonly groups: {
    readonly unit: 'session' | 'tenant';
    readonly costs: ClusterCosts;
    readonly weight?: ClusterWeight;
  } | null;
  /** over all calls, in the unit of money of the clusters */
  readonly callCost: { readonly sum: number; readonly sumOfSquares: number };
}

/** Of the units that are drawn, also where they are dealt into groups. */
export type ClusterWeight = Pick<SavingRanges, 'clusters' | 'effectiveClusters'>;

/** `month`: what another month would save. `log`: what the plan would have saved on other sessions of the same days. */
export type Horizon = 'month' | 'log';

export interface SavingRanges {
  readonly kind: 'ranges';
  readonly unit: 'week' | 'day' | 'session' | 'tenant';
  readonly method: 'percentile' | 'student';
  /** one per plan */
  readonly ranges: readonly SavingRange[];
  /** for differences of plans and for joining with drawn parameters; null where nothing was resampled */
  readonly replicates: SavingReplicates | null;
  readonly daysWithCost: number;
  /** units drawn from (weeks overlap: as many as days), and how many equal ones would weigh as evenly */
  readonly clusters: number;
  readonly effectiveClusters: number;
  readonly effectiveCalls: number;
  /** fewer days with cost than a day-by-day resample needs: what days do to each other is hardly seen */
  readonly isFewDays: boolean;
}

export type RefusalReason = 'no_cost' | 'one_day' | 'few_effective_calls' | 'no_clusters';

export interface IntervalRefusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
}

/** The range of the saving of every plan, or why there is none. */
export function savingIntervals(
  log: LogCosts,
  horizon: Horizon,
  options: ResamplingOptions = {},
): SavingRanges | IntervalRefusal {
  const { days, dayNumbers, groups, callCost } = log;
  checkDays(dayNumbers, days);
  const daysWithCost = days.base.filter((cost) => cost > 0).length;
  if (daysWithCost === 0) return refused('no_cost', 'no day of the log has any cost, so nothing is a share of it');
  if (daysWithCost === 1 && horizon === 'month')
    return refused('one_day', 'one day of log says nothing of other days: keep logs for 14 days to see a month');
  const effectiveCalls = effectiveSampleSize(callCost.sum, callCost.sumOfSquares);
  if (effectiveCalls < MIN_EFFECTIVE_CALLS) {
    const shown = effectiveCalls.toFixed(1);
    return refused(
      'few_effective_calls',
      `the cost lies in so few calls that they weigh like ${shown} equal ones; an interval needs ${MIN_EFFECTIVE_CALLS}`,
    );
  }
  const seen = { kind: 'ranges', daysWithCost, effectiveCalls, isFewDays: daysWithCost < MIN_CLUSTERS } as const;
  if (daysWithCost >= MIN_CLUSTERS) {
    if (calendarSpan(dayNumbers) >= MIN_WEEKS * WEEK_DAYS && hasWeeklyPattern(dayNumbers, days.base)) {
      const drawn = Math.round(calendarSpan(dayNumbers) / WEEK_DAYS);
      return { ...seen, unit: 'week', ...resampled(weekBlocks(dayNumbers, days), { ...options, drawn }) };
    }
    const own = withCost(days);
    const drawn = Math.round(own.base.length / 2);
    return { ...seen, unit: 'day', ...resampled(dayPairs(own), { ...options, drawn }), ...weightOf(own) };
  }
  const known = groups === null ? null : withCost(groups.costs);
  if (groups !== null && known !== null && known.base.length >= MIN_CLUSTERS)
    return { ...seen, unit: groups.unit, ...resampled(known, options), ...groups.weight };
  if (daysWithCost === 1)
    return refused(
      'no_clusters',
      `one day of log and fewer than ${MIN_CLUSTERS} sessions or tenants: nothing to draw from`,
    );
  return { ...seen, unit: 'day', ...studentRanges(withCost(days)) };
}

/**
 * Each day with the one after it, the first following the last, so that every day lies in two pairs: what is asked in the evening is asked again
 * after midnight, and days drawn one by one would call that chance (circular blocks of Politis and Romano 1992).
 */
function dayPairs({ base, next, plans }: ClusterCosts): ClusterCosts {
  const days = base.length;
  return {
    base: base.map((cost, day) => cost + (base[(day + 1) % days] as number)),
    next: next.map((cost, at) => cost + (next[(at + plans) % next.length] as number)),
    plans,
  };
}

type Found = Pick<SavingRanges, 'method' | 'ranges' | 'replicates' | 'clusters' | 'effectiveClusters'>;

function resampled(costs: ClusterCosts, options: ResamplingOptions): Found {
  const replicates = resampleSavings(costs, options);
  const ranges = Array.from({ length: costs.plans }, (_, plan) => savingRange(replicates, plan));
  return { method: 'percentile', ranges, replicates, ...weightOf(costs) };
}

/**
 * Daily log-ratios are taken as normal around the log of the ratio of sums. Days weigh as their cost, so the standard error is s·√Σw², which
 * is s/√D where all days cost the same. A plan that costs nothing on some day has no log there and is taken on the plain scale.
 */
function studentRanges(days: ClusterCosts): Found {
  const { base, next, plans } = days;
  const baseSum = base.reduce((sum, cost) => sum + cost, 0);
  const weightSquares = base.reduce((sum, cost) => sum + (cost / baseSum) ** 2, 0);
  const quantile = (share: number): number => studentQuantile(share, base.length - 1);
  const [t90, t975] = [quantile(0.9), quantile(0.975)];
  const ranges = Array.from(savingsOf(days), (saving, plan): SavingRange => {
    const ratios = base.map((cost, day) => (next[day * plans + plan] as number) / cost);
    const isLog = ratios.every((ratio) => ratio > 0);
    const error = deviation(isLog ? ratios.map(Math.log) : ratios) * Math.sqrt(weightSquares);
    const savingAt = (t: number): number => (isLog ? 1 - (1 - saving) * Math.exp(t * error) : saving - t * error);
    return {
      saving,
      low: savingAt(t975),
      high: Math.min(1, savingAt(-t975)),
      p10: savingAt(t90),
      p50: saving,
      p90: Math.min(1, savingAt(-t90)),
    };
  });
  return { method: 'student', ranges, replicates: null, ...weightOf(days) };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** How many clusters there are, and how many equal ones would weigh as evenly. */
export function weightOf({ base }: Pick<ClusterCosts, 'base'>): ClusterWeight {
  const sum = base.reduce((total, cost) => total + cost, 0);
  const squares = base.reduce((total, cost) => total + cost * cost, 0);
  return { clusters: base.length, effectiveClusters: effectiveSampleSize(sum, squares) };
}

/** Clusters where nothing was billed take no part in a ratio; they would only pretend to be more of them. */
function withCost({ base, next, plans }: ClusterCosts): ClusterCosts {
  return {
    base: base.filter((cost) => cost > 0),
    next: next.filter((_, at) => (base[Math.floor(at / plans)] as number) > 0),
    plans,
  };
}

function checkDays(dayNumbers: Int32Array, { base }: ClusterCosts): void {
  if (dayNumbers.length !== base.length)
    throw new RangeError(`${base.length} days of costs need as many day numbers, got ${dayNumbers.length}`);
  if (dayNumbers.some((day, at) => at > 0 && day <= (dayNumbers[at - 1] as number)))
    throw new RangeError('day numbers must ascend');
}

function refused(reason: RefusalReason, message: string): IntervalRefusal {
  return { kind: 'refused', reason, message };
}
