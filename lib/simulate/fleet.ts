/**
 * How many replicas a log needs: the smallest number under which at most one request in twenty waits longer than the target and nothing is
 * left waiting at the end, found by replaying the log's own arrivals (`queue-replay.ts`). In: arrivals and work in replica-seconds
 * (`throughput.ts`). Out: replicas, their waits and utilization, and beside them what random arrivals would need (`erlang.ts`), with a warning
 * where the log needs more: on a real hour of code completion the formula says 5 and the replay 26.
 *
 * Form of a replica: it has n slots, each holds one request and works at 1/n of the replica's speed, first come first served. That is
 * conservative: a replica that is not full is faster per request. With n = 1 the replica works on one request at a time at full speed, which
 * is the right measure of backlog. Invariant: one replica more never makes any request wait longer, so the search may halve.
 */
import { arrivalBursts } from './arrival-bursts.ts';
import type { ArrivalBursts } from './arrival-bursts.ts';
import { erlangMeanWaitS, erlangWaitQuantileS } from './erlang.ts';
import { queueWaits } from './queue-replay.ts';

export interface FleetDemand {
  /** ascending, in any clock */
  readonly arrivalS: Float64Array;
  /** seconds of a saturated replica, one per arrival */
  readonly workS: Float64Array;
  /** the time the log covers, in the same clock; work of it may end later */
  readonly fromS: number;
  readonly toS: number;
}

export interface WaitTarget {
  readonly maxWaitS: number;
  /** share of requests that may wait longer */
  readonly lateShare: number;
}

export interface FleetOptions {
  readonly target: WaitTarget;
  readonly slotsPerReplica: number;
  readonly minimumReplicas: number;
}

export interface FleetWaits {
  readonly meanWaitS: number;
  /** share of requests that waited longer than the target */
  readonly lateShare: number;
  /** seconds past the end of the log until the last request began */
  readonly backlogS: number;
  readonly meetsTarget: boolean;
}

export interface ErlangComparison {
  readonly replicas: number;
  /** mean wait that the formula gives for the replicas the replay found */
  readonly meanWaitS: number;
}

export interface StaticFleet extends FleetWaits {
  readonly replicas: number;
  /** what the waits alone ask for, before the minimum */
  readonly replicasForWaits: number;
  /** busy share of the paid replica time; null where the log covers no time */
  readonly utilization: number | null;
  readonly billedReplicaS: number;
  readonly bursts: ArrivalBursts;
  /** null where the log covers no time */
  readonly erlang: ErlangComparison | null;
  readonly warnings: readonly string[];
}

/** The log from its first to its last arrival. */
export function demandOf(arrivalS: Float64Array, workS: Float64Array): FleetDemand {
  return { arrivalS, workS, fromS: arrivalS[0] ?? 0, toS: arrivalS.at(-1) ?? 0 };
}

/** One number of replicas for the whole log. */
export function staticFleet(demand: FleetDemand, options: FleetOptions): StaticFleet {
  const replicasForWaits = replicasForTarget(demand, options);
  const replicas = Math.max(replicasForWaits, options.minimumReplicas);
  const spanS = demand.toS - demand.fromS;
  const bursts = arrivalBursts(demand.arrivalS);
  const erlang = spanS > 0 ? compareErlang(demand, options, replicas) : null;
  return {
    ...waitsOf(demand, slotWaits(demand, options.slotsPerReplica, replicas), options.target),
    replicas,
    replicasForWaits,
    utilization: utilizationOf(demand, replicas * spanS),
    billedReplicaS: replicas * spanS,
    bursts,
    erlang,
    warnings:
      erlang !== null && replicasForWaits > erlang.replicas ? [burstWarning(replicasForWaits, erlang, bursts)] : [],
  };
}

/** The smallest number of replicas that meets the target; 0 for a log without requests. */
export function replicasForTarget(demand: FleetDemand, { target, slotsPerReplica }: FleetOptions): number {
  requireDemand(demand, slotsPerReplica);
  if (demand.arrivalS.length === 0) return 0;
  return smallest(1, (k) => waitsOf(demand, slotWaits(demand, slotsPerReplica, k), target).meetsTarget);
}

/** Judges waits of a replay, in order of arrival. */
export function waitsOf(demand: FleetDemand, waitS: Float64Array, target: WaitTarget): FleetWaits {
  const calls = waitS.length;
  let sum = 0;
  let late = 0;
  let lastStartS = demand.toS;
  for (let i = 0; i < calls; i++) {
    const wait = waitS[i] as number;
    sum += wait;
    if (wait > target.maxWaitS) late++;
    lastStartS = Math.max(lastStartS, (demand.arrivalS[i] as number) + wait);
  }
  const backlogS = lastStartS - demand.toS;
  return {
    meanWaitS: calls === 0 ? 0 : sum / calls,
    lateShare: calls === 0 ? 0 : late / calls,
    backlogS,
    meetsTarget: late <= target.lateShare * calls && backlogS <= target.maxWaitS,
  };
}

/** Busy share of paid replica-seconds; null where nothing was paid. */
export function utilizationOf(demand: FleetDemand, billedReplicaS: number): number | null {
  return billedReplicaS > 0 ? demand.workS.reduce((sum, work) => sum + work, 0) / billedReplicaS : null;
}

/** Seconds each request holds a slot. */
export function slotService(workS: Float64Array, slotsPerReplica: number): Float64Array {
  return slotsPerReplica === 1 ? workS : workS.map((work) => work * slotsPerReplica);
}

/** Replicas that random arrivals at a known rate would need: for where there is no log. `loadReplicas`: replica-seconds per second at the peak. */
export function erlangReplicas(
  loadReplicas: number,
  meanWorkS: number,
  { target, slotsPerReplica }: FleetOptions,
): number {
  if (loadReplicas === 0) return 0;
  const load = loadReplicas * slotsPerReplica;
  const serviceS = meanWorkS * slotsPerReplica;
  const wait = (k: number): number => erlangWaitQuantileS(k * slotsPerReplica, load, serviceS, 1 - target.lateShare);
  return smallest(Math.max(1, Math.floor(loadReplicas)), (k) => wait(k) <= target.maxWaitS);
}

function compareErlang(demand: FleetDemand, options: FleetOptions, replicas: number): ErlangComparison {
  const { slotsPerReplica } = options;
  const work = demand.workS.reduce((sum, seconds) => sum + seconds, 0);
  if (work === 0) return { replicas: 0, meanWaitS: 0 };
  const load = work / (demand.toS - demand.fromS);
  const meanWorkS = work / demand.workS.length;
  return {
    replicas: erlangReplicas(load, meanWorkS, options),
    meanWaitS: erlangMeanWaitS(replicas * slotsPerReplica, load * slotsPerReplica, meanWorkS * slotsPerReplica),
  };
}

function burstWarning(replicas: number, erlang: ErlangComparison, bursts: ArrivalBursts): string {
  const second = bursts.windows[0]?.peakOverMean ?? null;
  const variation = bursts.gapVariation === null ? 'unknown' : bursts.gapVariation.toFixed(1);
  const peak = second === null ? '' : `, the busiest second is ${second.toFixed(1)} times the mean`;
  return (
    `Arrivals come in bursts (squared variation of the gaps ${variation}${peak}): the log needs ${replicas} replicas ` +
    `where random arrivals would need ${erlang.replicas} (Erlang C)`
  );
}

function slotWaits(demand: FleetDemand, slotsPerReplica: number, replicas: number): Float64Array {
  return queueWaits(demand.arrivalS, slotService(demand.workS, slotsPerReplica), replicas * slotsPerReplica);
}

/** The smallest whole number from `from` that holds, where every larger one holds too: doubling, then halving. */
function smallest(from: number, holds: (k: number) => boolean): number {
  let failing = from - 1;
  let step = 1;
  while (!holds(failing + step)) {
    failing += step;
    step *= 2;
  }
  let holding = failing + step;
  while (holding - failing > 1) {
    const middle = failing + Math.floor((holding - failing) / 2);
    if (holds(middle)) holding = middle;
    else failing = middle;
  }
  return holding;
}

function requireDemand({ arrivalS, workS }: FleetDemand, slotsPerReplica: number): void {
  if (arrivalS.length !== workS.length) {
    throw new RangeError(
      `${arrivalS.length} arrivals come with ${workS.length} works; both have one entry per request`,
    );
  }
  if (!Number.isInteger(slotsPerReplica) || slotsPerReplica < 1) {
    throw new RangeError(`slots of a replica: ${slotsPerReplica} is no whole number from 1`);
  }
}
