/**
 * From costs of calls under every set of levers to a plan: which levers, what they save together, what each is worth. In: a scenario and the
 * levers that do anything in it. Out: money by group (team and model), exact, and sums by cluster for the intervals. Every call is saved at
 * most once, because each set is priced as a whole; a lever that would cost money is left out of the plan (docs/simulation.md, "The plan").
 */
import { createMoneySums } from './money-sums.ts';
import { leverBit, scenarioCosts } from './scenario-costs.ts';
import type { CallLever, Scenario, ScenarioCosts } from './scenario-costs.ts';
import { shapleyShares } from './shapley.ts';

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

export interface LeverSaving {
  readonly lever: CallLever;
  readonly isInPlan: boolean;
  /** calls it changes when it is the only one */
  readonly calls: number;
  readonly alonePico: bigint;
  /** what the plan loses without it */
  readonly lastPico: bigint;
  /** its Shapley share of the plan, by group; they sum to the plan's saving */
  readonly sharePico: readonly bigint[];
}

export interface Plan {
  readonly baselinePico: bigint;
  readonly baselineByGroup: readonly bigint[];
  readonly savingPico: bigint;
  readonly savingByGroup: readonly bigint[];
  /** levers of the best set */
  readonly chosen: readonly CallLever[];
  readonly levers: readonly LeverSaving[];
  /** sum of what each saves alone, less what they save together */
  readonly overlapPico: bigint;
  /** levers of the best set, as bits of `CALL_LEVERS` */
  readonly chosenBits: number;
  /** by clustering: cost of each cluster under the best subset of every set of `levers`, set 0 being the log. For intervals, not for bills. */
  readonly clusterCosts: readonly (readonly Float64Array[])[];
}

interface Priced {
  readonly byGroup: readonly bigint[];
  readonly totalPico: bigint;
  readonly byCluster: readonly Float64Array[];
  readonly calls: number;
}

/** Prices every set of the levers, finds the best one, and shares its saving out. */
export function makePlan(input: PlanInput): Plan {
  const { levers } = input;
  const sets = Array.from({ length: 1 << levers.length }, (_, set) => pricedSet(input, bitsOf(levers, set)));
  const base = sets[0] as Priced;
  const best = bestSubsets(sets);
  const all = sets.length - 1;
  const chosenSet = best[all] as number;
  const chosen = sets[chosenSet] as Priced;
  const savingOf = (set: number, group: number): bigint =>
    (base.byGroup[group] as bigint) - ((sets[best[set] as number] as Priced).byGroup[group] as bigint);
  const totalOf = (set: number): bigint => base.totalPico - (sets[best[set] as number] as Priced).totalPico;
  const shares = base.byGroup.map((_, group) =>
    shapleyShares(
      levers.length,
      sets.map((_set, set) => savingOf(set, group)),
    ),
  );
  const found = levers.map((lever, at): LeverSaving => {
    const alone = sets[1 << at] as Priced;
    return {
      lever,
      isInPlan: (chosenSet & (1 << at)) !== 0,
      calls: alone.calls,
      alonePico: base.totalPico - alone.totalPico,
      lastPico: totalOf(all) - totalOf(all & ~(1 << at)),
      sharePico: shares.map((share) => share[at] as bigint),
    };
  });
  return {
    baselinePico: base.totalPico,
    baselineByGroup: base.byGroup,
    savingPico: base.totalPico - chosen.totalPico,
    savingByGroup: base.byGroup.map((cost, group) => cost - (chosen.byGroup[group] as bigint)),
    chosen: levers.filter((_, at) => (chosenSet & (1 << at)) !== 0),
    levers: found,
    overlapPico: found.reduce((sum, { alonePico }) => sum + alonePico, 0n) - totalOf(all),
    chosenBits: bitsOf(levers, chosenSet),
    clusterCosts: input.clusterings.map((_, way) =>
      sets.map((_set, set) => (sets[best[set] as number] as Priced).byCluster[way] as Float64Array),
    ),
  };
}

/** For every set its cheapest subset; among equals the one with fewest levers, so that nothing useless is in a plan. */
function bestSubsets(sets: readonly Priced[]): number[] {
  const best: number[] = [];
  for (let set = 0; set < sets.length; set++) {
    let winner = set;
    for (let bit = 1; bit < sets.length; bit <<= 1) {
      if ((set & bit) === 0) continue;
      const smaller = best[set & ~bit] as number;
      if ((sets[smaller] as Priced).totalPico <= (sets[winner] as Priced).totalPico) winner = smaller;
    }
    best.push(winner);
  }
  return best;
}

function bitsOf(levers: readonly CallLever[], set: number): number {
  return levers.reduce((bits, lever, at) => ((set & (1 << at)) === 0 ? bits : bits | leverBit(lever)), 0);
}

function pricedSet({ scenario, groupOf, groups, clusterings }: PlanInput, bits: number): Priced {
  const { costPico, touched }: ScenarioCosts = scenarioCosts(scenario, bits);
  const sums = createMoneySums(groups);
  const byCluster = clusterings.map(({ clusters }) => new Float64Array(clusters));
  let calls = 0;
  for (let call = 0; call < costPico.length; call++) {
    const cost = costPico[call] as number;
    if (scenario.effects.isOpen[call] === 1) sums.add(groupOf[call] as number, cost);
    else sums.addExact(groupOf[call] as number, scenario.log.costPico[call] as bigint);
    for (const [way, { of }] of clusterings.entries()) {
      const costs = byCluster[way] as Float64Array;
      const cluster = of[call] as number;
      costs[cluster] = (costs[cluster] as number) + cost;
    }
    if (touched[call] !== 0) calls++;
  }
  const byGroup = sums.sums();
  return { byGroup, totalPico: byGroup.reduce((sum, cost) => sum + cost, 0n), byCluster, calls };
}

/** What all calls cost under the levers whose bits are set. */
export function scenarioTotal(scenario: Scenario, bits: number): bigint {
  const groupOf = new Int32Array(scenario.log.calls);
  return pricedSet({ scenario, levers: [], groupOf, groups: 1, clusterings: [] }, bits).totalPico;
}
