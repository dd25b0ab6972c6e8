/**
 * Names of periods: an ISO week such as `2026-W46` (Monday to Sunday, UTC), a calendar month such as `2026-11`. In: a name, or days. Out: days,
 * or the name of exactly these days. A week belongs to the year of its Thursday (ISO 8601), so 2027-01-01 lies in `2026-W53`.
 */
import { addDays, dayNumber, isoDay, monthOf, weekStart } from './time.ts';

/** UTC days, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** Monday to Sunday of `2026-W46`; null for anything else, such as week 53 of a year that has 52. */
export function weekDays(week: string): DayRange | null {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  if (year === undefined || number === undefined) return null;
  // the fourth of January always lies in the first week
  const from = addDays(weekStart(`${year}-01-04`), 7 * (Number(number) - 1));
  return weekName(from) === week ? { from, to: addDays(from, 6) } : null;
}

/** First to last day of `2026-11`; null for anything else. */
export function monthDays(month: string): DayRange | null {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month) ?? [];
  if (year === undefined || number === undefined) return null;
  // day 0 of the next month is the last one of this
  const last = new Date(Date.UTC(Number(year), Number(number), 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${last}` };
}

/** The name of exactly these days; null where they are neither one ISO week nor one month. */
export function periodName(from: string, to: string): string | null {
  if (weekStart(from) === from && to === addDays(from, 6)) return weekName(from);
  return monthDays(monthOf(from))?.to === to && from.endsWith('-01') ? monthOf(from) : null;
}

function weekName(monday: string): string {
  const thursday = dayNumber(monday) + 3;
  const year = isoDay(thursday).slice(0, 4);
  const number = 1 + Math.floor((thursday - dayNumber(`${year}-01-01`)) / 7);
  return `${year}-W${String(number).padStart(2, '0')}`;
}
