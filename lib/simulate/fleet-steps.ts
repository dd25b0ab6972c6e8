/**
 * How many replicas are paid for over time: a step function that holds from each step to the next, ascending. Out of `autoscaled-fleet.ts` and
 * `scheduled-fleet.ts`, into `gpu-cost.ts`, which rounds each step up to whole instances, and into `deferrable-work.ts`.
 */

export interface FleetStep {
  readonly fromS: number;
  readonly replicas: number;
}

/** Seconds of replicas (or of what `countOf` makes of a number of replicas) from the first step to `toS`. */
export function stepSeconds(
  steps: readonly FleetStep[],
  toS: number,
  countOf = (replicas: number) => replicas,
): number {
  let seconds = 0;
  for (const [i, step] of steps.entries()) {
    const until = Math.min(steps[i + 1]?.fromS ?? toS, toS);
    if (until > step.fromS) seconds += (until - step.fromS) * countOf(step.replicas);
  }
  return seconds;
}

/** Appends a step; one at the same time replaces it, one that changes nothing is left out. */
export function addStep(steps: FleetStep[], fromS: number, replicas: number): void {
  const last = steps.at(-1);
  if (last?.fromS === fromS) steps.pop();
  if (steps.at(-1)?.replicas !== replicas) steps.push({ fromS, replicas });
}
