/**
 * Which calls may wait for a batch: those whose caller says so by a deadline or a tag, in a session where nothing that follows would come too
 * late, in jobs that the provider takes. Beside that floor the ceiling, every call that nothing in the log speaks against, and what lies between:
 * streams that look like jobs, each with the numbers it rests on. In: a log, rules of providers, turnaround. Out: flags and shares by call.
 * Nobody is taken to be patient because of a model's name or the hour (docs/simulation.md, "Batch").
 */
import type { BatchRule } from './batch-rules-data.ts';
import { batchRulesFor, jobsFor, lateProbability } from './batch-rules.ts';
import type { Turnaround } from './batch-rules.ts';
import type { CallKind, CallLog } from './call-log.ts';
import { rememberedByDay } from './dated-rules.ts';

/** Arrays by call. */
export interface WaitingCalls {
  /** 1 where the call may wait for a batch */
  readonly mayWait: Uint8Array;
  /** share of logged cache reads that a batch keeps, thousandths */
  readonly batchCacheThousandths: Int32Array;
  /** how many such calls come back too late and are made again, millionths */
  readonly batchLateMillionths: Int32Array;
}

export interface BatchSettings {
  readonly turnaround: Turnaround;
  readonly cacheKeptShare: number;
  /** taken where the log does not tell how long an answer took */
  readonly assumedLatencyMs: number;
}

const MS_PER_DAY = 86_400_000;
/** A call whose deadline a batch would miss more often than this does not go into one, however cheap. */
const MAX_LATE_SHARE = 0.05;

/** The calls whose caller says that they may wait. */
export function waitingCalls(log: CallLog, settings: BatchSettings): WaitingCalls {
  return batchable(log, settings, (call) => declaredWaitMs(log, call));
}

/** The calls that nothing in the log speaks against: answered in one piece, to nobody who goes on talking. The ceiling of any guess. */
export function patientCalls(log: CallLog, settings: BatchSettings): WaitingCalls {
  return batchable(log, settings, (call) => {
    const declaredMs = log.deadlineSeconds[call] as number;
    if (!Number.isNaN(declaredMs)) return declaredMs * 1000;
    return log.isStreamed[call] === 1 ? null : MS_PER_DAY;
  });
}

function batchable(log: CallLog, settings: BatchSettings, waitOf: (call: number) => number | null): WaitingCalls {
  const mayWait = new Uint8Array(log.calls);
  const batchCacheThousandths = new Int32Array(log.calls);
  const batchLateMillionths = new Int32Array(log.calls);
  const jobs = new Map<string, { rule: BatchRule; calls: number[] }>();
  const ruleOf = rememberedByDay(({ provider, model }: CallKind, timeMs) => batchRulesFor(provider, model, timeMs));
  const steps = chainLengths(log, settings.assumedLatencyMs, waitOf);
  for (let call = 0; call < log.calls; call++) {
    if (log.isOpen[call] === 0) continue;
    const kind = log.kinds[log.kind[call] as number] as CallKind;
    const timeMs = log.timeMs[call] as number;
    const rule = kind.tier === 'standard' ? ruleOf(kind, timeMs) : null;
    const waitMs = waitOf(call);
    if (rule === null || waitMs === null || waitMs < rule.shortestWaitMs) continue;
    const late = lateProbability(waitMs, settings.turnaround, steps[call]);
    if (late > MAX_LATE_SHARE) continue;
    batchLateMillionths[call] = Math.round(late * 1_000_000);
    batchCacheThousandths[call] = Math.round(keptShare(rule, settings.cacheKeptShare) * 1000);
    const name = `${log.kind[call]} ${Math.floor(timeMs / MS_PER_DAY)}`;
    const job = jobs.get(name);
    if (job === undefined) jobs.set(name, { rule, calls: [call] });
    else job.calls.push(call);
  }
  for (const { rule, calls } of jobs.values())
    if (jobsFor(calls.length, rule) > 0) for (const call of calls) mayWait[call] = 1;
  return { mayWait, batchCacheThousandths, batchLateMillionths };
}

/**
 * How many batches one after the other the session of a call needs: its calls that were made at once can be one batch, one that came after an
 * answer had to wait for it. A pause longer than the caller can wait ends the chain. Calls without a session are alone.
 */
function chainLengths(log: CallLog, assumedLatencyMs: number, waitOf: (call: number) => number | null): Int32Array {
  const steps = new Int32Array(log.calls).fill(1);
  const chains = new Map<number, { calls: number[]; length: number; answeredMs: number; lastMs: number }>();
  const close = ({ calls, length }: { readonly calls: readonly number[]; readonly length: number }): void => {
    for (const call of calls) steps[call] = length;
  };
  for (let call = 0; call < log.calls; call++) {
    const session = log.session.codes[call] as number;
    if (session < 0 || log.isOpen[call] === 0) continue;
    const nowMs = log.timeMs[call] as number;
    const latencyMs = log.latencyMs[call] as number;
    const answeredMs = nowMs + (Number.isNaN(latencyMs) ? assumedLatencyMs : latencyMs);
    const chain = chains.get(session);
    if (chain === undefined || nowMs - chain.lastMs > (waitOf(call) ?? MS_PER_DAY)) {
      if (chain !== undefined) close(chain);
      chains.set(session, { calls: [call], length: 1, answeredMs, lastMs: nowMs });
      continue;
    }
    if (nowMs >= chain.answeredMs) {
      chain.length++;
      chain.answeredMs = answeredMs;
    } else chain.answeredMs = Math.min(chain.answeredMs, answeredMs);
    chain.lastMs = nowMs;
    chain.calls.push(call);
  }
  for (const chain of chains.values()) close(chain);
  return steps;
}

/**
 * Cache reads that a batch of this provider keeps, between the shares seen there. Where cached tokens are not discounted again in a batch they
 * are taken as fresh ones at the batch price, which is the dearer of both.
 */
function keptShare({ cachedTokens, cacheKept }: BatchRule, share: number): number {
  if (cachedTokens !== 'batch_price' || cacheKept === null) return 0;
  return Math.min(cacheKept.high, Math.max(cacheKept.low, share));
}

/** How long the caller can wait: as declared, a day where only a tag says that it may, null where nothing does. */
export function declaredWaitMs(log: CallLog, call: number): number | null {
  const seconds = log.deadlineSeconds[call] as number;
  if (!Number.isNaN(seconds)) return seconds * 1000;
  return log.isDeferrable[call] === 1 ? MS_PER_DAY : null;
}
