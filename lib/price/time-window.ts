/**
 * Time windows of a price: hours of the day and weekdays, such as DeepSeek's peak hours. In: the book's text for a window.
 * Out: a test of an instant. Grammar: `[!]RANGES DAYS [ZONE]`, several joined by `;`, `!` = every other time.
 * RANGES `01:00-04:00,06:00-10:00` are UTC and may pass midnight; DAYS `daily`, `mon-fri`, `sat-sun`; ZONE (`+08:00`) is where
 * the weekday is read. Invariant: of a window and its `!` exactly one holds at any instant.
 */
import { Misconfigured } from '../errors.ts';
import { MS_PER_DAY } from '../time.ts';

export type TimeWindow = (atMs: number) => boolean;

interface Clause {
  readonly ranges: readonly (readonly [number, number])[];
  readonly days: readonly [number, number];
  readonly zoneMs: number;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const CLAUSE = /^([\d:,-]+) (daily|[a-z]{3}(?:-[a-z]{3})?)(?: ([+-]\d{2}):(\d{2}))?$/;

/** Compiles a window's text; throws `Misconfigured` if it does not follow the grammar. Empty text is every time. */
export function compileWindow(text: string): TimeWindow {
  if (text === '') return () => true;
  const isNegated = text.startsWith('!');
  const clauses = text.replace('!', '').split(';').map(clauseOf);
  return (atMs) => clauses.some((clause) => covers(clause, atMs)) !== isNegated;
}

function clauseOf(text: string): Clause {
  const m = CLAUSE.exec(text);
  if (!m) throw new Misconfigured(`time window: must look like 01:00-04:00,06:00-10:00 mon-fri +08:00`);
  const ranges = (m[1] ?? '').split(',').map((range): [number, number] => {
    const [from = '', to = ''] = range.split('-');
    return [minuteOf(from), minuteOf(to)];
  });
  const [first = '', last = first] = (m[2] ?? '').split('-');
  const days: [number, number] = first === 'daily' ? [0, 6] : [DAYS.indexOf(first), DAYS.indexOf(last)];
  if (days[0] < 0 || days[1] < days[0])
    throw new Misconfigured(`time window: days must be daily or one of ${DAYS.join(', ')} in order`);
  const hours = Number(m[3] ?? 0);
  const zoneMs = (hours * 60 + Math.sign(hours || 1) * Number(m[4] ?? 0)) * 60_000;
  return { ranges, days, zoneMs };
}

function minuteOf(clock: string): number {
  const m = /^(\d{2}):([0-5]\d)$/.exec(clock);
  const minute = m ? Number(m[1]) * 60 + Number(m[2]) : NaN;
  if (!(minute >= 0 && minute < 1440)) throw new Misconfigured('time window: hours must be between 00:00 and 23:59');
  return minute;
}

function covers(clause: Clause, atMs: number): boolean {
  const msOfDay = ((atMs % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
  const minute = Math.floor(msOfDay / 60_000);
  for (const [from, to] of clause.ranges) {
    const passesMidnight = to <= from;
    const isIn = passesMidnight ? minute >= from || minute < to : minute >= from && minute < to;
    if (!isIn) continue;
    // the part after midnight belongs to the day the range began on
    const startedMs = passesMidnight && minute < to && to !== from ? atMs - MS_PER_DAY : atMs;
    const weekday = (((Math.floor((startedMs + clause.zoneMs) / MS_PER_DAY) + 3) % 7) + 7) % 7;
    if (weekday >= clause.days[0] && weekday <= clause.days[1]) return true;
  }
  return false;
}
