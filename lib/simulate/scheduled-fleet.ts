/**
 * A fleet on a timetable: for each of the 168 hours of the week, the quantile over the log's weeks of what that hour alone needs to meet the
 * target. In: a demand in a clock whose Monday is known. Out: the timetable, and the whole log replayed on it, because a queue carries over
 * the full hour. Hours of the week the log never saw are null: nothing is known of them. Replicas are ordered ahead, so that they are ready
 * at the full hour, and are paid from then on.
 */
import { varyingFleet } from './autoscaled-fleet.ts';
import type { VaryingFleet } from './autoscaled-fleet.ts';
import { replicasForTarget } from './fleet.ts';
import type { FleetDemand, FleetOptions } from './fleet.ts';
import { addStep } from './fleet-steps.ts';
import type { FleetStep } from './fleet-steps.ts';
import { replayVaryingFleet } from './varying-fleet.ts';

export interface ScheduleOptions extends FleetOptions {
  /** share of an hour's weeks the timetable is enough for: 1 takes the busiest */
  readonly quantile: number;
  /** seconds before the full hour at which replicas are ordered, at most an hour */
  readonly scaleUpS: number;
  /** any Monday 00:00 in the demand's clock; 345,600 where times are seconds since 1970 */
  readonly mondayS: number;
}

export interface ScheduledFleet extends VaryingFleet {
  /** Monday 00:00 first; null where the log has no such hour */
  readonly replicasByHourOfWeek: readonly (number | null)[];
}

const HOURS_PER_WEEK = 168;
const HOUR_S = 3600;

/** The log on the timetable that it suggests. */
export function scheduledFleet(demand: FleetDemand, options: ScheduleOptions): ScheduledFleet {
  const { quantile, scaleUpS, mondayS } = options;
  if (!(quantile > 0 && quantile <= 1)) throw new RangeError(`quantile of a timetable: ${quantile} is not in (0, 1]`);
  if (!(scaleUpS >= 0 && scaleUpS <= HOUR_S)) throw new RangeError(`scale-up of ${scaleUpS} s is not within an hour`);
  const firstHour = Math.floor((demand.fromS - mondayS) / HOUR_S);
  // an arrival on a full hour belongs to the hour it begins, even if the log ends with it
  const lastArrivalS = demand.arrivalS.at(-1) ?? demand.fromS;
  const lastHour = Math.max(
    Math.floor((lastArrivalS - mondayS) / HOUR_S),
    Math.ceil((demand.toS - mondayS) / HOUR_S) - 1,
  );
  const needs: number[][] = Array.from({ length: HOURS_PER_WEEK }, () => []);
  let from = 0;
  for (let hour = firstHour; hour <= lastHour; hour++) {
    const toS = mondayS + (hour + 1) * HOUR_S;
    const to = hour === lastHour ? demand.arrivalS.length : firstFrom(demand.arrivalS, toS, from);
    const part = { arrivalS: demand.arrivalS.subarray(from, to), workS: demand.workS.subarray(from, to) };
    needs[hourOfWeek(hour)]?.push(replicasForTarget({ ...part, fromS: toS - HOUR_S, toS }, options));
    from = to;
  }
  const replicasByHourOfWeek = needs.map((weeks) => {
    if (weeks.length === 0) return null;
    const rank = Math.ceil(quantile * weeks.length) - 1;
    return Math.max(options.minimumReplicas, weeks.toSorted((a, b) => a - b)[rank] ?? 0);
  });
  const hours: FleetStep[] = [];
  for (let hour = firstHour; hour <= lastHour; hour++) {
    const fromS = Math.max(demand.fromS, mondayS + hour * HOUR_S);
    addStep(hours, fromS, replicasByHourOfWeek[hourOfWeek(hour)] ?? 0);
  }
  const waitS = replayVaryingFleet(demand, options.slotsPerReplica, timetable(hours));
  return { ...varyingFleet(demand, waitS, options.target, orderedAhead(hours, scaleUpS)), replicasByHourOfWeek };
}

function hourOfWeek(hour: number): number {
  return ((hour % HOURS_PER_WEEK) + HOURS_PER_WEEK) % HOURS_PER_WEEK;
}

/** The first index from `from` whose time is not before `timeS`. */
function firstFrom(arrivalS: Float64Array, timeS: number, from: number): number {
  let at = from;
  while (at < arrivalS.length && (arrivalS[at] as number) < timeS) at++;
  return at;
}

function timetable(hours: readonly FleetStep[]): { nextChangeS(): number; readyReplicas(nowS: number): number } {
  let next = 0;
  return {
    nextChangeS: () => hours[next]?.fromS ?? Infinity,
    readyReplicas(nowS) {
      while (next < hours.length && (hours[next]?.fromS ?? Infinity) <= nowS) next++;
      return hours[Math.max(0, next - 1)]?.replicas ?? 0;
    },
  };
}

/** The steps that are paid: each rise begins earlier by the time a replica takes to be ready. */
function orderedAhead(hours: readonly FleetStep[], scaleUpS: number): FleetStep[] {
  const paid: FleetStep[] = [];
  for (const [i, { fromS, replicas }] of hours.entries()) {
    const before = hours[i - 1];
    const rises = before !== undefined && before.replicas < replicas;
    addStep(paid, rises ? Math.max(before.fromS, fromS - scaleUpS) : fromS, replicas);
  }
  return paid;
}
