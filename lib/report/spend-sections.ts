/**
 * The sections about money: first screen, daily chart, spend by team and by model, week over week.
 * In: a summary. Out: HTML of each section, or an empty string where there is nothing to say.
 */
import type { Pico } from '../money.ts';
import type { Change, WeekComparison } from './comparison.ts';
import { dailyChart, weekChart } from './summary-charts.ts';
import type { Series } from './summary-charts.ts';
import {
  count,
  dayList,
  dayRange,
  escapeHtml,
  exactMoney,
  money,
  percent,
  plural,
  shownName,
  titleName,
} from './format.ts';
import { addMeasures, foldRest } from './measures.ts';
import type { Measures } from './measures.ts';
import { UNALLOCATED } from './quality.ts';
import { completeSentence, gapSentence, unknownSentences, weekSentence, weekSpend, weekUnknowns } from './sentences.ts';
import {
  changeCell,
  changeShareCell,
  countCell,
  moneyCell,
  nameCell,
  renderHtmlTable,
  shareCell,
  tokensCell,
} from './table.ts';
import type { Cell, TableColumn } from './table.ts';
import type { Summary } from './summary.ts';
import { addDays } from '../time.ts';

/** Rows of the long tables; the others follow as one row, so that the table still adds up. */
const TABLE_ROWS = 50;
const WEEK_ROWS = 15;
const WIDE_PX = 1000;
const NARROW_PX = 320;

/** What a reader must know in one minute. */
export function firstScreen(summary: Summary): string {
  const { week } = summary;
  const spend = week
    ? weekSpend(week)
    : { shown: money(summary.totals.costPico), exact: exactMoney(summary.totals.costPico) };
  const label = week ? weekLabel(week) : 'Spend so far';
  const gaps = week ? [...week.gaps.map(gapSentence), ...weekUnknowns(week)] : [];
  return `<section class="hero" aria-label="At a glance">
<div><p class="label">${escapeHtml(label)}</p>
<p class="figure" title="${escapeHtml(spend.exact)}">${escapeHtml(spend.shown)}</p>
<p class="lead">${escapeHtml(weekSentence(summary))}</p></div>
${tiles(summary)}
${notes([note('Before comparing these weeks', gaps, 'note'), note('Not known', unknownSentences(summary), 'note calm')])}</section>`;
}

/** The week the large figure is of; a week that is not all there says so. */
export function weekLabel(week: WeekComparison): string {
  const { from, to, completeDays } = week.current;
  const part = completeDays === 7 ? '' : ` (${completeDays} of 7 days complete)`;
  return `Spend in the last full week, ${dayRange(from, to)}${part}`;
}

function tiles(summary: Summary): string {
  const { totals, byTeam } = summary;
  const nobody = byTeam.find(({ team }) => team === UNALLOCATED)?.costPico ?? (byTeam.length === 0 ? null : 0);
  const entries: [string, string, string][] = [
    ['Spend in the period', money(totals.costPico), exactMoney(totals.costPico)],
    ['Calls', count(totals.calls), ''],
    ['Calls without a price', percent(totals.unpricedCalls, totals.calls), count(totals.unpricedCalls)],
    ['Spend of no team', percent(nobody, totals.costPico), exactMoney(nobody)],
  ];
  if (totals.includedCalls > 0) {
    entries.push([
      'Token value under plans, not spend',
      money(totals.includedValuePico),
      exactMoney(totals.includedValuePico),
    ]);
  }
  if (totals.billingUnknownCalls > 0) {
    entries.push([
      'Token value, billing unproven',
      money(totals.billingUnknownValuePico),
      exactMoney(totals.billingUnknownValuePico),
    ]);
  }
  const rows = entries.map(([name, shown, title]) => {
    const titled = title === '' ? '' : ` title="${escapeHtml(title)}"`;
    return `<div><dt>${escapeHtml(name)}</dt><dd${titled}>${escapeHtml(shown)}</dd></div>`;
  });
  return `<dl class="tiles">${rows.join('')}</dl>`;
}

function notes(boxes: readonly string[]): string {
  const filled = boxes.filter(Boolean);
  return filled.length === 0 ? '' : `<div class="notes">${filled.join('')}</div>`;
}

function note(heading: string, lines: readonly string[], kind: 'note' | 'note calm'): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return `<div class="${kind}"><p><strong>${escapeHtml(heading)}</strong></p><ul>${items}</ul></div>`;
}

/** Period and freshness, under the title. */
export function periodLine(summary: Summary): string {
  if (summary.period === null) return '';
  return `${dayRange(summary.period.from, summary.period.to)} (UTC) · ${completeSentence(summary)}`;
}

/** Daily spend, stacked by team. */
export async function dailySection(summary: Summary): Promise<string> {
  if (summary.dailyByTeam.length === 0) return '';
  const wide = await dailyChart(summary, WIDE_PX);
  const narrow = await dailyChart(summary, NARROW_PX);
  return `<section aria-labelledby="daily"><h2 id="daily">Daily spend</h2>
<figure><figcaption>USD per UTC day by team, last ${plural(summary.chartDays, 'day')}; pale days are not complete. <a href="#sql-daily-by-team">SQL</a></figcaption>
<div class="wide">${wide.svg}</div><div class="narrow">${narrow.svg}</div>
${legend(wide.series)}</figure></section>`;
}

function legend(series: readonly Series[]): string {
  const items = series.map(
    ({ name, color }) =>
      `<li title="${escapeHtml(titleName(name))}"><i style="background:${color}"></i><bdi>${escapeHtml(shownName(name, 32))}</bdi></li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

const SPEND_COLUMNS: readonly TableColumn[] = [
  { title: 'Spend', isNumeric: true },
  { title: 'Share', isNumeric: true },
  { title: 'Calls', isNumeric: true },
  { title: 'Tokens', isNumeric: true },
  { title: 'From cache', isNumeric: true },
];

function spendColumns(first: string, totals: Measures): TableColumn[] {
  const optional: TableColumn[] = [];
  if (tokenValueCalls(totals) > 0) optional.push({ title: 'Token value, not spend', isNumeric: true });
  if (totals.unpricedCalls > 0) optional.push({ title: 'Calls without price', isNumeric: true });
  return [{ title: first }, ...SPEND_COLUMNS, ...optional];
}

const tokenValueCalls = (m: Measures): number => m.includedCalls + m.billingUnknownCalls;

function spendCells(name: Cell, row: Measures, totals: Measures): Cell[] {
  const inputs = row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens;
  const cached = {
    shown: percent(row.cacheReadTokens, inputs),
    sort: inputs === 0 ? '' : String(row.cacheReadTokens / inputs),
  };
  const cells = [
    name,
    moneyCell(row.costPico),
    shareCell(row.costPico, totals.costPico),
    countCell(row.calls),
    tokensCell(row.tokens),
    cached,
  ];
  if (tokenValueCalls(totals) > 0)
    cells.push(tokenValueCalls(row) > 0 ? moneyCell(tokenValue(row)) : { shown: '', sort: '' });
  if (totals.unpricedCalls > 0)
    cells.push(row.unpricedCalls > 0 ? countCell(row.unpricedCalls) : { shown: '', sort: '0' });
  return cells;
}

/** List value of what is not billed per token, or may not be. */
function tokenValue(row: Measures): Pico | null {
  const { includedValuePico: a, billingUnknownValuePico: b } = row;
  return addMeasures({ ...row, costPico: a }, { ...row, costPico: b }).costPico;
}

/** Spend by team, exact to the last digit in the titles. */
export function teamSection(summary: Summary): string {
  const { shown, rest } = foldRest(summary.byTeam, TABLE_ROWS);
  const rows = shown.map((row) => spendCells(nameCell(row.team), row, summary.totals));
  if (rest)
    rows.push(spendCells({ shown: `${count(rest.groups)} other teams`, sort: '\uffff' }, rest.sum, summary.totals));
  return `<section aria-labelledby="teams"><h2 id="teams">Spend by team</h2>
${renderHtmlTable({
  caption: `${captionPeriod(summary)}, USD`,
  query: 'by-team',
  columns: spendColumns('Team', summary.totals),
  rows,
  foot: spendCells({ shown: 'All teams' }, summary.totals, summary.totals),
})}</section>`;
}

/** Spend by provider and model. */
export function modelSection(summary: Summary): string {
  const { shown, rest } = foldRest(summary.byModel, TABLE_ROWS);
  const rows = shown.map((row) => spendCells(nameCell(row.model, row.provider), row, summary.totals));
  if (rest)
    rows.push(spendCells({ shown: `${count(rest.groups)} other models`, sort: '\uffff' }, rest.sum, summary.totals));
  return `<section aria-labelledby="models"><h2 id="models">Spend by model</h2>
${renderHtmlTable({
  caption: `${captionPeriod(summary)}, USD`,
  query: 'by-model',
  columns: spendColumns('Model', summary.totals),
  rows,
  foot: spendCells({ shown: 'All models' }, summary.totals, summary.totals),
})}</section>`;
}

const captionPeriod = (summary: Summary): string =>
  summary.period ? dayRange(summary.period.from, summary.period.to) : '';

/** The compared weeks by team and by model. */
export async function weekSection(summary: Summary): Promise<string> {
  const { week } = summary;
  if (week === null || week.previous === null || week.compared === null) return '';
  const [wide, narrow] = [await weekChart(summary, WIDE_PX), await weekChart(summary, NARROW_PX)];
  const chart =
    wide === null
      ? ''
      : `<figure><figcaption>USD by team: bar = ${escapeHtml(dayList(week.comparedDays))}, mark = the same days of the week before.</figcaption>
<div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`;
  return `<section aria-labelledby="weeks"><h2 id="weeks">Week over week</h2>
<p class="hint">${escapeHtml(weekSentence(summary))}</p>
${chart}
${changeTable(summary, 'By team', 'Team', week.byTeam, 'by-team')}
${changeTable(summary, 'By model', 'Model', week.byModel, 'by-model')}</section>`;
}

/** A column head for some days of a week, without the year. */
const daysTitle = (days: readonly string[]): string => dayList(days).replaceAll(/, \d{4}/g, '');

function changeTable(
  summary: Summary,
  caption: string,
  first: string,
  changes: readonly Change[],
  query: string,
): string {
  const week = summary.week;
  if (week === null || week.compared === null) return '';
  const shown = changes.slice(0, WEEK_ROWS);
  const hidden = changes.length - shown.length;
  const columns = [
    { title: first },
    { title: daysTitle(week.comparedDays), isNumeric: true },
    { title: daysTitle(week.comparedDays.map((day) => addDays(day, -7))), isNumeric: true },
    { title: 'Change', isNumeric: true },
    { title: 'Change, %', isNumeric: true },
    { title: 'Calls', isNumeric: true },
    { title: 'Calls before', isNumeric: true },
  ];
  const rows = shown.map((row) => [
    nameCell(row.name, row.provider ?? undefined),
    moneyCell(row.currentPico),
    moneyCell(row.previousPico),
    changeCell(row.changePico),
    changeShareCell(row.changePico, row.previousPico),
    countCell(row.currentCalls),
    countCell(row.previousCalls),
  ]);
  const { current: now, previous: then } = week.compared;
  const foot = [
    { shown: 'Total' },
    moneyCell(now.costPico),
    moneyCell(then.costPico),
    changeCell(week.changePico),
    changeShareCell(week.changePico, then.costPico),
    countCell(now.calls),
    countCell(then.calls),
  ];
  const more = hidden > 0 ? `, the ${shown.length} largest changes; ${plural(hidden, 'other')} in the total` : '';
  return renderHtmlTable({ caption: `${caption}${more}`, query, columns, rows, foot });
}
