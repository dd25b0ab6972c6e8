/**
 * Data quality as findings: each with its size, its share and what to do about it, and the largest contributors as tables.
 * In: a summary. Out: plain data that every form of the report shows. Invariant: a problem is listed with its size; nothing is rounded away.
 */
import type { Pico } from '../money.ts';
import { exactMoney, money, percent } from './format.ts';
import { UNALLOCATED } from './quality.ts';
import type { UnallocatedUsage } from './quality.ts';
import type { Summary } from './summary.ts';
import { countCell, moneyCell, nameCell, textCell, tokensCell } from './table.ts';
import type { Cell, TableSpec } from './table.ts';

/** One line of the data-quality table. */
export interface Finding {
  readonly what: string;
  readonly amount: Cell;
  readonly share: string;
  readonly todo: string;
}

/** Findings as a table; null where there are none. */
export function findingsTable(findings: readonly Finding[]): TableSpec | null {
  if (findings.length === 0) return null;
  return {
    caption: 'What to know about these figures',
    columns: [
      { title: 'What' },
      { title: 'Amount', isNumeric: true },
      { title: 'Share', isNumeric: true },
      { title: 'What to do', isWide: true },
    ],
    rows: findings.map(({ what, amount, share, todo }) => [textCell(what), amount, textCell(share), textCell(todo)]),
  };
}

/** What of the money is not known or not spend. */
export function moneyFindings(summary: Pick<Summary, 'totals' | 'byTeam'>): Finding[] {
  const { totals, byTeam } = summary;
  const findings: Finding[] = [];
  const add = (what: string, pico: Pico | null, share: string, todo: string): number =>
    findings.push({ what, amount: { shown: money(pico), title: exactMoney(pico) }, share, todo });
  if (totals.unpricedCalls > 0) {
    const share = percent(totals.unpricedCalls, totals.calls);
    findings.push({
      what: 'Calls without a price',
      amount: countCell(totals.unpricedCalls),
      share,
      todo: 'Add the price in an overlay of the price book (docs/prices.md).',
    });
    findings.push({
      what: 'Tokens without a price',
      amount: tokensCell(totals.unpricedTokens),
      share: percent(totals.unpricedTokens, totals.tokens),
      todo: 'The models and the reasons are below.',
    });
  }
  const nobody = byTeam.find(({ team }) => team === UNALLOCATED);
  if (nobody)
    add(
      'Spend of no team',
      nobody.costPico,
      percent(nobody.costPico, totals.costPico),
      'Add an attribution rule; what stands behind it is below.',
    );
  if (totals.estimatedCostPico !== null) {
    add(
      'Spend resting on an assumption',
      totals.estimatedCostPico,
      percent(totals.estimatedCostPico, totals.costPico),
      'cost_reason in table usage names the assumption.',
    );
  }
  if (totals.includedCalls > 0) {
    const share = `${percent(totals.includedCalls, totals.calls)} of calls`;
    add(
      'Token value under plans',
      totals.includedValuePico,
      share,
      'Paid by subscription, provisioned capacity or a free tier: not spend.',
    );
  }
  if (totals.billingUnknownCalls > 0) {
    const share = `${percent(totals.billingUnknownCalls, totals.calls)} of calls`;
    add(
      'Token value, billing unproven',
      totals.billingUnknownValuePico,
      share,
      'Say in config "billing" how these calls are paid.',
    );
  }
  return findings;
}

const BASIS_NOTES: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  counted: ['Calls counted from their text', 'The source gave no usage; our tokenizer counted.'],
  estimated: ['Calls estimated from their text', 'No public tokenizer for the model; a ratio was used.'],
  missing: ['Calls without any token count', 'Log usage at the source (streams: ask for usage in the last chunk).'],
};

/** How far tokens are known. */
export function usageFindings(summary: Pick<Summary, 'quality' | 'totals'>): Finding[] {
  return summary.quality.usageBasis.flatMap(({ basis, calls }) => {
    const known = BASIS_NOTES[basis];
    return known
      ? [{ what: known[0], amount: countCell(calls), share: percent(calls, summary.totals.calls), todo: known[1] }]
      : [];
  });
}

const EXCLUDED_NOTES: Readonly<Record<string, string>> = {
  duplicate: 'The same call in another log; counted once.',
  covered_by_calls: 'A provider total whose calls are in the ledger; counted once.',
  other_grouping: 'The same provider totals grouped in another way; counted once.',
  retracted: 'Taken out with retract.',
};

const NOT_READ_NOTES: Readonly<Record<string, string>> = {
  duplicate_object: 'An equal object is in the ledger; read once.',
  too_large: 'Raise limits.max_object_bytes, or split the file.',
  failed: 'Broken container: replace the file; the next run reads it.',
};

/** What was read and does not count, and what was not read. */
export function lakeFindings(summary: Pick<Summary, 'quality' | 'pricesAsOf'>): Finding[] {
  const { excluded, objects } = summary.quality;
  const findings: Finding[] = excluded.map(({ reason, rows }) => ({
    what: `Rows excluded: ${reason}`,
    amount: countCell(rows),
    share: percent(rows, objects.records),
    todo: EXCLUDED_NOTES[reason] ?? 'Table usage_excluded.',
  }));
  if (objects.rejectedLines > 0) {
    const share = percent(objects.rejectedLines, objects.lines);
    findings.push({
      what: 'Lines rejected, all time',
      amount: countCell(objects.rejectedLines),
      share,
      todo: 'The reasons are below; table rejects names every line.',
    });
  }
  for (const [outcome, n] of Object.entries(objects.notRead)) {
    findings.push({
      what: `Objects not read: ${outcome}`,
      amount: countCell(n),
      share: '',
      todo: NOT_READ_NOTES[outcome] ?? 'Table ingested_objects says why.',
    });
  }
  if (summary.pricesAsOf !== null) {
    findings.push({
      what: 'Oldest price fact in use',
      amount: textCell(summary.pricesAsOf),
      share: '',
      todo: 'docs/prices.md says how prices are kept.',
    });
  }
  return findings;
}

/** Usage of no team, in the order of its rows. */
export function unallocatedTable(rows: readonly UnallocatedUsage[]): TableSpec {
  return {
    caption: 'Usage of no team: the largest',
    query: 'unallocated',
    columns: [
      { title: 'Model' },
      { title: 'Source' },
      { title: 'Key' },
      { title: 'Principal' },
      { title: 'Spend', isNumeric: true },
      { title: 'Calls', isNumeric: true },
    ],
    rows: rows.map((row) => [
      nameCell(row.model, row.provider),
      nameCell(row.sourceFormat),
      nameCell(row.keyId ?? ''),
      nameCell(row.principal ?? ''),
      moneyCell(row.costPico),
      countCell(row.calls),
    ]),
  };
}

/** The largest contributors of each kind. */
export function detailTables(summary: Pick<Summary, 'quality'>): TableSpec[] {
  const { unallocated, unpriced, rejects } = summary.quality;
  const tables: TableSpec[] = [
    unallocatedTable(unallocated),
    {
      caption: 'Without a price: the largest',
      query: 'unpriced',
      columns: [
        { title: 'Model' },
        { title: 'Reason', isWide: true },
        { title: 'Calls', isNumeric: true },
        { title: 'Tokens', isNumeric: true },
      ],
      rows: unpriced.map((row) => [
        nameCell(row.model, row.provider),
        nameCell(row.reason ?? ''),
        countCell(row.calls),
        tokensCell(row.tokens),
      ]),
    },
    {
      caption: 'Rejected lines: the most frequent reasons, all time',
      query: 'rejects',
      columns: [
        { title: 'Reason' },
        { title: 'Detail', isWide: true },
        { title: 'Lines', isNumeric: true },
        { title: 'Objects', isNumeric: true },
        { title: 'One of them' },
      ],
      rows: rejects.map((row) => [
        nameCell(row.reason),
        nameCell(row.detail),
        countCell(row.lines),
        countCell(row.objects),
        nameCell(row.exampleObject),
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}
