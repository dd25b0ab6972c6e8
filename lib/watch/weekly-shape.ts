/**
 * How the days of a week differ from each other, in logarithms. In: logs of daily amounts, null where a day is not known, and the weekday of
 * the first. Out: seven addends whose mean is 0. Where weekdays differ no more than chance would have it they are pulled towards 0 (James and
 * Stein), so that a history without a weekly shape is not given one.
 */
import { calmMean, median, spread } from './robust.ts';

const ROUNDS = 4;
/** days on either side from which the level of a day is taken */
const REACH = 7;

/** Weekday, 0 to 6, of the day at `index`. */
export function weekdayAt(firstWeekday: number, index: number): number {
  return (((firstWeekday + index) % 7) + 7) % 7;
}

/** Fewer days than two of each weekday tell nothing of weekdays. */
const LEAST_DAYS = 14;

export function weeklyShape(logs: readonly (number | null)[], firstWeekday: number): number[] {
  let shape = Array.from({ length: 7 }, () => 0);
  const known = logs.filter((log) => log !== null).length;
  if (known < LEAST_DAYS) return shape;
  for (let round = 0; round < ROUNDS; round++) {
    const fromLevel: number[][] = Array.from({ length: 7 }, () => []);
    const all: number[] = [];
    for (const [at, log] of logs.entries()) {
      if (log === null) continue;
      const difference = log - levelAround(logs, at, firstWeekday, shape);
      (fromLevel[weekdayAt(firstWeekday, at)] as number[]).push(difference);
    }
    const raw = fromLevel.map(calmMean);
    for (const [weekday, own] of fromLevel.entries())
      for (const difference of own) all.push(difference - (raw[weekday] as number));
    // seven means were taken from the same days
    shape = shrunk(raw, spread(all, 0) * Math.sqrt(known / (known - 7)), fromLevel);
  }
  return shape;
}

function levelAround(
  logs: readonly (number | null)[],
  at: number,
  firstWeekday: number,
  shape: readonly number[],
): number {
  const near: number[] = [];
  for (let i = Math.max(0, at - REACH); i <= Math.min(logs.length - 1, at + REACH); i++) {
    const log = logs[i];
    if (log !== null && log !== undefined) near.push(log - (shape[weekdayAt(firstWeekday, i)] as number));
  }
  return median(near);
}

/** Addends of weekdays that were seen, around a mean of 0, as far as they are more than noise. */
function shrunk(raw: readonly number[], noise: number, seen: readonly (readonly number[])[]): number[] {
  const known = raw.filter((_value, weekday) => (seen[weekday] as readonly number[]).length > 0);
  if (known.length === 0) return raw.map(() => 0);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const between = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length - 1);
  const chance =
    known.length === 0
      ? 0
      : seen.reduce((sum, own) => sum + (own.length > 0 ? noise ** 2 / own.length : 0), 0) / known.length;
  const kept = between === 0 ? 0 : Math.max(0, 1 - chance / between);
  return raw.map((value, weekday) => ((seen[weekday] as readonly number[]).length > 0 ? kept * (value - mean) : 0));
}
