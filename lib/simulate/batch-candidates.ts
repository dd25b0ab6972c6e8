/**
 * Streams that look like jobs although nobody tagged them: what one application asks of one model, most of it within the same few hours of the
 * day, day after day, in bursts, with nobody answering in between. In: a log, the calls that nothing speaks against. Out: candidates with the
 * numbers they rest on, dearest first. They are questions to their owners: a plan takes none of them before a tag or a deadline says so.
 */
import type { CallKind, CallLog } from './call-log.ts';

export interface BatchCandidate {
  readonly application: string | null;
  readonly team: string;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly costPico: bigint;
  /** first hour (UTC) of the three in which most calls are made, and their share */
  readonly fromHour: number;
  readonly windowShare: number;
  /** days with calls in that window, of all days of the log */
  readonly days: number;
  readonly daysOfLog: number;
  /** half of the calls come sooner after the one before than this */
  readonly medianGapSeconds: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A job shows in so many hours of the day, has so much of its calls there, on so many days at least, this close together. */
const WINDOW_HOURS = 3;
const MIN_WINDOW_SHARE = 0.8;
const MIN_DAYS = 5;
const MIN_DAYS_SHARE = 0.6;
const MAX_MEDIAN_GAP_S = 60;
const MIN_CALLS = 100;

/** Candidates among the calls with `mayWait`; calls with `isTagged` need no asking. */
export function batchCandidates(log: CallLog, mayWait: Uint8Array, isTagged: Uint8Array): BatchCandidate[] {
  const streams = new Map<string, number[]>();
  for (let call = 0; call < log.calls; call++) {
    if (mayWait[call] === 0 || isTagged[call] === 1) continue;
    const { model } = log.kinds[log.kind[call] as number] as CallKind;
    const name = JSON.stringify([log.application.codes[call], log.team.codes[call], model]);
    const own = streams.get(name);
    if (own === undefined) streams.set(name, [call]);
    else own.push(call);
  }
  const first = Math.floor((log.timeMs[0] ?? 0) / DAY_MS);
  const daysOfLog = Math.floor((log.timeMs.at(-1) ?? 0) / DAY_MS) - first + 1;
  return [...streams.values()]
    .flatMap((calls) => candidateOf(log, calls, daysOfLog))
    .toSorted((a, b) => (a.costPico === b.costPico ? 0 : a.costPico < b.costPico ? 1 : -1));
}

function candidateOf(log: CallLog, calls: readonly number[], daysOfLog: number): BatchCandidate[] {
  if (calls.length < MIN_CALLS) return [];
  const byHour = new Float64Array(24);
  for (const call of calls) {
    const hour = hourOf(log, call);
    byHour[hour] = (byHour[hour] as number) + 1;
  }
  const inWindow = (from: number): number =>
    Array.from({ length: WINDOW_HOURS }, (_, k) => byHour[(from + k) % 24] as number).reduce((a, b) => a + b, 0);
  const hours = Array.from({ length: 24 }, (_, from) => inWindow(from));
  const fromHour = hours.indexOf(Math.max(...hours));
  const windowShare = (hours[fromHour] as number) / calls.length;
  const own = calls.filter((call) => (hourOf(log, call) - fromHour + 24) % 24 < WINDOW_HOURS);
  const days = new Set(own.map((call) => Math.floor(((log.timeMs[call] as number) - fromHour * HOUR_MS) / DAY_MS)))
    .size;
  const gaps = Float64Array.from(
    own.slice(1),
    (call, at) => (log.timeMs[call] as number) - (log.timeMs[own[at] as number] as number),
  );
  const medianGapSeconds = (gaps.toSorted()[gaps.length >> 1] ?? Infinity) / 1000;
  const isJob =
    windowShare >= MIN_WINDOW_SHARE &&
    days >= Math.max(MIN_DAYS, MIN_DAYS_SHARE * daysOfLog) &&
    medianGapSeconds <= MAX_MEDIAN_GAP_S;
  if (!isJob) return [];
  const call = calls[0] as number;
  const { provider, model } = log.kinds[log.kind[call] as number] as CallKind;
  return [
    {
      application: log.application.names[log.application.codes[call] as number] ?? null,
      team: log.team.names[log.team.codes[call] as number] as string,
      provider,
      model,
      calls: calls.length,
      costPico: calls.reduce((sum, one) => sum + (log.costPico[one] as bigint), 0n),
      fromHour,
      windowShare,
      days,
      daysOfLog,
      medianGapSeconds,
    },
  ];
}

function hourOf(log: CallLog, call: number): number {
  return Math.floor((log.timeMs[call] as number) / HOUR_MS) % 24;
}
