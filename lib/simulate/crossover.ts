/**
 * From which volume on self-hosting is no dearer than the API, and stays so. In: one workload with a fixed mix of requests: what a replica
 * carries, what instances and people cost a day, what the API costs per request after the API's own best levers (cache, batch: without them
 * the comparison would be rigged). Out: the smallest V* in requests a day with self(V) ≤ API(V) for all V ≥ V*, or Infinity with the reason,
 * and the load that the answer assumes. self(V) = instances(V) · price + fixed is a step function: it can cross, be overtaken at the next
 * instance and cross again, so its steps are scanned from above. Money is compared exactly (integers of picodollars, cross-multiplied).
 */
import { Misconfigured } from '../errors.ts';
import { parseDecimal } from '../money.ts';
import type { Placement } from './gpu-cost.ts';

export interface SelfHostedVolume {
  /** mean replica-seconds of a request at saturation (`throughput.ts`) */
  readonly replicaSecondsPerRequest: number;
  /** busy share of replicas to plan for, at most 1: under a latency class, or what the replay of the log achieved */
  readonly utilizationMax: number;
  /** peak over mean of the arrivals; 1 where the utilization comes from a replay, which holds it already */
  readonly burst: number;
  readonly minimumReplicas: number;
  readonly placement: Placement;
  readonly instanceDayPico: bigint;
  /** people, set-up, storage: what a day costs at any volume */
  readonly fixedDayPico: bigint;
}

export interface ApiVolume {
  /** what `requests` of this workload cost */
  readonly costPico: bigint;
  readonly requests: bigint;
  /** share of requests whose self-hosted answer is accepted; the others are served by both */
  readonly acceptedShare: number;
}

export interface Crossover {
  /** V*; Infinity where it never comes */
  readonly requestsPerDay: number;
  /** the smallest volume at which self-hosting is no dearer at all, though it may be again at the next instance */
  readonly firstRequestsPerDay: number;
  /** why it never crosses; null where it does */
  readonly reason: string | null;
  /** at V*, or the fewest possible where it never crosses */
  readonly replicas: number;
  readonly instances: number;
  /** busy share of the paid replicas at V*; null where it never crosses */
  readonly utilization: number | null;
  /** what one replica is taken to serve, every second of the day, at the utilization planned for */
  readonly assumedRequestsPerSecond: number;
  /** the same in words */
  readonly assumes: string;
}

/** A level of the step function: as many replicas as the instances of this cost hold. */
interface Level {
  readonly instances: bigint;
  readonly replicas: number;
  /** greatest volume of a day that it carries */
  readonly most: number;
}

const DAY_S = 86_400;
const SHARE_DIGITS = 12;
/** Margins below this share of an instance's price are rounding of numbers, not money. */
const ROUNDING = 1e-14;
/** A fleet of more is nobody's; it also bounds the scan. */
const MOST_LEVELS = 1_000_000;

/** Finds the crossover. */
export function crossover(self: SelfHostedVolume, api: ApiVolume): Crossover {
  requireSettings(self, api);
  const perReplica = (DAY_S * self.utilizationMax) / (self.replicaSecondsPerRequest * self.burst);
  const { replicasPerInstance, instancesPerReplica } = self.placement;
  const level = (index: number): Level => ({
    instances: BigInt(index * instancesPerReplica),
    replicas: index * replicasPerInstance,
    most: Math.floor(index * replicasPerInstance * perReplica),
  });
  const lowest = Math.max(1, Math.ceil(self.minimumReplicas / replicasPerInstance));

  // a saved call is worth `saved / requests` picodollars; both sides are multiplied by the divisor
  const saved = api.costPico * (parseDecimal(api.acceptedShare, SHARE_DIGITS) ?? 0n);
  const requests = api.requests * 10n ** BigInt(SHARE_DIGITS);
  const dayPico = ({ instances }: Level): bigint => instances * self.instanceDayPico + self.fixedDayPico;
  const breakEven = (at: Level): number =>
    saved === 0n ? Infinity : Number(ceilDivide(dayPico(at) * requests, saved));

  const assumed = assumption(self, perReplica / DAY_S);
  const levelPico = Number(self.instanceDayPico) * instancesPerReplica;
  const savedPico = Number(saved) / Number(requests);
  const perLevel = replicasPerInstance * perReplica;
  const margin = perLevel * savedPico - levelPico;
  const paying = { from: Number(self.fixedDayPico) / margin, to: (Number(self.fixedDayPico) + savedPico) / margin };
  const firstRequestsPerDay = firstCrossing(level, lowest, paying, breakEven);
  // from this level on a new instance earns its price with the first request that needs it
  const settled = Math.max(lowest, Math.ceil((Number(self.fixedDayPico) + levelPico) / margin) + 2);
  if (!(margin > levelPico * ROUNDING) || settled > MOST_LEVELS || !Number.isSafeInteger(level(settled).most)) {
    const { instances } = level(lowest);
    const reason = neverReason(levelPico / perLevel, savedPico, margin > 0);
    const none = { requestsPerDay: Infinity, firstRequestsPerDay, reason, utilization: null };
    return { ...none, replicas: self.minimumReplicas, instances: Number(instances), ...assumed };
  }
  let index = settled;
  while (index > lowest && breakEven(level(index)) <= level(index - 1).most + 1) index--;
  // below V* the level `index` is dearer, or has not begun
  const requestsPerDay = Math.min(breakEven(level(index)), level(index).most + 1);
  const at = requestsPerDay > level(index).most ? level(index + 1) : level(index);
  const needed = Math.max(self.minimumReplicas, Math.ceil(requestsPerDay / perReplica));
  return {
    requestsPerDay,
    firstRequestsPerDay,
    reason: null,
    replicas: needed,
    instances: Number(at.instances),
    utilization: (requestsPerDay * self.replicaSecondsPerRequest) / DAY_S / at.replicas,
    ...assumed,
  };
}

/**
 * The first level that pays at its fullest, and the volume from which it does. From `paying.from` levels on their margins make up for what is
 * fixed, and from `paying.to` on also for the part of a request that a level cannot carry.
 */
function firstCrossing(
  level: (index: number) => Level,
  lowest: number,
  paying: { readonly from: number; readonly to: number },
  breakEven: (at: Level) => number,
): number {
  if (!(paying.from >= 0 && paying.from < Infinity)) return Infinity;
  // a level of slack on either side, as these bounds are rounded numbers
  const first = Math.max(lowest, Math.floor(paying.from) - 1);
  const last = Math.max(first, Math.ceil(paying.to) + 1);
  if (last - first > MOST_LEVELS || !Number.isSafeInteger(level(last).most)) return Infinity;
  for (let index = first; index <= last; index++) {
    const volume = Math.max(breakEven(level(index)), index === lowest ? 0 : level(index - 1).most + 1);
    if (volume <= level(index).most) return volume;
  }
  return Infinity;
}

function neverReason(selfPico: number, savedPico: number, barely: boolean): string {
  const both = `${usd(selfPico)} per request on a full fleet against ${usd(savedPico)} saved at the API`;
  return barely
    ? `self-hosting would pay only beyond any real volume (a million instances): ${both}`
    : `self-hosting never pays at this utilization, whatever the volume: ${both}`;
}

function assumption(
  self: SelfHostedVolume,
  perSecond: number,
): Pick<Crossover, 'assumedRequestsPerSecond' | 'assumes'> {
  const utilization = `${Number((100 * self.utilizationMax).toFixed(1))} %`;
  const even = self.burst === 1 ? '' : `, with a peak ${self.burst} times the mean`;
  return {
    assumedRequestsPerSecond: perSecond,
    assumes:
      `each replica serves ${perSecond.toPrecision(3)} requests/s all day at a utilization of ${utilization}${even}; ` +
      'below that load a request costs more',
  };
}

function usd(pico: number): string {
  return `$${Number((pico / 1e12).toPrecision(3))}`;
}

function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

function requireSettings(self: SelfHostedVolume, api: ApiVolume): void {
  const shares = { utilizationMax: self.utilizationMax, acceptedShare: api.acceptedShare };
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share <= 1) || (name === 'utilizationMax' && share === 0)) {
      throw new Misconfigured(`crossover: ${name} is ${share}`, { hint: 'give a share above 0, at most 1' });
    }
  }
  if (!(self.replicaSecondsPerRequest > 0) || !(self.burst >= 1) || !(self.minimumReplicas >= 0)) {
    throw new RangeError('a crossover needs work per request above 0, a burst of at least 1 and a minimum of replicas');
  }
  if (self.instanceDayPico <= 0n || self.fixedDayPico < 0n || api.costPico < 0n || api.requests <= 0n) {
    throw new RangeError('a crossover needs an instance that costs something and API requests with a cost from 0');
  }
}
