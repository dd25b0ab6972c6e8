/**
 * How large a period is and what it was billed, and what SQL counts of periods that are too large to be looked at call by call. In: an engine
 * that sees the lake and the table `period`. Out: exact bills by group, counts. Athena or DuckDB do the work; what comes back is a few rows.
 */
import { parseDecimal } from './money.ts';
import type { SqlEngine, SqlRow } from './ports.ts';
import type { BilledGroup } from './simulate/sampled-plan.ts';
import type { PeriodSize } from './simulate/sampling.ts';
import type { PeriodRow, WholePeriod } from './simulate/simulate.ts';

/** What a group was billed, and how many blocks its prompts have. */
export interface SizedGroup extends BilledGroup {
  readonly blockReferences: number;
}

/** Groups of the period; `sql` is queries/period-size.sql. */
export async function billedGroups(engine: SqlEngine, sql: string): Promise<SizedGroup[]> {
  return (await engine.query(sql)).map((row) => ({
    team: textOf(row, 'team') ?? '',
    provider: textOf(row, 'provider') ?? '',
    account: textOf(row, 'billing_account_id'),
    model: textOf(row, 'model') ?? '',
    rows: Number(row['table_rows']),
    calls: Number(row['single_calls']),
    blockReferences: Number(row['block_references']),
    costPico: picoOf(row, 'cost'),
    callsPico: picoOf(row, 'single_cost'),
  }));
}

/** What decides whether a sample is taken. */
export function sizeOf(groups: readonly SizedGroup[]): PeriodSize {
  return {
    calls: groups.reduce((sum, group) => sum + group.calls, 0),
    blockReferences: groups.reduce((sum, group) => sum + group.blockReferences, 0),
  };
}

/** Repeats, reuse and demand of all calls, counted where they lie. */
export async function wholePeriod(engine: SqlEngine, queryOf: (name: string) => string): Promise<WholePeriod> {
  const rowsOf = async (name: string): Promise<PeriodRow[]> => (await engine.query(queryOf(name))).map(plainRow);
  return {
    repeats: await rowsOf('repeats'),
    reuse_gaps: await rowsOf('reuse-gaps'),
    demand: await rowsOf('demand-per-minute'),
  };
}

const NAMES: ReadonlySet<string> = new Set(['provider', 'model', 'day']);

/** Counts as numbers: they stay far below 2⁵³. */
function plainRow(row: SqlRow): PeriodRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      NAMES.has(column) ? textOf(row, column) : value === null ? null : Number(value),
    ]),
  );
}

function textOf(row: SqlRow, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' ? value : null;
}

/** Decimals come as text, on every engine. */
function picoOf(row: SqlRow, name: string): bigint {
  const pico = parseDecimal(textOf(row, name) ?? '', 12);
  if (pico === null) throw new RangeError(`period-size.sql: ${name} is no decimal`);
  return pico;
}
