/**
 * Moves of calls to another model, as config names them: how its tokens, its answers and its failures relate to those of the first model, each with
 * the range in which the owner believes it. In: the moves of the config, the register. Out: moves with ranges, and their percents as
 * parameters of the run, so that ranges and tornado look at them like at any other. Invariant: what config does not tell is not taken for
 * certain: it is the register's assumption with the register's range.
 */
import { Misconfigured } from '../errors.ts';
import { parseDecimal } from '../money.ts';
import type { ModelMove } from './lever-effects.ts';
import type { EvaluatedTasks } from './move-quality.ts';
import type { ParameterId } from './parameters-data.ts';
import type { Parameters } from './parameters.ts';

/** Percent; a number alone is meant exactly. */
export type Percent =
  | number
  | { readonly value: number; readonly low?: number | undefined; readonly high?: number | undefined };

export interface ConfiguredMove {
  readonly from: string;
  readonly to: string;
  readonly inputPercent?: Percent | undefined;
  readonly outputPercent?: Percent | undefined;
  readonly retryPercent?: Percent | undefined;
  /** of the sessions; all where absent */
  readonly sharePercent?: Percent | undefined;
  /** decimal text, for each call of the first model */
  readonly routerUsd?: string | undefined;
  /** tasks that both models were given */
  readonly evaluation?: readonly EvaluatedTasks[] | undefined;
}

/** Something a plan hangs on that is not in the log. */
export interface Knob {
  readonly name: string;
  readonly low: number;
  readonly value: number;
  readonly high: number;
  /** false: it is shown in the tornado, and does not widen ranges */
  readonly varies: boolean;
}

export type KnobValue = (name: string) => number;

/** What stands in for a percent that config does not tell. */
export const MOVE_PARAMETERS = {
  inputPercent: 'model.token_ratio',
  outputPercent: 'model.output_ratio',
  retryPercent: 'model.retry_share',
} as const;
type MovePart = keyof typeof MOVE_PARAMETERS;
const PARTS = Object.keys(MOVE_PARAMETERS) as MovePart[];

/** The percents of all moves. Throws `Misconfigured` where low and high do not lie around the value. */
export function moveKnobs(moves: readonly ConfiguredMove[], parameters: Parameters): Knob[] {
  return moves.flatMap((move, at) => [
    ...PARTS.map((part): Knob => {
      const name = knobName(at, part);
      const given = move[part];
      if (given === undefined) {
        const { low, value, high } = parameters.rowOf(MOVE_PARAMETERS[part]);
        return { name, low: 100 * low, value: 100 * value, high: 100 * high, varies: true };
      }
      return percentKnob(name, given);
    }),
    ...(move.sharePercent === undefined ? [] : [percentKnob(knobName(at, 'sharePercent'), move.sharePercent)]),
  ]);
}

/** A parameter of the register as something a plan hangs on. */
export function parameterKnob(id: ParameterId, parameters: Parameters): Knob {
  const { low, value, high, distribution } = parameters.rowOf(id);
  return { name: id, low, value, high, varies: distribution.shape !== 'constant' };
}

/** A percent of the config as something a plan hangs on. Throws `Misconfigured` where low and high do not lie around the value. */
export function percentKnob(name: string, given: Percent): Knob {
  const { value, low = value, high = value } = typeof given === 'number' ? { value: given } : given;
  if (!(low <= value && value <= high))
    throw new Misconfigured(`simulate.${name}: low must not exceed value, nor value high`);
  return { name, low, value, high, varies: low < high };
}

/** The moves with the percents that `valueOf` gives. */
export function movesAt(moves: readonly ConfiguredMove[], valueOf: KnobValue): ModelMove[] {
  return moves.map(({ from, to, sharePercent, routerUsd = '0' }, at) => ({
    from,
    to,
    inputPercent: valueOf(knobName(at, 'inputPercent')),
    outputPercent: valueOf(knobName(at, 'outputPercent')),
    retryPercent: valueOf(knobName(at, 'retryPercent')),
    sharePercent: sharePercent === undefined ? 100 : valueOf(knobName(at, 'sharePercent')),
    routerPico: Number(parseDecimal(routerUsd, 12)),
  }));
}

/** As the path in the config. */
function knobName(at: number, part: MovePart | 'sharePercent'): string {
  return `modelChoice[${at}].${part}`;
}
