/**
 * The charts of `run`'s report from its summary: daily spend by team, and the two weeks by team.
 * In: a summary. Out: SVG in the colors of the page, and the teams with theirs.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { addDays, daysBetween } from '../time.ts';
import { COLORED_SERIES, PAGE_THEME, seriesColor } from './chart-theme.ts';
import { chartSvg } from './charts.ts';
import type { BarsData, TrendData } from './document.ts';
import type { Summary } from './summary.ts';

export interface Series {
  readonly name: string;
  readonly color: string;
}

export interface Chart {
  readonly svg: string;
  readonly series: readonly Series[];
}

export const OTHER_TEAMS = 'other teams';

/** The most expensive names of some days, each with its amounts in the order of the days, and all others as one. */
export function stackedSeries(
  days: readonly string[],
  rows: readonly { readonly day: string; readonly name: string; readonly costPico: Pico | null }[],
  others: string,
): TrendData['series'] {
  const sums = new Map<string, bigint>();
  for (const { name, costPico } of rows) sums.set(name, (sums.get(name) ?? 0n) + BigInt(costPico ?? 0));
  const names = [...sums]
    .toSorted(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1))
    .map(([name]) => name);
  const places = new Map(names.slice(0, COLORED_SERIES).map((name, i) => [name, i]));
  const series = names.length > COLORED_SERIES ? [...places.keys(), others] : [...places.keys()];
  const costs = series.map(() => days.map((): Pico | null => null));
  const dayPlaces = new Map(days.map((day, i) => [day, i]));
  for (const { day, name, costPico } of rows) {
    const [own, at] = [costs[places.get(name) ?? COLORED_SERIES], dayPlaces.get(day)];
    if (own !== undefined && at !== undefined && costPico !== null) own[at] = addPico(own[at] ?? 0, costPico);
  }
  return series.map((name, i) => ({ name, costPico: costs[i] ?? [] }));
}

/** Daily spend, stacked by team, for the last days of the period. Days that are not complete are pale. */
export async function dailyChart(summary: Summary, width: number): Promise<Chart> {
  const to = summary.period?.to ?? summary.asOfDay;
  const days = daysBetween(addDays(to, 1 - summary.chartDays), to);
  const incomplete = new Set(summary.daily.filter((row) => !row.isComplete).map((row) => row.day));
  for (const source of summary.sources) for (const day of source.missingDays) incomplete.add(day);
  incomplete.add(summary.asOfDay);
  const rows = summary.dailyByTeam.map(({ day, team, costPico }) => ({ day, name: team, costPico }));
  const data: TrendData = {
    kind: 'trend',
    days: days.map((day) => ({ day, isComplete: !incomplete.has(day) })),
    series: stackedSeries(days, rows, OTHER_TEAMS),
  };
  const series = data.series.map(({ name }, i) => ({ name, color: seriesColor(PAGE_THEME, i) }));
  return { svg: hidden(await chartSvg({ data }, { width, theme: PAGE_THEME })), series };
}

const WEEK_TEAMS = 10;

/** The compared weeks by team: a bar for the later week, a mark where the earlier one ended. Null without two weeks to compare. */
export async function weekChart(summary: Summary, width: number): Promise<string | null> {
  const week = summary.week;
  if (week === null || week.compared === null) return null;
  const rows = largestRows(week.byTeam, WEEK_TEAMS);
  return rows.length === 0
    ? null
    : hidden(await chartSvg({ data: { kind: 'bars', rows } }, { width, theme: PAGE_THEME }));
}

/** Names with the largest amount on either side, largest first. */
export function largestRows(rows: BarsData['rows'], limit: number): BarsData['rows'] {
  const largest = ({ currentPico, previousPico }: BarsData['rows'][number]): bigint =>
    [currentPico, previousPico].reduce<bigint>(
      (max, pico) => (pico !== null && BigInt(pico) > max ? BigInt(pico) : max),
      0n,
    );
  return rows
    .filter((row) => largest(row) > 0n)
    .toSorted((a, b) => (largest(b) > largest(a) ? 1 : largest(b) < largest(a) ? -1 : 0))
    .slice(0, limit)
    .map(({ name, currentPico, previousPico }) => ({ name, currentPico, previousPico }));
}

/** The page of `run` says in tables what its charts show. */
const hidden = (svg: string): string => svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
