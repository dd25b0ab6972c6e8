/**
 * Distribution functions and their inverses in closed numerical form. In: a point or a probability, and the shape. Out: a probability or a
 * point, good to about 1e-12 of itself for shapes up to a million. Invariant: a quantile is the inverse of its distribution function.
 *
 * Sources: normal quantile by Wichura, Applied Statistics 37 (1988), algorithm AS 241; log-gamma by Lanczos, SIAM Journal on Numerical Analysis B 1
 * (1964), coefficients for g = 7; incomplete beta and gamma by their continued fractions with Lentz's recurrence (Press et al., Numerical Recipes,
 * chapter 6; NIST Digital Library of Mathematical Functions 8.9, 8.17).
 */

const LANCZOS_G = 7;
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;
const TINY = 1e-300;
const CONVERGED = 1e-15;
const MAX_TERMS = 100_000;
const MAX_STEPS = 300;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum: number = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += (LANCZOS[k] as number) / (x - 1 + k);
  const t = x - 0.5 + LANCZOS_G;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X ≤ x) of Beta(a, b): the regularized incomplete beta function. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b));
  // the fraction converges fast on this side of the mean only
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** P(X ≤ x) of Gamma(shape, 1): the regularized lower incomplete gamma function. */
export function gammaCdf(x: number, shape: number): number {
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const front = Math.exp(shape * Math.log(x) - x - logGamma(shape));
  if (x >= shape + 1) return 1 - front * gammaFraction(x, shape);
  let term = 1 / shape;
  let sum = term;
  for (let k = 1; k < MAX_TERMS && term > sum * CONVERGED; k++) {
    term *= x / (shape + k);
    sum += term;
  }
  return front * sum;
}

/** The point of Beta(a, b) that a share `p` does not exceed. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  const logNorm = logGamma(a + b) - logGamma(a) - logGamma(b);
  const density = (x: number): number => Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) + logNorm);
  return inverse(p, (x) => betaCdf(x, a, b), density, 1, a / (a + b));
}

/** The point of Gamma(shape, 1) that a share `p` does not exceed. */
export function gammaQuantile(p: number, shape: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return Infinity;
  const logNorm = logGamma(shape);
  const density = (x: number): number => Math.exp((shape - 1) * Math.log(x) - x - logNorm);
  let above = shape + 1;
  while (gammaCdf(above, shape) < p) above *= 2;
  return inverse(p, (x) => gammaCdf(x, shape), density, above, shape);
}

/** The point of Student's t with `degrees` of freedom that a share `p` does not exceed. */
export function studentQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  const x = betaQuantile(2 * (1 - p), degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - x)) / x);
}

/** P(X ≤ z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  const inside = gammaCdf((z * z) / 2, 0.5);
  return z < 0 ? (1 - inside) / 2 : (1 + inside) / 2;
}

/** The point of the standard normal distribution that a share `p` does not exceed (AS 241, PPND16). */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * fraction(NEAR, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z = r <= 5 ? fraction(MIDDLE, r - 1.6) : fraction(FAR, r - 5);
  return q < 0 ? -z : z;
}

/** Numerator and denominator, highest power first. */
type Rational = readonly [readonly number[], readonly number[]];

const NEAR: Rational = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
];
const MIDDLE: Rational = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
];
const FAR: Rational = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
];

function fraction([over, under]: Rational, x: number): number {
  const horner = (powers: readonly number[]): number => powers.reduce((value, power) => value * x + power, 0);
  return horner(over) / horner(under);
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < CONVERGED) break;
  }
  return value;
}

function gammaFraction(x: number, shape: number): number {
  let b = x + 1 - shape;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let k = 1; k < MAX_TERMS; k++) {
    const step = -k * (k - shape);
    b += 2;
    d = 1 / apart(step * d + b);
    c = apart(b + step / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < CONVERGED) break;
  }
  return value;
}

function apart(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Newton's method between 0 and `above`, by halves where a step would leave what is known to hold the point. */
function inverse(
  p: number,
  cdf: (x: number) => number,
  density: (x: number) => number,
  above: number,
  start: number,
): number {
  let [low, high, x] = [0, above, start];
  for (let step = 0; step < MAX_STEPS; step++) {
    const off = cdf(x) - p;
    if (off > 0) high = x;
    else low = x;
    const newton = x - off / density(x);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= CONVERGED * x) return next;
    x = next;
  }
  return x;
}
