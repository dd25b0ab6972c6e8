/**
 * What a fleet of one option would cost for the calls of a log, and how it would do. In: the calls, the option, parameter values. Out: rent of
 * whole instances, engineers and set-up of the period in picodollars, each call's work (for sharing the cost), size, load and waits. Calls that
 * cannot wait size the fleet by replay; calls that can go into its troughs, and more replicas are rented only until those are done in time
 * (docs/simulation.md, "Self-hosting"). Invariant: total = rent + engineering + set-up, exactly; without calls there is no fleet and no cost.
 */
import type { HostingOption } from '../config-hosting.ts';
import { extrapolatedSpeed, extrapolationWarnings, withContext } from './extrapolated-replica.ts';
import { addStep, stepSeconds } from './fleet-steps.ts';
import type { FleetStep } from './fleet-steps.ts';
import type { FleetDemand } from './fleet.ts';
import { fleetCost } from './gpu-cost.ts';
import { hostingSetup, isExtrapolated, minimumReplicasOf, purchaseOf, staffOf } from './hosting-option.ts';
import type { HostingSetup, HostingValues } from './hosting-option.ts';
import { heldReplicas, rentOf } from './hosted-rent.ts';
import { hostedSizing } from './hosted-sizing.ts';
import type { HostedSizing } from './hosted-sizing.ts';
import { replicasForPatience } from './hosted-troughs.ts';
import type { PatientCalls } from './hosted-troughs.ts';
import { DAY_MS, hostedWork, outsideWarning } from './hosted-work.ts';
import type { HostedCalls } from './hosted-work.ts';

export type { HostedCalls } from './hosted-work.ts';

export interface HostedFleet {
  readonly totalPico: bigint;
  readonly rentPico: bigint;
  readonly engineeringPico: bigint;
  readonly setupPico: bigint;
  /** replica-seconds of each call under the latency class: the weights of its share of the cost */
  readonly workS: Float64Array;
  /** the most at any moment */
  readonly replicas: number;
  readonly instances: number;
  readonly instanceHours: number;
  /** of the replicas needed; the instances may hold more */
  readonly replicaHours: number;
  /** replicas that always run, whatever the calls */
  readonly minimumReplicas: number;
  /** what the waits alone ask of a fleet of one size, before the minimum */
  readonly replicasForWaits: number;
  /** work over the time of all replicas that fit on the paid instances; 1 is all that the latency class lets them do; null without a fleet */
  readonly utilization: number | null;
  /** of the calls that cannot wait */
  readonly meanWaitS: number;
  /** share of them that waited longer than the target */
  readonly lateShare: number;
  readonly meetsTarget: boolean;
  /** whether calls that can wait need no replica of their own; null where there are none, or they are not put off */
  readonly deferrableFits: boolean | null;
  readonly deferrableCalls: number;
  /** what random arrivals would need for the calls that cannot wait (Erlang C); null where there are none, or none may be late */
  readonly erlangReplicas: number | null;
  /** answers that an extrapolated replica writes at a time; null where it was measured, or there is no fleet */
  readonly sequences: number | null;
  readonly warnings: readonly string[];
}

const DAYS_PER_MONTH = 365 / 12;

/** The fleet that takes all the calls. */
export function hostedFleet(calls: HostedCalls, option: HostingOption, values: HostingValues): HostedFleet {
  const setup = hostingSetup(withContext(option, calls));
  const { anchor } = setup;
  const work = hostedWork(calls, anchor, option, values);
  if (work.workS.length === 0) return NO_FLEET;
  const isPatient = patience(calls, option, values);
  const demand = demandOf(calls, work.workS, isPatient);
  const minimum = minimumReplicasOf(option, demand.arrivalS.length > 0, values);
  const sizing = hostedSizing(demand, option, minimum, values);
  const patient = isPatient === null ? null : patientCalls(calls, work.workS, isPatient);
  const more = patient === null ? 0 : moreForPatience(demand, sizing, patient, setup, values);
  const steps = withMore(sizing.steps, more);
  const rent = rentOf({
    ...setup,
    steps,
    toS: demand.toS,
    purchase: purchaseOf(option, values),
    onDemandReplicas: demand.arrivalS.length > 0 ? minimum : 0,
  });
  const days = (calls.toMs - calls.fromMs) / DAY_MS;
  const people = peopleOf(days, values);
  const { replicasPerInstance, instancesPerReplica } = setup.placement;
  const heldS = (rent.instanceHours * 3600 * replicasPerInstance) / instancesPerReplica;
  const warnings = [
    ...(isExtrapolated(anchor) ? extrapolationWarnings(anchor, option.latencyClass, values) : []),
    ...sizing.warnings,
    isExtrapolated(anchor) ? null : outsideWarning(work, anchor),
    more === 0 ? null : patienceWarning(more, sizing.steps),
  ];
  return {
    ...rent,
    ...people,
    totalPico: rent.rentPico + people.engineeringPico + people.setupPico,
    workS: work.workS,
    replicas: mostOf(steps),
    replicaHours: stepSeconds(steps, demand.toS) / 3600,
    minimumReplicas: minimum,
    replicasForWaits: sizing.replicasForWaits,
    utilization: heldS > 0 ? sumOf(work.workS) / heldS : null,
    meanWaitS: sizing.meanWaitS,
    lateShare: sizing.lateShare,
    meetsTarget: sizing.meetsTarget,
    deferrableFits: patient === null ? null : more === 0,
    deferrableCalls: patient?.arrivalS.length ?? 0,
    erlangReplicas: demand.arrivalS.length > 0 ? sizing.erlangReplicas : null,
    sequences: isExtrapolated(anchor) ? extrapolatedSpeed(anchor, values).sequences : null,
    warnings: warnings.filter((text) => text !== null),
  };
}

const NO_FLEET: HostedFleet = {
  totalPico: 0n,
  rentPico: 0n,
  engineeringPico: 0n,
  setupPico: 0n,
  workS: new Float64Array(0),
  replicas: 0,
  instances: 0,
  instanceHours: 0,
  replicaHours: 0,
  minimumReplicas: 0,
  replicasForWaits: 0,
  utilization: null,
  meanWaitS: 0,
  lateShare: 0,
  meetsTarget: true,
  deferrableFits: null,
  deferrableCalls: 0,
  erlangReplicas: null,
  sequences: null,
  warnings: [],
};

/** 1 for calls that are put off until there is room; null where none is. */
export function patience({ waitMs }: HostedCalls, option: HostingOption, values: HostingValues): Uint8Array | null {
  if (!option.fillTroughs) return null;
  const leastMs = 1000 * values('scale.deferrable_wait_s');
  const flags = Uint8Array.from(waitMs, (wait) => Number(wait >= leastMs));
  return flags.includes(1) ? flags : null;
}

/** The calls that cannot wait, in seconds from the beginning of the period. */
function demandOf(calls: HostedCalls, workS: Float64Array, isPatient: Uint8Array | null): FleetDemand {
  const arrivalS = calls.arrivalMs.map((at) => (at - calls.fromMs) / 1000);
  const isUrgent = (_: number, call: number): boolean => isPatient?.[call] !== 1;
  return {
    arrivalS: isPatient === null ? arrivalS : arrivalS.filter(isUrgent),
    workS: isPatient === null ? workS : workS.filter(isUrgent),
    fromS: 0,
    toS: (calls.toMs - calls.fromMs) / 1000,
  };
}

function patientCalls(calls: HostedCalls, workS: Float64Array, isPatient: Uint8Array): PatientCalls {
  const isIt = (_: number, call: number): boolean => isPatient[call] === 1;
  return {
    arrivalS: calls.arrivalMs.filter(isIt).map((at) => (at - calls.fromMs) / 1000),
    workS: workS.filter(isIt),
    waitS: calls.waitMs.filter(isIt).map((wait) => wait / 1000),
  };
}

function moreForPatience(
  demand: FleetDemand,
  { steps }: HostedSizing,
  patient: PatientCalls,
  { placement }: HostingSetup,
  values: HostingValues,
): number {
  const stepsWith = (more: number): FleetStep[] =>
    steps.map(({ fromS, replicas }) => ({ fromS, replicas: heldReplicas(replicas + more, placement) }));
  return replicasForPatience(
    { demand, stepsWith, replicasPerInstance: placement.replicasPerInstance, ceiling: values('scale.trough_ceiling') },
    patient,
  );
}

function withMore(steps: readonly FleetStep[], more: number): readonly FleetStep[] {
  const grown: FleetStep[] = [];
  for (const { fromS, replicas } of steps) addStep(grown, fromS, replicas + more);
  return grown;
}

/** Engineers of the period, and the part of the set-up that falls into it: at most all of it. */
function peopleOf(days: number, values: HostingValues): { engineeringPico: bigint; setupPico: bigint } {
  const staff = staffOf(values);
  const { engineeringPico } = fleetCost([], days, staff);
  const { setupPico } = fleetCost([], Math.min(days, staff.amortizedMonths * DAYS_PER_MONTH), staff);
  return { engineeringPico, setupPico };
}

function mostOf(steps: readonly FleetStep[]): number {
  return steps.reduce((most, { replicas }) => Math.max(most, replicas), 0);
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function patienceWarning(more: number, steps: readonly FleetStep[]): string {
  return (
    `Calls that can wait do not fit into the troughs of a fleet of up to ${mostOf(steps)} replicas: ${more} more ` +
    `${more === 1 ? 'is' : 'are'} rented all the time, so that each is done before its deadline`
  );
}
