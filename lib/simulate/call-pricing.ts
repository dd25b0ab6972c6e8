/**
 * What the levers ask the price engine: the cost of a call as it was logged and as it might have been. The engine is the one that priced the
 * ledger, handed in by the journey, so that a policy that changes nothing reproduces the bill to the last digit.
 */
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import { MAX_AMOUNT_PICO } from './money-sums.ts';

export interface CallPricing {
  /** picodollars as a safe integer, after the customer's rates; null where there is no price, or none below 4,503 USD */
  costPico(kind: CallKind, timeMs: number, tokens: CallTokens): number | null;
}

/** Kinds of a log by number, with those that levers turn them into. */
export interface KindTable {
  readonly kinds: CallKind[];
  /** the kind that `kind` becomes; equal answers for equal questions */
  changed(kind: number, change: Partial<CallKind>): number;
}

/** A table that begins with the kinds of a log. */
export function createKindTable(logged: readonly CallKind[]): KindTable {
  const kinds = [...logged];
  const numbers = new Map(kinds.map((kind, at) => [JSON.stringify(kind), at]));
  return {
    kinds,
    changed(kind, change) {
      const made = { ...(kinds[kind] as CallKind), ...change };
      const name = JSON.stringify(made);
      let number = numbers.get(name);
      if (number === undefined) {
        number = kinds.length;
        kinds.push(made);
        numbers.set(name, number);
      }
      return number;
    },
  };
}

/** The tokens of a call as it was logged. */
export function loggedTokens(log: CallLog, call: number): CallTokens {
  return {
    input: log.input[call] as number,
    cacheRead: log.cacheRead[call] as number,
    cacheWrite5m: log.cacheWrite5m[call] as number,
    cacheWrite1h: log.cacheWrite1h[call] as number,
    output: log.output[call] as number,
    images: log.images[call] as number,
    webSearches: log.webSearches[call] as number,
  };
}

/**
 * The calls that levers may change: open ones whose cost the engine reproduces from what the log tells. Others keep their cost whatever is
 * planned; `keptPico` says how much that is.
 */
export function repriceable(
  log: CallLog,
  pricing: CallPricing,
): { readonly isOpen: Uint8Array; readonly keptPico: bigint } {
  const isOpen = new Uint8Array(log.calls);
  let keptPico = 0n;
  for (let call = 0; call < log.calls; call++) {
    const cost = log.costPico[call] as bigint;
    if (log.isOpen[call] === 1 && cost < BigInt(MAX_AMOUNT_PICO)) {
      const kind = log.kinds[log.kind[call] as number] as CallKind;
      const again = pricing.costPico(kind, log.timeMs[call] as number, loggedTokens(log, call));
      if (again !== null && BigInt(again) === cost) {
        isOpen[call] = 1;
        continue;
      }
    }
    keptPico += cost;
  }
  return { isOpen, keptPico };
}
