/**
 * The prompt cache as a lever: for every stream (model and workspace) the setting that costs least on the calls that still arrive: as logged,
 * or marked prompts with one of the lifetimes the provider offers. In: a log, the provider's rules, the price engine. Out: the cost of every
 * call under the best setting. A stream whose provider caches by itself has nothing to switch on. Rules and formulas: docs/simulation.md,
 * "Prompt cache".
 */
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import { allInputOf } from './call-states.ts';
import type { CallStates } from './call-states.ts';
import { callStreams } from './call-streams.ts';
import { replayStream } from './tree-replay.ts';
import type { CacheTokens } from './tree-replay.ts';

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
  readonly trueThousandths: number;
}

export interface PromptCachePlan {
  /** whether there is anything to switch on for calls of this kind */
  hasSettings(kind: CallKind, timeMs: number): boolean;
  /**
   * Costs of the calls with `survives`, each stream under its best setting; others keep `costPico`. A setting is judged by what is left to it
   * where some calls have a cheaper way out, such as a batch, at `elsewherePico`.
   */
  costs(
    kindOf: Int32Array,
    survives: Uint8Array,
    costPico: Float64Array,
    elsewherePico?: Float64Array | null,
  ): Float64Array;
}

interface Stream {
  readonly calls: Int32Array;
  readonly kind: number;
}

/** Prepares the lever for a log. */
export function promptCachePlan(
  log: CallLog,
  kinds: KindTable,
  states: CallStates,
  facts: PromptCacheFacts,
): PromptCachePlan {
  const tokens: CacheTokens = { read: new Float64Array(log.calls), written: new Float64Array(log.calls) };
  const replayable = { ...log, inputTokens: log.allInput };
  return {
    hasSettings: (kind, timeMs) => facts.settingsFor(kind, timeMs).length > 0,
    costs(kindOf, survives, costPico, elsewherePico = null) {
      const best = Float64Array.from(costPico);
      for (const { calls, kind } of streams(log, kindOf, survives)) {
        const first = calls[0] as number;
        const least = (cost: number, call: number): number => Math.min(cost, elsewherePico?.[call] ?? Infinity);
        let bestSum = calls.reduce((sum, call) => sum + least(costPico[call] as number, call), 0);
        for (const setting of facts.settingsFor(kinds.kinds[kind] as CallKind, log.timeMs[first] as number)) {
          replayStream(replayable, calls, { rule: 'breakpoint', incrementTokens: 1, ...setting }, tokens);
          const costs = settingCosts(calls, (call) =>
            states.costPico(call, kind, cachedTokens(states, call, kind, tokens, setting, facts.trueThousandths)),
          );
          const sum =
            costs === null ? Infinity : costs.reduce((all, cost, at) => all + least(cost, calls[at] as number), 0);
          if (costs === null || sum >= bestSum) continue;
          bestSum = sum;
          for (const [at, call] of calls.entries()) best[call] = costs[at] as number;
        }
      }
      return best;
    },
  };
}

/** Streams with prompts to go by, and not cached already. */
function streams(log: CallLog, kindOf: Int32Array, survives: Uint8Array): Stream[] {
  return callStreams(log, kindOf, (call) => survives[call] === 1 && (log.leaf[call] as number) >= 0)
    .filter(({ calls }) => !calls.some((call) => isCached(log, call)))
    .map(({ kind, calls }) => ({ kind, calls: Int32Array.from(calls) }));
}

function isCached(log: CallLog, call: number): boolean {
  return (log.cacheRead[call] as number) + (log.cacheWrite5m[call] as number) + (log.cacheWrite1h[call] as number) > 0;
}

/** Tokens with simulated reads and writes. What was expected to be read and is not must be written again. */
function cachedTokens(
  states: CallStates,
  call: number,
  kind: number,
  { read, written }: CacheTokens,
  setting: CacheSetting,
  trueThousandths: number,
): CallTokens {
  const tokens = states.tokens(call, kind);
  const expected = states.scaled(call, kind, read[call] as number);
  const cacheRead = Math.floor((expected * trueThousandths) / 1000);
  const all = allInputOf(tokens);
  // rounding of another model's counts must not make parts exceed the whole
  const writes = Math.min(all - cacheRead, states.scaled(call, kind, written[call] as number) + expected - cacheRead);
  return {
    ...tokens,
    input: all - cacheRead - writes,
    cacheRead,
    cacheWrite5m: setting.write === '5m' ? writes : 0,
    cacheWrite1h: setting.write === '1h' ? writes : 0,
  };
}

function settingCosts(calls: Int32Array, costOf: (call: number) => number | null): Float64Array | null {
  const costs = new Float64Array(calls.length);
  for (const [at, call] of calls.entries()) {
    const cost = costOf(call);
    if (cost === null) return null;
    costs[at] = cost;
  }
  return costs;
}
