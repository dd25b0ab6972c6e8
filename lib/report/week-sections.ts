/**
 * The sections about the week's money: what it and the month cost, beside last week, the same weekdays, the budget and the forecast; and what
 * changed, taken apart exactly. In: a scope. Out: sections as data. Invariant: changes are over days complete on both sides, and say which.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { addDays } from '../time.ts';
import { difference } from './comparison.ts';
import { forecastOf } from './decision.ts';
import type { ReportBlock, ReportSection } from './document.ts';
import { count, dayList, money, plural, shownName, monthName } from './format.ts';
import { driverTitle } from './lever-steps.ts';
import type { Scope } from './scope.ts';
import { gapSentence, weekSentence, weekUnknowns } from './sentences.ts';
import { changeCell, changeShareCell, moneyCell, nameCell, rangeCell, shareCell, textCell } from './table.ts';
import type { Cell } from './table.ts';
import type { DriverFacts } from './watch-facts.ts';

/** What the week and the month cost. */
export function spendSection(scope: Scope): ReportSection {
  const { comparison, facts } = scope;
  const blocks: ReportBlock[] = [
    {
      kind: 'paragraph',
      text: `The week cost ${money(scope.totals.costPico)} for ${plural(scope.totals.calls, 'call')}. ${weekSentence({ week: comparison, span: facts.summary.span })}`,
      query: 'totals',
    },
  ];
  if (comparison !== null)
    for (const text of new Set([...comparison.gaps.map(gapSentence), ...weekUnknowns(comparison)]))
      blocks.push({ kind: 'paragraph', tone: 'warning', text });
  blocks.push(
    spendTable(scope),
    { kind: 'paragraph', tone: 'hint', text: comparedHint(scope) },
    ...budgetBlocks(scope),
  );
  return { id: 'spend', title: 'Spend', blocks };
}

function spendTable({ totals, comparison, month }: Scope): ReportBlock {
  const row = (name: string, spent: Pico | null, now: Pico | null, before: Pico | null): Cell[] => {
    const change = difference(now, before);
    return [
      textCell(name),
      moneyCell(spent),
      moneyCell(now),
      moneyCell(before),
      changeCell(change),
      changeShareCell(change, before),
    ];
  };
  const compared = comparison?.compared ?? null;
  return {
    kind: 'table',
    mailRows: 2,
    table: {
      caption: 'This week against the last, and the month against the same weekdays before, USD',
      query: 'totals',
      columns: [
        { title: 'What' },
        { title: 'Spend', isNumeric: true },
        { title: 'On compared days', isNumeric: true },
        { title: 'Before', isNumeric: true },
        { title: 'Change', isNumeric: true },
        { title: 'Change, %', isNumeric: true },
      ],
      rows: [
        row('Week', totals.costPico, compared?.current.costPico ?? null, compared?.previous.costPico ?? null),
        row(
          'Month to date',
          month.actualPico,
          month.compared?.currentPico ?? null,
          month.compared?.previousPico ?? null,
        ),
      ],
    },
  };
}

function comparedHint({ comparison, facts: { month } }: Scope): string {
  const shifted = (days: readonly string[], back: number): string => dayList(days.map((day) => addDays(day, -back)));
  const week = comparison?.comparedDays ?? [];
  const said = [
    week.length === 0 ? 'the week with nothing' : `${dayList(week)} with ${shifted(week, 7)}`,
    month.comparedDays.length === 0
      ? 'the month with nothing: no day is complete on both sides'
      : `of the month ${dayList(month.comparedDays)} with ${shifted(month.comparedDays, month.shiftDays)}, the same weekdays ${month.shiftDays / 7} weeks before`,
  ];
  return `Compared: ${said.join('; ')}. Days that are not complete on both sides are left out.`;
}

function budgetBlocks(scope: Scope): ReportBlock[] {
  const { budgets, forecasts, facts, team } = scope;
  const own = forecastOf(scope, { team });
  const blocks: ReportBlock[] = [];
  if (own !== null)
    blocks.push({
      kind: 'paragraph',
      text: `${monthName(own.month)} is expected to end at ${money(own.expectedPico)}; in 8 of 10 such months between ${money(own.lowPico)} and ${money(own.highPico)}. How: ${shownName(own.method, 160)}.`,
      query: 'month-forecasts',
    });
  else
    blocks.push({
      kind: 'paragraph',
      tone: 'hint',
      text: 'There is no forecast for this month.',
      query: 'month-forecasts',
    });
  if (budgets.length === 0) {
    const text = 'No budget is set: config budgets takes one for the whole and one a team.';
    return [...blocks, { kind: 'paragraph', tone: 'hint', text, query: 'month-budgets' }];
  }
  const rows = budgets.map((budget): Cell[] => {
    const forecast = forecasts.find((one) => one.team === budget.team);
    const spent = forecast?.actualPico ?? null;
    const isOver = forecast !== undefined && BigInt(forecast.expectedPico) > BigInt(budget.amountPico);
    return [
      budget.team === null ? textCell('Everybody') : nameCell(budget.team),
      nameCell(budget.owner ?? ''),
      moneyCell(budget.amountPico),
      moneyCell(spent),
      shareCell(spent, budget.amountPico),
      { ...moneyCell(forecast?.expectedPico ?? null), ...(isOver ? { mark: 'bad' as const } : {}) },
      rangeCell(forecast ?? null),
    ];
  });
  blocks.push({
    kind: 'table',
    mailRows: 8,
    table: {
      caption: `Budgets of ${monthName(facts.week.to.slice(0, 7))}, USD`,
      query: 'month-budgets',
      columns: [
        { title: 'Whose' },
        { title: 'Owner' },
        { title: 'Budget', isNumeric: true },
        { title: 'Complete days so far', isNumeric: true },
        { title: 'Used', isNumeric: true },
        { title: 'Expected at month end', isNumeric: true },
        { title: 'Range (8 of 10)', isNumeric: true },
      ],
      rows,
    },
  });
  return blocks;
}

/** Rows of single causes; the others follow as one row, so that the table still adds up. */
const CAUSE_ROWS = 12;

/** Why the week cost more or less than the one before. */
export function changeSection(scope: Scope): ReportSection {
  const { drivers, comparison, team } = scope;
  const title = 'What changed and why';
  const paragraph = (text: string): ReportSection => ({
    id: 'change',
    title,
    blocks: [{ kind: 'paragraph', text, query: 'week-drivers' }],
  });
  if (comparison === null || comparison.compared === null || comparison.changePico === null)
    return paragraph('There is nothing to compare with, so no change to explain.');
  if (drivers.length === 0)
    return paragraph(
      BigInt(comparison.changePico) === 0n ? 'Nothing changed.' : 'The causes of this change were not computed.',
    );
  const sum = sumOf(drivers);
  const foot = (cells: number): Cell[] => [
    textCell('Change'),
    ...Array.from({ length: cells }, () => textCell('')),
    changeCell(sum),
    changeShareCell(sum, comparison.compared?.previous.costPico ?? null),
  ];
  const share = (pico: Pico): Cell => changeShareCell(pico, comparison.compared?.previous.costPico ?? null);
  const byDriver = [...Map.groupBy(drivers, ({ driver }) => driver)]
    .map(([driver, own]) => ({ driver, amountPico: sumOf(own) }))
    .toSorted(bySize);
  const columns = [
    { title: 'Amount', isNumeric: true },
    { title: 'Of the week before', isNumeric: true },
  ];
  const blocks: ReportBlock[] = [
    {
      kind: 'table',
      mailRows: 8,
      table: {
        caption: `Causes of the change over ${dayList(comparison.comparedDays)}, USD`,
        query: 'week-drivers',
        columns: [{ title: 'Cause' }, ...columns],
        rows: byDriver.map(({ driver, amountPico }) => [
          textCell(driverTitle(driver)),
          changeCell(amountPico),
          share(amountPico),
        ]),
        foot: foot(0),
      },
    },
  ];
  if (team === null) {
    const sorted = drivers.filter(({ amountPico }) => BigInt(amountPico) !== 0n).toSorted(bySize);
    const rest = sorted.slice(CAUSE_ROWS);
    const rows = sorted
      .slice(0, CAUSE_ROWS)
      .map((row): Cell[] => [
        nameCell(row.team),
        textCell(driverTitle(row.driver)),
        changeCell(row.amountPico),
        share(row.amountPico),
      ]);
    if (rest.length > 0)
      rows.push([
        textCell(`${count(rest.length)} other causes`),
        textCell(''),
        changeCell(sumOf(rest)),
        share(sumOf(rest)),
      ]);
    blocks.push({
      kind: 'table',
      mailRows: 6,
      table: {
        caption: 'The largest single causes, USD',
        query: 'week-drivers',
        columns: [{ title: 'Team' }, { title: 'Cause' }, ...columns],
        rows,
        foot: foot(1),
      },
    });
  }
  blocks.push({
    kind: 'paragraph',
    tone: 'hint',
    text: 'The causes add up to the change exactly.',
  });
  return { id: 'change', title, blocks };
}

const sumOf = (rows: readonly Pick<DriverFacts, 'amountPico'>[]): Pico =>
  rows.reduce<Pico>((all, { amountPico }) => addPico(all, amountPico), 0);

function bySize(a: { readonly amountPico: Pico }, b: { readonly amountPico: Pico }): number {
  const size = (pico: Pico): bigint => (BigInt(pico) < 0n ? -BigInt(pico) : BigInt(pico));
  const [x, y] = [size(a.amountPico), size(b.amountPico)];
  return x === y ? 0 : y > x ? 1 : -1;
}
