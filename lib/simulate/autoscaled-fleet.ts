/**
 * A fleet that follows the demand. A replica is ordered the moment there are more requests in the system than slots ready or ordered, and is
 * ready after the scale-up delay (node and weights); one is given back when the greatest need of the last idle period was smaller. Paid from
 * the order on. In: a demand, delays, bounds. Out: waits, utilization and the steps that are paid. The stabilization over a trailing maximum is
 * how Kubernetes' horizontal autoscaler scales down; the delays are assumptions with ranges (`self-hosting-parameters-data.ts`).
 */
import { utilizationOf, waitsOf } from './fleet.ts';
import type { FleetDemand, FleetWaits, WaitTarget } from './fleet.ts';
import { addStep, stepSeconds } from './fleet-steps.ts';
import type { FleetStep } from './fleet-steps.ts';
import { replayVaryingFleet } from './varying-fleet.ts';
import type { VaryingCapacity } from './varying-fleet.ts';

export interface AutoscaleOptions {
  readonly target: WaitTarget;
  readonly slotsPerReplica: number;
  readonly minimumReplicas: number;
  /** usually what a static fleet would need: more only fills a backlog after it is gone */
  readonly maximumReplicas: number;
  readonly scaleUpS: number;
  readonly scaleDownS: number;
}

export interface VaryingFleet extends FleetWaits {
  /** replicas paid for, from `fromS` of the demand on */
  readonly steps: readonly FleetStep[];
  readonly billedReplicaS: number;
  readonly utilization: number | null;
}

/** The log on an autoscaled fleet that begins at its minimum. */
export function autoscaledFleet(demand: FleetDemand, options: AutoscaleOptions): VaryingFleet {
  const { minimumReplicas, maximumReplicas } = options;
  if (!(minimumReplicas >= 0 && maximumReplicas >= Math.max(1, minimumReplicas))) {
    throw new RangeError(`an autoscaled fleet of ${minimumReplicas} to ${maximumReplicas} replicas cannot be`);
  }
  const scaler = createScaler(demand.fromS, options);
  const waitS = replayVaryingFleet(demand, options.slotsPerReplica, scaler);
  return varyingFleet(demand, waitS, options.target, scaler.steps);
}

/** Waits and bill of a replay whose steps are known. */
export function varyingFleet(
  demand: FleetDemand,
  waitS: Float64Array,
  target: WaitTarget,
  steps: readonly FleetStep[],
): VaryingFleet {
  const billedReplicaS = stepSeconds(steps, demand.toS);
  return {
    ...waitsOf(demand, waitS, target),
    steps,
    billedReplicaS,
    utilization: utilizationOf(demand, billedReplicaS),
  };
}

function createScaler(fromS: number, options: AutoscaleOptions): VaryingCapacity & { readonly steps: FleetStep[] } {
  const { slotsPerReplica, minimumReplicas, maximumReplicas, scaleUpS, scaleDownS } = options;
  const needs = createTrailingMaximum(scaleDownS);
  const steps: FleetStep[] = [{ fromS, replicas: minimumReplicas }];
  /** when each ordered replica is ready; those before `first` are */
  const readyAtS: number[] = [];
  let first = 0;
  let ready = minimumReplicas;

  function readyReplicas(nowS: number, requestsInSystem: number): number {
    for (; first < readyAtS.length && (readyAtS[first] as number) <= nowS; first++) ready++;
    const needed = Math.min(maximumReplicas, Math.ceil(requestsInSystem / slotsPerReplica));
    const target = Math.max(minimumReplicas, needs.see(nowS, needed));
    let total = ready + readyAtS.length - first;
    for (; total < target; total++) readyAtS.push(nowS + scaleUpS);
    for (; total > target && readyAtS.length > first; total--) readyAtS.pop();
    if (total > target) {
      ready -= total - target;
      total = target;
    }
    addStep(steps, nowS, total);
    return ready;
  }

  return { steps, readyReplicas, nextChangeS: () => Math.min(readyAtS[first] ?? Infinity, needs.nextFallS()) };
}

interface TrailingMaximum {
  /** the greatest value that held at any time within the period before `nowS`, when from now on `value` holds */
  see(nowS: number, value: number): number;
  /** when the maximum falls if the value stays as it is */
  nextFallS(): number;
}

/** Values held in the past that exceed everything after them, oldest and greatest first, with the time each ended. */
function createTrailingMaximum(periodS: number): TrailingMaximum {
  const held: { readonly value: number; readonly fallsAtS: number }[] = [];
  let first = 0;
  let current = 0;

  function see(nowS: number, value: number): number {
    if (value < current) {
      while (held.length > first && (held.at(-1)?.value ?? Infinity) <= current) held.pop();
      held.push({ value: current, fallsAtS: nowS + periodS });
    }
    current = value;
    while (first < held.length && ((held[first]?.fallsAtS ?? 0) <= nowS || (held[first]?.value ?? 0) <= value)) first++;
    return Math.max(value, held[first]?.value ?? 0);
  }

  return { see, nextFallS: () => held[first]?.fallsAtS ?? Infinity };
}
