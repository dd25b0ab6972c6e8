/**
 * Colors and font of charts. On the page they are the variables of its style sheet, so that a chart follows light and dark; in a picture they are
 * fixed: a mail shows it on white whatever its own ground is. In: nothing. Out: themes.
 * Invariant: bars keep a contrast of 3:1 against their ground, text 4.5:1 (WCAG AA).
 */

export interface ChartTheme {
  /** families as CSS has them */
  readonly font: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly lineStrong: string;
  /** what lies behind; `transparent` lets the page through */
  readonly ground: string;
  /** between parts of a stacked bar */
  readonly surface: string;
  /** the one color of charts that need one only */
  readonly bar: string;
  readonly good: string;
  readonly bad: string;
  /** of the series in their order; those beyond share `others` */
  readonly series: readonly string[];
  readonly others: string;
  /** true: marks carry texts for pointer, keyboard and screen readers; false: a picture of its own, with namespaces */
  readonly isInteractive: boolean;
}

/** Series that get a color of their own; all others share one. */
export const COLORED_SERIES = 8;

/** Variables of style.ts. */
export const PAGE_THEME: ChartTheme = {
  font: 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif',
  text: 'var(--text)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  lineStrong: 'var(--line-strong)',
  ground: 'transparent',
  surface: 'var(--surface)',
  bar: 'var(--week)',
  good: 'var(--good)',
  bad: 'var(--warn)',
  series: Array.from({ length: COLORED_SERIES }, (_, i) => `var(--c${i + 1})`),
  others: 'var(--others)',
  isInteractive: true,
};

/** The light values of the page's variables on white. */
export const MAIL_THEME: ChartTheme = {
  font: 'sans-serif',
  text: '#18202c',
  muted: '#566173',
  line: '#e6e9ee',
  lineStrong: '#c9cfd8',
  ground: '#ffffff',
  surface: '#ffffff',
  bar: '#6a8fe3',
  good: '#1d6b43',
  bad: '#8a4b00',
  series: ['#2f5fd0', '#0f8a7e', '#c2571a', '#8b4fc4', '#a67c00', '#c23a6b', '#4b7f2a', '#5b6b80'],
  others: '#8a94a3',
  isInteractive: false,
};

/** The color of a series by its place. */
export function seriesColor(theme: ChartTheme, place: number): string {
  return theme.series[place] ?? theme.others;
}
