/**
 * The prompt cache as a lever: what the calls of a stream (one kind in one workspace) cost with marked prompts under a lifetime that the provider
 * offers. In: a log, the provider's rules, the price engine. Out: settings of a stream, and costs of its calls under one of them. A stream whose
 * provider caches by itself has nothing to switch on, one that is cached already stays as it is. Rules and formulas: docs/simulation.md,
 * "Prompt cache".
 */
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import { allInputOf } from './call-states.ts';
import type { CallState, CallStates } from './call-states.ts';
import { replayStream } from './tree-replay.ts';

/** A lifetime one can ask for. */
export interface CacheSetting {
  readonly name: string;
  readonly ttlMs: number;
  readonly write: '5m' | '1h';
  readonly minimumTokens: number;
}

export interface PromptCacheFacts {
  /** settings one can switch on for a kind; empty where the provider caches by itself or not at all */
  settingsFor(kind: CallKind, timeMs: number): readonly CacheSetting[];
  /** share of simulated reads that come true, thousandths */
  trueThousandths(kind: CallKind): number;
}

/** Calls of one kind in one workspace that arrive, in order of time, each with its prompt as logged or shortened. */
export interface ArrivingCalls {
  readonly kind: number;
  readonly calls: Int32Array;
  readonly isShort: Uint8Array;
}

export interface PromptCachePlan {
  /** what can be switched on for these calls, as long as they have prompts to go by */
  settings(stream: ArrivingCalls): readonly CacheSetting[];
  /** whether there is anything to switch on for calls of this kind */
  hasSettings(kind: CallKind, timeMs: number): boolean;
  /** calls whose prompts begin alike share this number: calls of different ones never read from each other */
  familyOf(call: number): number;
  /** costs of the calls of the stream when exactly these arrive; null where one of them has no price */
  costs(stream: ArrivingCalls, setting: CacheSetting): CachedCosts | null;
}

/** By position in the stream. */
export interface CachedCosts {
  readonly costPico: Float64Array;
  /** the call whose mark was read; -1 where none was */
  readonly source: Int32Array;
}

const ROUNDED_TOKENS = 3;

/** Prepares the lever for a log. */
export function promptCachePlan(
  log: CallLog,
  kinds: KindTable,
  states: CallStates,
  facts: PromptCacheFacts,
): PromptCachePlan {
  const read = new Float64Array(log.calls);
  const written = new Float64Array(log.calls);
  const source = new Int32Array(log.calls);
  const ratio = new Float64Array(log.calls).fill(1);
  const inputTokens = Float64Array.from(log.allInput);
  const replayable = { ...log, inputTokens, ratio };
  return {
    hasSettings: (kind, timeMs) => facts.settingsFor(kind, timeMs).length > 0,
    familyOf: (call) => log.tree.familyOf(log.leaf[call] as number),
    settings({ kind, calls }) {
      const first = calls[0];
      if (first === undefined || calls.some((call) => isCached(log, call))) return [];
      return facts.settingsFor(kinds.kinds[kind] as CallKind, log.timeMs[first] as number);
    },
    costs({ kind, calls, isShort }, setting) {
      const trueThousandths = facts.trueThousandths(kinds.kinds[kind] as CallKind);
      const stateOf = (at: number): CallState => ({ kind, isShort: isShort[at] === 1 });
      for (const [at, call] of calls.entries()) {
        ratio[call] = states.ratio(call, stateOf(at));
        // what is cut off the end of a prompt cannot be marked; what is cut at its beginning, or evenly, is in the ratio
        const all = log.allInput[call] as number;
        inputTokens[call] =
          isShort[at] === 1 ? markableTokens(allInputOf(states.tokens(call, stateOf(at))), all, ratio[call]) : all;
      }
      replayStream(
        replayable,
        calls,
        { rule: 'breakpoint', incrementTokens: 1, ...setting },
        { read, written, source },
      );
      const costPico = new Float64Array(calls.length);
      for (const [at, call] of calls.entries()) {
        const state = stateOf(at);
        const tokens = states.tokens(call, state);
        const cached = { read: read[call] as number, written: written[call] as number, ratio: ratio[call] as number };
        const cost = states.costPico(call, state, cachedTokens(tokens, cached, setting, trueThousandths));
        if (cost === null) return null;
        costPico[at] = cost;
      }
      return { costPico, source: calls.map((call) => source[call] as number) };
    },
  };
}

/** How much of a logged prompt of `logged` tokens the `short` ones left of it stand for, each for 1 / `ratio` of them. */
function markableTokens(short: number, logged: number, ratio: number): number {
  if (ratio === 1) return short;
  // tokens of each price were rounded, so that a prompt cut evenly would seem to lack its last ones
  return Math.min(logged, Math.ceil((short + ROUNDED_TOKENS) / ratio));
}

function isCached(log: CallLog, call: number): boolean {
  return (log.cacheRead[call] as number) + (log.cacheWrite5m[call] as number) + (log.cacheWrite1h[call] as number) > 0;
}

/** Tokens with simulated reads and writes. What was expected to be read and is not must be written again. */
function cachedTokens(
  tokens: CallTokens,
  { read, written, ratio }: { readonly read: number; readonly written: number; readonly ratio: number },
  setting: CacheSetting,
  trueThousandths: number,
): CallTokens {
  const all = allInputOf(tokens);
  const expected = Math.min(all, Math.round(read * ratio));
  const cacheRead = Math.floor((expected * trueThousandths) / 1000);
  // rounding of another model's counts must not make parts exceed the whole
  const writes = Math.min(all - cacheRead, Math.round(written * ratio) + expected - cacheRead);
  return {
    ...tokens,
    input: all - cacheRead - writes,
    cacheRead,
    cacheWrite5m: setting.write === '5m' ? writes : 0,
    cacheWrite1h: setting.write === '1h' ? writes : 0,
  };
}
