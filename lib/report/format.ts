/**
 * How values look to people: money, counts, shares, days, names. Everything comes in exact and goes out as text for display only.
 * Names come from logs, so they are hostile until shown: control and direction marks are replaced, long ones are cut.
 * Invariant: whatever is rounded here is also available exactly (`exactMoney`), and markup is made by `escapeHtml` only.
 */
import { divideHalfEven, usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import { MS_PER_DAY } from '../time.ts';

/** Stands for what is not known; never `0`. */
export const UNKNOWN = '–';
const MINUS = '−';
const PICO_PER_CENT = 10_000_000_000n;

/** Dollars with two decimals; amounts that would round to zero say `<$0.01`, unknown ones `–`. */
export function money(pico: Pico | null): string {
  if (pico === null) return UNKNOWN;
  const value = BigInt(pico);
  const size = value < 0n ? -value : value;
  const sign = value < 0n ? MINUS : '';
  const cents = divideHalfEven(size, PICO_PER_CENT);
  if (cents === 0n && size > 0n) return `${sign}<$0.01`;
  return `${sign}$${grouped(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`;
}

/** As `money`, with a plus sign where it went up. */
export function signedMoney(pico: Pico | null): string {
  return pico !== null && BigInt(pico) > 0n ? `+${money(pico)}` : money(pico);
}

/** The exact amount, for titles and machines: `$0.054399`. */
export function exactMoney(pico: Pico | null): string {
  if (pico === null) return 'unknown';
  const text = usdText(pico);
  return text.startsWith('-') ? `${MINUS}$${text.slice(1)}` : `$${text}`;
}

/** Whole numbers with thousands separators. */
export function count(n: number): string {
  return grouped(BigInt(n));
}

function grouped(n: bigint): string {
  return n.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/** Token counts, short: `12.3M`; exact below 10,000. */
export function shortCount(n: number): string {
  if (n < 10_000) return count(n);
  for (const [scale, letter] of SCALES) {
    if (n >= scale) return `${(Math.round((n / scale) * 10) / 10).toFixed(1)}${letter}`;
  }
  return count(n);
}

/** `part` of `whole` with one decimal; what would round to zero is `<0.1%`. `–` without a whole. */
export function percent(part: Pico | null, whole: Pico | null): string {
  if (part === null || whole === null || BigInt(whole) <= 0n) return UNKNOWN;
  const [p, w] = [BigInt(part), BigInt(whole)];
  const size = p < 0n ? -p : p;
  const tenths = divideHalfEven(size * 1000n, w);
  const sign = p < 0n ? MINUS : '';
  if (tenths === 0n && size > 0n) return `${sign}<0.1%`;
  return `${sign}${grouped(tenths / 10n)}.${tenths % 10n}%`;
}

/** As `percent`, with a plus sign where it went up. */
export function signedPercent(change: Pico | null, before: Pico | null): string {
  return change !== null && BigInt(change) > 0n ? `+${percent(change, before)}` : percent(change, before);
}

/** `part / whole` as a CSS percentage for bars (0–100, two decimals). */
export function barPercent(part: Pico | null, whole: Pico | null): string {
  if (part === null || whole === null || BigInt(whole) <= 0n || BigInt(part) <= 0n) return '0';
  const basis = (BigInt(part) * 10_000n) / BigInt(whole);
  return (Number(basis > 10_000n ? 10_000n : basis) / 100).toFixed(2);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Oct 26, 2026` */
export function day(isoDay: string): string {
  return `${shortDay(isoDay)}, ${isoDay.slice(0, 4)}`;
}

const LONG_MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `November 2026` of `2026-11` */
export function monthName(isoMonth: string): string {
  return `${LONG_MONTHS[Number(isoMonth.slice(5, 7)) - 1] ?? '?'} ${isoMonth.slice(0, 4)}`;
}

/** `Oct 26` */
export function shortDay(isoDay: string): string {
  return `${MONTHS[Number(isoDay.slice(5, 7)) - 1] ?? '?'} ${Number(isoDay.slice(8, 10))}`;
}

/** `Oct 26 – Nov 1, 2026`; the first year only where it differs. */
export function dayRange(from: string, to: string): string {
  if (from === to) return day(from);
  return `${from.slice(0, 4) === to.slice(0, 4) ? shortDay(from) : day(from)} – ${day(to)}`;
}

/** Days in order, as people say them: a range where they follow each other, else each, else how many between which. */
export function dayList(days: readonly string[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return '';
  const isRange = days.every((each, i) => i === 0 || Date.parse(each) - Date.parse(days[i - 1] ?? '') === MS_PER_DAY);
  if (isRange) return dayRange(first, last);
  return days.length <= 3
    ? days.map(day).join(', ')
    : `${count(days.length)} days between ${day(first)} and ${day(last)}`;
}

/** `1 call`, `2 calls` */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const TITLE_LIMIT = 300;
const TEXT_LIMIT = 1200;

/** A name without control, invisible and direction characters, cut to `limit` characters. */
export function shownName(text: string, limit = 48): string {
  return cut(text, limit);
}

/** A text without control, invisible and direction characters, cut where nobody reads on. */
export function plainText(text: string): string {
  return cut(text, TEXT_LIMIT);
}

function cut(text: string, limit: number): string {
  // A name may be megabytes long: only what can be shown is looked at.
  const signs = Array.from(text.slice(0, limit * 2 + 2).replace(UNSAFE, '\ufffd'));
  return signs.length > limit ? `${signs.slice(0, limit - 1).join('')}…` : signs.join('');
}

/** The longer form of a name for its title attribute. */
export function titleName(text: string): string {
  return cut(text, TITLE_LIMIT);
}

/** Text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
