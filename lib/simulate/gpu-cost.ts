/**
 * What a fleet costs in a period: whole instances at the price of the chosen purchase, the engineers who keep it running, the set-up spread
 * over its months. In: instance-hours and assumptions. Out: picodollars. Invariant: each of the three parts is rounded once (half-even) from
 * exact decimals and the total is their sum. An instance is paid whole: a replica of 2 GPUs on an instance of 8 leaves room for 3 more.
 */
import { Misconfigured } from '../errors.ts';
import { divideHalfEven, parseDecimal } from '../money.ts';
import type { GpuInstancePrice } from './gpu-prices-data.ts';
import { stepSeconds } from './fleet-steps.ts';
import type { FleetStep } from './fleet-steps.ts';
import { SELF_HOSTING_PARAMETERS } from './self-hosting-parameters-data.ts';

/** How replicas lie on instances: several on one, or one over several. One of the two numbers is 1. */
export interface Placement {
  readonly replicasPerInstance: number;
  readonly instancesPerReplica: number;
}

export type Purchase =
  | { readonly kind: 'on_demand' }
  | { readonly kind: 'savings_1y' | 'savings_3y'; readonly discount?: number }
  | {
      readonly kind: 'spot';
      readonly discount?: number;
      readonly interruptionsPerHour?: number;
      readonly restartS?: number;
      /** work thrown away at an interruption; it depends on the requests, so there is no default */
      readonly lostWorkS: number;
    };

export interface Staff {
  readonly fte: number;
  readonly fteCostUsd: number;
  readonly setupWeeks: number;
  readonly amortizedMonths: number;
}

export interface FleetPool {
  readonly price: Pick<GpuInstancePrice, 'instance' | 'onDemandUsdPerHour'>;
  readonly purchase: Purchase;
  readonly instanceHours: number;
}

export interface FleetCost {
  readonly computePico: bigint;
  readonly engineeringPico: bigint;
  readonly setupPico: bigint;
  readonly totalPico: bigint;
}

/** Picodollars of a dollar; also the scale of the decimals that factors and hours are read with. */
const UNIT = 10n ** 12n;
const DAYS_PER_YEAR = 365n;
const WEEKS_PER_YEAR = 52n;
const MONTHS_PER_YEAR = 12n;

export const DEFAULT_STAFF: Staff = {
  fte: SELF_HOSTING_PARAMETERS.fte.value,
  fteCostUsd: SELF_HOSTING_PARAMETERS.fteCostUsd.value,
  setupWeeks: SELF_HOSTING_PARAMETERS.setupWeeks.value,
  amortizedMonths: SELF_HOSTING_PARAMETERS.amortizedMonths.value,
};

/** Where replicas of `replicaGpus` go on instances of `instanceGpus`. */
export function placementOf(replicaGpus: number, instanceGpus: number): Placement {
  requirePositiveInteger('GPUs of a replica', replicaGpus);
  requirePositiveInteger('GPUs of an instance', instanceGpus);
  return {
    replicasPerInstance: Math.max(1, Math.floor(instanceGpus / replicaGpus)),
    instancesPerReplica: Math.ceil(replicaGpus / instanceGpus),
  };
}

/** Whole instances that hold so many replicas. */
export function instancesFor(replicas: number, { replicasPerInstance, instancesPerReplica }: Placement): number {
  return Math.ceil(replicas / replicasPerInstance) * instancesPerReplica;
}

/** Instance-hours of a fleet that changes over time, each step rounded up to whole instances. */
export function instanceHoursOf(steps: readonly FleetStep[], toS: number, placement: Placement): number {
  return stepSeconds(steps, toS, (replicas) => instancesFor(replicas, placement)) / 3600;
}

/** The fewest replicas of a service: two where people wait, so that one may fail; one for work that can wait. */
export function minimumReplicas(use: 'interactive' | 'deferrable'): number {
  const { interactiveReplicas, deferrableReplicas } = SELF_HOSTING_PARAMETERS;
  return use === 'interactive' ? interactiveReplicas.value : deferrableReplicas.value;
}

/** Price of an hour of use as a share of the on-demand price. On spot, hours are added for restarts and for work done twice. */
export function priceFactor(purchase: Purchase): number {
  const defaults = SELF_HOSTING_PARAMETERS;
  switch (purchase.kind) {
    case 'on_demand':
      return 1;
    case 'savings_1y':
      return 1 - discountOf(purchase.discount ?? defaults.discount1y.value);
    case 'savings_3y':
      return 1 - discountOf(purchase.discount ?? defaults.discount3y.value);
    case 'spot': {
      const interruptions = purchase.interruptionsPerHour ?? defaults.interruptionsPerHour.value;
      const lostS = (purchase.restartS ?? defaults.restartS.value) + purchase.lostWorkS;
      return (1 - discountOf(purchase.discount ?? defaults.discountSpot.value)) * (1 + (interruptions * lostS) / 3600);
    }
  }
}

/** Cost of instances in one purchase. A fleet on spot that people wait for has an on-demand floor: sum both pools. */
export function computeCostPico({ price, purchase, instanceHours }: FleetPool): bigint {
  const perHour = parseDecimal(price.onDemandUsdPerHour, 12);
  if (perHour === null) {
    throw new Misconfigured(`price of the instance ${price.instance} is no decimal number`, {
      hint: 'write dollars per hour as text, such as "55.04"',
    });
  }
  return divideHalfEven(perHour * decimal(instanceHours) * decimal(priceFactor(purchase)), UNIT * UNIT);
}

/** The fleet's cost over `days`, with people; the set-up is charged for days within its amortization only, which the caller knows. */
export function fleetCost(pools: readonly FleetPool[], days: number, staff: Staff): FleetCost {
  const computePico = pools.reduce((sum, pool) => sum + computeCostPico(pool), 0n);
  const engineer = decimal(staff.fteCostUsd);
  const engineeringPico = divideHalfEven(decimal(staff.fte) * engineer * decimal(days), DAYS_PER_YEAR * UNIT * UNIT);
  if (!(staff.amortizedMonths > 0)) throw new RangeError('a set-up is spread over more than zero months');
  // weeks · cost / 52, of which days / (months · 365 / 12)
  const setupPico = divideHalfEven(
    decimal(staff.setupWeeks) * engineer * decimal(days) * MONTHS_PER_YEAR,
    WEEKS_PER_YEAR * DAYS_PER_YEAR * decimal(staff.amortizedMonths) * UNIT,
  );
  return { computePico, engineeringPico, setupPico, totalPico: computePico + engineeringPico + setupPico };
}

/** A number as its shortest decimal text in units of 10⁻¹²: the number people wrote, not its binary neighbor. */
function decimal(value: number): bigint {
  const parsed = Number.isFinite(value) && value >= 0 ? parseDecimal(value, 12) : null;
  if (parsed === null)
    throw new RangeError(`cost of a fleet from ${value}: hours, shares and prices are numbers from 0`);
  return parsed;
}

function discountOf(discount: number): number {
  if (!(discount >= 0 && discount < 1)) {
    throw new Misconfigured(`discount of GPU instances is ${discount}`, { hint: 'give a share from 0 to below 1' });
  }
  return discount;
}

function requirePositiveInteger(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${what}: ${value} is no whole number from 1`);
}
