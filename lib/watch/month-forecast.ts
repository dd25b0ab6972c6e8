/**
 * What a month is expected to cost, in total and by team, as seen from a day. In: the spend of the weeks before. Out: rows of the table `forecasts`.
 * Invariant: only complete days before `madeOn` are read; they are exact, the others of the month are forecast, also those that are past and lack
 * a source. Amounts of the range are whole millionths of a dollar, and lie around `actual`.
 */
import { monthDays } from '../period.ts';
import { daysBetween } from '../time.ts';
import { forecastSum } from './forecast.ts';
import { usd, weekday } from './window.ts';
import type { SpendWindow } from './window.ts';

export interface MonthForecast {
  readonly scope: 'total' | 'team';
  /** the team; empty for the total */
  readonly id: string;
  readonly month: string;
  readonly actualPico: bigint;
  readonly lowPico: bigint;
  readonly expectedPico: bigint;
  readonly highPico: bigint;
  readonly method: string;
}

/** The total first, then teams by name; those with too little of a past are left out. */
export function monthForecasts(window: SpendWindow, madeOn: string, month: string): MonthForecast[] {
  const end = window.days.findIndex((day) => day >= madeOn);
  const length = end < 0 ? window.days.length : end;
  const of = (scope: 'total' | 'team', id: string, spent: readonly bigint[]): MonthForecast[] => {
    const forecast = forecastOf(window, length, month, spent);
    return forecast === null ? [] : [{ scope, id, month, ...forecast }];
  };
  const teams = [...window.teams].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = window.days.map((_day, at) => teams.reduce((sum, [, spent]) => sum + (spent[at] as bigint), 0n));
  return [...of('total', '', total), ...teams.flatMap(([team, spent]) => of('team', team, spent))];
}

function forecastOf(
  { days, isComplete, firstWeekday }: SpendWindow,
  length: number,
  month: string,
  spent: readonly bigint[],
): Omit<MonthForecast, 'scope' | 'id' | 'month'> | null {
  const range = monthDays(month);
  if (range === null) throw new RangeError(`${month} is no month`);
  const places = new Map(days.slice(0, length).map((day, at) => [day, at]));
  let actualPico = 0n;
  const open: { ahead: number; weekday: number }[] = [];
  const beyond = days.length === 0 ? range.from : (days[length - 1] ?? range.from);
  for (const day of daysBetween(range.from, range.to)) {
    const at = places.get(day);
    if (at !== undefined && isComplete[at] === true) actualPico += spent[at] as bigint;
    else open.push({ ahead: Math.max(1, daysBetween(beyond, day).length - 1), weekday: weekday(day) });
  }
  const costs = spent.slice(0, length).map((pico, at) => (isComplete[at] === true ? usd(pico) : null));
  const ahead = forecastSum({ firstWeekday, costs }, open);
  if (ahead === null) return null;
  const plus = (dollars: number): bigint => actualPico + BigInt(Math.round(dollars * 1e6)) * 1_000_000n;
  return {
    actualPico,
    lowPico: plus(ahead.low),
    expectedPico: plus(ahead.expected),
    highPico: plus(ahead.high),
    method: ahead.method,
  };
}
