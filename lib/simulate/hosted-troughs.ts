/**
 * Work that can wait, in the troughs of a fleet sized for calls that cannot. In: the interactive demand, the replicas paid for, the calls that can
 * wait. Out: whether all of them are done in time, and how many more replicas that takes where they are not. Calls of about one time and one
 * deadline are one job: it begins no sooner and is done no later than any of them asks for, so that joining them never helps, and each loses at
 * most two minutes or a thirty-second of its wait. The period after the one that is paid is taken to begin like it: what may wait past the end
 * finds room there, beside the calls of that beginning. Earliest deadline first (`deferrable-work.ts`). Invariant: more replicas never make work
 * late, so the search may halve.
 */
import { fillTroughs, freeCapacity } from './deferrable-work.ts';
import type { DeferrableJob, FreeCapacity } from './deferrable-work.ts';
import type { FleetDemand } from './fleet.ts';
import type { FleetStep } from './fleet-steps.ts';

/** Calls that can wait: all in the clock of the demand, in order of arrival. */
export interface PatientCalls {
  readonly arrivalS: Float64Array;
  readonly workS: Float64Array;
  readonly waitS: Float64Array;
}

export interface TroughRoom {
  /** the calls that cannot wait */
  readonly demand: FleetDemand;
  /** replicas on the instances that are paid where so many more are rented at any time */
  stepsWith(moreReplicas: number): readonly FleetStep[];
  /** replicas that come with one more where the instances are full */
  readonly replicasPerInstance: number;
  /** load up to which free replicas are filled */
  readonly ceiling: number;
}

const WINDOW_S = 60;
/** Times of a call are rounded to its wait divided by this, or to a window. */
const GRID = 64;
/** A fleet of more is nobody's; it also bounds the search. */
const MOST_REPLICAS = 2 ** 24;

/** Replicas that have to be added, all the time, until all calls are done in time; 0 where they fit as it is. */
export function replicasForPatience(room: TroughRoom, calls: PatientCalls): number {
  const { fromS, toS } = room.demand;
  const spanS = toS - fromS;
  const headS = Math.min(
    spanS,
    calls.waitS.reduce((most, wait) => Math.max(most, wait), 0),
  );
  const jobs = jobsOf(calls, fromS, toS + headS);
  const again = jobs
    .filter(({ deadlineS }) => deadlineS + spanS <= toS + headS)
    .map((job) => ({ ...job, releaseS: job.releaseS + spanS, deadlineS: job.deadlineS + spanS }));
  const all = [...jobs, ...again];
  const missedS = (more: number): number => {
    const free = freeCapacity(room.demand, room.stepsWith(more), WINDOW_S, room.ceiling);
    const { fits, missedWorkS } = fillTroughs([...free, ...shifted(free, spanS, toS + headS)], all);
    return fits ? 0 : missedWorkS;
  };
  const missed = missedS(0);
  if (missed === 0) return 0;
  // a replica more does at most so much of what is missed, and whole instances may bring others with it
  const atLeast = Math.floor(missed / (spanS + headS)) - room.replicasPerInstance;
  return leastThatFits(Math.max(0, atLeast), (more) => missedS(more) === 0);
}

/** One job for all calls of about one time and one deadline; times are windows from `fromS`, and no deadline is after `endS`. */
function jobsOf({ arrivalS, workS, waitS }: PatientCalls, fromS: number, endS: number): DeferrableJob[] {
  const end = Math.floor((endS - fromS) / WINDOW_S);
  const work = new Map<number, number>();
  for (let call = 0; call < arrivalS.length; call++) {
    const wait = waitS[call] as number;
    const after = ((arrivalS[call] as number) - fromS) / WINDOW_S;
    const step = stepOf(Math.min(wait / WINDOW_S, end));
    const release = Math.ceil(after / step) * step;
    const deadline = Math.min(end, Math.floor((after + wait / WINDOW_S) / step) * step);
    const key = release * (end + 1) + deadline;
    work.set(key, (work.get(key) ?? 0) + (workS[call] as number));
  }
  return Array.from(work, ([key, seconds]) => ({
    releaseS: fromS + Math.floor(key / (end + 1)) * WINDOW_S,
    deadlineS: fromS + (key % (end + 1)) * WINDOW_S,
    workS: seconds,
  }));
}

/** Windows to which times of a call are rounded: a power of two, so that the grids of different waits share their points. */
function stepOf(waitWindows: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(waitWindows / GRID)));
}

/** The beginning of the free capacity once more, after its end. */
function shifted(free: readonly FreeCapacity[], byS: number, endS: number): FreeCapacity[] {
  return free
    .filter(({ fromS }) => fromS + byS < endS)
    .map(({ fromS, toS, replicas }) => ({ fromS: fromS + byS, toS: Math.min(endS, toS + byS), replicas }));
}

/** The least number above `failing` that fits. */
function leastThatFits(failing: number, fits: (more: number) => boolean): number {
  let below = failing;
  let step = 1;
  for (; !fits(below + step); step *= 2) {
    below += step;
    if (below > MOST_REPLICAS) throw new RangeError(`work that can wait is late even with ${below} more replicas`);
  }
  let holding = below + step;
  while (holding - below > 1) {
    const middle = Math.floor((below + holding) / 2);
    if (fits(middle)) holding = middle;
    else below = middle;
  }
  return holding;
}
