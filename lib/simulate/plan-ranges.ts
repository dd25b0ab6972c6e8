/**
 * Ranges of a plan: how far its savings would move on other days or sessions (resampled), and with parameters at their worse or better ends. In:
 * a plan with its costs by day and by session, the parameters, a way to plan again under other values. Out: low and high for the plan and each
 * lever, or why there are none; which parameters matter most. The two sources are added, not multiplied into something narrower
 * (docs/simulation.md, "Ranges").
 */
import { backtestRatio } from './backtest.ts';
import type { Backtest, HalfSums, NoBacktest } from './backtest.ts';
import type { CallLog } from './call-log.ts';
import type { Knob, KnobValue } from './model-moves.ts';
import type { Clustering, Plan } from './plan.ts';
import { dealtGroups, expandedShare, quantileOfSorted } from './resampling.ts';
import type { ClusterCosts } from './resampling.ts';
import { savingIntervals, weightOf } from './saving-interval.ts';
import type { ClusterWeight, IntervalRefusal, SavingRanges } from './saving-interval.ts';
import { tornado } from './tornado.ts';
import type { TornadoBar } from './tornado.ts';

export interface Range {
  readonly lowPico: bigint;
  readonly highPico: bigint;
}

export interface PlanRanges {
  /** null where `interval` refuses */
  readonly plan: Range | null;
  /** in the order of the plan's levers */
  readonly levers: readonly (Range | null)[];
  /** how the log was resampled for this period, or why not */
  readonly interval: SavingRanges | IntervalRefusal;
  /** the same for a forecast of another month */
  readonly month: SavingRanges | IntervalRefusal;
  readonly tornado: readonly TornadoBar[];
  /** what the first half of the days would have foretold of the second */
  readonly backtest: Backtest | NoBacktest;
}

const MS_PER_DAY = 86_400_000;
/** A week: weekdays differ. */
const MIN_HALF_DAYS = 7;
/** A prime: numbers of units are dealt by their rest. */
const MAX_UNITS = 999_983;
/** Planning again under other values of the parameters: everything, or only what the levers of the plan save together. */
export interface PlanAgain {
  plan(values: KnobValue): Plan;
  savingPico(values: KnobValue): bigint;
  /** how fast a fleet is only shows once it is rented: at the worst end it is paid for, not taken back */
  readonly isFleetKept?: boolean | undefined;
}

/** Units that a sample takes whole, dealt into groups: sessions, else prompts that begin alike, else single calls. */
export function unitGroups(log: CallLog): Clustering {
  const groups = dealtGroups(MAX_UNITS) ?? new Int32Array(MAX_UNITS);
  const unitOf = (call: number): number => {
    const session = log.session.codes[call] as number;
    if (session >= 0) return 3 * session;
    const leaf = log.leaf[call] as number;
    return leaf < 0 ? 3 * call + 1 : 3 * log.tree.familyOf(leaf) + 2;
  };
  return {
    of: Int32Array.from({ length: log.calls }, (_, call) => groups[unitOf(call) % MAX_UNITS] as number),
    clusters: groups.reduce((most, group) => Math.max(most, group), 0) + 1,
  };
}

/** Days first, then sessions, or teams where no session is known; more sessions than are drawn one by one are dealt into groups. */
export function planGroups(log: CallLog): [days: Clustering, groups: Clustering] {
  const first = Math.floor((log.timeMs[0] ?? 0) / MS_PER_DAY);
  const day = Int32Array.from(log.timeMs, (ms) => Math.floor(ms / MS_PER_DAY) - first);
  const session = sessionOf(log);
  const clusters = clustersOf(log);
  const groups = dealtGroups(clusters);
  return [
    { of: day, clusters: (day.at(-1) ?? -1) + 1 },
    groups === null
      ? { of: session, clusters }
      : {
          of: session.map((cluster) => groups[cluster] as number),
          clusters: groups.reduce((most, group) => Math.max(most, group), 0) + 1,
        },
  ];
}

/** Calls without a session stand for themselves as one more. */
function sessionOf(log: CallLog): Int32Array {
  const { codes, names } = log.session.names.length > 0 ? log.session : log.team;
  return codes.map((code) => (code < 0 ? names.length : code));
}

function clustersOf(log: CallLog): number {
  return (log.session.names.length > 0 ? log.session : log.team).names.length + 1;
}

/** How many sessions or teams there are that cost anything, and how many equal ones would weigh as evenly. */
function groupWeight(log: CallLog): ClusterWeight {
  const costs = new Float64Array(clustersOf(log));
  for (const [call, cluster] of sessionOf(log).entries())
    costs[cluster] = (costs[cluster] as number) + Number(log.costPico[call]);
  return weightOf({ base: costs.filter((cost) => cost > 0) });
}

/** Resamples, and plans again at the ends of the parameters. */
export function planRanges(log: CallLog, plan: Plan, knobs: readonly Knob[], again: PlanAgain): PlanRanges {
  const [days, groups] = plan.clusterCosts.map(matrixOf) as [ClusterCosts, ClusterCosts];
  const firstDay = Math.floor((log.timeMs[0] ?? 0) / MS_PER_DAY);
  const costs = {
    days,
    dayNumbers: Int32Array.from(days.base, (_, day) => firstDay + day),
    groups: {
      unit: log.session.names.length > 0 ? ('session' as const) : ('tenant' as const),
      costs: groups,
      weight: groupWeight(log),
    },
    callCost: callCost(log),
  };
  const interval = savingIntervals(costs, 'log');
  // what is drawn is the same; only one day says nothing of a month
  const month = interval.kind === 'ranges' && interval.daysWithCost > 1 ? interval : savingIntervals(costs, 'month');
  const backtest = backtestOf(plan.clusterCosts[0] ?? []);
  if (plan.levers.length === 0) return { plan: null, levers: [], interval, month, tornado: [], backtest };
  const bars = knobBars(plan, knobs, again);
  const { worst, best, regretPico } = endPlans(plan, knobs, bars, again);
  const sets = (1 << plan.levers.length) - 1;
  const whole = sampledRange(plan, interval, (shares) => shares[sets] as number);
  const rangeOf = (range: [number, number] | null, of: (plan: Plan) => bigint, lostPico: bigint): Range | null => {
    if (range === null) return null;
    // a lever can gain where the plan loses: what one cache does not serve is left for the next lever
    const moved = [0n, of(worst) - lostPico - of(plan), of(best) - of(plan)].toSorted((a, b) =>
      a < b ? -1 : Number(a > b),
    );
    return {
      lowPico: inPico(plan, range[0]) + (moved[0] as bigint),
      highPico: inPico(plan, range[1]) + (moved[2] as bigint),
    };
  };
  return {
    plan: rangeOf(whole, (at) => at.savingPico, regretPico),
    levers: plan.levers.map(({ lever: name }, lever) =>
      rangeOf(
        sampledRange(plan, interval, (shares) => leverShares(shares, plan.levers.length, lever)),
        (at) => (at.levers[lever]?.sharePico ?? []).reduce((sum, share) => sum + share, 0n),
        name === 'self_hosting' ? regretPico : 0n,
      ),
    ),
    interval,
    month,
    tornado: bars,
    backtest,
  };
}

/** Days before the middle one against the others; the levers are those of the plan in both. */
function backtestOf(days: readonly Float64Array[]): Backtest | NoBacktest {
  const [base, last] = [days[0] ?? new Float64Array(0), days.at(-1) ?? new Float64Array(0)];
  if (base.length < 2 * MIN_HALF_DAYS)
    return {
      kind: 'not_testable',
      message: `a backtest needs ${2 * MIN_HALF_DAYS} days: the first half foretells the second`,
    };
  const middle = Math.floor(base.length / 2);
  const half = (from: number, to: number): HalfSums => {
    const picoOf = (costs: Float64Array): bigint =>
      BigInt(Math.round(costs.subarray(from, to).reduce((sum, cost) => sum + cost, 0)));
    return { basePico: picoOf(base), newPico: picoOf(last) };
  };
  return backtestRatio(half(0, middle), half(middle, base.length));
}

/** Costs of all sets by cluster, as the resampling takes them. */
function matrixOf(sets: readonly Float64Array[]): ClusterCosts {
  const base = sets[0] as Float64Array;
  const next = new Float64Array(base.length * sets.length);
  for (const [set, costs] of sets.entries())
    for (let at = 0; at < costs.length; at++) next[at * sets.length + set] = costs[at] as number;
  return { base, next, plans: sets.length };
}

function callCost(log: CallLog): { sum: number; sumOfSquares: number } {
  let sum = 0;
  let sumOfSquares = 0;
  for (const pico of log.costPico) {
    const cost = Number(pico);
    sum += cost;
    sumOfSquares += cost * cost;
  }
  return { sum, sumOfSquares };
}

/** Range of something that follows from the savings of all sets, as a share of the baseline; null where the log supports none. */
function sampledRange(
  plan: Plan,
  interval: SavingRanges | IntervalRefusal,
  of: (shares: readonly number[]) => number,
): [number, number] | null {
  if (interval.kind === 'refused') return null;
  const { replicates } = interval;
  if (replicates === null) {
    const point = of(interval.ranges.map(({ saving }) => saving));
    // without resampling only sets have ranges: what is between them takes the plan's relative width
    const whole = interval.ranges.at(-1);
    if (whole === undefined || whole.saving === 0) return [point, point];
    return [(point * whole.low) / whole.saving, (point * whole.high) / whole.saving];
  }
  const sets = 1 << plan.levers.length;
  const values = new Float64Array(replicates.replicates);
  const shares = Array.from({ length: sets }, () => 0);
  for (let draw = 0; draw < values.length; draw++) {
    for (let set = 0; set < sets; set++) shares[set] = replicates.values[set * values.length + draw] as number;
    values[draw] = of(shares);
  }
  values.sort();
  // taken as far out as the ranges of `interval`: plain percentiles of few clusters hold the truth too seldom
  const at = (share: number): number => quantileOfSorted(values, expandedShare(share, replicates.drawn));
  return [at(0.025), at(0.975)];
}

/** The Shapley share of one lever from the savings of all sets, as a ratio: money is shared out exactly in `shapley.ts`. */
export function leverShares(savings: readonly number[], levers: number, lever: number): number {
  let share = 0;
  for (let set = 0; set < savings.length; set++) {
    if ((set & (1 << lever)) !== 0) continue;
    let size = 0;
    for (let rest = set; rest > 0; rest &= rest - 1) size++;
    share += ((savings[set | (1 << lever)] as number) - (savings[set] as number)) / (levers * choose(levers - 1, size));
  }
  return share;
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

function inPico(plan: Plan, share: number): bigint {
  return BigInt(Math.round(share * Number(plan.baselinePico)));
}

function knobBars(plan: Plan, knobs: readonly Knob[], again: PlanAgain): TornadoBar[] {
  const values = new Map(knobs.map(({ name, value }) => [name, value]));
  const { bars } = tornado(
    knobs.filter(({ low, high }) => low < high),
    (moved) => {
      const isMoved = Object.entries(moved).some(([name, value]) => values.get(name) !== value);
      return Number(
        isMoved ? again.savingPico((name) => moved[name] ?? (values.get(name) as number)) : plan.savingPico,
      );
    },
  );
  return bars.filter(({ swing }) => swing > 0);
}

interface EndPlans {
  readonly worst: Plan;
  readonly best: Plan;
  /** what `worst` saves by not renting what the plan has rented by then */
  readonly regretPico: bigint;
}

/** Plans with everything that varies at the end where least, and where most, is saved. */
function endPlans(plan: Plan, knobs: readonly Knob[], bars: readonly TornadoBar[], again: PlanAgain): EndPlans {
  const isVarying = new Set(knobs.filter(({ varies }) => varies).map(({ name }) => name));
  const varying = bars.filter(({ name }) => isVarying.has(name));
  if (varying.length === 0) return { worst: plan, best: plan, regretPico: 0n };
  const values = new Map(knobs.map(({ name, value }) => [name, value]));
  const at = (pick: (bar: TornadoBar) => number): KnobValue => {
    const ends = new Map(varying.map((bar) => [bar.name, pick(bar)]));
    return (name) => ends.get(name) ?? (values.get(name) as number);
  };
  const worst = at(({ low, high, outcomeAtLow, outcomeAtHigh }) => (outcomeAtLow < outcomeAtHigh ? low : high));
  const best = at(({ low, high, outcomeAtLow, outcomeAtHigh }) => (outcomeAtLow < outcomeAtHigh ? high : low));
  const ends = { worst: again.plan(worst), best: again.plan(best) };
  const isKept = again.isFleetKept === true && plan.chosen.includes('self_hosting');
  const keptPico = isKept ? again.savingPico(worst) : ends.worst.savingPico;
  return { ...ends, regretPico: ends.worst.savingPico > keptPico ? ends.worst.savingPico - keptPico : 0n };
}
