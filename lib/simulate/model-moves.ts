/**
 * Moves of calls to another model, as config names them: how its tokens, its answers and its failures relate to those of the first model, each with
 * the range in which the owner believes it; which of the calls go. In: the moves of the config, the register. Out: their percents as parameters of
 * the run, so that ranges and tornado look at them like at any other; moves at given values of them. Invariant: what config does not tell is not
 * taken for certain: it is the register's assumption with the register's range.
 */
import { Misconfigured } from '../errors.ts';
import { parseDecimal } from '../money.ts';
import type { ModelMove } from './move-effects.ts';
import type { LimitsOf } from '../model-limits.ts';
import { offerOf } from './move-obstacles.ts';
import type { ConfiguredOffer, ModelOffer } from './move-obstacles.ts';
import type { EvaluatedTasks } from './move-quality.ts';
import type { ParameterId } from './parameters-data.ts';
import type { Parameters } from './parameters.ts';
import { movedPercent } from './routing.ts';
import type { ConfiguredRouter } from './routing.ts';

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
  /** of the sessions; all where neither it nor a router is given */
  readonly sharePercent?: Percent | undefined;
  readonly router?: ConfiguredRouter | undefined;
  /** decimal text, for each call that may move */
  readonly routerUsd?: string | undefined;
  /** every call is asked of the other model first */
  readonly cascade?: ConfiguredCascade | undefined;
  /** what the owner knows of the other model */
  readonly offer?: ConfiguredOffer | undefined;
  /** tasks that both models were given */
  readonly evaluation?: readonly EvaluatedTasks[] | undefined;
}

/** A judge looks at each answer of the other model and sends some of them on to the first one. */
export interface ConfiguredCascade {
  readonly escalatedPercent: Percent;
  /** decimal text, for each call */
  readonly judgeUsd: string;
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
/** What stands in for the cost of a router that config names without `routerUsd`. */
export const ROUTER_PARAMETER = 'route.router_usd_per_million_calls';
type MovePart = keyof typeof MOVE_PARAMETERS;
const PARTS = Object.keys(MOVE_PARAMETERS) as MovePart[];
/** USD for a million calls → picodollars for one. */
const PICO_PER_USD_PER_MILLION = 1e6;

/** All that is uncertain of all moves. Throws `Misconfigured` for a range or a curve that is none, or a move that says a thing twice. */
export function moveKnobs(moves: readonly ConfiguredMove[], parameters: Parameters): Knob[] {
  return moves.flatMap((move, at) => {
    checkMove(move, at);
    return [
      ...PARTS.flatMap((part): Knob[] => {
        if (part === 'retryPercent' && move.cascade !== undefined) return [];
        const name = knobName(at, part);
        const given = move[part];
        if (given === undefined) {
          const { low, value, high } = parameters.rowOf(MOVE_PARAMETERS[part]);
          return [{ name, low: 100 * low, value: 100 * value, high: 100 * high, varies: true }];
        }
        return [percentKnob(name, given)];
      }),
      ...shareKnobs(move, at),
      ...(isRouterAssumed(move)
        ? [{ ...parameterKnob(ROUTER_PARAMETER, parameters), name: knobName(at, 'router.usdPerMillionCalls') }]
        : []),
      ...(move.cascade === undefined
        ? []
        : [percentKnob(knobName(at, 'cascade.escalatedPercent'), move.cascade.escalatedPercent)]),
    ];
  });
}

function shareKnobs({ sharePercent, router }: ConfiguredMove, at: number): Knob[] {
  const name = knobName(at, 'sharePercent');
  if (sharePercent !== undefined) return [percentKnob(name, sharePercent)];
  return router === undefined ? [] : [percentKnob(name, movedPercent(router, `simulate.${knobName(at, 'router')}`))];
}

/** A router runs on something: what others saw, where config does not tell. */
function isRouterAssumed({ router, routerUsd }: ConfiguredMove): boolean {
  return router !== undefined && routerUsd === undefined;
}

function checkMove({ sharePercent, router, routerUsd, retryPercent, cascade }: ConfiguredMove, at: number): void {
  const path = `simulate.modelChoice[${at}]`;
  if (router !== undefined && sharePercent !== undefined)
    throw new Misconfigured(`${path}: router and sharePercent both say how many sessions move`, {
      hint: 'take one of them out',
    });
  if (router?.curveSource !== undefined && router.curve === undefined)
    throw new Misconfigured(`${path}.router: curveSource without a curve`, { hint: 'give curve, too' });
  if (cascade === undefined) return;
  const other = Object.entries({ sharePercent, router, routerUsd, retryPercent }).find(
    ([, given]) => given !== undefined,
  );
  if (other !== undefined)
    throw new Misconfigured(`${path}: ${other[0]} has no meaning beside cascade`, {
      hint: 'a cascade asks the other model every call, and only its judge rejects answers: take one of them out',
    });
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

/** What the moves may be held against, whatever the values: high ends of the percents, and what models offer. */
export interface MoveBounds {
  readonly highOf: KnobValue;
  readonly limitsOf: LimitsOf;
}

/** The moves, for one set of percents after another. */
export function movesWithin(
  moves: readonly ConfiguredMove[],
  { highOf, limitsOf }: MoveBounds,
): (valueOf: KnobValue) => ModelMove[] {
  // no value changes what a model offers: moves of the same percents are equal, functions included
  const offers = moves.map(
    ({ to, offer }) =>
      (provider: string): ModelOffer =>
        offerOf(limitsOf(provider, to), offer),
  );
  const moveAt = (move: ConfiguredMove, at: number, valueOf: KnobValue): ModelMove => {
    const { from, to, cascade } = move;
    const sharesSessions = move.sharePercent !== undefined || move.router !== undefined;
    return {
      from,
      to,
      inputPercent: valueOf(knobName(at, 'inputPercent')),
      outputPercent: valueOf(knobName(at, 'outputPercent')),
      retryPercent: cascade === undefined ? valueOf(knobName(at, 'retryPercent')) : 0,
      escalatedPercent: cascade === undefined ? 0 : valueOf(knobName(at, 'cascade.escalatedPercent')),
      sharePercent: sharesSessions ? valueOf(knobName(at, 'sharePercent')) : 100,
      routerPico: isRouterAssumed(move)
        ? Math.round(valueOf(knobName(at, 'router.usdPerMillionCalls')) * PICO_PER_USD_PER_MILLION)
        : Number(parseDecimal(cascade?.judgeUsd ?? move.routerUsd ?? '0', 12)),
      longestInputPercent: highOf(knobName(at, 'inputPercent')),
      longestOutputPercent: highOf(knobName(at, 'outputPercent')),
      offerAt: offers[at],
    };
  };
  return (valueOf) => moves.map((move, at) => moveAt(move, at, valueOf));
}

/** What says how many sessions a move takes, percent; null where all of them go. */
export function shareKnobOf(at: number, knobs: readonly Knob[]): Knob | null {
  return knobs.find(({ name }) => name === knobName(at, 'sharePercent')) ?? null;
}

/** As the path in the config. */
function knobName(at: number, part: string): string {
  return `modelChoice[${at}].${part}`;
}
