/**
 * Upper tail of the standard normal distribution, P(Z > z), to about twelve digits also far out, where 1 − Φ(z) would cancel. Series of
 * Abramowitz and Stegun 26.2.11 near the middle, continued fraction 26.2.14 beyond.
 */

const SERIES_UP_TO = 3;
const FRACTION_DEPTH = 120;

export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > SERIES_UP_TO) {
    let fraction = z;
    for (let k = FRACTION_DEPTH; k >= 1; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}
