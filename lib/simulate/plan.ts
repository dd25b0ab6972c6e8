/**
 * From costs of calls under every set of levers to a plan: which levers, what they save together, what each is worth. In: a scenario and the
 * levers that do anything in it. Out: money by group (team and model), exact, and sums by cluster for the intervals. Every call is saved at
 * most once, because each set is priced as a whole; a lever that would cost money is left out of the plan, workspace by workspace, since they
 * share no cache (docs/simulation.md, "The plan").
 */
import { pairsOf } from './cells.ts';
import type { Cells } from './cells.ts';
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
  /** levers that are used in any workspace */
  readonly chosen: readonly CallLever[];
  readonly levers: readonly LeverSaving[];
  /** sum of what each saves alone, less what they save together */
  readonly overlapPico: bigint;
  /** by workspace: levers of its best set, as bits of `CALL_LEVERS` */
  readonly chosenBits: readonly number[];
  /** by clustering: cost of each cluster under the best subset of every set of `levers`, set 0 being the log. For intervals, not for bills. */
  readonly clusterCosts: readonly (readonly Float64Array[])[];
}

interface Priced {
  /** by pair of group and workspace */
  readonly byCell: readonly bigint[];
  readonly byWorkspace: readonly bigint[];
  readonly totalPico: bigint;
  /** by way to cut, by pair of cluster and workspace */
  readonly byCluster: readonly Float64Array[];
  readonly calls: number;
}

/** Prices every set of the levers, finds the best one of each workspace, and shares its saving out. */
export function makePlan(input: PlanInput): Plan {
  const { levers, scenario, groups } = input;
  const workspaceOf = scenario.log.workspace.codes;
  const cells = pairsOf(input.groupOf, workspaceOf);
  const clusterCells = input.clusterings.map(({ of }) => pairsOf(of, workspaceOf));
  const workspaces = scenario.log.workspace.names.length;
  const sets = Array.from({ length: 1 << levers.length }, (_, set) =>
    pricedSet(scenario, bitsOf(levers, set), cells, workspaces, clusterCells),
  );
  const base = sets[0] as Priced;
  const best = Array.from({ length: workspaces }, (_, workspace) => bestSubsets(sets, workspace));
  const all = sets.length - 1;
  const bestOf = (workspace: number, set: number): Priced => sets[best[workspace]?.[set] as number] as Priced;
  const byGroup = sets.map((_, set) => {
    const sums = Array.from({ length: groups }, () => 0n);
    for (const [cell, group] of cells.first.entries())
      sums[group] = (sums[group] as bigint) + (bestOf(cells.second[cell] as number, set).byCell[cell] as bigint);
    return sums;
  });
  const totals = byGroup.map((sums) => sums.reduce((total, cost) => total + cost, 0n));
  const costOf = (set: number, group: number): bigint => byGroup[set]?.[group] as bigint;
  const shares = Array.from({ length: groups }, (_, group) =>
    shapleyShares(
      levers.length,
      sets.map((_set, set) => costOf(0, group) - costOf(set, group)),
    ),
  );
  const used = best.reduce((bits, own) => bits | (own[all] as number), 0);
  const found = levers.map((lever, at): LeverSaving => {
    const alone = sets[1 << at] as Priced;
    return {
      lever,
      isInPlan: (used & (1 << at)) !== 0,
      calls: alone.calls,
      alonePico: base.totalPico - alone.totalPico,
      lastPico: (totals[all & ~(1 << at)] as bigint) - (totals[all] as bigint),
      sharePico: shares.map((share) => share[at] as bigint),
    };
  });
  const savingPico = base.totalPico - (totals[all] as bigint);
  return {
    baselinePico: base.totalPico,
    baselineByGroup: byGroup[0] as bigint[],
    savingPico,
    savingByGroup: shares.map((_, group) => costOf(0, group) - costOf(all, group)),
    chosen: levers.filter((_, at) => (used & (1 << at)) !== 0),
    levers: found,
    overlapPico: found.reduce((sum, { alonePico }) => sum + alonePico, 0n) - savingPico,
    chosenBits: best.map((own) => bitsOf(levers, own[all] as number)),
    clusterCosts: input.clusterings.map(({ clusters }, way) =>
      sets.map((_set, set) => {
        const costs = new Float64Array(clusters);
        const { first, second } = clusterCells[way] as Cells;
        for (const [cell, cluster] of first.entries())
          costs[cluster] =
            (costs[cluster] as number) + (bestOf(second[cell] as number, set).byCluster[way]?.[cell] as number);
        return costs;
      }),
    ),
  };
}

/** For every set its cheapest subset in a workspace; among equals the one with fewest levers, so that nothing useless is in a plan. */
function bestSubsets(sets: readonly Priced[], workspace: number): number[] {
  const costOf = (set: number): bigint => sets[set]?.byWorkspace[workspace] as bigint;
  const best: number[] = [];
  for (let set = 0; set < sets.length; set++) {
    let winner = set;
    for (let bit = 1; bit < sets.length; bit <<= 1) {
      if ((set & bit) === 0) continue;
      const smaller = best[set & ~bit] as number;
      if (costOf(smaller) <= costOf(winner)) winner = smaller;
    }
    best.push(winner);
  }
  return best;
}

function bitsOf(levers: readonly CallLever[], set: number): number {
  return levers.reduce((bits, lever, at) => ((set & (1 << at)) === 0 ? bits : bits | leverBit(lever)), 0);
}

function pricedSet(
  scenario: Scenario,
  bits: number,
  cells: Cells,
  workspaces: number,
  clusterCells: readonly Cells[],
): Priced {
  const { costPico, touched }: ScenarioCosts = scenarioCosts(scenario, bits);
  const sums = createMoneySums(cells.first.length);
  const byCluster = clusterCells.map(({ first }) => new Float64Array(first.length));
  let calls = 0;
  for (let call = 0; call < costPico.length; call++) {
    const cost = costPico[call] as number;
    if (scenario.effects.isOpen[call] === 1) sums.add(cells.of[call] as number, cost);
    else sums.addExact(cells.of[call] as number, scenario.log.costPico[call] as bigint);
    for (const [way, { of }] of clusterCells.entries()) {
      const costs = byCluster[way] as Float64Array;
      const cluster = of[call] as number;
      costs[cluster] = (costs[cluster] as number) + cost;
    }
    if (touched[call] !== 0) calls++;
  }
  const byCell = sums.sums();
  const byWorkspace = Array.from({ length: workspaces }, () => 0n);
  for (const [cell, workspace] of cells.second.entries())
    byWorkspace[workspace] = (byWorkspace[workspace] as bigint) + (byCell[cell] as bigint);
  return { byCell, byWorkspace, totalPico: byCell.reduce((sum, cost) => sum + cost, 0n), byCluster, calls };
}

/** What all calls cost under the levers whose bits are set, by workspace. */
export function scenarioTotal(scenario: Scenario, bits: readonly number[]): bigint {
  const workspaceOf = scenario.log.workspace.codes;
  const cells = pairsOf(new Int32Array(scenario.log.calls), workspaceOf);
  let total = 0n;
  for (const own of new Set(bits)) {
    const { byWorkspace } = pricedSet(scenario, own, cells, bits.length, []);
    for (const [workspace, cost] of byWorkspace.entries()) if (bits[workspace] === own) total += cost;
  }
  return total;
}
