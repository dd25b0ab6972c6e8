/**
 * How far a saving would move if the log had seen other days, sessions or tenants: clusters are drawn with replacement and the ratio of sums is
 * taken again (Efron, Annals of Statistics 7, 1979; whole clusters because calls of one session are alike: Davison and Hinkley, Bootstrap Methods,
 * 1997, §3.8). In: per cluster what was billed and what each plan would have cost. Out: per plan the replicates of its saving as a share of what
 * was billed, and quantiles of them. Invariant: all plans see the same draws, so a difference of two plans is not noise; the same seed and number
 * of clusters give the same draws, also in another call.
 *
 * Always the ratio of sums: the mean of the clusters' own ratios is another number and not money. Percentiles are taken further out where clusters
 * are few (expanded percentile interval; Hesterberg, The American Statistician 69, 2015, §5): plain ones held the truth 87 to 91 times in 100
 * with 14 simulated clusters where 95 were promised, these 92 to 95 times.
 */
import type { Chance } from './chance.ts';
import { createChance } from './chance.ts';
import { normalCdf, studentQuantile } from './probability-functions.ts';

export const REPLICATES = 2_000;
export const RESAMPLING_SEED = 20_261_101;
/** More clusters are dealt at random into this many groups: sums of independent clusters are independent, and a replicate stays cheap. */
const MAX_CLUSTERS = 1_000;

/** Sums per cluster in one unit of money, as numbers: a ratio is modelled, not booked. */
export interface ClusterCosts {
  /** one per cluster, not negative */
  readonly base: Float64Array;
  /** one row per cluster with the cost under each plan */
  readonly next: Float64Array;
  /** number of plans */
  readonly plans: number;
}

export interface ResamplingOptions {
  readonly replicates?: number;
  readonly seed?: number;
  /** clusters drawn for one replicate, where they overlap; as many as there are otherwise */
  readonly drawn?: number;
}

/** Replicates of the saving of each plan as a share of the base. */
export interface SavingReplicates {
  readonly plans: number;
  readonly replicates: number;
  /** clusters drawn for one replicate */
  readonly drawn: number;
  /** 1 − Σ next / Σ base of the log itself, per plan */
  readonly savings: Float64Array;
  /** the replicates of plan 0, then those of plan 1, …, in the order of the draws */
  readonly values: Float64Array;
}

/** A saving as a share of the base, or a difference of two: of the log itself, and quantiles of what it might have been. */
export interface SavingRange {
  readonly saving: number;
  /** the 95 % interval */
  readonly low: number;
  readonly high: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** Draws clusters with replacement, the same ones for every plan. A replicate without any base has no ratio and is drawn again. */
export function resampleSavings(costs: ClusterCosts, options: ResamplingOptions = {}): SavingReplicates {
  const { replicates = REPLICATES, seed = RESAMPLING_SEED } = options;
  checkCosts(costs);
  const { plans } = costs;
  const { base, next } =
    costs.base.length > MAX_CLUSTERS ? grouped(costs, createChance(seed, 'groups of clusters')) : costs;
  const chance = createChance(seed, 'resampling');
  const drawn = options.drawn ?? base.length;
  const times = new Float64Array(base.length);
  const sums = new Float64Array(plans);
  const values = new Float64Array(plans * replicates);
  for (let replicate = 0; replicate < replicates; replicate++) {
    const baseSum = drawClusters(times, base, drawn, chance);
    sums.fill(0);
    for (let cluster = 0; cluster < times.length; cluster++) {
      const weight = times[cluster] as number;
      if (weight === 0) continue;
      const row = cluster * plans;
      for (let plan = 0; plan < plans; plan++)
        sums[plan] = (sums[plan] as number) + weight * (next[row + plan] as number);
    }
    for (let plan = 0; plan < plans; plan++)
      values[plan * replicates + replicate] = 1 - (sums[plan] as number) / baseSum;
  }
  return { plans, replicates, drawn, savings: savingsOf(costs), values };
}

/** 1 − Σ next / Σ base per plan. */
export function savingsOf({ base, next, plans }: ClusterCosts): Float64Array {
  const sums = new Float64Array(plans);
  for (let at = 0; at < next.length; at++) sums[at % plans] = (sums[at % plans] as number) + (next[at] as number);
  const baseSum = base.reduce((sum, cost) => sum + cost, 0);
  return sums.map((sum) => 1 - sum / baseSum);
}

/** The range of the saving of plan `plan`. */
export function savingRange(all: SavingReplicates, plan: number): SavingRange {
  const { savings, values, replicates, plans, drawn } = all;
  checkPlan(plan, plans);
  return rangeOf(savings[plan] as number, values.slice(plan * replicates, (plan + 1) * replicates), drawn);
}

/** The range of the saving of plan `plan` less that of plan `other`, draw by draw. */
export function differenceRange(all: SavingReplicates, plan: number, other: number): SavingRange {
  const { savings, values, replicates, plans } = all;
  checkPlan(plan, plans);
  checkPlan(other, plans);
  const differences = Float64Array.from(
    { length: replicates },
    (_, i) => (values[plan * replicates + i] as number) - (values[other * replicates + i] as number),
  );
  return rangeOf((savings[plan] as number) - (savings[other] as number), differences, all.drawn);
}

/** The value that a share of ascending `sorted` does not exceed, between neighbors in proportion (type 7 of Hyndman and Fan 1996). */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const value = sorted[below] ?? NaN;
  return at === below ? value : value + (at - below) * ((sorted[below + 1] as number) - value);
}

/** How many equal ones would weigh as evenly as these: (Σc)² / Σc². 0 of nothing. */
export function effectiveSampleSize(sum: number, sumOfSquares: number): number {
  return sumOfSquares > 0 ? (sum * sum) / sumOfSquares : 0;
}

/**
 * The share of the replicates at which a bound for `share` is found: Φ(t·√(n/(n − 1))) with Student's t. Replicates of n clusters vary by (n − 1)/n of
 * what samples do, and their spread is itself estimated from n clusters only.
 */
export function expandedShare(share: number, clusters: number): number {
  if (clusters < 2) return share;
  return normalCdf(studentQuantile(share, clusters - 1) * Math.sqrt(clusters / (clusters - 1)));
}

function rangeOf(saving: number, values: Float64Array, clusters: number): SavingRange {
  values.sort();
  const at = (share: number): number => quantileOfSorted(values, expandedShare(share, clusters));
  return { saving, low: at(0.025), high: at(0.975), p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

/** Writes how often each cluster was drawn; returns the base of the draw. */
function drawClusters(times: Float64Array, base: Float64Array, drawn: number, chance: Chance): number {
  for (;;) {
    times.fill(0);
    let baseSum = 0;
    for (let draw = 0; draw < drawn; draw++) {
      const cluster = chance.below(times.length);
      times[cluster] = (times[cluster] as number) + 1;
      baseSum += base[cluster] as number;
    }
    if (baseSum > 0) return baseSum;
  }
}

/**
 * The group of each cluster where there are more of them than a replicate can draw one by one; null where there are not. Dealt like shuffled
 * cards, so that groups differ by one cluster at most.
 */
export function dealtGroups(clusters: number, seed: number = RESAMPLING_SEED): Int32Array | null {
  if (clusters <= MAX_CLUSTERS) return null;
  const groups = new Int32Array(clusters);
  for (const [at, cluster] of dealt(clusters, createChance(seed, 'groups of clusters')).entries())
    groups[cluster] = at % MAX_CLUSTERS;
  return groups;
}

function dealt(clusters: number, chance: Chance): Uint32Array {
  const order = Uint32Array.from({ length: clusters }, (_, cluster) => cluster);
  for (let left = order.length - 1; left > 0; left--) {
    const other = chance.below(left + 1);
    [order[left], order[other]] = [order[other] as number, order[left] as number];
  }
  return order;
}

function grouped({ base, next, plans }: ClusterCosts, chance: Chance): ClusterCosts {
  const order = dealt(base.length, chance);
  const sums = { base: new Float64Array(MAX_CLUSTERS), next: new Float64Array(MAX_CLUSTERS * plans), plans };
  for (const [at, cluster] of order.entries()) {
    const group = at % MAX_CLUSTERS;
    sums.base[group] = (sums.base[group] as number) + (base[cluster] as number);
    for (let plan = 0; plan < plans; plan++) {
      const to = group * plans + plan;
      sums.next[to] = (sums.next[to] as number) + (next[cluster * plans + plan] as number);
    }
  }
  return sums;
}

function checkCosts({ base, next, plans }: ClusterCosts): void {
  if (!Number.isInteger(plans) || plans < 1 || next.length !== base.length * plans)
    throw new RangeError(
      `${base.length} clusters of ${plans} plans need ${base.length * plans} costs, got ${next.length}`,
    );
  if (!base.every((cost) => Number.isFinite(cost) && cost >= 0) || !next.every(Number.isFinite))
    throw new RangeError('costs of clusters must be finite, and what was billed not negative');
  if (!base.some((cost) => cost > 0)) throw new RangeError('a saving is a share of what was billed, and nothing was');
}

function checkPlan(plan: number, plans: number): void {
  if (!Number.isInteger(plan) || plan < 0 || plan >= plans) throw new RangeError(`no plan ${plan} among ${plans}`);
}
