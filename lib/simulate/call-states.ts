/**
 * The tokens and the cost of a call as it was logged, or as another model would have it: the other tokenizer counts the same text otherwise, its
 * answers are of another length, and some are rejected and asked again of the first model. In: a log, the moves that config names, the price
 * engine. Out: tokens and costs for every later stage, so that none of them forgets that a call was moved.
 */
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import { loggedTokens } from './call-pricing.ts';
import type { CallPricing, KindTable } from './call-pricing.ts';

/** Where calls are moved; arrays by call. */
export interface MoveEffects {
  /** kind the call is moved to, -1 where it stays */
  readonly moveTo: Int32Array;
  /** tokens times these, and answers that are asked again, in thousandths */
  readonly inputThousandths: Int32Array;
  readonly outputThousandths: Int32Array;
  readonly retryThousandths: Int32Array;
}

export interface CallStates {
  /** tokens of the call when it is of this kind */
  tokens(call: number, kind: number): CallTokens;
  /** tokens counted on the logged prompt, as the model of this kind counts them */
  scaled(call: number, kind: number, inputTokens: number): number;
  /** picodollars of the call as `kind` with these tokens; null where that has no price */
  costPico(call: number, kind: number, tokens: CallTokens): number | null;
  /** the same in a batch: of the same model */
  batchCostPico(call: number, kind: number, tokens: CallTokens): number | null;
}

/** States of the calls of a log. */
export function callStates(log: CallLog, kinds: KindTable, pricing: CallPricing, moves: MoveEffects): CallStates {
  const isMoved = (call: number, kind: number): boolean => kind !== log.kind[call];
  const scaled = (call: number, kind: number, count: number): number =>
    isMoved(call, kind) ? Math.round((count * (moves.inputThousandths[call] as number)) / 1000) : count;

  function priced(call: number, kind: number, priceKind: number, tokens: CallTokens): number | null {
    const cost = pricing.costPico(kinds.kinds[priceKind] as CallKind, log.timeMs[call] as number, tokens);
    if (cost === null || !isMoved(call, kind)) return cost;
    const again = cost + Number(log.costPico[call]);
    return cost + Math.round(((moves.retryThousandths[call] as number) * again) / 1000);
  }

  return {
    scaled,
    tokens(call, kind) {
      const logged = loggedTokens(log, call);
      if (!isMoved(call, kind)) return logged;
      return {
        ...logged,
        input: scaled(call, kind, logged.input),
        cacheRead: scaled(call, kind, logged.cacheRead),
        cacheWrite5m: scaled(call, kind, logged.cacheWrite5m),
        cacheWrite1h: scaled(call, kind, logged.cacheWrite1h),
        output: Math.round((logged.output * (moves.outputThousandths[call] as number)) / 1000),
      };
    },
    costPico: (call, kind, tokens) => priced(call, kind, kind, tokens),
    batchCostPico: (call, kind, tokens) => priced(call, kind, kinds.changed(kind, { tier: 'batch' }), tokens),
  };
}

/** All input tokens, cached or not. */
export function allInputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h }: CallTokens): number {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}
