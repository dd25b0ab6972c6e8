/**
 * What one part of a log costs under every set of the levers that act in it: by group and by cluster, with the work it brings to own
 * accelerators. In: a scenario and a part. Out: one `PartPrice` per set. Sums of money are exact; sums by cluster are for intervals and are
 * numbers.
 */
import { createMoneySums } from './money-sums.ts';
import type { PlanPart } from './plan-parts.ts';
import { leverBit, scenarioCosts } from './scenario-costs.ts';
import type { Scenario, ScenarioCosts } from './scenario-costs.ts';

/** Without rent of own accelerators. Arrays as the part's groups and clusters are numbered. */
export interface PartPrice {
  readonly byGroup: readonly bigint[];
  readonly totalPico: bigint;
  /** by way to cut, by cluster */
  readonly byCluster: readonly Float64Array[];
  /** calls that a lever changed, by group */
  readonly touched: Int32Array;
  /** by pool */
  readonly work: readonly PartWork[];
}

/** Seconds that a part's calls keep a pool busy. */
export interface PartWork {
  readonly totalS: number;
  readonly byGroupS: Float64Array;
  readonly byClusterS: readonly Float64Array[];
}

/** Bits of `CALL_LEVERS` for a set of a part's own levers. */
export function partBits(part: PlanPart, set: number): number {
  return part.levers.reduce((bits, lever, at) => ((set & (1 << at)) === 0 ? bits : bits | leverBit(lever)), 0);
}

/** Prices of all sets of the part's levers. */
export function partPrices(scenario: Scenario, part: PlanPart): PartPrice[] {
  return Array.from({ length: 1 << part.levers.length }, (_, set) => partPrice(scenario, part, partBits(part, set)));
}

/** Price under the levers whose bits are set. */
function partPrice(scenario: Scenario, part: PlanPart, bits: number): PartPrice {
  const { log, effects } = scenario;
  const found = scenarioCosts(scenario, bits, part.calls);
  const sums = createMoneySums(part.groups.numbers.length);
  const byCluster = part.clusters.map(({ numbers }) => new Float64Array(numbers.length));
  const touched = new Int32Array(part.groups.numbers.length);
  for (const [at, call] of part.calls.entries()) {
    const cost = found.costPico[at] as number;
    const group = part.groups.at[at] as number;
    if (effects.isOpen[call] === 1) sums.add(group, cost);
    else sums.addExact(group, log.costPico[call] as bigint);
    for (const [way, { at: clusterAt }] of part.clusters.entries())
      add(byCluster[way] as Float64Array, clusterAt[at], cost);
    if (found.touched[at] !== 0) touched[group] = (touched[group] as number) + 1;
  }
  const byGroup = sums.sums();
  return {
    byGroup,
    totalPico: byGroup.reduce((sum, cost) => sum + cost, 0n),
    byCluster,
    touched,
    work: effects.pools.map((_, pool) => partWork(scenario, part, found, pool)),
  };
}

/** Sum of what the part's calls cost, exact. */
export function partTotal({ log, effects }: Scenario, part: PlanPart, { costPico }: ScenarioCosts): bigint {
  const sum = createMoneySums(1);
  for (const [at, call] of part.calls.entries()) {
    if (effects.isOpen[call] === 1) sum.add(0, costPico[at] as number);
    else sum.addExact(0, log.costPico[call] as bigint);
  }
  return sum.sums()[0] as bigint;
}

function partWork({ effects }: Scenario, part: PlanPart, found: ScenarioCosts, pool: number): PartWork {
  const byGroupS = new Float64Array(part.groups.numbers.length);
  const byClusterS = part.clusters.map(({ numbers }) => new Float64Array(numbers.length));
  let totalS = 0;
  for (const [at, call] of part.calls.entries()) {
    if (found.poolOf[at] !== pool) continue;
    const state = { kind: found.kindOf[at] as number, isShort: found.isShort[at] === 1 };
    const seconds = effects.pools[pool]?.workS(call, effects.states.tokens(call, state)) ?? 0;
    totalS += seconds;
    add(byGroupS, part.groups.at[at], seconds);
    for (const [way, { at: clusterAt }] of part.clusters.entries())
      add(byClusterS[way] as Float64Array, clusterAt[at], seconds);
  }
  return { totalS, byGroupS, byClusterS };
}

function add(sums: Float64Array, at: number | undefined, amount: number): void {
  sums[at as number] = (sums[at as number] as number) + amount;
}
