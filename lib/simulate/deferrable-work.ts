/**
 * Does work that can wait fit into the troughs of a fleet that is paid for anyway? In: the free capacity over time, and jobs with the time they
 * may begin, the time they must be done and their replica-seconds. Out: whether all are done in time, and the work that is not. Earliest
 * deadline first decides it exactly for work that may be cut and spread over replicas at will (Liu and Layland 1973; Glover 1967 for the
 * least missed work), which a batch of many requests is. One sorted sweep: O(n log n). Filling troughs of a fleet that is reserved costs
 * nothing more.
 */
import type { FleetDemand } from './fleet.ts';
import type { FleetStep } from './fleet-steps.ts';
import { createLeastFirst } from './least-first.ts';

/** Free replicas in a span of time; spans ascend and do not overlap. */
export interface FreeCapacity {
  readonly fromS: number;
  readonly toS: number;
  readonly replicas: number;
}

export interface DeferrableJob {
  readonly releaseS: number;
  readonly deadlineS: number;
  /** replica-seconds */
  readonly workS: number;
}

export interface TroughFit {
  readonly fits: boolean;
  /** the least work that any order of the jobs leaves undone at its deadline */
  readonly missedWorkS: number;
  readonly missedJobs: number;
}

/** Shares of a job below this are rounding of seconds, not work. */
const ROUNDING = 1e-9;

/** Runs the jobs through the free capacity, the one with the earliest deadline first. */
export function fillTroughs(free: readonly FreeCapacity[], jobs: readonly DeferrableJob[]): TroughFit {
  const byRelease = Array.from(jobs.keys()).toSorted((a, b) => releaseOf(jobs, a) - releaseOf(jobs, b));
  const left = Float64Array.from(jobs, (job) => job.workS);
  const waiting = createLeastFirst();
  let released = 0;

  const release = (untilS: number): void => {
    for (; released < byRelease.length && releaseOf(jobs, byRelease[released]) <= untilS; released++) {
      const job = byRelease[released] as number;
      waiting.push(jobs[job]?.deadlineS ?? 0, job);
    }
  };

  for (const { fromS, toS, replicas } of free) {
    if (!(replicas > 0)) continue;
    for (let nowS = fromS; nowS < toS;) {
      release(nowS);
      while (waiting.leastKey() <= nowS) waiting.pop();
      const nextS = Math.min(toS, releaseOf(jobs, byRelease[released]));
      if (waiting.size() === 0) {
        nowS = nextS;
        continue;
      }
      const job = waiting.leastValue();
      const doneS = nowS + (left[job] as number) / replicas;
      const untilS = Math.min(nextS, waiting.leastKey());
      if (doneS <= untilS) {
        left[job] = 0;
        waiting.pop();
        nowS = doneS;
      } else {
        left[job] = (left[job] as number) - (untilS - nowS) * replicas;
        nowS = untilS;
      }
    }
  }
  return missed(left, jobs);
}

/**
 * What a fleet leaves free: the paid replicas up to a utilization, less the log's own work, in windows. Work that does not fit into its window
 * is carried into the next ones before anything is free there.
 */
export function freeCapacity(
  demand: FleetDemand,
  steps: readonly FleetStep[],
  windowS: number,
  ceiling: number,
): FreeCapacity[] {
  const free: FreeCapacity[] = [];
  let request = 0;
  let step = 0;
  let carriedS = 0;
  for (let window = 0; demand.fromS + window * windowS < demand.toS; window++) {
    const fromS = demand.fromS + window * windowS;
    const toS = Math.min(demand.toS, fromS + windowS);
    for (; request < demand.arrivalS.length && (demand.arrivalS[request] as number) < toS; request++) {
      carriedS += demand.workS[request] as number;
    }
    let paidS = 0;
    for (let nowS = fromS; nowS < toS;) {
      while (step + 1 < steps.length && (steps[step + 1]?.fromS ?? Infinity) <= nowS) step++;
      const untilS = Math.min(toS, steps[step + 1]?.fromS ?? Infinity);
      paidS += (steps[step]?.replicas ?? 0) * (untilS - nowS);
      nowS = untilS;
    }
    const ownS = Math.min(carriedS, paidS);
    carriedS -= ownS;
    free.push({ fromS, toS, replicas: Math.max(0, paidS * ceiling - ownS) / (toS - fromS) });
  }
  return free;
}

function releaseOf(jobs: readonly DeferrableJob[], job: number | undefined): number {
  return job === undefined ? Infinity : (jobs[job]?.releaseS ?? Infinity);
}

function missed(left: Float64Array, jobs: readonly DeferrableJob[]): TroughFit {
  let missedWorkS = 0;
  let missedJobs = 0;
  for (const [i, job] of jobs.entries()) {
    const rest = left[i] as number;
    if (rest <= job.workS * ROUNDING) continue;
    missedWorkS += rest;
    missedJobs++;
  }
  return { fits: missedJobs === 0, missedWorkS, missedJobs };
}
