/**
 * Charts of a report as SVG text, made by Vega-Lite without a browser: spend by day, two weeks by name, from spend to plan.
 * In: a chart as data, a width in pixels, a theme. Out: SVG. Invariant: no chart refers to anything outside itself; dollars here are for display
 * only; the same chart gives the same bytes.
 */
import type { TopLevelSpec } from 'vega-lite';
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import { seriesColor } from './chart-theme.ts';
import type { ChartTheme } from './chart-theme.ts';
import type { BarsData, ReportChart, TrendData, WaterfallData } from './document.ts';
import { day, money, shownName } from './format.ts';

export interface ChartLook {
  /** pixels */
  readonly width: number;
  readonly theme: ChartTheme;
}

/** Below this a chart is drawn for a telephone: shorter names, fewer labels. */
const NARROW_PX = 500;

/** One chart as SVG. Vega is loaded on first use: what draws nothing must not pay for it. */
export async function chartSvg(chart: Pick<ReportChart, 'data'>, look: ChartLook): Promise<string> {
  return await toSvg(specOf(chart.data, look), look.theme);
}

function specOf(data: ReportChart['data'], look: ChartLook): TopLevelSpec {
  switch (data.kind) {
    case 'trend':
      return trendSpec(data, look);
    case 'bars':
      return barsSpec(data, look);
    case 'waterfall':
      return waterfallSpec(data, look);
  }
}

/** Display dollars of an amount. */
const dollars = (pico: Pico): number => Number(usdText(pico));

function dollarFormat(largest: number): string {
  if (largest >= 4000) return '$~s';
  return largest >= 8 ? '$,.0f' : '$,.2f';
}

/** Stacked by series; days that are not complete are pale. */
function trendSpec({ days, series }: TrendData, { width, theme }: ChartLook): TopLevelSpec {
  const values = series.flatMap(({ name, costPico }, rank) =>
    days.flatMap(({ day: at, isComplete }, i) => {
      const pico = costPico[i] ?? null;
      if (pico === null || BigInt(pico) === 0n) return [];
      const text = `${day(at)}, ${shownName(name)}: ${money(pico)}${isComplete ? '' : ' (day not complete)'}`;
      return [{ day: at, fill: seriesColor(theme, rank), rank, usd: dollars(pico), pale: !isComplete, text }];
    }),
  );
  const sums = new Map<string, number>();
  for (const { day: at, usd } of values) sums.set(at, (sums.get(at) ?? 0) + usd);
  const shown = labeledDays(
    days.map(({ day: at }) => at),
    width,
  );
  return {
    ...frame(width, width < NARROW_PX ? 200 : 240, theme),
    data: { values },
    mark: { type: 'bar', stroke: theme.surface, strokeWidth: 0.75 },
    encoding: {
      x: {
        field: 'day',
        type: 'ordinal',
        scale: { domain: days.map(({ day: at }) => at), paddingInner: 0.18, paddingOuter: 0.1 },
        axis: {
          title: null,
          values: shown,
          labelExpr: "utcFormat(toDate(datum.value), '%b %-d')",
          labelAngle: 0,
          labelOverlap: true,
        },
      },
      y: {
        field: 'usd',
        type: 'quantitative',
        axis: { title: null, format: dollarFormat(Math.max(0, ...sums.values())), tickCount: 4 },
      },
      fill: { field: 'fill', type: 'nominal', scale: null },
      fillOpacity: { condition: { test: 'datum.pale', value: 0.45 }, value: 1 },
      order: { field: 'rank', type: 'quantitative' },
      description: { field: 'text', type: 'nominal' },
    },
  };
}

/** Days that get a label: each of a week, else one in seven, counted back from the last. */
function labeledDays(days: readonly string[], width: number): string[] {
  const every = days.length <= 7 ? 1 : 7;
  const labeled = days.filter((_, i) => (days.length - 1 - i) % every === 0);
  const skip = Math.ceil(labeled.length / Math.max(2, Math.floor(width / 70)));
  return labeled.filter((_, i) => (labeled.length - 1 - i) % skip === 0);
}

/** A bar a name, and a mark where it ended the time before. */
function barsSpec({ rows }: BarsData, { width, theme }: ChartLook): TopLevelSpec {
  const values = rows.map(({ name, currentPico, previousPico }, i) => ({
    place: String(i),
    now: currentPico === null ? null : dollars(currentPico),
    before: previousPico === null ? null : dollars(previousPico),
    text: `${shownName(name)}: ${money(currentPico)}, before ${money(previousPico)}`,
  }));
  const y = nameAxis(
    rows.map(({ name }) => name),
    width,
  );
  const x = {
    type: 'quantitative' as const,
    axis: dollarAxis(
      values.flatMap(({ now, before }) => [now ?? 0, before ?? 0]),
      width,
    ),
  };
  const description = { field: 'text', type: 'nominal' as const };
  return {
    ...frame(width, rows.length * 28, theme),
    data: { values },
    layer: [
      { mark: { type: 'bar', fill: theme.bar }, encoding: { y, x: { field: 'now', ...x }, description } },
      {
        mark: { type: 'tick', fill: theme.text, opacity: 1, thickness: 3, bandSize: 26, aria: false },
        encoding: { y, x: { field: 'before', type: 'quantitative' } },
      },
    ],
  };
}

/** From spend to what would be left: each step hangs where the one before ended, its range as a line. */
function waterfallSpec({ baselinePico, steps }: WaterfallData, { width, theme }: ChartLook): TopLevelSpec {
  let left = BigInt(baselinePico);
  const total = (place: number, text: string): WaterfallBar => ({
    place: String(place),
    from: 0,
    to: dollars(left),
    low: null,
    high: null,
    fill: theme.bar,
    text: `${text}: ${money(left)}`,
  });
  const bars = [total(0, SPENT)];
  for (const [i, { name, savingPico, lowPico, highPico }] of steps.entries()) {
    const before = left;
    left -= BigInt(savingPico);
    bars.push({
      place: String(i + 1),
      from: dollars(before),
      to: dollars(left),
      low: dollars(before - BigInt(lowPico)),
      high: dollars(before - BigInt(highPico)),
      fill: BigInt(savingPico) < 0n ? theme.bad : theme.good,
      text: `${shownName(name)}: ${money(savingPico)}, range ${money(lowPico)} to ${money(highPico)}`,
    });
  }
  bars.push(total(steps.length + 1, LEFT));
  const names = [SPENT, ...steps.map(({ name }) => name), LEFT];
  const y = nameAxis(names, width);
  const axis = dollarAxis(
    bars.flatMap(({ from, to }) => [from, to]),
    width,
  );
  return {
    ...frame(width, bars.length * 28, theme),
    data: { values: bars.map((bar) => ({ ...bar })) },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          y,
          x: { field: 'from', type: 'quantitative', axis },
          x2: { field: 'to' },
          fill: { field: 'fill', type: 'nominal', scale: null },
          description: { field: 'text', type: 'nominal' },
        },
      },
      {
        transform: [{ filter: 'datum.low !== null' }],
        mark: { type: 'rule', stroke: theme.text, strokeWidth: 2, aria: false },
        encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
      },
    ],
  };
}

const SPENT = 'Spent';
const LEFT = 'With the plan';

type WaterfallBar = {
  readonly place: string;
  readonly from: number;
  readonly to: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly fill: string;
  readonly text: string;
};

/** Names down the left side. The position tells them apart: two that look alike once cut must not share a bar. */
function nameAxis(names: readonly string[], width: number) {
  const shown = names.map((name) => shownName(name, width < NARROW_PX ? 14 : 24));
  return {
    field: 'place',
    type: 'ordinal' as const,
    scale: { domain: names.map((_, i) => String(i)), paddingInner: 0.35 },
    axis: {
      title: null,
      labelExpr: `${JSON.stringify(shown)}[toNumber(datum.value)]`,
      labelLimit: 220,
      labelPadding: 8,
      ticks: false,
      domain: false,
    },
  };
}

function dollarAxis(values: readonly number[], width: number) {
  const tallest = Math.max(0, ...values.map(Math.abs));
  return { title: null, format: dollarFormat(tallest), tickCount: width < NARROW_PX ? 3 : 5 };
}

/** What all charts share: size, quiet axes, the theme's font and colors. */
function frame(
  width: number,
  height: number,
  theme: ChartTheme,
): Pick<TopLevelSpec, '$schema'> & Record<string, unknown> & { width: number; height: number } {
  return {
    width,
    height,
    background: theme.ground,
    padding: { left: 0, right: 12, top: 6, bottom: 3 },
    autosize: { type: 'fit-x', contains: 'padding' },
    config: {
      font: theme.font,
      aria: theme.isInteractive,
      view: { stroke: null },
      axis: {
        aria: false,
        labelColor: theme.muted,
        labelFontSize: 12,
        labelFont: theme.font,
        domainColor: theme.lineStrong,
        tickColor: theme.lineStrong,
      },
      axisX: { grid: false },
      axisQuantitative: { grid: true, gridColor: theme.line, domain: false, ticks: false, labelPadding: 8 },
    },
  };
}

async function toSvg(spec: TopLevelSpec, theme: ChartTheme): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error });
  const drawn = await view.toSVG();
  view.finalize();
  // a hundredth of a pixel is enough
  const svg = drawn.replace(/ (?:d|transform)="[^"]*"/g, (attribute) =>
    attribute.replace(/\d+\.\d{3,}/g, (n) => String(Number(Number(n).toFixed(2)))),
  );
  // inside HTML the namespaces are implied, and without them the page holds no address at all
  return theme.isInteractive ? svg.replace(/ xmlns(:\w+)?="[^"]*"/g, '') : svg;
}
