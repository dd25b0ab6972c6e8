/**
 * What a month is expected to cost, in total and by team, as seen from a day. In: the spend of the weeks before. Out: rows of the table `forecasts`.
 * Invariant: complete days before `madeOn` are exact, the others of the month are forecast, also those that are past and lack a source; but what was
 * recorded of these is spent, so that no forecast lies below it. Other amounts of the range are whole millionths of a dollar.
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
  /** of past days that are not complete */
  let recordedPico = 0n;
  const owed: OpenDay[] = [];
  const coming: OpenDay[] = [];
  const beyond = days.length === 0 ? range.from : (days[length - 1] ?? range.from);
  for (const day of daysBetween(range.from, range.to)) {
    const at = places.get(day);
    if (at !== undefined && isComplete[at] === true) {
      actualPico += spent[at] as bigint;
      continue;
    }
    const open = { ahead: Math.max(1, daysBetween(beyond, day).length - 1), weekday: weekday(day) };
    if (at === undefined) coming.push(open);
    else {
      owed.push(open);
      recordedPico += spent[at] as bigint;
    }
  }
  const costs = spent.slice(0, length).map((pico, at) => (isComplete[at] === true ? usd(pico) : null));
  const history = { firstWeekday, costs };
  const past = owed.length === 0 ? null : forecastSum(history, owed);
  // more was recorded than could be expected: what is still missing of these days nobody knows, so they count as recorded
  const isPastSpent = past !== null && recordedPico > picoOf(past.expected);
  const ahead = forecastSum(history, isPastSpent ? coming : [...owed, ...coming]);
  if (ahead === null) return null;
  const spentPico = actualPico + recordedPico;
  const plus = (dollars: number): bigint => {
    const sum = (isPastSpent ? spentPico : actualPico) + picoOf(dollars);
    return sum < spentPico ? spentPico : sum;
  };
  return {
    actualPico,
    lowPico: plus(ahead.low),
    expectedPico: plus(ahead.expected),
    highPico: plus(ahead.high),
    method: ahead.method,
  };
}

/** A day to forecast: how far from the last one of the window, and its weekday. */
interface OpenDay {
  readonly ahead: number;
  readonly weekday: number;
}

const picoOf = (dollars: number): bigint => BigInt(Math.round(dollars * 1e6)) * 1_000_000n;
