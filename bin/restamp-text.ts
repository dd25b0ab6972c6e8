/** What deciding again changed, in words and as JSON: by `run` for open months, by `reprice` before anything is switched. */
import { usdDisplay, usdText } from '../lib/money.ts';
import { movePico } from '../lib/reprice.ts';
import type { Amount, Difference, Repricing } from '../lib/reprice.ts';
import type { RestampResult } from '../lib/restamp.ts';
import { formatRows } from './rows-text.ts';
import { renderTable } from './table-text.ts';
import { printable } from './terminal.ts';

/** Lines for `run`; none if nothing was decided again. */
export function restampLines(restamp: RestampResult): string[] {
  if (restamp.records === 0) return [];
  const lines = [
    `prices or rules changed: ${recordsOf(restamp)} (before duplicates are taken out: ${usdDisplay(restamp.costBefore)} -> ${usdDisplay(restamp.costAfter)})`,
  ];
  if (restamp.otherwiseStamped > 0) {
    lines.push(
      `  closed months of ${restamp.otherwiseStamped} objects keep the prices and rules they had; apply today's with: inference-ledger reprice --lake DIR --from DAY`,
    );
  }
  return lines;
}

function recordsOf({ records, objects, repriced, reattributed }: RestampResult): string {
  const n = (count: number): string => count.toLocaleString('en-US');
  return `${n(records)} records of ${n(objects)} objects decided again, ${n(repriced)} with another price, ${n(reattributed)} with another owner`;
}

/** The same as stable JSON; money is decimal text. */
export function restampJson(restamp: RestampResult): Record<string, unknown> {
  return {
    objects: restamp.objects,
    records: restamp.records,
    repriced: restamp.repriced,
    reattributed: restamp.reattributed,
    cost_before: usdText(restamp.costBefore),
    cost_after: usdText(restamp.costAfter),
    objects_under_other_rules: restamp.otherwiseStamped,
  };
}

const TOP = 20;
const COLUMNS = ['before', 'after', 'difference', 'unknown calls before', 'after'].map((title) => ({
  title,
  align: 'right' as const,
}));

/** The difference that `reprice` shows before it switches. */
export function renderDifference(repricing: Repricing): string {
  const { restamp, days, total } = repricing;
  const [first, last] = [days[0], days.at(-1)];
  const out = [`${recordsOf(restamp)} · ${days.length} days${first ? `, ${first} to ${last}` : ''} (UTC)`, ''];
  const group = (title: string, all: readonly Difference[]): void => {
    const moved = all.filter((row) => isMoved(row.before, row.after));
    const cells = [
      ...moved.slice(0, TOP).map((row) => [printable(row.name, 40), ...amountCells(row.before, row.after)]),
      ['total', ...amountCells(total.before, total.after)],
    ];
    out.push(renderTable([{ title }, ...COLUMNS], cells));
    if (moved.length > TOP) out.push(`… and ${moved.length - TOP} more: --format json has them all`);
    out.push('');
  };
  group('spend by team', repricing.byTeam);
  group('spend by model', repricing.byModel);
  return `${out.join('\n')}\n`;
}

function isMoved(a: Amount, b: Amount): boolean {
  return a.costPico !== b.costPico || a.unknownCalls !== b.unknownCalls || a.tokens !== b.tokens;
}

function amountCells(before: Amount, after: Amount): string[] {
  const unknown = (amount: Amount): string =>
    amount.unknownCalls === 0n ? '' : amount.unknownCalls.toLocaleString('en-US');
  // a side without calls costs nothing; one whose calls all have no known cost is not zero
  const cost = ({ costPico, unknownCalls }: Amount): string =>
    costPico === null && unknownCalls > 0n ? 'unknown' : usdDisplay(costPico ?? 0n);
  return [cost(before), cost(after), usdDisplay(movePico({ before, after })), unknown(before), unknown(after)];
}

/** The difference as stable JSON. `switched` says whether the ledger shows it now. */
export function differenceJson(repricing: Repricing, switched: boolean): string {
  const amount = (a: Amount): Record<string, unknown> => ({
    cost: a.costPico === null ? null : usdText(a.costPico),
    tokens: String(a.tokens),
    unknown_calls: String(a.unknownCalls),
  });
  const pair = (d: Omit<Difference, 'name'>): Record<string, unknown> => ({
    before: amount(d.before),
    after: amount(d.after),
    difference: usdText(movePico(d)),
  });
  const body = {
    switched,
    days: repricing.days,
    restamp: restampJson(repricing.restamp),
    total: pair(repricing.total),
    by_team: repricing.byTeam.map((d) => ({ team: d.name, ...pair(d) })),
    by_model: repricing.byModel.map((d) => ({ model: d.name, ...pair(d) })),
  };
  return `${JSON.stringify(body, null, 1)}\n`;
}

/** The difference as rows: the total, each team, each model. */
export function differenceCsv({ total, byTeam, byModel }: Repricing, switched: boolean): string {
  const money = (pico: bigint | null): string | null => (pico === null ? null : usdText(pico));
  const rowOf = (grouping: string, name: string, d: Omit<Difference, 'name'>): Record<string, unknown> => ({
    grouping,
    name,
    before: money(d.before.costPico),
    after: money(d.after.costPico),
    difference: usdText(movePico(d)),
    unknown_calls_before: String(d.before.unknownCalls),
    unknown_calls_after: String(d.after.unknownCalls),
    switched,
  });
  return formatRows(
    [
      rowOf('total', '', total),
      ...byTeam.map((d) => rowOf('team', d.name, d)),
      ...byModel.map((d) => rowOf('model', d.name, d)),
    ],
    'csv',
  );
}
