/**
 * Calls as work for a fleet. In: arrivals and lengths of the calls, the replica, parameter values. Out: replica-seconds of each call
 * under the latency class, and which calls can wait for room. A call takes s(in, out) of a saturated replica (`throughput.ts`), times 1 + the
 * error of the fit, divided by the share that the latency class leaves usable and by what newer software adds a year since the measurement.
 * Where the speed is extrapolated, the error of rooflines takes the place of that of fits and of newer software.
 * Invariant: one entry per call, none of them guessed: lengths that are no numbers are refused.
 */
import type { HostingOption } from '../config-hosting.ts';
import { extrapolatedSpeed } from './extrapolated-replica.ts';
import { isExtrapolated, usableShare } from './hosting-option.ts';
import type { HostingSetup, HostingValues } from './hosting-option.ts';
import type { ThroughputAnchor } from './throughput-data.ts';
import { replicaWork, yearsSince } from './throughput.ts';

/** Calls that a fleet would take. Arrays of one length, in order of arrival. */
export interface HostedCalls {
  readonly arrivalMs: Float64Array;
  /** all tokens of the prompt, those an API reads from its cache included */
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** how long the caller can wait; NaN where somebody waits for the answer */
  readonly waitMs: Float64Array;
  /** the time that is paid, whole days of UTC */
  readonly fromMs: number;
  readonly toMs: number;
  /** how many calls each stands for, where they are a sample: its work is that of all of them at once, which is the worst they could do */
  readonly callsPerCall?: number | undefined;
}

export interface HostedWork {
  readonly workS: Float64Array;
  /** calls outside the lengths that were measured */
  readonly outsideCalls: number;
}

export const DAY_MS = 86_400_000;

/** Replica-seconds of each call. */
export function hostedWork(
  calls: HostedCalls,
  anchor: HostingSetup['anchor'],
  option: HostingOption,
  values: HostingValues,
): HostedWork {
  requireCalls(calls);
  if (calls.arrivalMs.length === 0) return { workS: new Float64Array(0), outsideCalls: 0 };
  if (isExtrapolated(anchor)) {
    const workS = replicaWork(extrapolatedSpeed(anchor, values).speed, calls);
    const times = (values('perf.roofline_error') * (calls.callsPerCall ?? 1)) / usableShare(option, values);
    return { workS: workS.map((seconds, call) => knownSeconds(seconds * times, call)), outsideCalls: 0 };
  }
  const workS = replicaWork(anchor, calls);
  const asOf = new Date(calls.toMs).toISOString().slice(0, 10);
  const newer = 1 + values('perf.gain_per_year') * yearsSince(anchor.measuredAt, asOf);
  const usable = (usableShare(option, values) * newer) / (calls.callsPerCall ?? 1);
  const inside = (1 + values('perf.fit_error')) / usable;
  const outside = (1 + values('perf.fit_error_outside')) / usable;
  // a fit whose error at points left out nobody computed is not trusted more inside its range
  const isTrusted = anchor.leaveOneOutMaxError !== null;
  let outsideCalls = 0;
  for (let call = 0; call < workS.length; call++) {
    const isInside = isMeasured(anchor, calls.inputTokens[call] as number, calls.outputTokens[call] as number);
    if (!isInside) outsideCalls++;
    workS[call] = knownSeconds((workS[call] as number) * (isTrusted && isInside ? inside : outside), call);
  }
  return { workS, outsideCalls };
}

function knownSeconds(seconds: number, call: number): number {
  if (!(seconds >= 0 && seconds < Infinity)) throw new RangeError(`call ${call} has no lengths to work on`);
  return seconds;
}

/** Words about calls that nobody measured; null where there are none. */
export function outsideWarning({ workS, outsideCalls }: HostedWork, anchor: ThroughputAnchor): string | null {
  if (outsideCalls === 0) return null;
  const share = ((100 * outsideCalls) / workS.length).toFixed(1);
  return (
    `${share} % of the calls (${outsideCalls} of ${workS.length}) are outside the lengths measured for ${anchor.id} ` +
    `(${anchor.inputTokens.join(' to ')} tokens in, ${anchor.outputTokens.join(' to ')} out): their time is extrapolated (perf.fit_error_outside)`
  );
}

function isMeasured({ inputTokens, outputTokens }: ThroughputAnchor, input: number, output: number): boolean {
  return input >= inputTokens[0] && input <= inputTokens[1] && output >= outputTokens[0] && output <= outputTokens[1];
}

function requireCalls({ arrivalMs, inputTokens, outputTokens, waitMs, fromMs, toMs }: HostedCalls): void {
  const count = arrivalMs.length;
  if ([inputTokens, outputTokens, waitMs].some((column) => column.length !== count)) {
    throw new RangeError(`columns of hosted calls differ in length: ${count} arrivals`);
  }
  if (!(toMs > fromMs && Number.isInteger((toMs - fromMs) / DAY_MS))) {
    throw new RangeError(`a fleet is paid for whole days, not from ${fromMs} to ${toMs} ms`);
  }
  let before = fromMs;
  for (const at of arrivalMs) {
    if (!(at >= before && at < toMs)) {
      throw new RangeError(`a call at ${at} ms: calls are in order of arrival, from ${fromMs} to before ${toMs} ms`);
    }
    before = at;
  }
}
