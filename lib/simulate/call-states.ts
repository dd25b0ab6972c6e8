/**
 * The tokens and the cost of a call in the state that levers bring it to: with a shortened prompt, or as another model would have it, whose
 * tokenizer counts the same text otherwise, whose answers are of another length, and some of whose answers are rejected and asked again of the
 * first model. In: a log, what config says of prompts and models, the price engine. Out: tokens and costs for every later stage, so that none
 * of them forgets what an earlier one did.
 */
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import { loggedTokens } from './call-pricing.ts';
import type { CallPricing, KindTable } from './call-pricing.ts';
import { keptAtBeginning, shortTokens } from './prompt-cuts.ts';
import type { PromptCuts } from './prompt-cuts.ts';

/** Where calls are moved; arrays by call. */
export interface MoveEffects {
  /** kind the call is moved to, -1 where it stays */
  readonly moveTo: Int32Array;
  /** tokens times these, in thousandths */
  readonly inputThousandths: Int32Array;
  readonly outputThousandths: Int32Array;
  /** answers that are asked once more of the other model, and of the first one, in thousandths */
  readonly retryThousandths: Int32Array;
  readonly escalatedThousandths: Int32Array;
  /** what deciding where a call goes, or judging its answer, costs; 0 for a call that cannot move */
  readonly routerPico: Float64Array;
}

/** What became of a call before it is cached or batched. */
export interface CallState {
  readonly kind: number;
  /** its prompt is shortened */
  readonly isShort: boolean;
}

export interface CallStates {
  tokens(call: number, state: CallState): CallTokens;
  /** how many tokens its model counts for one token of the logged prompt */
  ratio(call: number, state: CallState): number;
  /** picodollars of the call in this state with these tokens; null where that has no price */
  costPico(call: number, state: CallState, tokens: CallTokens): number | null;
  /** the same in a batch: of the same model */
  batchCostPico(call: number, state: CallState, tokens: CallTokens): number | null;
}

/** States of the calls of a log. */
export function callStates(
  log: CallLog,
  kinds: KindTable,
  pricing: CallPricing,
  moves: MoveEffects,
  cuts: PromptCuts,
): CallStates {
  const isMoved = (call: number, kind: number): boolean => kind !== log.kind[call];

  function priced(call: number, { kind, isShort }: CallState, priceKind: number, tokens: CallTokens): number | null {
    const cost = pricing.costPico(kinds.kinds[priceKind] as CallKind, log.timeMs[call] as number, tokens);
    if (cost === null) return null;
    const compressor = isShort ? (cuts.compressorPico[call] as number) : 0;
    if (!isMoved(call, kind)) return cost + compressor;
    const there = (moves.retryThousandths[call] as number) * cost;
    const here = (moves.escalatedThousandths[call] as number) * Number(log.costPico[call]);
    return cost + compressor + Math.round((there + here) / 1000);
  }

  return {
    ratio(call, { kind, isShort }) {
      const kept = isShort ? keptAtBeginning(call, cuts) : 1;
      return isMoved(call, kind) ? (kept * (moves.inputThousandths[call] as number)) / 1000 : kept;
    },
    tokens(call, { kind, isShort }) {
      const logged = loggedTokens(log, call);
      const own = isShort ? shortTokens(logged, call, cuts) : logged;
      const [input, output] = [moves.inputThousandths[call] as number, moves.outputThousandths[call] as number];
      const kept = isMoved(call, kind) ? movedTokens(own, input, output) : own;
      return isShort
        ? withoutSmallCache(kept, cuts.minimumTokens(kinds.kinds[kind] as CallKind, log.timeMs[call] as number))
        : kept;
    },
    costPico: (call, state, tokens) => priced(call, state, state.kind, tokens),
    batchCostPico: (call, state, tokens) => priced(call, state, kinds.changed(state.kind, { tier: 'batch' }), tokens),
  };
}

/** Tokens of the same call on a model that counts and answers otherwise; ratios in thousandths. */
export function movedTokens(tokens: CallTokens, inputThousandths: number, outputThousandths: number): CallTokens {
  const scaled = (count: number): number => Math.round((count * inputThousandths) / 1000);
  return {
    ...tokens,
    input: scaled(tokens.input),
    cacheRead: scaled(tokens.cacheRead),
    cacheWrite5m: scaled(tokens.cacheWrite5m),
    cacheWrite1h: scaled(tokens.cacheWrite1h),
    output: Math.round((tokens.output * outputThousandths) / 1000),
  };
}

/** A cached beginning that fell below the provider's minimum is no longer cached: all of it is fresh. */
function withoutSmallCache(tokens: CallTokens, minimumTokens: number): CallTokens {
  const cached = tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  if (cached === 0 || cached >= minimumTokens) return tokens;
  return { ...tokens, input: tokens.input + cached, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
}

/** All input tokens, cached or not. */
export function allInputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: CallTokens): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
