/**
 * What a fleet's instances cost in a period, by purchase. In: how many replicas are paid over time, how they lie on instances, the purchase.
 * Out: picodollars, instance-hours, the most instances at once. A commitment is paid every hour, used or not: it covers the instances that
 * always run, and what comes and goes is on demand. Spot can be taken away: while people wait, the least number of replicas is on demand.
 * Invariant: instances are whole at every moment, and each pool is rounded once (half-even).
 */
import { computeCostPico, instanceHoursOf, instancesFor } from './gpu-cost.ts';
import type { FleetPool, Placement, Purchase } from './gpu-cost.ts';
import type { FleetStep } from './fleet-steps.ts';

export interface RentedFleet {
  /** replicas needed, from the beginning of the period */
  readonly steps: readonly FleetStep[];
  readonly toS: number;
  readonly placement: Placement;
  readonly price: FleetPool['price'];
  readonly purchase: Purchase;
  /** replicas that must not be taken away */
  readonly onDemandReplicas: number;
}

export interface Rent {
  readonly rentPico: bigint;
  readonly instanceHours: number;
  /** the most at any moment */
  readonly instances: number;
}

/** Replicas that fit on the instances which so many replicas need: what is paid, used or not. */
export function heldReplicas(replicas: number, placement: Placement): number {
  return (instancesFor(replicas, placement) * placement.replicasPerInstance) / placement.instancesPerReplica;
}

/** The rent of a period. */
export function rentOf(fleet: RentedFleet): Rent {
  const { steps, toS, placement, price, purchase } = fleet;
  const counts = steps.map(({ replicas }) => instancesFor(replicas, placement));
  const instanceHours = instanceHoursOf(steps, toS, placement);
  const periodHours = (toS - (steps[0]?.fromS ?? toS)) / 3600;
  const least = counts.reduce((fewest, count) => Math.min(fewest, count), counts[0] ?? 0);
  const steady = purchase.kind === 'spot' ? Math.min(least, instancesFor(fleet.onDemandReplicas, placement)) : least;
  const steadyHours = steady * periodHours;
  const [ofSteady, ofRest] = purchasesOf(purchase);
  const pools: FleetPool[] = [
    { price, purchase: ofSteady, instanceHours: steadyHours },
    // a difference of sums: rounding must not make it negative
    { price, purchase: ofRest, instanceHours: Math.max(0, instanceHours - steadyHours) },
  ];
  return {
    rentPico: pools.reduce((sum, pool) => sum + computeCostPico(pool), 0n),
    instanceHours,
    instances: counts.reduce((most, count) => Math.max(most, count), 0),
  };
}

/** How the instances that always run are paid, and how the others. */
function purchasesOf(purchase: Purchase): [steady: Purchase, rest: Purchase] {
  const onDemand: Purchase = { kind: 'on_demand' };
  return purchase.kind === 'spot' ? [onDemand, purchase] : [purchase, onDemand];
}
