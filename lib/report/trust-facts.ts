/**
 * What tells how far a week's figures can be trusted, beside the summary's own quality: the sources as of that week, calls that came late, and
 * the providers' own reports. In: a way to ask, a week. Out: rows as plain data. Invariant: nothing that came after the week changes what is said of it, but for the data itself.
 */
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { countIn, moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';
import type { SourceStatus, Week } from './weeks.ts';

export interface LateCalls {
  readonly team: string;
  readonly sourceFormat: string;
  readonly calls: number;
  readonly costPico: Pico | null;
}

export interface ReconciledPart {
  readonly month: string;
  readonly provider: string;
  readonly why: string;
  readonly parts: number;
  readonly computedPico: Pico | null;
  readonly reportedPico: Pico | null;
  readonly differencePico: Pico | null;
}

/** Sources as they stood at the end of the week: days owed until then, and silent only if they owed the last one. */
export async function readSources(ask: Ask, weekEnd: string): Promise<SourceStatus[]> {
  return (await ask('source-state')).flatMap((row) => {
    const source = sourceOf(row, weekEnd);
    return source.firstDay !== null && source.firstDay > weekEnd ? [] : [source];
  });
}

function sourceOf(row: SqlRow, weekEnd: string): SourceStatus {
  const missingDays = listIn(row, 'missing_days').filter((day) => day <= weekEnd);
  const lastDay = textIn(row, 'last_day');
  const gap = row['usual_gap_hours'];
  return {
    sourceFormat: textIn(row, 'source_format') ?? '',
    billingAccountId: textIn(row, 'billing_account_id'),
    prefix: textIn(row, 'prefix') ?? '',
    firstDay: textIn(row, 'first_day'),
    lastDay: lastDay !== null && lastDay > weekEnd ? weekEnd : lastDay,
    usualGapHours: gap === null || gap === undefined ? null : Number(gap),
    status: missingDays.includes(weekEnd) ? 'silent' : 'ok',
    missingDays,
  };
}

function listIn(row: SqlRow, name: string): string[] {
  const value = row[name];
  const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  return Array.isArray(list) ? list.map(String).toSorted() : [];
}

export async function readLateCalls(ask: Ask, week: Week): Promise<LateCalls[]> {
  return (await ask('late-calls', week.from, week.to)).map((row) => ({
    team: textIn(row, 'team') ?? '',
    sourceFormat: textIn(row, 'source_format') ?? '',
    calls: countIn(row, 'calls'),
    costPico: moneyIn(row, 'cost'),
  }));
}

export async function readReconciliation(ask: Ask, week: Week): Promise<ReconciledPart[]> {
  return (await ask('month-reconciliation', week.from, week.to)).map((row) => ({
    month: textIn(row, 'period') ?? '',
    provider: textIn(row, 'provider') ?? '',
    why: textIn(row, 'why') ?? '',
    parts: countIn(row, 'accounts_and_models'),
    computedPico: moneyIn(row, 'computed'),
    reportedPico: moneyIn(row, 'reported'),
    differencePico: moneyIn(row, 'difference'),
  }));
}
