/**
 * From which volume of a log's own calls on a fleet is no dearer than the API (`crossover.ts`). In: the calls, the option, what they cost at the
 * API after its own levers (cache, batch: else the comparison is rigged), parameter values. Out: requests a day, or null with the reason, beside
 * the log's own volume and the load that the answer assumes; and the same for replicas that never idle, which nobody has: where even that
 * never comes, no volume helps. A request is the log's mean in replica-seconds, an instance costs what it costs on
 * average in the fleet of the log. Load to plan for: what the replay of the log reached, where its calls ask for more than the minimum of
 * replicas; else the log is too thin to tell, and full replicas in its busiest hour of the day are planned, which is optimistic within the hour.
 */
import type { HostingOption } from '../config-hosting.ts';
import { divideHalfEven, parseDecimal } from '../money.ts';
import { crossover } from './crossover.ts';
import type { SelfHostedVolume } from './crossover.ts';
import { fleetCost } from './gpu-cost.ts';
import { hostedFleet, patience } from './hosted-fleet.ts';
import type { HostedCalls, HostedFleet } from './hosted-fleet.ts';
import { DAY_MS } from './hosted-work.ts';
import { acceptedShareOf, hostingSetup, staffOf } from './hosting-option.ts';
import type { HostingValues } from './hosting-option.ts';

export interface HostingCrossover {
  /** null: it never comes, for `reason` */
  readonly requestsPerDay: number | null;
  /** the smallest volume at which the fleet is no dearer at all, though it may be again at the next instance; null: never */
  readonly firstRequestsPerDay: number | null;
  readonly reason: string | null;
  /** the load of each replica that is taken for granted, in words */
  readonly assumes: string;
  readonly assumedRequestsPerSecond: number | null;
  /** where the load to plan for is from */
  readonly loadBasis: 'replay' | 'busiest_hour' | null;
  /** what the log's fleet would serve if its replicas never idled, in words */
  readonly requires: string;
  /** busy share of the paid replicas at that volume; null where it never comes */
  readonly utilization: number | null;
  /** the same at a utilization of 100 %: a bound that no real fleet reaches; null where not even that pays, or nothing is known */
  readonly fullLoadRequestsPerDay: number | null;
  readonly logRequestsPerDay: number;
}

/** Mean replicas over the minimum from which on the replay says what load can be planned for. */
const SIZED_BY_LOAD = 1.5;
const UNIT_DIGITS = 12;

/** Finds the crossover. `fleet`: that of the same calls, option and values, where it is at hand. */
export function hostingCrossover(
  calls: HostedCalls,
  option: HostingOption,
  apiPico: bigint,
  values: HostingValues,
  fleet: HostedFleet = hostedFleet(calls, option, values),
): HostingCrossover {
  const days = (calls.toMs - calls.fromMs) / DAY_MS;
  const count = calls.arrivalMs.length;
  const logRequestsPerDay = count / days;
  const work = fleet.workS.reduce((sum, seconds) => sum + seconds, 0);
  if (!(work > 0)) return { ...NO_CALLS, logRequestsPerDay };
  const load = plannedLoad(calls, option, fleet, work, values);
  const self: SelfHostedVolume = {
    replicaSecondsPerRequest: work / count,
    utilizationMax: load.utilization,
    burst: load.burst,
    minimumReplicas: fleet.minimumReplicas,
    placement: hostingSetup(option).placement,
    instanceDayPico: meanInstanceDayPico(fleet),
    fixedDayPico: fleetCost([], 1, staffOf(values)).totalPico,
  };
  const api = { costPico: apiPico, requests: BigInt(count), acceptedShare: acceptedShareOf(option) };
  const found = crossover(self, api);
  const full = crossover({ ...self, utilizationMax: 1, burst: 1 }, api);
  return {
    requestsPerDay: finite(found.requestsPerDay),
    firstRequestsPerDay: finite(found.firstRequestsPerDay),
    reason: found.reason,
    assumes: found.assumes,
    assumedRequestsPerSecond: found.assumedRequestsPerSecond,
    loadBasis: load.basis,
    requires: requirement(fleet, count / work, logRequestsPerDay),
    utilization: found.utilization,
    fullLoadRequestsPerDay: finite(full.requestsPerDay),
    logRequestsPerDay,
  };
}

const NO_CALLS: Omit<HostingCrossover, 'logRequestsPerDay'> = {
  requestsPerDay: null,
  firstRequestsPerDay: null,
  reason: 'the log has no calls whose work is known',
  assumes: '',
  assumedRequestsPerSecond: null,
  loadBasis: null,
  requires: '',
  utilization: null,
  fullLoadRequestsPerDay: null,
};

interface PlannedLoad {
  readonly utilization: number;
  readonly burst: number;
  readonly basis: 'replay' | 'busiest_hour';
}

function plannedLoad(
  calls: HostedCalls,
  option: HostingOption,
  fleet: HostedFleet,
  work: number,
  values: HostingValues,
): PlannedLoad {
  const hours = (calls.toMs - calls.fromMs) / 3_600_000;
  if (fleet.replicaHours >= SIZED_BY_LOAD * Math.max(1, fleet.minimumReplicas) * hours) {
    return { utilization: Math.min(1, work / (fleet.replicaHours * 3600)), burst: 1, basis: 'replay' };
  }
  const burst = Math.max(1, busiestHour(calls, fleet.workS, patience(calls, option, values)) / (work / 24));
  return { utilization: 1, burst: Math.ceil(burst * 100) / 100, basis: 'busiest_hour' };
}

/** Work of the calls that cannot wait in the hour of the day that has most of it, all days together. */
function busiestHour({ arrivalMs }: HostedCalls, workS: Float64Array, isPatient: Uint8Array | null): number {
  const byHour = new Float64Array(24);
  for (let call = 0; call < workS.length; call++) {
    if (isPatient?.[call] === 1) continue;
    const hour = Math.floor((arrivalMs[call] as number) / 3_600_000) % 24;
    byHour[hour] = (byHour[hour] as number) + (workS[call] as number);
  }
  return byHour.reduce((most, hour) => Math.max(most, hour), 0);
}

function meanInstanceDayPico({ rentPico, instanceHours }: HostedFleet): bigint {
  const hours = parseDecimal(instanceHours, UNIT_DIGITS) ?? 0n;
  if (hours <= 0n) throw new RangeError('a fleet that is paid for no time has no price of a day');
  return divideHalfEven(rentPico * 24n * 10n ** BigInt(UNIT_DIGITS), hours);
}

function requirement({ replicas, utilization }: HostedFleet, perReplicaSecond: number, perDay: number): string {
  const busy = utilization === null ? '' : `, ${Number((100 * utilization).toPrecision(3))} % of what is paid`;
  return (
    `at a utilization of 100 % one replica serves ${perReplicaSecond.toPrecision(3)} requests/s and ${replicas} serve ` +
    `${(replicas * perReplicaSecond).toPrecision(3)}, all day; the log brings ${(perDay / 86_400).toPrecision(3)}${busy}`
  );
}

function finite(volume: number): number | null {
  return Number.isFinite(volume) ? volume : null;
}
