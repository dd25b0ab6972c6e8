/**
 * What a week is judged by, as tables: budgets of its month, the forecast of the month, anomalies of its days, and why it cost more or less than the
 * week before. In: a lake that may be written to, a week. Out: partitions of `budgets`, `forecasts`, `anomalies`, `change_drivers`, each a generation
 * of its own, switched together. Invariant: lake and config alone decide them; no clock is read, so a past week comes out the same, and what is there
 * already is not written again.
 */
import type { Config } from './config.ts';
import { Transient } from './errors.ts';
import type { LakeSealInput } from './lake-seal.ts';
import { decimalText } from './money.ts';
import type { CatalogState, SqlEngine, SqlValue } from './ports.ts';
import { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS, SOURCES, SPEND_DAILY, USAGE, columnTypes } from './schema.ts';
import type { Table } from './schema.ts';
import { remake, signature } from './seal/derived.ts';
import type { NewPointers } from './seal/derived.ts';
import { addDays, monthOf } from './time.ts';
import { anomalyRows } from './watch/anomaly-rows.ts';
import type { AnomalyRow } from './watch/anomaly-rows.ts';
import { budgetsOf } from './watch/budgets.ts';
import type { Budget } from './watch/budgets.ts';
import { changeDrivers } from './watch/drivers.ts';
import type { DriverAmount } from './watch/drivers.ts';
import { HISTORY_DAYS } from './watch/forecast.ts';
import { monthForecasts } from './watch/month-forecast.ts';
import type { MonthForecast } from './watch/month-forecast.ts';
import { changeCells, comparedDays } from './watch/read-change.ts';
import { readWindow } from './watch/window.ts';
import type { Ask, Days, SpendWindow } from './watch/window.ts';

/** What asks: an engine, and the SQL of lib/watch/queries by name. */
export interface WatchSql extends Pick<LakeSealInput, 'context'> {
  readonly queries: Readonly<Record<string, string>>;
}

/** A lake that is watched. */
export interface WatchWorld extends WatchSql, Pick<LakeSealInput, 'catalog'> {
  readonly config: Pick<Config, 'budgets'>;
}

/** What was found of a week. */
export interface WatchedWeek {
  /** false where all of it was there already */
  readonly isChanged: boolean;
  readonly budgets: readonly Budget[];
  readonly forecasts: readonly MonthForecast[];
  readonly anomalies: readonly AnomalyRow[];
  readonly drivers: readonly DriverAmount[];
  /** days of the week that are compared with the week before */
  readonly comparedDays: readonly string[];
}

/** Other writers that switch while this one does: that many in a row means that something is wrong. */
const ATTEMPTS = 5;

/**
 * Watches a week, first to last day, and writes what was found. The caller is the one writer of a folder (its lock); in AWS a switch that came too
 * late is tried again. Throws `Transient` where others keep switching.
 */
export async function watchWeek(world: WatchWorld, week: Days): Promise<WatchedWeek> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await world.catalog.read();
    const found = await findOf(world, state, week);
    const changes = await written(world, state, week, found);
    const isChanged = Object.values(changes).some((partitions) => Object.keys(partitions).length > 0);
    if (!isChanged || (await world.catalog.switch(state.revision, changes))) return { ...found, isChanged };
  }
  throw new Transient(`the catalog was moved ${ATTEMPTS} times by other writers while the week was watched`, {
    hint: 'try again',
  });
}

type Found = Omit<WatchedWeek, 'isChanged'>;

async function findOf(world: WatchWorld, state: CatalogState, week: Days): Promise<Found> {
  const month = monthOf(week.to);
  const window = await openWindow(world, state, { from: addDays(week.from, -HISTORY_DAYS - 1), to: week.to });
  const ask = asker(world);
  const days = comparedDays(window, week);
  const fresh = await askFreshKeys(ask, window, week);
  return {
    budgets: budgetsOf(world.config.budgets, month),
    forecasts: monthForecasts(window, addDays(week.to, 1), month),
    anomalies: anomalyRows(window, week, fresh),
    drivers: days.length === 0 ? [] : changeDrivers(await readChange(world.context.engine, ask, days)),
    comparedDays: days,
  };
}

/** Makes what is read visible, all from one reading of the catalog, and reads the spend of some days. */
export async function openWindow(world: WatchSql, state: CatalogState, days: Days): Promise<SpendWindow> {
  const { engine } = world.context;
  await engine.reset();
  for (const table of [SPEND_DAILY, USAGE, SOURCES]) {
    const keys = Object.entries(state.tables[table.name] ?? {})
      .filter(([partition]) => table.partition === null || (partition >= days.from && partition <= days.to))
      .flatMap(([, pointer]) => pointer.keys);
    await engine.files(table.name, columnTypes(table), keys);
  }
  return await readWindow(asker(world), days, ledgerDays(state));
}

/** First and last day that have rows. */
function ledgerDays(state: CatalogState): Days | null {
  const days = Object.entries(state.tables[SPEND_DAILY.name] ?? {})
    .flatMap(([day, { rows }]) => (rows > 0 ? [day] : []))
    .toSorted();
  const [from, to] = [days[0], days.at(-1)];
  return from === undefined || to === undefined ? null : { from, to };
}

/** Asks the stage's queries by name. */
export function asker({ context, queries }: WatchSql): Ask {
  return async (name, ...parameters) => {
    const sql = queries[name];
    if (sql === undefined) throw new RangeError(`no query watch/queries/${name}.sql`);
    return await context.engine.query(sql, parameters);
  };
}

/** What fresh keys cost on some days of the window. */
export async function askFreshKeys(ask: Ask, window: SpendWindow, { from, to }: Days): ReturnType<Ask> {
  return await ask('fresh-keys', window.days[0] ?? from, to, from, to);
}

async function readChange(
  engine: SqlEngine,
  ask: Ask,
  days: readonly string[],
): Promise<ReturnType<typeof changeCells>> {
  const before = days.map((day) => addDays(day, -7));
  await engine.table('compared_days', { day: 'date', side: 'string' }, [
    ...before.map((day) => [day, 'previous']),
    ...days.map((day) => [day, 'current']),
  ]);
  return changeCells(await ask('change-cells', before[0] ?? '', days.at(-1) ?? ''));
}

const money = (pico: bigint): string => decimalText(pico, 12);

/** Rows by partition, in the order of the schema's columns, the partition last. */
type Partitions = ReadonlyMap<string, readonly (readonly SqlValue[])[]>;

async function written(
  { context }: WatchWorld,
  state: CatalogState,
  week: Days,
  { budgets, forecasts, anomalies, drivers }: Found,
): Promise<Record<string, NewPointers>> {
  const month = monthOf(week.to);
  const madeOn = addDays(week.to, 1);
  const write = async (table: Table, isOurs: (partition: string) => boolean, rows: Partitions): Promise<NewPointers> =>
    await writeRows(context, table, state, isOurs, rows);
  return {
    [BUDGETS.name]: await write(
      BUDGETS,
      (period) => period === month,
      partition(budgets.map(({ scope, id, amountPico, owner }) => [scope, id, money(amountPico), owner, month])),
    ),
    [FORECASTS.name]: await write(
      FORECASTS,
      (day) => day === madeOn,
      partition(
        forecasts.map((row) => [
          row.scope,
          row.id,
          row.month,
          ...[row.actualPico, row.lowPico, row.expectedPico, row.highPico].map(money),
          row.method,
          madeOn,
        ]),
      ),
    ),
    [ANOMALIES.name]: await write(
      ANOMALIES,
      (day) => day >= week.from && day <= week.to,
      partition(
        anomalies.map((row) => [
          row.team,
          row.provider,
          row.model,
          money(row.expectedPico),
          money(row.actualPico),
          row.cause,
          row.state,
          row.day,
        ]),
      ),
    ),
    [CHANGE_DRIVERS.name]: await write(
      CHANGE_DRIVERS,
      (day) => day === week.to,
      partition(drivers.map(({ team, driver, amountPico }) => [team, driver, money(amountPico), week.to])),
    ),
  };
}

function partition(rows: readonly (readonly SqlValue[])[]): Partitions {
  return Map.groupBy(rows, (row) => String(row.at(-1)));
}

/** New generations of a table's partitions of this week whose rows differ from what is there. */
async function writeRows(
  context: LakeSealInput['context'],
  table: Table,
  state: CatalogState,
  isOurs: (partition: string) => boolean,
  rows: Partitions,
): Promise<NewPointers> {
  const current = Object.fromEntries(Object.entries(state.tables[table.name] ?? {}).filter(([name]) => isOurs(name)));
  const wanted = new Map([...rows].map(([name, own]) => [name, signature(own.map((row) => JSON.stringify(row)))]));
  return await remake(context, table, current, wanted, async (names) => {
    await context.engine.table(
      'watched_rows',
      columnTypes(table),
      names.flatMap((name) => rows.get(name) ?? []),
    );
    return 'select * from watched_rows order by 1, 2, 3';
  });
}
