/**
 * From costs of calls under every set of levers to a plan: which levers, what they save together, what each is worth. In: a scenario and the
 * levers that do anything in it. Out: money by group (team and model), exact, and sums by cluster for the intervals. Every call is saved at
 * most once, because each set is priced as a whole; a lever that would cost money is left out of the plan, part by part, since parts share no
 * cache. Own accelerators are shared by all parts, so it is decided for the whole log whether they are rented, and their cost is shared by work
 * (docs/simulation.md, "The plan").
 */
import { sharesByWork } from './accelerator-pools.ts';
import { partBits, partPrices } from './part-prices.ts';
import type { PartPrice } from './part-prices.ts';
import { planParts } from './plan-parts.ts';
import type { PlanPart } from './plan-parts.ts';
import { CALL_LEVERS } from './scenario-costs.ts';
import type { CallLever, Scenario } from './scenario-costs.ts';
import { shapleyShares } from './shapley.ts';
import { bestChoices } from './plan-choices.ts';
import type { Choice, PricedPart } from './plan-choices.ts';

export interface PlanInput {
  readonly scenario: Scenario;
  /** levers to consider */
  readonly levers: readonly CallLever[];
  /** by call: number of its group (team and model) */
  readonly groupOf: Int32Array;
  readonly groups: number;
  /** ways to cut the log into clusters, for intervals: days, sessions */
  readonly clusterings: readonly Clustering[];
}

export interface Clustering {
  /** by call: number of its cluster */
  readonly of: Int32Array;
  readonly clusters: number;
}

/** Arrays by group. */
export interface LeverSaving {
  readonly lever: CallLever;
  readonly isInPlan: boolean;
  /** calls it changes when it is the only one */
  readonly calls: number;
  readonly alonePico: bigint;
  /** what the plan loses without it */
  readonly lastPico: bigint;
  /** its Shapley share of the plan; they sum to the plan's saving */
  readonly sharePico: readonly bigint[];
  readonly callsByGroup: Int32Array;
  readonly aloneByGroup: readonly bigint[];
  readonly lastByGroup: readonly bigint[];
}

export interface Plan {
  readonly baselinePico: bigint;
  readonly baselineByGroup: readonly bigint[];
  readonly savingPico: bigint;
  readonly savingByGroup: readonly bigint[];
  /** levers that are used in any part */
  readonly chosen: readonly CallLever[];
  readonly levers: readonly LeverSaving[];
  /** sum of what each saves alone, less what they save together */
  readonly overlapPico: bigint;
  /** rent and people of own accelerators that the plan pays, by pool */
  readonly poolPico: readonly bigint[];
  readonly parts: readonly PlanPart[];
  /** by part: levers of its best set, as bits of `CALL_LEVERS` */
  readonly chosenBits: readonly number[];
  /** by clustering: cost of each cluster under the best subset of every set of `levers`, set 0 being the log. For intervals, not for bills. */
  readonly clusterCosts: readonly (readonly Float64Array[])[];
}

/** Prices every set of the levers, finds the best one of each part, and shares its saving out. */
export function makePlan(input: PlanInput): Plan {
  const { levers, scenario, groups } = input;
  const parts = planParts(
    scenario,
    levers,
    input.groupOf,
    input.clusterings.map(({ of }) => of),
  ).map((part): PricedPart => ({
    part,
    prices: partPrices(scenario, part),
    positions: levers.flatMap((lever, at) => (part.levers.includes(lever) ? [at] : [])),
  }));
  const { best, alone } = bestChoices(scenario, levers, parts);
  const byGroup = best.map((choice) => groupCosts(parts, choice, groups));
  const all = best.length - 1;
  const totals = best.map(({ totalPico }) => totalPico);
  const [basePico, planPico] = [totals[0] as bigint, totals[all] as bigint];
  const costOf = (set: number, group: number): bigint => byGroup[set]?.[group] as bigint;
  const numbers = Array.from({ length: groups }, (_, group) => group);
  const shares = numbers.map((group) =>
    shapleyShares(
      levers.length,
      best.map((_, set) => costOf(0, group) - costOf(set, group)),
    ),
  );
  const used = parts.reduce((bits, part, at) => bits | partBits(part.part, best[all]?.sets[at] as number), 0);
  const found = levers.map((lever, at): LeverSaving => {
    const own = alone[at] as Choice;
    const ownByGroup = groupCosts(parts, own, groups);
    const without = all & ~(1 << at);
    const callsByGroup = touchedCalls(parts, own, groups);
    return {
      lever,
      isInPlan: (used & (1 << CALL_LEVERS.indexOf(lever))) !== 0,
      calls: callsByGroup.reduce((sum, calls) => sum + calls, 0),
      alonePico: basePico - own.totalPico,
      lastPico: (totals[without] as bigint) - planPico,
      sharePico: shares.map((share) => share[at] as bigint),
      callsByGroup,
      aloneByGroup: numbers.map((group) => costOf(0, group) - (ownByGroup[group] as bigint)),
      lastByGroup: numbers.map((group) => costOf(without, group) - costOf(all, group)),
    };
  });
  const savingPico = basePico - planPico;
  return {
    baselinePico: basePico,
    baselineByGroup: byGroup[0] as bigint[],
    savingPico,
    savingByGroup: numbers.map((group) => costOf(0, group) - costOf(all, group)),
    chosen: levers.filter((_, at) => found[at]?.isInPlan),
    levers: found,
    overlapPico: found.reduce((sum, { alonePico }) => sum + alonePico, 0n) - savingPico,
    poolPico: best[all]?.poolPico ?? [],
    parts: parts.map(({ part }) => part),
    chosenBits: parts.map(({ part }, at) => partBits(part, best[all]?.sets[at] as number)),
    clusterCosts: input.clusterings.map(({ clusters }, way) =>
      best.map((choice) => clusterCosts(parts, choice, way, clusters)),
    ),
  };
}

/** Costs of all groups under a choice; those of own accelerators by the seconds that each group keeps them busy. */
function groupCosts(parts: readonly PricedPart[], choice: Choice, groups: number): bigint[] {
  const sums = Array.from({ length: groups }, () => 0n);
  eachPrice(parts, choice, ({ groups: own }, { byGroup }) => {
    for (const [at, group] of own.numbers.entries()) sums[group] = (sums[group] as bigint) + (byGroup[at] as bigint);
  });
  for (const [pool, pico] of choice.poolPico.entries()) {
    if (pico === 0n) continue;
    const work = new Float64Array(groups);
    eachPrice(parts, choice, ({ groups: own }, price) => {
      for (const [at, group] of own.numbers.entries())
        work[group] = (work[group] as number) + (price.work[pool]?.byGroupS[at] as number);
    });
    for (const [group, share] of sharesByWork(pico, work).entries()) sums[group] = (sums[group] as bigint) + share;
  }
  return sums;
}

function clusterCosts(parts: readonly PricedPart[], choice: Choice, way: number, clusters: number): Float64Array {
  const sums = new Float64Array(clusters);
  // rent per second of work, as the log as a whole pays it
  const perS = choice.poolPico.map((pico, pool) => {
    let totalS = 0;
    eachPrice(parts, choice, (_, { work }) => {
      totalS += work[pool]?.totalS ?? 0;
    });
    return totalS > 0 ? Number(pico) / totalS : 0;
  });
  eachPrice(parts, choice, (part, { byCluster, work }) => {
    for (const [at, cluster] of (part.clusters[way]?.numbers ?? []).entries()) {
      let cost = byCluster[way]?.[at] as number;
      for (const [pool, price] of perS.entries())
        if (price > 0) cost += price * (work[pool]?.byClusterS[way]?.[at] as number);
      sums[cluster] = (sums[cluster] as number) + cost;
    }
  });
  return sums;
}

function touchedCalls(parts: readonly PricedPart[], choice: Choice, groups: number): Int32Array {
  const sums = new Int32Array(groups);
  eachPrice(parts, choice, ({ groups: own }, { touched }) => {
    for (const [at, group] of own.numbers.entries()) sums[group] = (sums[group] as number) + (touched[at] as number);
  });
  return sums;
}

function eachPrice(
  parts: readonly PricedPart[],
  { sets }: Choice,
  see: (part: PlanPart, price: PartPrice) => void,
): void {
  for (const [at, { part, prices }] of parts.entries()) see(part, prices[sets[at] as number] as PartPrice);
}
