/**
 * Which parameter a saving hangs on: each is moved to its low and its high value while the others stay (Howard, Management Science 34, 1988).
 * In: low, value and high of each parameter, and a function from their values to a saving. Out: one bar per parameter, widest first. Invariant:
 * shares of the spread sum to 1 where anything moves at all; equal bars are in order of their names.
 */
import { quantileOf } from './distributions.ts';
import type { ParameterValues, UncertainParameter } from './parameter-draws.ts';

export interface ParameterRange<Name extends string = string> {
  readonly name: Name;
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

export interface TornadoBar<Name extends string = string> extends ParameterRange<Name> {
  readonly outcomeAtLow: number;
  readonly outcomeAtHigh: number;
  /** from the least to the greatest outcome of this parameter's three values */
  readonly swing: number;
  /** swing² of the sum of squares: independent effects add up in squares, so this is the share of the variance */
  readonly spreadShare: number;
  /** share of the saving that is lost at the worse end; 0 where there is no saving to lose */
  readonly dependence: number;
}

export interface Tornado<Name extends string = string> {
  /** with every parameter at its value */
  readonly outcome: number;
  readonly bars: readonly TornadoBar<Name>[];
}

/** Moves one parameter at a time. */
export function tornado<const Name extends string>(
  parameters: readonly ParameterRange<Name>[],
  model: (values: ParameterValues<Name>) => number,
): Tornado<Name> {
  const values = Object.fromEntries(parameters.map(({ name, value }) => [name, value])) as Record<Name, number>;
  const outcome = model(values);
  const moved = parameters.map((parameter) => {
    const outcomeAt = (value: number): number => model({ ...values, [parameter.name]: value });
    const [outcomeAtLow, outcomeAtHigh] = [outcomeAt(parameter.low), outcomeAt(parameter.high)];
    const worst = Math.min(outcome, outcomeAtLow, outcomeAtHigh);
    const swing = Math.max(outcome, outcomeAtLow, outcomeAtHigh) - worst;
    if (!Number.isFinite(swing))
      throw new RangeError(`the outcome with ${parameter.name} moved is not a finite number`);
    const dependence = outcome > 0 ? (outcome - worst) / outcome : 0;
    return { ...parameter, outcomeAtLow, outcomeAtHigh, swing, dependence };
  });
  const squares = moved.reduce((sum, { swing }) => sum + swing * swing, 0);
  const bars = moved
    .map((bar) => ({ ...bar, spreadShare: squares > 0 ? (bar.swing * bar.swing) / squares : 0 }))
    .toSorted((a, b) => b.swing - a.swing || (a.name < b.name ? -1 : 1));
  return { outcome, bars };
}

/** A parameter's P10, P50 and P90: equally likely ends for distributions of any kind. */
export function rangeOfParameter<const Name extends string>({
  name,
  distribution,
}: UncertainParameter<Name>): ParameterRange<Name> {
  const at = quantileOf(distribution);
  return { name, low: at(0.1), value: at(0.5), high: at(0.9) };
}
