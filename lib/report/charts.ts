/**
 * Charts of the report as SVG text, made by Vega-Lite without a browser: daily spend by team, and the two weeks by team.
 * In: plain numbers of a summary. Out: SVG whose colors are the CSS variables of the page, so that it follows light and dark.
 * Invariant: no chart refers to anything outside itself; dollars here are for display only.
 */
import type { TopLevelSpec } from 'vega-lite';
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import { addDays, daysBetween, weekStart } from '../time.ts';
import { shownName } from './format.ts';
import type { Summary } from './summary.ts';

/** Teams that get a color of their own; all others share one. */
const COLORED_TEAMS = 8;

export interface Series {
  readonly name: string;
  readonly color: string;
}

export interface Chart {
  readonly svg: string;
  readonly series: readonly Series[];
}

const color = (index: number): string => `var(--c${index + 1})`;
const OTHERS_COLOR = 'var(--others)';

/** The most expensive teams of the chart's days, each with its color, and `other teams` where there are more. */
export function teamSeries(summary: Pick<Summary, 'dailyByTeam'>): {
  colors: ReadonlyMap<string, Series>;
  series: Series[];
  others: Series;
} {
  const sums = new Map<string, bigint>();
  for (const { team, costPico } of summary.dailyByTeam) sums.set(team, (sums.get(team) ?? 0n) + BigInt(costPico ?? 0));
  const teams = [...sums]
    .toSorted(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1))
    .map(([team]) => team);
  const series = teams.slice(0, COLORED_TEAMS).map((team, i) => ({ name: team, color: color(i) }));
  const colors = new Map(series.map((s) => [s.name, s]));
  const others = { name: 'other teams', color: OTHERS_COLOR };
  return { colors, series: teams.length > COLORED_TEAMS ? [...series, others] : series, others };
}

/** Display dollars of an amount. */
const dollars = (pico: Pico): number => Number(usdText(pico));

/** Daily spend, stacked by team, for the last days of the period. Days that are not complete are pale. */
export async function dailyChart(summary: Summary, width: number): Promise<Chart> {
  const { colors, series, others } = teamSeries(summary);
  const to = summary.period?.to ?? summary.asOfDay;
  const days = daysBetween(addDays(to, 1 - summary.chartDays), to);
  const incomplete = new Set(summary.daily.filter((row) => !row.isComplete).map((row) => row.day));
  for (const source of summary.sources) for (const day of source.missingDays) incomplete.add(day);
  incomplete.add(summary.asOfDay);
  const order = new Map(series.map((s, i) => [s.color, i]));
  const sums = new Map<string, bigint>();
  for (const { day, team, costPico } of summary.dailyByTeam) {
    const key = `${day} ${(colors.get(team) ?? others).color}`;
    if (costPico !== null) sums.set(key, (sums.get(key) ?? 0n) + BigInt(costPico));
  }
  const values = [...sums].map(([key, pico]) => {
    const cut = key.indexOf(' ');
    const fill = key.slice(cut + 1);
    const day = key.slice(0, cut);
    return { day, fill, rank: order.get(fill) ?? 0, usd: dollars(pico), pale: incomplete.has(day) };
  });
  return { svg: await toSvg(dailySpec(days, values, summary.weekStart, width)), series };
}

interface DayValue {
  readonly day: string;
  readonly fill: string;
  readonly rank: number;
  readonly usd: number;
  readonly pale: boolean;
}

function dailySpec(
  days: readonly string[],
  values: readonly DayValue[],
  startWeekday: number,
  width: number,
): TopLevelSpec {
  const tallest = Math.max(0, ...daySums(values));
  const labeled = days.length <= 7 ? days : days.filter((day) => weekStart(day, startWeekday) === day);
  const every = Math.ceil(labeled.length / Math.max(2, Math.floor(width / 70)));
  return {
    ...frame(width, width < 500 ? 200 : 240),
    data: { values: [...values] },
    mark: { type: 'bar', stroke: 'var(--surface)', strokeWidth: 0.75 },
    encoding: {
      x: {
        field: 'day',
        type: 'ordinal',
        scale: { domain: [...days], paddingInner: 0.18, paddingOuter: 0.1 },
        axis: {
          title: null,
          values: labeled.filter((_, i) => i % every === 0),
          labelExpr: "utcFormat(toDate(datum.value), '%b %-d')",
          labelAngle: 0,
          labelOverlap: true,
        },
      },
      y: { field: 'usd', type: 'quantitative', axis: { title: null, format: dollarFormat(tallest), tickCount: 4 } },
      fill: { field: 'fill', type: 'nominal', scale: null },
      fillOpacity: { condition: { test: 'datum.pale', value: 0.45 }, value: 1 },
      order: { field: 'rank', type: 'quantitative' },
    },
  };
}

function daySums(values: readonly DayValue[]): number[] {
  const sums = new Map<string, number>();
  for (const { day, usd } of values) sums.set(day, (sums.get(day) ?? 0) + usd);
  return [...sums.values()];
}

function dollarFormat(largest: number): string {
  if (largest >= 4000) return '$~s';
  return largest >= 8 ? '$,.0f' : '$,.2f';
}

const WEEK_TEAMS = 10;

/** The compared weeks by team: a bar for the later week, a mark where the earlier one ended. Null without two weeks to compare. */
export async function weekChart(summary: Summary, width: number): Promise<string | null> {
  const week = summary.week;
  if (week === null || week.compared === null) return null;
  const largest = (row: (typeof week.byTeam)[number]): bigint =>
    [row.currentPico, row.previousPico].reduce<bigint>(
      (max, pico) => (pico !== null && BigInt(pico) > max ? BigInt(pico) : max),
      0n,
    );
  const rows = week.byTeam
    .filter((row) => largest(row) > 0n)
    .toSorted((a, b) => (largest(b) > largest(a) ? 1 : largest(b) < largest(a) ? -1 : 0))
    .slice(0, WEEK_TEAMS);
  if (rows.length === 0) return null;
  // The position tells names apart: two that look alike once cut must not share a bar.
  const values = rows.map((row, i) => ({
    place: String(i),
    now: row.currentPico === null ? null : dollars(row.currentPico),
    before: row.previousPico === null ? null : dollars(row.previousPico),
  }));
  const names = rows.map((row) => shownName(row.name, width < 500 ? 14 : 24));
  return await toSvg(weekSpec(values, names, width));
}

type WeekValue = { readonly place: string; readonly now: number | null; readonly before: number | null };

function weekSpec(values: readonly WeekValue[], names: readonly string[], width: number): TopLevelSpec {
  const tallest = Math.max(...values.flatMap(({ now, before }) => [now ?? 0, before ?? 0]));
  const y = {
    field: 'place',
    type: 'ordinal' as const,
    scale: { domain: names.map((_, i) => String(i)), paddingInner: 0.35 },
    axis: {
      title: null,
      labelExpr: `${JSON.stringify(names)}[toNumber(datum.value)]`,
      labelLimit: 220,
      labelPadding: 8,
      ticks: false,
      domain: false,
    },
  };
  const dollarAxis = { title: null, format: dollarFormat(tallest), tickCount: width < 500 ? 3 : 5 };
  return {
    ...frame(width, names.length * 28),
    data: { values: [...values] },
    layer: [
      {
        mark: { type: 'bar', fill: 'var(--week)' },
        encoding: { y, x: { field: 'now', type: 'quantitative', axis: dollarAxis } },
      },
      {
        mark: { type: 'tick', fill: 'var(--text)', opacity: 1, thickness: 3, bandSize: 26 },
        encoding: { y, x: { field: 'before', type: 'quantitative' } },
      },
    ],
  };
}

const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';

/** What all charts share: size, quiet axes, the page's text font and colors. */
function frame(
  width: number,
  height: number,
): Pick<TopLevelSpec, '$schema'> & Record<string, unknown> & { width: number; height: number } {
  return {
    width,
    height,
    background: 'transparent',
    padding: { left: 0, right: 12, top: 6, bottom: 0 },
    autosize: { type: 'fit-x', contains: 'padding' },
    config: {
      font: FONT,
      aria: false,
      view: { stroke: null },
      axis: {
        labelColor: 'var(--muted)',
        labelFontSize: 12,
        labelFont: FONT,
        domainColor: 'var(--line-strong)',
        tickColor: 'var(--line-strong)',
      },
      axisX: { grid: false },
      axisQuantitative: { grid: true, gridColor: 'var(--line)', domain: false, ticks: false, labelPadding: 8 },
    },
  };
}

/** Runs Vega headless. Loaded on first use: reading a summary must not pay for it. */
async function toSvg(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  // Inside HTML the namespaces are implied, and without them the page holds no address at all; a hundredth of a pixel is enough.
  return svg
    .replace(/ xmlns(:\w+)?="[^"]*"/g, '')
    .replace(/ (?:d|transform)="[^"]*"/g, (attribute) =>
      attribute.replace(/\d+\.\d{3,}/g, (n) => String(Number(Number(n).toFixed(2)))),
    )
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
}
