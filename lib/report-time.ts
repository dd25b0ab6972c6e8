/**
 * Which week is reported, and when: a week is seven UTC days, its report goes out at the owner's hour, and never earlier than six hours after its
 * end, so that late logs are in it. In: an instant, config. Out: days, and a weekday with an hour of the owner's zone. Nothing here reads a clock.
 */
import { DEFAULT_CONFIG, weekStartNumber } from './config.ts';
import type { Config } from './config.ts';
import type { DayRange } from './period.ts';
import { MS_PER_DAY, addDays, dayNumber, dayOf, weekStart } from './time.ts';

/** Logs of a week may be so late. */
export const SETTLE_HOURS = 6;
const HOUR_MS = 3_600_000;
/** Where config names nobody to mail to, reports are still made, at this hour. */
const DEFAULT_HOUR = 8;

/** What of the config decides about time. */
export type TimeConfig = Pick<Config, 'week_start' | 'report'>;

/** The last week that ended at least six hours before an instant. */
export function lastReportWeek(nowMs: number, config: Pick<Config, 'week_start'> = DEFAULT_CONFIG): DayRange {
  const running = weekStart(dayOf(nowMs - SETTLE_HOURS * HOUR_MS), weekStartNumber(config));
  return { from: addDays(running, -7), to: addDays(running, -1) };
}

/** The week that ends on a day; null where no week does. */
export function weekEndingOn(day: string, config: Pick<Config, 'week_start'>): DayRange | null {
  const next = addDays(day, 1);
  return weekStart(next, weekStartNumber(config)) === next ? { from: addDays(day, -6), to: day } : null;
}

/** A weekday of the owner's zone (1 = Monday … 7 = Sunday) and its hour. */
export interface SendSlot {
  readonly weekday: number;
  readonly hour: number;
}

/** Hour of the owner's zone at which reports and alerts go out. */
export function sendHour({ report }: TimeConfig): number {
  return report.mail?.send_hour ?? DEFAULT_HOUR;
}

/** The first weekday whose hour is, all year round, six hours or more after the end of the week. */
export function sendSlot(config: TimeConfig): SendSlot {
  const hour = sendHour(config);
  const east = mostEastern(config.report.timezone);
  let days = -2;
  while (days * 24 + hour - east < SETTLE_HOURS) days++;
  return { weekday: ((weekStartNumber(config) - 1 + days + 14) % 7) + 1, hour };
}

/** When the report of a week is due: the slot after its end. */
export function dueMs(week: DayRange, config: TimeConfig): number {
  const slot = sendSlot(config);
  const zone = config.report.timezone;
  const earliest = (dayNumber(week.to) + 1) * MS_PER_DAY + SETTLE_HOURS * HOUR_MS;
  // the hour comes once a day: two days hold it whatever the clocks do
  for (let ms = earliest; ms < earliest + 3 * MS_PER_DAY; ms += HOUR_MS / 4) {
    const local = new Date(ms + offsetHours(zone, ms) * HOUR_MS);
    const isInSlot = weekdayOf(local) === slot.weekday && local.getUTCHours() === slot.hour;
    if (isInSlot && local.getUTCMinutes() < 15) return ms;
  }
  return earliest;
}

function weekdayOf(date: Date): number {
  return ((date.getUTCDay() + 6) % 7) + 1;
}

/** Years whose clocks are looked at: rules of summer time repeat, and lands that change them are few. */
const YEARS = [2026, 2027, 2028, 2029, 2030];

const eastern = new Map<string, number>();

/** The largest offset of a zone, in hours east of UTC. */
function mostEastern(zone: string): number {
  const known = eastern.get(zone);
  if (known !== undefined) return known;
  const instants = YEARS.flatMap((year) =>
    Array.from({ length: 24 }, (_, i) => Date.UTC(year, Math.floor(i / 2), 1 + 15 * (i % 2))),
  );
  const most = Math.max(...instants.map((ms) => offsetHours(zone, ms)));
  eastern.set(zone, most);
  return most;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Hours that a zone is ahead of UTC at an instant. */
function offsetHours(zone: string, ms: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60);
}
