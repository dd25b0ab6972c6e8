/**
 * The plan of a sample, brought to the bill of the whole period, which is never sampled. In: a plan on the sampled calls, what was billed by team,
 * provider, account and model (`queries/period-size.sql`). Out: the same plan in money of the period, and how far its savings may be off because
 * only a sample was looked at. Formulas: ratio estimator by group; its error from the residuals of groups of units, with the share that was not
 * drawn (Cochran, Sampling Techniques, 1977, chapters 6 and 9): SE = √(1 − R) · √Σe² / Σb, e = saving − r · b. Invariants: baselines are those of
 * the bill, to the last digit; levers sum to the plan by group; a group of which nothing was drawn saves nothing and is named.
 */
import type { Plan } from './plan.ts';
import type { PlanRanges, Range } from './plan-ranges.ts';
import { leverShares } from './plan-ranges.ts';
import { scaledPico, scaleToBill } from './sampling.ts';

/** Whose money it is. */
export interface GroupFacts {
  readonly team: string;
  readonly provider: string;
  readonly account: string | null;
  readonly model: string;
}

/** A group of the whole period. */
export interface BilledGroup extends GroupFacts {
  /** all rows, and those that are single calls: the only ones that levers may touch and that are drawn */
  readonly rows: number;
  readonly calls: number;
  readonly costPico: bigint;
  readonly callsPico: bigint;
}

export interface SampledPeriod {
  /** share of units that were drawn */
  readonly rate: number;
  readonly groups: readonly BilledGroup[];
}

export interface PlanOfPeriod {
  readonly plan: Plan;
  readonly groups: readonly GroupFacts[];
  readonly ranges: PlanRanges;
  readonly rows: number;
  readonly rowsByGroup: readonly number[];
  readonly sampling: SamplingFacts;
}

export interface SamplingFacts {
  readonly rate: number;
  readonly sampledCalls: number;
  readonly calls: number;
  /** of the plan's saving */
  readonly standardErrorPico: bigint;
  /** billed groups of which no call was drawn */
  readonly notSampled: readonly GroupFacts[];
}

/** Two-sided 95 % of a normal error; of many units. */
const Z = 1.96;

/** Money of the period. `facts` are the groups of the sample's plan; clustering `unitWay` of the plan has its calls by units that were drawn whole. */
export function planOfPeriod(
  { plan, ranges }: { readonly plan: Plan; readonly ranges: PlanRanges },
  facts: readonly GroupFacts[],
  { rate, groups: billed }: SampledPeriod,
  unitWay: number,
): PlanOfPeriod {
  const nameOf = ({ team, provider, account, model }: GroupFacts): string =>
    JSON.stringify([team, provider, account, model]);
  const known = new Set(facts.map(nameOf));
  const groups = [...facts, ...billed.filter((group) => !known.has(nameOf(group)))];
  const byName = new Map(billed.map((group) => [nameOf(group), group]));
  const bills = groups.map((group) => byName.get(nameOf(group)));
  const padded = (amounts: readonly bigint[]): bigint[] => groups.map((_, at) => amounts[at] ?? 0n);
  const baseline = padded(plan.baselineByGroup);
  const callsPico = bills.map((bill) => bill?.callsPico ?? 0n);
  const scaled = scaleToBill(callsPico, {
    baselineByGroup: baseline,
    savingByGroup: padded(plan.savingByGroup),
    shares: plan.levers.map(({ sharePico }) => padded(sharePico)),
  });
  const toBill = (amounts: readonly bigint[]): bigint[] =>
    padded(amounts).map((amount, at) => scaledPico(amount, callsPico[at] as bigint, baseline[at] as bigint));
  const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
  const calls = bills.reduce((sum, bill) => sum + (bill?.calls ?? 0), 0);
  const sampledCalls = plan.parts.reduce((sum, part) => sum + part.calls.length, 0);
  const levers = plan.levers.map((lever, at) => {
    const aloneByGroup = toBill(lever.aloneByGroup);
    const lastByGroup = toBill(lever.lastByGroup);
    const callsByGroup = Int32Array.from(groups, (_, group) =>
      Math.round(((lever.callsByGroup[group] ?? 0) * calls) / Math.max(1, sampledCalls)),
    );
    return {
      ...lever,
      calls: callsByGroup.reduce((sum, count) => sum + count, 0),
      callsByGroup,
      aloneByGroup,
      lastByGroup,
      alonePico: sumOf(aloneByGroup),
      lastPico: sumOf(lastByGroup),
      sharePico: scaled.shares[at] as readonly bigint[],
    };
  });
  const baselineByGroup = bills.map((bill) => bill?.costPico ?? 0n);
  const errors = samplingErrors(plan, unitWay, rate);
  const billPico = sumOf(callsPico);
  const rangeOf = (range: Range | null, sampled: bigint, now: bigint, errorShare: number): Range | null => {
    if (range === null) return null;
    const error = BigInt(Math.round(Z * errorShare * Number(billPico)));
    const at = (bound: bigint): bigint => now + scaledPico(bound - sampled, billPico, plan.baselinePico);
    return { lowPico: at(range.lowPico) - error, highPico: at(range.highPico) + error };
  };
  return {
    plan: {
      ...plan,
      baselineByGroup,
      baselinePico: sumOf(baselineByGroup),
      savingByGroup: scaled.savingByGroup,
      savingPico: scaled.savingPico,
      levers,
      overlapPico: sumOf(levers.map(({ alonePico }) => alonePico)) - scaled.savingPico,
      poolPico: plan.poolPico.map((pico) => scaledPico(pico, billPico, plan.baselinePico)),
    },
    groups,
    ranges: {
      ...ranges,
      plan: rangeOf(ranges.plan, plan.savingPico, scaled.savingPico, errors.plan),
      levers: ranges.levers.map((range, at) =>
        rangeOf(
          range,
          sumOf(plan.levers[at]?.sharePico ?? []),
          sumOf(levers[at]?.sharePico ?? []),
          errors.levers[at] as number,
        ),
      ),
    },
    rows: billed.reduce((sum, { rows }) => sum + rows, 0),
    rowsByGroup: bills.map((bill) => bill?.rows ?? 0),
    sampling: {
      rate,
      sampledCalls,
      calls,
      standardErrorPico: BigInt(Math.round(errors.plan * Number(billPico))),
      notSampled: scaled.notSampled.map((at) => groups[at] as GroupFacts),
    },
  };
}

/** Standard errors of the plan's saving and of each lever's share of it, as shares of the bill. */
function samplingErrors(plan: Plan, unitWay: number, rate: number): { plan: number; levers: number[] } {
  const sets = plan.clusterCosts[unitWay] ?? [];
  const base = sets[0] ?? new Float64Array(0);
  const last = sets.at(-1) ?? base;
  const savings = base.map((cost, unit) => cost - (last[unit] as number));
  const levers = plan.levers.map((_, lever) =>
    base.map((cost, unit) =>
      leverShares(
        sets.map((costs) => cost - (costs[unit] as number)),
        plan.levers.length,
        lever,
      ),
    ),
  );
  const errorOf = (saved: Float64Array): number => {
    const baseSum = base.reduce((sum, cost) => sum + cost, 0);
    if (!(baseSum > 0)) return 0;
    const ratio = saved.reduce((sum, saving) => sum + saving, 0) / baseSum;
    const squares = saved.reduce((sum, saving, unit) => sum + (saving - ratio * (base[unit] as number)) ** 2, 0);
    return (Math.sqrt(1 - rate) * Math.sqrt(squares)) / baseSum;
  };
  return { plan: errorOf(savings), levers: levers.map(errorOf) };
}
