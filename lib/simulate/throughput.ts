/**
 * What one replica can do with the log's own calls. A call costs s = a·new input + b·output + c·output·(input + output/2) seconds of a
 * saturated replica under continuous batching (prefill, decode, reading keys and values; a fit to TensorRT-LLM v1.0, at most 9 % off at its
 * own points and 14 % at points left out). In: an anchor or a roofline, and the calls' lengths. Out: seconds per call, requests per second at
 * saturation and what remains of it under a latency target, with its range. Invariant: throughput is one over the mean of s over the calls,
 * never s of the mean call, for s is bilinear and long prompts go with long answers.
 */
import { SELF_HOSTING_PARAMETERS } from './self-hosting-parameters-data.ts';
import type { RangedParameter } from './self-hosting-parameters-data.ts';
import type { ReplicaSpeed, ThroughputAnchor } from './throughput-data.ts';

/** Lengths of the calls, arrays of one length. Input counts all tokens; new input leaves out what the replica's prefix cache holds. */
export interface CallLengths {
  readonly inputTokens: ArrayLike<number>;
  readonly outputTokens: ArrayLike<number>;
  readonly newInputTokens?: ArrayLike<number> | undefined;
}

/** `offline`: nobody waits for a token. `relaxed`: 50 ms per output token. `tight`: 20 ms. */
export type LatencyClass = 'offline' | 'relaxed' | 'tight';

const USABLE: Readonly<Record<LatencyClass, RangedParameter>> = {
  offline: SELF_HOSTING_PARAMETERS.rateOffline,
  relaxed: SELF_HOSTING_PARAMETERS.rateRelaxed,
  tight: SELF_HOSTING_PARAMETERS.rateTight,
};

export interface Saturation {
  readonly calls: number;
  /** mean replica-seconds of a call */
  readonly meanReplicaS: number;
  readonly requestsPerSecond: number;
  readonly outputTokensPerSecond: number;
}

export interface UsableThroughput extends Saturation {
  /** requests per second under the latency class; the range multiplies the extremes of class, fit and age */
  readonly usablePerSecond: { readonly low: number; readonly value: number; readonly high: number };
  readonly relativeError: number;
  readonly warnings: readonly string[];
}

/** Seconds of a saturated replica that one call takes. */
export function replicaSeconds(
  speed: ReplicaSpeed,
  inputTokens: number,
  outputTokens: number,
  newInputTokens: number = inputTokens,
): number {
  const context = outputTokens * (inputTokens + outputTokens / 2);
  return (
    speed.inputUs * 1e-6 * newInputTokens + speed.outputUs * 1e-6 * outputTokens + speed.contextNs * 1e-9 * context
  );
}

/** The replica-seconds of each call: the work that `fleet.ts` replays. */
export function replicaWork(speed: ReplicaSpeed, calls: CallLengths): Float64Array {
  const work = new Float64Array(calls.inputTokens.length);
  for (let i = 0; i < work.length; i++) work[i] = secondsOf(speed, calls, i);
  return work;
}

/** The most one replica serves of these calls when it never lacks work. */
export function saturation(speed: ReplicaSpeed, calls: CallLengths): Saturation {
  const count = calls.inputTokens.length;
  let seconds = 0;
  let output = 0;
  for (let i = 0; i < count; i++) {
    seconds += secondsOf(speed, calls, i);
    output += calls.outputTokens[i] as number;
  }
  if (!(seconds > 0 && seconds < Infinity)) {
    throw new RangeError(`a throughput needs calls with known lengths: ${count} calls take ${seconds} replica-seconds`);
  }
  return {
    calls: count,
    meanReplicaS: seconds / count,
    requestsPerSecond: count / seconds,
    outputTokensPerSecond: output / seconds,
  };
}

function secondsOf(speed: ReplicaSpeed, calls: CallLengths, i: number): number {
  const input = calls.inputTokens[i] as number;
  return replicaSeconds(speed, input, calls.outputTokens[i] as number, calls.newInputTokens?.[i] ?? input);
}

/** What is left under a latency class of a measured replica, with range and warnings, as seen on the day `asOf` (YYYY-MM-DD). */
export function usableThroughput(
  anchor: ThroughputAnchor,
  calls: CallLengths,
  latencyClass: LatencyClass,
  asOf: string,
): UsableThroughput {
  const full = saturation(anchor, calls);
  const outside = outsideRange(anchor, calls);
  const { errorInRange, errorOutOfRange, softwareGainPerYear } = SELF_HOSTING_PARAMETERS;
  const fitError = anchor.leaveOneOutMaxError ?? anchor.maxFitError;
  const relativeError = Math.max(fitError, outside === 0 ? errorInRange.value : errorOutOfRange.value);
  const newer = 1 + softwareGainPerYear.value * yearsSince(anchor.measuredAt, asOf);
  const usable = USABLE[latencyClass];
  return {
    ...full,
    usablePerSecond: {
      low: (full.requestsPerSecond * usable.low) / (1 + relativeError),
      value: full.requestsPerSecond * usable.value,
      high: full.requestsPerSecond * usable.high * (1 + relativeError) * newer,
    },
    relativeError,
    warnings: outside === 0 ? [] : [rangeWarning(anchor, outside, full.calls)],
  };
}

/** Years between two days, not less than zero: how much faster software may have become since a measurement. */
export function yearsSince(measuredAt: string, asOf: string): number {
  const days = (Date.parse(asOf) - Date.parse(measuredAt)) / 86_400_000;
  if (Number.isNaN(days)) throw new RangeError(`days are written YYYY-MM-DD: got ${measuredAt} and ${asOf}`);
  return Math.max(0, days / 365.25);
}

/** Calls whose input or output lies outside the lengths that were measured. */
export function outsideRange(anchor: ThroughputAnchor, calls: CallLengths): number {
  const [leastIn, mostIn] = anchor.inputTokens;
  const [leastOut, mostOut] = anchor.outputTokens;
  let outside = 0;
  for (let i = 0; i < calls.inputTokens.length; i++) {
    const input = calls.inputTokens[i] as number;
    const output = calls.outputTokens[i] as number;
    if (input < leastIn || input > mostIn || output < leastOut || output > mostOut) outside++;
  }
  return outside;
}

function rangeWarning(anchor: ThroughputAnchor, outside: number, calls: number): string {
  const share = ((100 * outside) / calls).toFixed(1);
  return (
    `${share} % of the calls (${outside} of ${calls}) are outside the lengths that were measured for ${anchor.model} ` +
    `(${anchor.inputTokens.join(' to ')} in, ${anchor.outputTokens.join(' to ')} out): expect ±40 %`
  );
}
