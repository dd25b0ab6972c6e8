/**
 * The demo's calendar: five weeks, Monday to Sunday, with working hours and quiet weekends. In: the last day and draws. Out: days and the
 * times of calls. Invariant: the last day is a Sunday that is over, so that the report compares two whole weeks.
 */
import { MS_PER_DAY, addDays, dayNumber, dayOf, daysBetween } from '../time.ts';
import { Misconfigured } from '../errors.ts';
import type { Random } from './random.ts';

const DEMO_WEEKS = 5;

export interface DemoDay {
  readonly day: string;
  readonly startMs: number;
  /** 0 = Monday of the first week */
  readonly index: number;
  /** 0 to 4 */
  readonly week: number;
  readonly isWeekend: boolean;
}

/** The last Sunday that has ended at `nowMs` (UTC). */
export function demoEndDay(nowMs: number): string {
  const yesterday = addDays(dayOf(nowMs), -1);
  const isoWeekday = ((dayNumber(yesterday) + 3) % 7) + 1;
  return addDays(yesterday, -(isoWeekday % 7));
}

/** When the demo is read: the Monday morning after its last day. */
export function demoNowMs(endDay: string): number {
  return (dayNumber(endDay) + 1) * MS_PER_DAY + 6 * 3_600_000;
}

/** The demo's days. Throws `Misconfigured` if the last one is no Sunday. */
export function demoDays(endDay: string): DemoDay[] {
  if ((dayNumber(endDay) + 4) % 7 !== 0) throw new Misconfigured(`the demo must end on a Sunday, ${endDay} is none`);
  return daysBetween(addDays(endDay, 1 - DEMO_WEEKS * 7), endDay).map((day, index) => ({
    day,
    index,
    week: Math.floor(index / 7),
    isWeekend: index % 7 >= 5,
    startMs: dayNumber(day) * MS_PER_DAY,
  }));
}

/** How many calls a day has: at least one, a tenth more or less than usual, fewer on weekends. */
export function volume(random: Random, day: DemoDay, weekdayCalls: number, weekendShare: number): number {
  const usual = day.isWeekend ? weekdayCalls * weekendShare : weekdayCalls;
  return Math.max(1, Math.round(usual * (0.9 + 0.2 * random.next())));
}

/** Times of `count` calls in ascending order, between two hours of the day, denser in the middle. */
export function times(random: Random, day: DemoDay, count: number, fromHour = 6, toHour = 21): number[] {
  const spanMs = (toHour - fromHour) * 3_600_000;
  return Array.from({ length: count }, () => {
    const share = (random.next() + random.next()) / 2;
    return day.startMs + fromHour * 3_600_000 + Math.floor(share * spanMs);
  }).toSorted((a, b) => a - b);
}
