/**
 * From a simulation to the table `savings`: one partition per period, written as a generation of its own and switched, so that a reader sees the
 * simulation of before or this one. In: a ledger that may be written to, the days and their simulation. Out: the partition. Rows that are
 * there already are not written again; those of before go when the next seals sweep.
 */
import { Transient } from './errors.ts';
import type { LakeSealInput } from './lake-seal.ts';
import { decimalText } from './money.ts';
import type { DayRange } from './period.ts';
import type { CatalogState, SqlEngine, SqlValue } from './ports.ts';
import { PROMPT_FINGERPRINTS, SAVINGS, USAGE, columnTypes } from './schema.ts';
import { remake, signature } from './seal/derived.ts';
import type { SavingsRow } from './simulate/savings-rows.ts';

/** Makes what a simulation reads visible to an engine: days of one reading of the catalog, whatever is switched meanwhile. Returns the days. */
export async function exposeCalls(engine: SqlEngine, state: CatalogState, { from, to }: DayRange): Promise<string[]> {
  const inPeriod = (table: string): [day: string, keys: readonly string[]][] =>
    Object.entries(state.tables[table] ?? {})
      .filter(([day, { keys }]) => day >= from && day <= to && keys.length > 0)
      .map(([day, { keys }]) => [day, keys]);
  for (const table of [USAGE, PROMPT_FINGERPRINTS])
    await engine.files(
      table.name,
      columnTypes(table),
      inPeriod(table.name).flatMap(([, keys]) => keys),
    );
  return inPeriod(USAGE.name).map(([day]) => day);
}

/** Other writers that switch while this one does: that many in a row means that something is wrong. */
const ATTEMPTS = 5;

/**
 * Makes these rows the period's; without rows it has no partition. Says whether anything changed. The caller is the one writer of a folder
 * (its lock); in AWS a switch that came too late is tried again.
 */
export async function writeSavings(
  { context, catalog }: Pick<LakeSealInput, 'context' | 'catalog'>,
  period: string,
  rows: readonly SavingsRow[],
): Promise<boolean> {
  const values = rows.map((row) => sqlValues(row, period));
  const wanted = new Map(values.length === 0 ? [] : [[period, signature(values.map((row) => JSON.stringify(row)))]]);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await catalog.read();
    const pointer = state.tables[SAVINGS.name]?.[period];
    const current = pointer === undefined ? {} : { [period]: pointer };
    const changes = await remake(context, SAVINGS, current, wanted, async () => {
      await context.engine.table('savings_rows', columnTypes(SAVINGS), values);
      return 'select * from savings_rows order by lever, team, model';
    });
    if (Object.keys(changes).length === 0) return false;
    if (await catalog.switch(state.revision, { [SAVINGS.name]: changes })) return true;
  }
  throw new Transient(`the catalog was moved ${ATTEMPTS} times by other writers while savings were written`, {
    hint: 'simulate again',
  });
}

/** A row in the order of the schema's columns, the partition last. */
function sqlValues(row: SavingsRow, period: string): SqlValue[] {
  const money = (pico: bigint | null): string | null => (pico === null ? null : decimalText(pico, 12));
  return [
    row.scenario,
    row.lever,
    row.team,
    row.model,
    row.calls,
    money(row.baselinePico),
    money(row.savingPico),
    money(row.cashPico),
    money(row.alonePico),
    money(row.lastPico),
    money(row.lowPico),
    money(row.highPico),
    row.blockedBy,
    row.basis,
    row.assumptions,
    row.evidence,
    period,
  ];
}
