/**
 * The prompt cache as a lever: what the calls of a stream (one kind in one workspace) cost with marked prompts under a lifetime that the provider
 * offers, or with a longer life of entries where the provider caches by itself (`cache-retention.ts`). In: a log, the provider's rules, the price
 * engine. Out: settings of a stream, and costs of its calls under one of them. A stream that is cached already is not marked anew; under a longer
 * life it keeps what it reads. Rules and formulas: docs/simulation.md, "Prompt cache".
 */
import { readsUnderBoth, retainedTokens } from './cache-retention.ts';
import type { RetentionSetting } from './cache-retention.ts';
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import { allInputOf } from './call-states.ts';
import type { CallState, CallStates } from './call-states.ts';
import { replayStream } from './tree-replay.ts';

/** Prompts are marked at their end, with a lifetime that writing is paid for. */
export interface MarkedSetting {
  readonly kind: 'marked';
  readonly name: string;
  readonly ttlMs: number;
  readonly write: '5m' | '1h';
  readonly minimumTokens: number;
}

export type CacheSetting = MarkedSetting | RetentionSetting;

export interface PromptCacheFacts {
  /** settings one can switch on for a kind; empty where the provider does not cache, or only as it likes */
  settingsFor(kind: CallKind, timeMs: number): readonly CacheSetting[];
  /** whether a stream of the log has the longer life already */
  isRetained(kind: number, workspace: number): boolean;
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
  /** share of simulated reads that come true for a kind, thousandths */
  trueThousandths(kind: number): number;
  /** what can be switched on for these calls, as long as they have prompts to go by */
  settings(stream: ArrivingCalls): readonly CacheSetting[];
  /** whether there is anything to switch on for calls of this kind */
  hasSettings(kind: CallKind, timeMs: number): boolean;
  /** whether entries of this kind could live longer than they do unasked */
  hasRetention(kind: CallKind, timeMs: number): boolean;
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

/** Room for the replays of a log, by call: each fills in the calls of its stream first. */
export interface CacheMarks {
  readonly read: Float64Array;
  /** under the life that entries have unasked */
  readonly usual: Float64Array;
  readonly written: Float64Array;
  readonly source: Int32Array;
  readonly ratio: Float64Array;
  readonly inputTokens: Float64Array;
}

/** Room that the plans of one log may share. */
export function createMarks({ calls }: Pick<CallLog, 'calls'>): CacheMarks {
  return {
    read: new Float64Array(calls),
    usual: new Float64Array(calls),
    written: new Float64Array(calls),
    source: new Int32Array(calls),
    ratio: new Float64Array(calls),
    inputTokens: new Float64Array(calls),
  };
}

/** The longer life among settings. */
export function retentionOf(settings: readonly CacheSetting[]): RetentionSetting | undefined {
  return settings.find((setting) => setting.kind === 'retention');
}

/** Prepares the lever for a log. */
export function promptCachePlan(
  log: CallLog,
  kinds: KindTable,
  states: CallStates,
  { read, usual, written, source, ratio, inputTokens }: CacheMarks,
  facts: PromptCacheFacts,
): PromptCachePlan {
  const replayable = { ...log, inputTokens, ratio };
  const reads = { longer: read, usual };

  /** Costs with the tokens that `tokensOf` makes of those of a call in its state. */
  function costsWith(
    { kind, calls, isShort }: ArrivingCalls,
    tokensOf: (call: number, tokens: CallTokens) => CallTokens,
  ): Float64Array | null {
    const costPico = new Float64Array(calls.length);
    for (const [at, call] of calls.entries()) {
      const state = { kind, isShort: isShort[at] === 1 };
      const cost = states.costPico(call, state, tokensOf(call, states.tokens(call, state)));
      if (cost === null) return null;
      costPico[at] = cost;
    }
    return costPico;
  }

  return {
    trueThousandths: (kind) => facts.trueThousandths(kinds.kinds[kind] as CallKind),
    hasSettings: (kind, timeMs) => facts.settingsFor(kind, timeMs).length > 0,
    hasRetention: (kind, timeMs) => retentionOf(facts.settingsFor(kind, timeMs)) !== undefined,
    familyOf: (call) => log.tree.familyOf(log.leaf[call] as number),
    settings({ kind, calls }) {
      const first = calls[0];
      if (first === undefined) return [];
      const settings = facts.settingsFor(kinds.kinds[kind] as CallKind, log.timeMs[first] as number);
      if (settings.length === 0) return settings;
      const isMarkable = !calls.some((call) => isCached(log, call));
      const isKept = (): boolean => facts.isRetained(kind, log.workspace.codes[first] as number);
      return settings.filter((setting) => (setting.kind === 'marked' ? isMarkable : !isKept()));
    },
    costs(stream, setting) {
      const { kind, calls, isShort } = stream;
      const trueThousandths = facts.trueThousandths(kinds.kinds[kind] as CallKind);
      const stateOf = (at: number): CallState => ({ kind, isShort: isShort[at] === 1 });
      for (const [at, call] of calls.entries()) {
        ratio[call] = states.ratio(call, stateOf(at));
        // what is cut off the end of a prompt cannot be marked; what is cut at its beginning, or evenly, is in the ratio
        const all = log.allInput[call] as number;
        inputTokens[call] =
          isShort[at] === 1 ? markableTokens(allInputOf(states.tokens(call, stateOf(at))), all, ratio[call]) : all;
      }
      if (setting.kind === 'retention') {
        readsUnderBoth(replayable, calls, setting, reads);
        const costPico = costsWith(stream, (call, tokens) => {
          const own = (tokensOfLog: Float64Array): number =>
            Math.min(allInputOf(tokens), Math.round((tokensOfLog[call] as number) * (ratio[call] as number)));
          return retainedTokens(tokens, own(reads.longer), own(reads.usual), trueThousandths);
        });
        // nothing is marked: what keeps an entry alive is every call that begins like it
        return costPico === null ? null : { costPico, source: new Int32Array(calls.length).fill(-1) };
      }
      replayStream(
        replayable,
        calls,
        { rule: 'breakpoint', incrementTokens: 1, ...setting },
        { read, written, source },
      );
      const costPico = costsWith(stream, (call, tokens) => {
        const cached = { read: read[call] as number, written: written[call] as number, ratio: ratio[call] as number };
        return cachedTokens(tokens, cached, setting, trueThousandths);
      });
      return costPico === null ? null : { costPico, source: calls.map((call) => source[call] as number) };
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
  setting: MarkedSetting,
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
