/**
 * Replicas over time for calls that cannot wait, by replay of their arrivals: one size (`fleet.ts`), a fleet that follows the demand
 * (`autoscaled-fleet.ts`) or a timetable (`scheduled-fleet.ts`). A replica takes one call after the other at full speed (one slot): the measure
 * of backlog that is the same whatever the batch. In: the demand, the option, parameter values. Out: steps, waits, what random arrivals would
 * need, warnings. Invariant: the wait target is met, or a warning says by how much not.
 */
import type { HostingOption } from '../config-hosting.ts';
import { Misconfigured } from '../errors.ts';
import { autoscaledFleet } from './autoscaled-fleet.ts';
import { staticFleet } from './fleet.ts';
import type { FleetDemand, FleetOptions, FleetWaits } from './fleet.ts';
import type { FleetStep } from './fleet-steps.ts';
import { waitTargetOf } from './hosting-option.ts';
import type { HostingValues } from './hosting-option.ts';
import { scheduledFleet } from './scheduled-fleet.ts';

export interface HostedSizing extends FleetWaits {
  readonly steps: readonly FleetStep[];
  /** what the waits alone ask of a fleet of one size */
  readonly replicasForWaits: number;
  /** what random arrivals would ask for; null where no call may be late */
  readonly erlangReplicas: number | null;
  readonly warnings: readonly string[];
}

/** A timetable orders replicas before the full hour. */
const HOUR_S = 3600;

/** Sizes a fleet. */
export function hostedSizing(
  demand: FleetDemand,
  option: HostingOption,
  minimumReplicas: number,
  values: HostingValues,
): HostedSizing {
  const options: FleetOptions = { target: waitTargetOf(option, values), slotsPerReplica: 1, minimumReplicas };
  const fixed = staticFleet(demand, options);
  const { replicasForWaits } = fixed;
  // the formula never promises that nobody waits
  const erlangReplicas = options.target.lateShare > 0 ? (fixed.erlang?.replicas ?? null) : null;
  const sized = { replicasForWaits, erlangReplicas };
  if (option.capacity === 'static') {
    const steps = [{ fromS: demand.fromS, replicas: fixed.replicas }];
    return { ...waitsIn(fixed), ...sized, steps, warnings: fixed.warnings };
  }
  const scaleUpS = values('scale.up_s');
  const varying =
    option.capacity === 'autoscaled'
      ? autoscaledFleet(demand, {
          ...options,
          maximumReplicas: Math.max(1, fixed.replicas),
          scaleUpS,
          scaleDownS: values('scale.down_s'),
        })
      : scheduledFleet(demand, {
          ...options,
          quantile: values('scale.schedule_quantile'),
          scaleUpS: withinHour(scaleUpS),
          // which hours are a week apart does not depend on the weekday of the first
          mondayS: demand.fromS,
        });
  const late = lateWarning(varying, options, fixed.replicas);
  return {
    ...waitsIn(varying),
    ...sized,
    steps: varying.steps,
    warnings: late === null ? fixed.warnings : [...fixed.warnings, late],
  };
}

function waitsIn({ meanWaitS, lateShare, backlogS, meetsTarget }: FleetWaits): FleetWaits {
  return { meanWaitS, lateShare, backlogS, meetsTarget };
}

function withinHour(scaleUpS: number): number {
  if (scaleUpS <= HOUR_S) return scaleUpS;
  throw new Misconfigured(`simulate.parameters.scale.up_s: a timetable orders replicas at most ${HOUR_S} s ahead`, {
    hint: 'take capacity "static" or "autoscaled", or a shorter start',
  });
}

function lateWarning(waits: FleetWaits, { target }: FleetOptions, replicas: number): string | null {
  if (waits.meetsTarget) return null;
  const late = (100 * waits.lateShare).toFixed(1);
  const backlog =
    waits.backlogS > target.maxWaitS ? `, and ${waits.backlogS.toFixed(0)} s of queue are left at the end` : '';
  return (
    `The wait target is missed: ${late} % of the calls wait longer than ${target.maxWaitS} s where ` +
    `${Number((100 * target.lateShare).toFixed(4))} % may${backlog}. A static fleet of ${replicas} replicas meets it`
  );
}
