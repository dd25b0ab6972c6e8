/** Middles and spreads that a few wild days do not move. In: plain numbers. Out: numbers; NaN never, an empty list gives 0. */

/** MAD × this is the standard deviation of a normal distribution. */
const NORMAL_MAD = 1.4826;

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Standard deviation as the middle distance from the middle tells it. */
export function spread(values: readonly number[], middle: number = median(values)): number {
  return NORMAL_MAD * median(values.map((value) => Math.abs(value - middle)));
}

/** What lies further than `limit` from `middle` counts as if it lay there. */
export function clipped(value: number, middle: number, limit: number): number {
  return Math.min(middle + limit, Math.max(middle - limit, value));
}

/** Mean of values, those beyond two and a half spreads pulled in: nearly as sharp as a mean, nearly as calm as a median. */
export function calmMean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const middle = median(values);
  const limit = 2.5 * spread(values, middle);
  // more than half of the values are equal
  if (limit === 0) return middle;
  return values.reduce((sum, value) => sum + clipped(value, middle, limit), 0) / values.length;
}
