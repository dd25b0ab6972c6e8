/**
 * For every set of levers the cheapest that can be made of it: in each part its cheapest subset, and own accelerators rented or not for the whole
 * log. In: parts with the prices of their sets. Out: a choice per set, and one per lever by itself. Invariant: a larger set never costs more
 * than one within it; of equals the one with fewer levers is taken, so that nothing useless is in a plan.
 */
import { partBits } from './part-prices.ts';
import type { PartPrice } from './part-prices.ts';
import type { PlanPart } from './plan-parts.ts';
import { poolCosts, poolLevers } from './pool-costs.ts';
import type { PoolCosts } from './pool-costs.ts';
import { leverBit } from './scenario-costs.ts';
import type { CallLever, Scenario } from './scenario-costs.ts';

export interface PricedPart {
  readonly part: PlanPart;
  /** by set of the part's own levers */
  readonly prices: readonly PartPrice[];
  /** where the part's levers stand in the plan's list */
  readonly positions: readonly number[];
}

export interface Choice {
  /** by part: set of its own levers */
  readonly sets: Int32Array;
  readonly poolPico: readonly bigint[];
  readonly totalPico: bigint;
}

export interface Choices {
  /** by set of levers: what it can be made of */
  readonly best: readonly Choice[];
  /** by lever: that lever wherever it acts, also where it costs money */
  readonly alone: readonly Choice[];
}

/** Choices for all sets of `levers`. */
export function bestChoices(scenario: Scenario, levers: readonly CallLever[], parts: readonly PricedPart[]): Choices {
  const costs = poolCosts(
    scenario,
    parts.map(({ part }) => part),
  );
  const priced = (sets: Int32Array): Choice => choiceOf(parts, sets, costs);
  const alone = levers.map((_, at) => priced(Int32Array.from(parts, (part) => localSet(part, 1 << at))));
  const pooled = poolLevers(scenario);
  const poolMask = levers.reduce((mask, lever, at) => (pooled.has(lever) ? mask | (1 << at) : mask), 0);
  const withoutRent = parts.map(({ prices }) =>
    cheapestSubsets(prices.length, 0, (set) => prices[set]?.totalPico as bigint),
  );
  const withRent = poolMask === 0 ? [] : subsetsWithRent(scenario, parts, levers, poolMask, costs);
  const best: Choice[] = [];
  for (let set = 0; set < 1 << levers.length; set++) {
    const from = (set & poolMask) === 0 ? withoutRent : withRent;
    let winner = priced(Int32Array.from(parts, (part, at) => from[at]?.[localSet(part, set)] as number));
    // rent comes in whole instances: what a part does for itself may make it dearer for all
    for (let at = 0; at < levers.length; at++) {
      const smaller = (set & poolMask) === 0 || (set & (1 << at)) === 0 ? undefined : best[set & ~(1 << at)];
      if (smaller !== undefined && smaller.totalPico <= winner.totalPico) winner = smaller;
    }
    best.push(winner);
  }
  return { best, alone };
}

/** The part's own set within a set of the plan's levers. */
function localSet({ positions }: PricedPart, set: number): number {
  return positions.reduce((own, position, at) => ((set & (1 << position)) === 0 ? own : own | (1 << at)), 0);
}

function choiceOf(parts: readonly PricedPart[], sets: Int32Array, costs: PoolCosts): Choice {
  const bits = parts.map(({ part }, at) => partBits(part, sets[at] as number));
  const poolPico = costs(bits);
  const callsPico = parts.reduce((sum, { prices }, at) => sum + (prices[sets[at] as number]?.totalPico as bigint), 0n);
  return { sets, poolPico, totalPico: poolPico.reduce((sum, pico) => sum + pico, callsPico) };
}

/** For every set its cheapest subset that keeps the levers of `kept`; among equals the one with fewest levers. */
function cheapestSubsets(sets: number, kept: number, costOf: (set: number) => number | bigint): number[] {
  const best: number[] = [];
  for (let set = 0; set < sets; set++) {
    let winner = set;
    for (let bit = 1; bit <= set; bit <<= 1) {
      if ((set & bit) === 0 || (kept & bit) !== 0) continue;
      const smaller = best[set & ~bit] as number;
      if (costOf(smaller) <= costOf(winner)) winner = smaller;
    }
    best.push(winner);
  }
  return best;
}

/**
 * By part the cheapest subsets with own accelerators rented. What a part's work costs there is taken from what all that could go there costs per
 * second: the rent itself is only known once every part has chosen.
 */
function subsetsWithRent(
  scenario: Scenario,
  parts: readonly PricedPart[],
  levers: readonly CallLever[],
  poolMask: number,
  costs: PoolCosts,
): number[][] {
  const everything = Int32Array.from(parts, (part) => localSet(part, poolMask));
  const { poolPico } = choiceOf(parts, everything, costs);
  const perS = scenario.effects.pools.map((_, pool) => {
    const seconds = parts.reduce(
      (sum, { prices }, at) => sum + (prices[everything[at] as number]?.work[pool]?.totalS ?? 0),
      0,
    );
    return seconds > 0 ? Number(poolPico[pool]) / seconds : 0;
  });
  const poolBits = levers.reduce(
    (bits, lever, at) => ((poolMask & (1 << at)) === 0 ? bits : bits | leverBit(lever)),
    0,
  );
  return parts.map(({ part, prices }) => {
    const kept = part.levers.reduce(
      (own, lever, at) => ((poolBits & leverBit(lever)) === 0 ? own : own | (1 << at)),
      0,
    );
    const adjusted = prices.map(({ totalPico, work }) =>
      work.reduce((sum, { totalS }, pool) => sum + totalS * (perS[pool] as number), Number(totalPico)),
    );
    return cheapestSubsets(prices.length, kept, (set) => adjusted[set] as number);
  });
}
