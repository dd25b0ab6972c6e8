/**
 * Time, in UTC milliseconds since 1970 everywhere inside. Days are integers or `YYYY-MM-DD`; nothing here reads a clock.
 * Log formats write time in six ways (formats.md 0.5 in our sources); each parser below floors to the millisecond and returns
 * null for what it cannot read, because a wrong time moves money to another day.
 */

export const MS_PER_DAY = 86_400_000;

/** Earliest and latest instant accepted as the time of a call: anything outside is a unit error (seconds read as ms, ticks …). */
const EARLIEST_MS = Date.UTC(2015, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Floors an instant to ms and rejects instants no LLM call can have. */
export function plausibleMs(ms: number): number | null {
  if (!Number.isFinite(ms)) return null;
  const floored = Math.floor(ms);
  return floored >= EARLIEST_MS && floored < LATEST_MS ? floored : null;
}

/** Unix seconds, possibly with a fraction (OpenAI `created`, LiteLLM `startTime`). The fraction is rounded at µs first, so 0.25 stays 250 ms. */
export function fromUnixSeconds(seconds: unknown): number | null {
  return typeof seconds === 'number' ? plausibleMs(Math.round(seconds * 1_000_000) / 1000) : null;
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)? ?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

/** ISO 8601 and its habits: `T` or space, 0 to 12 fraction digits (floored), `Z`, `UTC`, an offset, or none (read as UTC). */
export function fromIso(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const plainMs = plainUtcMs(text);
  if (!Number.isNaN(plainMs)) return plausibleMs(plainMs);
  const m = ISO.exec(text);
  if (!m) return null;
  const [, y, mo, d, h, mi, s, fraction, zone] = m;
  const month = Number(mo);
  const day = Number(d);
  const hour = Number(h ?? 0);
  const minute = Number(mi ?? 0);
  const second = Number(s ?? 0);
  if (hour > 23 || minute > 59 || second > 60) return null;
  const midnight = Date.UTC(Number(y), month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const ms = fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0;
  return plausibleMs(midnight + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms - zoneMs(zone));
}

/**
 * `2026-08-01T00:00:00.000Z` (or without the fraction) on a day that every month has: what most logs write, read sign by sign because a
 * pattern costs several times as much. NaN for anything else.
 */
function plainUtcMs(text: string): number {
  const n = text.length;
  if ((n !== 24 && n !== 20) || text.charCodeAt(n - 1) !== 90 || text.charCodeAt(10) !== 84) return NaN;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return NaN;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  if (n === 20) return Date.UTC(year, month - 1, day, hour, minute, second);
  if (text.charCodeAt(19) !== 46 || !isDigit(text.charCodeAt(22))) return NaN;
  const ms = twoDigits(text, 20) * 10 + (text.charCodeAt(22) - 48);
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/** The number that two digits at `at` stand for, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : NaN;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function zoneMs(zone: string | undefined): number {
  if (!zone || zone === 'Z' || zone === 'z' || zone === 'UTC') return 0;
  const digits = zone.slice(1).replace(':', '');
  const offset = Number(digits.slice(0, 2)) * 3_600_000 + Number(digits.slice(2, 4) || 0) * 60_000;
  return zone.startsWith('-') ? -offset : offset;
}

/** A time whose unit is not declared: ISO text, or a number in seconds, ms, µs or ns told apart by magnitude (native JSON Lines). */
export function fromAny(value: unknown): number | null {
  if (typeof value === 'string') {
    const iso = fromIso(value);
    if (iso !== null) return iso;
    return /^\d{9,19}(\.\d+)?$/.test(value) ? fromAny(Number(value)) : null;
  }
  if (typeof value !== 'number') return null;
  if (value < 1e11) return fromUnixSeconds(value);
  if (value < 1e14) return plausibleMs(value);
  if (value < 1e17) return plausibleMs(value / 1e3);
  return plausibleMs(value / 1e6);
}

/** `YYYY-MM-DD` (UTC) of an instant. */
export function dayOf(ms: number): string {
  return isoDay(Math.floor(ms / MS_PER_DAY));
}

const dayNames = new Map<number, string>();

/** `YYYY-MM-DD` of a day number (days since 1970). Cached: a log has few distinct days and many rows. */
export function isoDay(dayNumber: number): string {
  let name = dayNames.get(dayNumber);
  if (name === undefined) {
    name = new Date(dayNumber * MS_PER_DAY).toISOString().slice(0, 10);
    if (dayNames.size > 10_000) dayNames.clear();
    dayNames.set(dayNumber, name);
  }
  return name;
}

/** Day number of `YYYY-MM-DD`. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY);
}

/** The day `n` days after `day` (n may be negative). */
export function addDays(day: string, n: number): string {
  return isoDay(dayNumber(day) + n);
}

/** All days from `from` to `to`, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let n = dayNumber(from); n <= dayNumber(to); n++) days.push(isoDay(n));
  return days;
}

/** `YYYY-MM` of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** First day of the seven-day week that holds `day`; `startWeekday` 1 = Monday … 7 = Sunday (ISO numbering). */
export function weekStart(day: string, startWeekday = 1): string {
  const n = dayNumber(day);
  const isoWeekday = ((n + 3) % 7) + 1; // 1970-01-01 was a Thursday
  return isoDay(n - ((isoWeekday - startWeekday + 7) % 7));
}
