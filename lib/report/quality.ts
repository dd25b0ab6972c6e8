/**
 * What the numbers of a report rest on: what is unpriced, unallocated, estimated, excluded, rejected, unread, and whether the two sums of
 * the ledger hold (lines = usage + skips + rejects; records landed = usage + excluded rows).
 * In: a way to ask queries by name, a period. Out: counts with their wholes, so that every share can be worked out exactly.
 */
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { countIn, moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';
import type { Week } from './weeks.ts';

export interface BasisShare {
  /** reported, counted, estimated, missing */
  readonly basis: string;
  readonly calls: number;
  readonly tokens: number;
  readonly costPico: Pico | null;
}

export interface UnpricedModel {
  readonly provider: string;
  readonly model: string;
  readonly reason: string | null;
  readonly calls: number;
  readonly tokens: number;
}

export interface UnallocatedUsage {
  readonly provider: string;
  readonly model: string;
  readonly sourceFormat: string;
  readonly keyId: string | null;
  readonly principal: string | null;
  readonly calls: number;
  readonly tokens: number;
  readonly costPico: Pico | null;
}

export interface ExcludedRows {
  readonly reason: string;
  readonly rows: number;
  readonly calls: number;
  readonly tokens: number;
  readonly listCostPico: Pico | null;
}

export interface RejectedLines {
  readonly reason: string;
  readonly detail: string;
  readonly lines: number;
  readonly objects: number;
  readonly exampleObject: string;
}

/** Counts over the whole lake; lines and records of the newest version of each object that landed. */
export interface ObjectCounts {
  readonly objects: number;
  readonly lines: number;
  readonly usageLines: number;
  readonly skippedLines: number;
  readonly rejectedLines: number;
  readonly records: number;
  readonly usageRows: number;
  readonly excludedRows: number;
  /** lines = usage lines + skipped + rejected */
  readonly linesAddUp: boolean;
  /** records = usage rows + excluded rows */
  readonly rowsAddUp: boolean;
  /** objects that were not read, by outcome (failed, too_large, duplicate_object …) */
  readonly notRead: Readonly<Record<string, number>>;
}

export interface Quality {
  readonly usageBasis: readonly BasisShare[];
  /** the 20 largest */
  readonly unpriced: readonly UnpricedModel[];
  /** the 20 largest */
  readonly unallocated: readonly UnallocatedUsage[];
  readonly excluded: readonly ExcludedRows[];
  /** the 20 most frequent, over the whole lake */
  readonly rejects: readonly RejectedLines[];
  readonly objects: ObjectCounts;
}

/** The team that stands for usage nothing attributes. */
export const UNALLOCATED = 'unallocated';

/** Outcomes whose lines and records are in the ledger. */
const IN_LEDGER = new Set(['landed', 'retracted']);

/** Reads the data-quality numbers of a period (and, where a line has no day, of the whole lake). */
export async function readQuality(ask: Ask, period: Week): Promise<Quality> {
  const usageBasis = (await ask('usage-basis', period.from, period.to)).map((row) => ({
    basis: textIn(row, 'usage_basis') ?? '',
    calls: countIn(row, 'calls'),
    tokens: countIn(row, 'tokens'),
    costPico: moneyIn(row, 'cost'),
  }));
  const unpriced = (await ask('unpriced', period.from, period.to)).map((row) => ({
    provider: textIn(row, 'provider') ?? '',
    model: textIn(row, 'model') ?? '',
    reason: textIn(row, 'cost_reason'),
    calls: countIn(row, 'calls'),
    tokens: countIn(row, 'tokens'),
  }));
  const excluded = (await ask('excluded', period.from, period.to)).map((row) => ({
    reason: textIn(row, 'excluded_reason') ?? '',
    rows: countIn(row, 'excluded_rows'),
    calls: countIn(row, 'calls'),
    tokens: countIn(row, 'tokens'),
    listCostPico: moneyIn(row, 'list_cost'),
  }));
  const rejects = (await ask('rejects')).map((row) => ({
    reason: textIn(row, 'reason') ?? '',
    detail: textIn(row, 'detail') ?? '',
    lines: countIn(row, 'reject_lines'),
    objects: countIn(row, 'objects'),
    exampleObject: textIn(row, 'example_object') ?? '',
  }));
  const unallocated = (await ask('unallocated', period.from, period.to)).map(unallocatedOf);
  return { usageBasis, unpriced, unallocated, excluded, rejects, objects: await readObjects(ask) };
}

function unallocatedOf(row: SqlRow): UnallocatedUsage {
  return {
    provider: textIn(row, 'provider') ?? '',
    model: textIn(row, 'model') ?? '',
    sourceFormat: textIn(row, 'source_format') ?? '',
    keyId: textIn(row, 'key_id'),
    principal: textIn(row, 'principal'),
    calls: countIn(row, 'calls'),
    tokens: countIn(row, 'tokens'),
    costPico: moneyIn(row, 'cost'),
  };
}

async function readObjects(ask: Ask): Promise<ObjectCounts> {
  const outcomes = await ask('objects');
  const rows = (await ask('ledger-rows'))[0] ?? {};
  const read = outcomes.filter((row) => IN_LEDGER.has(textIn(row, 'outcome') ?? ''));
  const sum = (name: string): number => read.reduce((total, row) => total + countIn(row, name), 0);
  const notRead: Record<string, number> = {};
  for (const row of outcomes) {
    const outcome = textIn(row, 'outcome') ?? '';
    if (!IN_LEDGER.has(outcome) && outcome !== 'superseded') notRead[outcome] = countIn(row, 'objects');
  }
  const [lines, usageLines, skippedLines, rejectedLines] = [
    sum('lines'),
    sum('usage_lines'),
    sum('skipped'),
    sum('rejected'),
  ];
  const [records, usageRows, excludedRows] = [
    sum('records'),
    countIn(rows, 'usage_rows'),
    countIn(rows, 'excluded_rows'),
  ];
  return {
    objects: sum('objects'),
    lines,
    usageLines,
    skippedLines,
    rejectedLines,
    records,
    usageRows,
    excludedRows,
    linesAddUp: lines === usageLines + skippedLines + rejectedLines,
    rowsAddUp: records === usageRows + excludedRows,
    notRead,
  };
}
