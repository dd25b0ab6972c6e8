/**
 * Money is an integer of picodollars (10⁻¹² USD), from price to sum. A price in USD per million tokens with at most six
 * decimals is a whole number of picodollars per token, so a cost is one integer multiplication and sums are exact.
 * `number` is used while everything stays below 2⁵³, `bigint` beyond; no float arithmetic ever touches an amount.
 */

/** Picodollars. A `number` is always a safe integer. */
export type Pico = number | bigint;

/** Unit prices are kept in femtodollars (10⁻¹⁵ USD): multipliers such as 1.1 on 0.003625 per million stay whole. */
export type Femto = number | bigint;

const PICO_DIGITS = 12;

/** Narrows a bigint to a safe `number` where it fits. */
export function compact(value: bigint): Pico {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Exact sum. */
export function addPico(a: Pico, b: Pico): Pico {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return compact(BigInt(a) + BigInt(b));
}

/** Exact product of a count and a unit price in picodollars. */
export function timesPico(count: number, unitPico: Pico): Pico {
  if (typeof unitPico === 'number') {
    const product = count * unitPico;
    if (Number.isSafeInteger(product)) return product;
  }
  return compact(BigInt(count) * BigInt(unitPico));
}

/** Half-even division of integers: the one rounding a row may have, where a vendor's multiplier leaves a fraction of a picodollar. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  let quotient = n / d;
  const twice = (n % d) * 2n;
  if (twice > d || (twice === d && quotient % 2n === 1n)) quotient += 1n;
  return negative ? -quotient : quotient;
}

/** Exact product of a count and a unit price in femtodollars, rounded once (half-even) to picodollars. */
export function timesFemto(count: number, unitFemto: Femto): Pico {
  if (typeof unitFemto === 'number') {
    const product = count * unitFemto;
    if (Number.isSafeInteger(product) && product % 1000 === 0) return product / 1000;
  }
  return compact(divideHalfEven(BigInt(count) * BigInt(unitFemto), 1000n));
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads a decimal number as an integer of 10^-digits, exactly; digits beyond are rounded half-even.
 * Accepts what JSON and CSV exports hold: sign, exponent, thousands separators. Returns null for anything else.
 */
export function parseDecimal(text: string | number, digits: number): bigint | null {
  const source = typeof text === 'number' ? String(text) : text.trim().replaceAll(',', '');
  const m = DECIMAL.exec(source);
  if (!m || (!m[2] && !m[3])) return null;
  const exponent = Number(m[4] ?? 0);
  if (Math.abs(exponent) > 400) return null;
  const whole = m[2] ?? '';
  const fraction = m[3] ?? '';
  const shift = digits - fraction.length + exponent;
  const mantissa = BigInt(whole + fraction || '0');
  const value = shift >= 0 ? mantissa * 10n ** BigInt(shift) : divideHalfEven(mantissa, 10n ** BigInt(-shift));
  return m[1] === '-' ? -value : value;
}

/** USD amount as text or JSON number → picodollars, or null. */
export function picoFromUsd(usd: string | number): Pico | null {
  const plain = typeof usd === 'number' ? plainPico(usd) : null;
  if (plain !== null) return plain;
  const value = parseDecimal(usd, PICO_DIGITS);
  return value === null ? null : compact(value);
}

/** The same for a number whose shortest text has no exponent and whose picodollars are a safe integer; null where it is no such. */
function plainPico(usd: number): number | null {
  const text = String(usd);
  if (!/^\d+(\.\d{1,12})?$/.test(text)) return null;
  const point = text.indexOf('.');
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  const shift = PICO_DIGITS - (point < 0 ? 0 : text.length - point - 1);
  const mantissa = Number(digits);
  // both factors and their product are whole and safe, so the product is exact
  const value = mantissa * 10 ** shift;
  return Number.isSafeInteger(mantissa) && Number.isSafeInteger(value) ? value : null;
}

/** Picodollars → exact decimal USD text without trailing zeros (`0.054399`); JSON carries money in this form. */
export function usdText(pico: Pico): string {
  return decimalText(BigInt(pico), PICO_DIGITS);
}

/** An integer of 10^-digits → decimal text without trailing zeros. */
export function decimalText(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const raw = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const fraction = raw.slice(-digits).replace(/0+$/, '');
  return sign + raw.slice(0, -digits) + (fraction ? `.${fraction}` : '');
}

/** For people: dollars with thousands separators and two decimals, more where the amount is small (`$1,234.57`, `$0.0042`). Display only. */
export function usdDisplay(pico: Pico): string {
  const value = BigInt(pico);
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude !== 0n && magnitude < 10_000_000_000n ? 4 : 2;
  const rounded = divideHalfEven(value, 10n ** BigInt(PICO_DIGITS - digits));
  const negative = rounded < 0n;
  const raw = (negative ? -rounded : rounded).toString().padStart(digits + 1, '0');
  const whole = raw.slice(0, -digits).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}$${whole}.${raw.slice(-digits)}`;
}

/**
 * Splits an amount over weights so that the parts sum to it exactly (largest remainder; ties go to the earlier part).
 * Weights are non-negative integers; all zero means an even split. Used for shared costs (showback).
 */
export function splitByWeights(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + b, 0n);
  const effective = sum === 0n ? weights.map(() => 1n) : weights;
  const divisor = sum === 0n ? BigInt(weights.length) : sum;
  const sign = total < 0n ? -1n : 1n;
  const magnitude = total * sign;
  const parts = effective.map((w) => (magnitude * w) / divisor);
  let left = magnitude - parts.reduce((a, b) => a + b, 0n);
  const order = effective
    .map((w, index) => ({ index, remainder: (magnitude * w) % divisor }))
    .toSorted((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of order) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts.map((p) => p * sign);
}
