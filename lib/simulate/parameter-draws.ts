/**
 * What a saving becomes when its uncertain parameters are drawn (Monte Carlo; Morgan and Henrion, Uncertainty, 1990). In: parameters with stated
 * distributions, and a function from their values to a saving. Out: the outcomes in the order of the draws, their P10, P50 and P90 and how often
 * something is saved. Invariant: a parameter gets the same draws in every scenario, in whatever company it is asked for (streams by name), so that
 * the outcomes of two scenarios can be compared draw by draw.
 */
import { createChance } from './chance.ts';
import type { Distribution } from './distributions.ts';
import { checkDistribution, drawsOf } from './distributions.ts';
import { quantileOfSorted } from './resampling.ts';

export const PARAMETER_DRAWS = 2_000;
export const PARAMETER_SEED = 20_261_101;

export interface UncertainParameter<Name extends string = string> {
  readonly name: Name;
  readonly distribution: Distribution;
}

export type ParameterValues<Name extends string = string> = Readonly<Record<Name, number>>;

export interface DrawOptions {
  readonly draws?: number;
  readonly seed?: number;
}

/** Outcomes of a model; `outcomes` is in the order of the draws. */
export interface OutcomeSpread {
  readonly outcomes: Float64Array;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** share of the draws with an outcome above 0: P(saving > 0) */
  readonly positiveShare: number;
}

/** Draws all parameters and asks `model` once per draw. The record given to it is reused. */
export function drawOutcomes<const Name extends string>(
  parameters: readonly UncertainParameter<Name>[],
  model: (values: ParameterValues<Name>) => number,
  options: DrawOptions = {},
): OutcomeSpread {
  const { draws = PARAMETER_DRAWS } = options;
  const columns = drawParameters(parameters, options);
  const values = Object.fromEntries(parameters.map(({ name }) => [name, 0])) as Record<Name, number>;
  const outcomes = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    for (const [name, column] of columns) values[name] = column[draw] as number;
    outcomes[draw] = model(values);
  }
  return spreadOf(outcomes);
}

/** The draws of each parameter by its name. */
export function drawParameters<const Name extends string>(
  parameters: readonly UncertainParameter<Name>[],
  { draws = PARAMETER_DRAWS, seed = PARAMETER_SEED }: DrawOptions = {},
): Map<Name, Float64Array> {
  const columns = new Map<Name, Float64Array>();
  for (const { name, distribution } of parameters) {
    if (columns.has(name)) throw new RangeError(`parameter ${name} is given twice`);
    checkDistribution(name, distribution);
    columns.set(name, drawsOf(distribution, createChance(seed, name), draws));
  }
  return columns;
}

/** Quantiles of outcomes, at least one; they stay in their order. */
export function spreadOf(outcomes: Float64Array): OutcomeSpread {
  const odd = outcomes.findIndex((outcome) => !Number.isFinite(outcome));
  if (odd >= 0 || outcomes.length === 0)
    throw new RangeError(odd < 0 ? 'no outcomes were drawn' : `the outcome of draw ${odd} is not a finite number`);
  const sorted = outcomes.toSorted();
  const positive = outcomes.reduce((count, outcome) => (outcome > 0 ? count + 1 : count), 0);
  return {
    outcomes,
    p10: quantileOfSorted(sorted, 0.1),
    p50: quantileOfSorted(sorted, 0.5),
    p90: quantileOfSorted(sorted, 0.9),
    positiveShare: positive / outcomes.length,
  };
}
