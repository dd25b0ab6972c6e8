/**
 * What a plan costs when values of parameters move and its levers stay: for ranges, which ask some seventy times. In: the scenario of the plan,
 * its parts with their chosen levers, scenarios of the same log and config under other values. Out: the total of each. A part that nothing can
 * have changed for is not priced again (`price-inputs.ts`); a pool that is the same and gets the same calls costs the same.
 */
import type { AcceleratorPool, PooledCalls } from './accelerator-pools.ts';
import { partTotal } from './part-prices.ts';
import type { PlanPart } from './plan-parts.ts';
import { arrivals, pooledCalls } from './pool-costs.ts';
import type { Arrivals } from './pool-costs.ts';
import { isPricedAlike } from './price-inputs.ts';
import { scenarioCosts } from './scenario-costs.ts';
import type { Scenario } from './scenario-costs.ts';

interface PartCost {
  readonly totalPico: bigint;
  readonly arrived: Arrivals;
}

/**
 * Picodollars of all calls when each part has the levers of `bits`, with what own accelerators then cost: for one scenario after another, with
 * what is as in `base` reused.
 */
export function createScenarioTotals(
  base: Scenario,
  parts: readonly PlanPart[],
  bits: readonly number[],
): (scenario: Scenario) => bigint {
  const known = parts.map((part, at) => partCost(base, part, bits[at] as number));
  const knownPooled = pooledOf(base, known);
  const knownPico = base.effects.pools.map((pool, number) => pool.costPico(knownPooled[number] as PooledCalls));
  return (scenario) => {
    const costs = parts.map((part, at) =>
      isPricedAlike(base, scenario, part, bits[at] as number)
        ? (known[at] as PartCost)
        : partCost(scenario, part, bits[at] as number),
    );
    const arrivesAlike = costs.every((cost, at) => cost === known[at]);
    const pooled = arrivesAlike ? knownPooled : pooledOf(scenario, costs);
    const poolPico = (pool: AcceleratorPool, number: number): bigint =>
      arrivesAlike && pool === base.effects.pools[number]
        ? (knownPico[number] as bigint)
        : pool.costPico(pooled[number] as PooledCalls);
    return sumOf([...costs.map(({ totalPico }) => totalPico), ...scenario.effects.pools.map(poolPico)]);
  };
}

function partCost(scenario: Scenario, part: PlanPart, bits: number): PartCost {
  const found = scenarioCosts(scenario, bits, part.calls);
  return { totalPico: partTotal(scenario, part, found), arrived: arrivals(scenario, part, found) };
}

function pooledOf(scenario: Scenario, costs: readonly PartCost[]): PooledCalls[] {
  return pooledCalls(
    scenario,
    costs.map(({ arrived }) => arrived),
  );
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
