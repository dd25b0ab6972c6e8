/**
 * How an uncertain saving is said. In: P10, P50 and P90, and where they come from. Out: text. Invariant: no digit is printed that the range does not
 * support; zero and negative savings are shown like others; days, requests, extrapolation, assumptions and what was not assessed always stand
 * beside the number.
 *
 * Rules: two significant digits where P90 − P10 is more than a tenth of P50; a narrower range gets a digit more for each factor of ten.
 */
import { divideHalfEven, usdDisplay, usdText } from '../money.ts';
import type { TornadoBar } from './tornado.ts';

/** More than this share of P50 between P10 and P90 is a wide range. */
export const WIDE_RANGE = 0.1;
/** A saving that hangs on unmeasured parameters by more than this is an illustration. */
export const ILLUSTRATIVE_SHARE = 0.5;
const WIDE_DIGITS = 2;
const PICO_PER_USD = 10n ** 12n;
const PICO_PER_CENT = 10n ** 10n;

export interface OutcomeRange {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface MoneyRange {
  readonly p10Pico: bigint;
  readonly p50Pico: bigint;
  readonly p90Pico: bigint;
}

/** Significant digits for a range; null where it has no width and every digit stands. */
export function significantDigits({ p10, p50, p90 }: OutcomeRange): number | null {
  const width = p90 - p10;
  if (width === 0) return null;
  const relative = width / Math.abs(p50);
  return relative > WIDE_RANGE ? WIDE_DIGITS : WIDE_DIGITS + Math.floor(-Math.log10(relative));
}

/** `34% (28% to 41%)` of a share. */
export function percentRangeText(range: OutcomeRange): string {
  const digits = significantDigits(range);
  const text = (share: number): string => `${digitsOf(100 * share, digits ?? WIDE_DIGITS + 1)}%`;
  return rangeText(text(range.p10), text(range.p50), text(range.p90));
}

/** `$1,200 ($900 to $1,500)` of picodollars. */
export function usdRangeText({ p10Pico, p50Pico, p90Pico }: MoneyRange): string {
  const digits = significantDigits({ p10: Number(p10Pico), p50: Number(p50Pico), p90: Number(p90Pico) });
  const text = (pico: bigint): string => usdRounded(pico, digits);
  return rangeText(text(p10Pico), text(p50Pico), text(p90Pico));
}

/** Rounds to so many significant digits, half to even. */
export function roundPico(pico: bigint, digits: number): bigint {
  const length = String(pico < 0n ? -pico : pico).length;
  const unit = 10n ** BigInt(Math.max(0, length - digits));
  return divideHalfEven(pico, unit) * unit;
}

/** How much longer the month is than the log: what was seen is multiplied by it, and it is printed. */
export function extrapolationFactor(monthDays: number, logDays: number): number {
  if (!(monthDays > 0 && logDays > 0)) throw new RangeError(`cannot extrapolate ${logDays} days to ${monthDays}`);
  return monthDays / logDays;
}

/** Whether more than half of the saving would be lost if the parameters nobody measured came out at their worse ends. */
export function isIllustrative(bars: readonly TornadoBar[], unmeasured: ReadonlySet<string>): boolean {
  const lost = bars.reduce((sum, { name, dependence }) => (unmeasured.has(name) ? sum + dependence : sum), 0);
  return lost > ILLUSTRATIVE_SHARE;
}

export interface Evidence {
  readonly logDays: number;
  readonly requests: number;
  /** of `extrapolationFactor`; 1 where the saving is that of the log itself */
  readonly extrapolation: number;
  readonly assumptions: readonly string[];
  readonly notAssessed: readonly string[];
  readonly isFewDays: boolean;
  readonly isIllustrative: boolean;
}

/** The whole sentence: range, evidence, assumptions, what was not assessed. `range` is of `usdRangeText` or `percentRangeText`. */
export function headline(range: string, evidence: Evidence): string {
  const { logDays, requests, extrapolation, assumptions, notAssessed } = evidence;
  const label = evidence.isIllustrative ? 'illustrative: ' : '';
  const from = `from ${counted(logDays, 'day')} and ${counted(requests, 'request')}`;
  const parts = [
    `${label}${range}, ${from}`,
    extrapolation === 1 ? null : `extrapolated ×${Number(extrapolation.toPrecision(3))}`,
    evidence.isFewDays ? 'few days' : null,
    assumptions.length > 0 ? `assumptions: ${assumptions.join(', ')}` : null,
    notAssessed.length > 0 ? `not assessed: ${notAssessed.join(', ')}` : null,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function rangeText(p10: string, p50: string, p90: string): string {
  return p10 === p50 && p50 === p90 ? p50 : `${p50} (${p10} to ${p90})`;
}

/** Rounding makes no cents; parts of a cent are shown where a sum is below a dollar and has them. */
function usdRounded(pico: bigint, digits: number | null): string {
  if (digits === null) return usdDisplay(pico);
  const rounded = roundPico(pico, digits);
  const size = rounded < 0n ? -rounded : rounded;
  if (size < PICO_PER_USD && size % PICO_PER_CENT !== 0n) return `${rounded < 0n ? '-' : ''}$${usdText(size)}`;
  return usdDisplay(rounded).replace(/\.00$/, '');
}

/** A number in so many significant digits, without exponent, zeros at the end included: they are digits that were kept. */
function digitsOf(value: number, digits: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(Math.min(digits, 15)));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return rounded.toFixed(Math.min(decimals, 20));
}

function counted(count: number, what: string): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${what}${count === 1 ? '' : 's'}`;
}
