/**
 * Calls that share a cache: those of one kind in one workspace. In: a log, the kind of each call, which calls take part. Out: the calls of each
 * stream in order of time, streams in order of their first call.
 */
import type { CallLog } from './call-log.ts';

export interface CallStream {
  readonly kind: number;
  readonly calls: readonly number[];
}

/** The streams of the calls for which `takesPart` holds. */
export function callStreams(log: CallLog, kindOf: Int32Array, takesPart: (call: number) => boolean): CallStream[] {
  const streams = new Map<number, number[]>();
  const workspaces = log.workspace.names.length + 1;
  for (let call = 0; call < log.calls; call++) {
    if (!takesPart(call)) continue;
    const name = (kindOf[call] as number) * workspaces + (log.workspace.codes[call] as number);
    const own = streams.get(name);
    if (own === undefined) streams.set(name, [call]);
    else own.push(call);
  }
  return [...streams].map(([name, calls]) => ({ kind: Math.floor(name / workspaces), calls }));
}
