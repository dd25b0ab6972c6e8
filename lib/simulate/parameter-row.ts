/**
 * One row of the parameter register: a number that a simulation uses and that is nobody's measurement of this log. In: nothing. Out: the
 * shape of a row and of its distribution. Invariant (kept by a test): min ≤ low ≤ value ≤ high ≤ max, and every row names source and day.
 */

/**
 * How a parameter varies in a Monte Carlo run. `constant`: not at all, low and high are for one-at-a-time comparisons only. `triangular` and
 * `pert`: between low and high with the most likely value at `value`. `lognormal`: most likely value (mode) at `value`, `sigma` of the
 * logarithm; low and high are then about its 5th and 95th percentile, and its mean is above `value`.
 */
export type Distribution =
  | { readonly shape: 'constant' | 'triangular' | 'pert' }
  | { readonly shape: 'lognormal'; readonly sigma: number };

export interface ParameterRow {
  readonly id: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  /** hard limits: a value outside makes no sense, whoever says so */
  readonly min: number;
  readonly max: number;
  /** only whole numbers make sense */
  readonly isWhole?: boolean;
  readonly distribution: Distribution;
  /** the day the source was read or published, or its month or year where no more is known */
  readonly date: string;
  readonly source: string;
  readonly kind: 'fact' | 'assumption';
  /** what it means, in one sentence */
  readonly doc: string;
}

export const CONSTANT = { distribution: { shape: 'constant' } } as const;
export const TRIANGULAR = { distribution: { shape: 'triangular' } } as const;
export const PERT = { distribution: { shape: 'pert' } } as const;
/** Source of a value that nobody published: chosen here, to be replaced by a measurement. */
export const CHOSEN = {
  kind: 'assumption',
  source: 'default of inference-ledger, no published value; set your own',
  date: '2026-11-30',
} as const;
