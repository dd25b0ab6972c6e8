/**
 * Which calls of a log move to another model under config `simulate.modelChoice`, and with which ratios. In: a log, moves with their percents and
 * what the other model offers. Out: `MoveEffects`, and for each kind of calls the move that is open to it. Invariant: a call with an obstacle
 * stays and pays no router, whatever the values of the parameters: lengths are those of the high ends.
 */
import type { CallKind, CallLog } from './call-log.ts';
import type { KindTable } from './call-pricing.ts';
import type { MoveEffects } from './call-states.ts';
import { callObstacles, kindObstacles } from './move-obstacles.ts';
import type { ModelOffer } from './move-obstacles.ts';
import { isRouted } from './session-routing.ts';

/** A move that config names, in percent of tokens and calls. */
export interface ModelMove {
  readonly from: string;
  readonly to: string;
  readonly inputPercent: number;
  readonly outputPercent: number;
  /** answers that are tried once more there, and then asked of the first model */
  readonly retryPercent: number;
  /** answers that a judge sends on to the first model at once */
  readonly escalatedPercent?: number | undefined;
  /** sessions that go to the other model, percent; a router decides which */
  readonly sharePercent?: number | undefined;
  /** what deciding, or judging the answer, costs for every call that may move */
  readonly routerPico?: number | undefined;
  /** high ends of the ratios, for lengths; the ratios themselves where absent */
  readonly longestInputPercent?: number | undefined;
  readonly longestOutputPercent?: number | undefined;
  /** what the other model offers at a provider; nothing is known where absent */
  readonly offerAt?: ((provider: string) => ModelOffer) | undefined;
}

/** A move as it is open to the calls of one kind. */
export interface OpenMove {
  /** position in the list of moves */
  readonly at: number;
  readonly move: ModelMove;
  /** the kind that its calls become */
  readonly kind: number;
  /** null: nothing is known */
  readonly offer: ModelOffer | null;
  /** why a call of this kind stays, as bits of `move-obstacles.ts`; 0: it may move */
  obstaclesOf(call: number): number;
}

/** By kind of the log: the first move that names its model; null where none does. */
export function openMoves(log: CallLog, kinds: KindTable, moves: readonly ModelMove[]): (OpenMove | null)[] {
  return log.kinds.map((logged: CallKind, at) => {
    const found = moves.findIndex(({ from }) => from === logged.model);
    const move = moves[found];
    if (move === undefined) return null;
    const offer = move.offerAt?.(logged.provider) ?? null;
    const ofKind = offer === null ? 0 : kindObstacles(logged.operation, logged.priceRegion, offer);
    const longestInput = thousandths(move.longestInputPercent ?? move.inputPercent);
    const longestOutput = thousandths(move.longestOutputPercent ?? move.outputPercent);
    return {
      at: found,
      move,
      kind: kinds.changed(at, { model: move.to, modelReported: move.to, publisher: null }),
      offer,
      obstaclesOf(call) {
        if (offer === null) return 0;
        const size = {
          inputTokens: Math.ceil(((log.allInput[call] as number) * longestInput) / 1000),
          outputTokens: Math.ceil(((log.output[call] as number) * longestOutput) / 1000),
          images: log.images[call] as number,
        };
        return ofKind | callObstacles(size, offer);
      },
    };
  });
}

/** Where each call goes, and what its answer may still cost. */
export function moveEffects(log: CallLog, kinds: KindTable, moves: readonly ModelMove[]): MoveEffects {
  const effects = {
    moveTo: new Int32Array(log.calls).fill(-1),
    inputThousandths: new Int32Array(log.calls),
    outputThousandths: new Int32Array(log.calls),
    retryThousandths: new Int32Array(log.calls),
    escalatedThousandths: new Int32Array(log.calls),
    routerPico: new Float64Array(log.calls),
  };
  const byKind = openMoves(log, kinds, moves);
  for (let call = 0; call < log.calls; call++) {
    const open = byKind[log.kind[call] as number] ?? null;
    if (open === null || open.obstaclesOf(call) !== 0) continue;
    const { move, kind } = open;
    effects.inputThousandths[call] = thousandths(move.inputPercent);
    effects.outputThousandths[call] = thousandths(move.outputPercent);
    effects.retryThousandths[call] = thousandths(move.retryPercent);
    effects.escalatedThousandths[call] = thousandths(move.retryPercent + (move.escalatedPercent ?? 0));
    effects.routerPico[call] = move.routerPico ?? 0;
    if (isRouted(log, call, (move.sharePercent ?? 100) / 100)) effects.moveTo[call] = kind;
  }
  return effects;
}

/** A percent as the whole thousandths that prices are taken at. */
export function thousandths(percent: number): number {
  return Math.round(percent * 10);
}
