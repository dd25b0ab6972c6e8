/**
 * Tables that follow from sealed days and from commits. Each partition names what it was made from; it is made again when that
 * changes, and all of them switch together with the days they belong to.
 */
import { createHash } from 'node:crypto';
import type { BatchCommit, LiveObject } from '../commit.ts';
import { LedgerError } from '../errors.ts';
import type { CatalogState, PartitionPointer, SqlValue } from '../ports.ts';
import { INGESTED_OBJECTS, PRICES, SHOWBACK_MONTHLY, USAGE, USAGE_EXCLUDED, columnTypes } from '../schema.ts';
import type { Table } from '../schema.ts';
import { decimalText } from '../money.ts';
import { dayOf, monthOf } from '../time.ts';
import { freeze } from './dirty-days.ts';
import { landingFiles } from './reach.ts';
import { registerCommits, sqlTime } from './seal-days.ts';
import type { SealContext } from './seal-days.ts';

export type Pointers = Readonly<Record<string, PartitionPointer>>;
export type NewPointers = Record<string, PartitionPointer | null>;

/** Raised when a derived table's definition changes, so that old partitions are made again. */
const DERIVED_VERSION = '1';

/** Takes a list and no arguments: a day may have more objects than a call can have arguments. */
export function signature(parts: readonly string[]): string {
  return createHash('sha256')
    .update([DERIVED_VERSION, ...parts].join('\n'))
    .digest('hex')
    .slice(0, 24);
}

/** Partitions whose inputs changed, and those that are wanted no more. */
function outdated(current: Pointers, wanted: ReadonlyMap<string, string>): { make: string[]; drop: string[] } {
  return {
    make: [...wanted]
      .filter(([partition, madeFrom]) => current[partition]?.madeFrom !== madeFrom)
      .map(([partition]) => partition),
    drop: Object.keys(current).filter((partition) => !wanted.has(partition)),
  };
}

/** A statement makes at most this many partitions: each holds buffers while it is written, and Athena allows no more than 100. */
const MAX_PARTITIONS = 50;

/** Runs the SELECT that makes the outdated partitions of one table, some at a time, and returns its new pointers. */
export async function remake(
  context: SealContext,
  table: Table,
  current: Pointers,
  wanted: ReadonlyMap<string, string>,
  prepare: (partitions: readonly string[]) => Promise<string>,
): Promise<NewPointers> {
  const { make, drop } = outdated(current, wanted);
  const pointers: NewPointers = {};
  for (const partition of drop) pointers[partition] = null;
  const by = table.partition?.name;
  for (let i = 0; i < make.length; i += MAX_PARTITIONS) {
    const partitions = make.slice(i, i + MAX_PARTITIONS);
    await context.engine.reset();
    const generation = context.nextGeneration();
    const select = await prepare(partitions);
    const files = await context.engine.write(select, `v1/derived/g=${generation}/table=${table.name}/`, by ? [by] : []);
    for (const partition of partitions) {
      const own = by ? files.filter((file) => file.partition[by] === partition) : files;
      pointers[partition] = {
        generation,
        keys: own.map((file) => file.key),
        rows: own.reduce((sum, file) => sum + file.rows, 0),
        madeFrom: wanted.get(partition) ?? '',
      };
    }
  }
  return pointers;
}

export const keysOf = (pointers: Pointers, partitions: Iterable<string>): string[] =>
  [...partitions].flatMap((partition) => pointers[partition]?.keys ?? []);

export async function remakeSpendDaily(
  context: SealContext,
  state: CatalogState,
  incomplete: ReadonlySet<string>,
  table: Table,
): Promise<NewPointers> {
  const usage = state.tables['usage'] ?? {};
  const wanted = new Map(
    Object.entries(usage).map(([day, p]) => [day, signature([p.generation, String(!incomplete.has(day))])]),
  );
  return await remake(context, table, state.tables[table.name] ?? {}, wanted, async (days) => {
    await context.engine.files('usage', columnTypes(USAGE), keysOf(usage, days));
    await context.engine.table(
      'completeness',
      { day: 'date', complete: 'boolean' },
      days.map((day) => [day, !incomplete.has(day)]),
    );
    return context.sql.spendDaily;
  });
}

export async function remakeFingerprints(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
  table: Table,
): Promise<NewPointers> {
  const usage = state.tables['usage'] ?? {};
  const excluded = state.tables['usage_excluded'] ?? {};
  const set = freeze(batches);
  const files = landingFiles(set).filter((file) => file.kind === 'prompts');
  const withPrompts = new Set(files.map((file) => file.day));
  const wanted = new Map(
    Object.entries(usage)
      .filter(([day]) => withPrompts.has(day))
      .map(([day, p]) => [day, signature([p.generation])]),
  );
  return await remake(context, table, state.tables[table.name] ?? {}, wanted, async (days) => {
    const chosen = new Set(days);
    await context.engine.files(
      'prompts',
      context.landing.prompts,
      files.filter((file) => chosen.has(file.day)).map((file) => file.key),
    );
    await context.engine.files('usage', columnTypes(USAGE), keysOf(usage, days));
    await context.engine.files('usage_excluded', columnTypes(USAGE_EXCLUDED), keysOf(excluded, days));
    await registerCommits(context.engine, set);
    return context.sql.promptFingerprints;
  });
}

/** Which objects of a day's batches count: changes when one is superseded. */
function ingestedDays(batches: readonly BatchCommit[]): Map<string, { batches: BatchCommit[]; madeFrom: string }> {
  const live = freeze(batches).commitIds;
  const days = Map.groupBy(batches, (batch) => dayOf(batch.ingestedAtMs));
  return new Map(
    [...days].map(([day, own]) => {
      const facts = own.flatMap((b) => b.objects.map((o) => `${o.commitId} ${live.has(o.commitId)}`)).toSorted();
      return [day, { batches: own, madeFrom: signature(facts) }];
    }),
  );
}

export async function remakeRejects(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
  table: Table,
): Promise<NewPointers> {
  const days = ingestedDays(batches);
  const set = freeze(batches);
  const live = Map.groupBy(set.objects, ({ batch }) => dayOf(batch.ingestedAtMs));
  const files = new Map(
    [...live].map(([day, objects]) => [day, landingFiles({ objects }).filter((file) => file.kind === 'rejects')]),
  );
  const wanted = new Map(
    [...days].filter(([day]) => (files.get(day) ?? []).length > 0).map(([day, { madeFrom }]) => [day, madeFrom]),
  );
  return await remake(context, table, state.tables[table.name] ?? {}, wanted, async (made) => {
    await context.engine.files(
      'reject_lines',
      context.landing.rejects,
      made.flatMap((day) => (files.get(day) ?? []).map((f) => f.key)),
    );
    await registerCommits(context.engine, set);
    return context.sql.rejects;
  });
}

export async function remakeIngestedObjects(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
): Promise<NewPointers> {
  const days = ingestedDays(batches);
  const live = freeze(batches).commitIds;
  const wanted = new Map([...days].map(([day, { madeFrom }]) => [day, madeFrom]));
  return await remake(context, INGESTED_OBJECTS, state.tables[INGESTED_OBJECTS.name] ?? {}, wanted, async (made) => {
    const rows = made.flatMap((day) =>
      (days.get(day)?.batches ?? []).flatMap((batch) =>
        batch.objects.map((commit) => objectRow({ commit, batch }, live, day)),
      ),
    );
    await context.engine.table('objects', columnTypes(INGESTED_OBJECTS), rows);
    return 'select * from objects order by object, ingested_at';
  });
}

function objectRow(read: LiveObject, live: ReadonlySet<string>, day: string): SqlValue[] {
  const { commit: o, batch } = read;
  const isSuperseded = (o.outcome === 'landed' || o.outcome === 'retracted') && !live.has(o.commitId);
  const skipped = Object.values(o.skips).reduce((sum, n) => sum + n, 0);
  const counts = (of: Readonly<Record<string, number>>): string =>
    JSON.stringify(Object.fromEntries(Object.entries(of).map(([k, n]) => [k, String(n)])));
  return [
    o.object,
    o.version,
    o.etag,
    o.bytes,
    o.lines,
    o.usageLines,
    o.records,
    skipped,
    o.rejects,
    counts(o.formats),
    counts(o.skips),
    o.firstMs === null ? null : sqlTime(o.firstMs),
    o.lastMs === null ? null : sqlTime(o.lastMs),
    o.inputTokens,
    o.outputTokens,
    decimalText(BigInt(o.costPico), 12),
    String(batch.reader),
    batch.stamp,
    isSuperseded ? 'superseded' : o.outcome,
    o.detail,
    sqlTime(batch.ingestedAtMs),
    day,
  ];
}

/** A month's direct sums by team, project and provider, in picodollars: what shared costs are split over. */
export interface MonthlySum {
  readonly month: string;
  readonly team: string | null;
  readonly project: string | null;
  readonly application: string | null;
  readonly environment: string | null;
  readonly feature: string | null;
  readonly provider: string;
  readonly costPico: bigint;
  readonly tokens: bigint;
}

export interface ShowbackRow {
  readonly month: string;
  readonly team: string;
  readonly costKind: 'direct' | 'shared' | 'unallocated';
  readonly provider: string;
  readonly costPico: bigint;
}

/** `split` applies the shared-cost rules; `version` changes with them. */
export async function remakeShowback(
  context: SealContext,
  state: CatalogState,
  split: (month: string, sums: readonly MonthlySum[]) => readonly ShowbackRow[],
  version: string,
): Promise<NewPointers> {
  const usage = state.tables['usage'] ?? {};
  const months = Map.groupBy(Object.keys(usage).toSorted(), monthOf);
  const wanted = new Map(
    [...months].map(([month, days]) => [
      month,
      signature([version, ...days.map((d) => `${d} ${usage[d]?.generation}`)]),
    ]),
  );
  return await remake(context, SHOWBACK_MONTHLY, state.tables[SHOWBACK_MONTHLY.name] ?? {}, wanted, async (made) => {
    const rows: SqlValue[][] = [];
    for (const month of made) {
      await context.engine.files('usage', columnTypes(USAGE), keysOf(usage, months.get(month) ?? []));
      const sums = await context.engine.query(MONTHLY_SUMS);
      for (const row of split(
        month,
        sums.map((sum) => monthlySum(month, sum)),
      )) {
        rows.push([row.team, row.costKind, row.provider, decimalText(row.costPico, 12), row.month]);
      }
    }
    await context.engine.table('showback', columnTypes(SHOWBACK_MONTHLY), rows);
    return 'select * from showback order by month, team, cost_kind, provider';
  });
}

const MONTHLY_SUMS = `
select team, project, application, environment, feature, provider,
  cast(coalesce(sum(cost), 0) as decimal(38,12)) as cost,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as decimal(38,0)) as tokens
from usage
group by team, project, application, environment, feature, provider
order by team, project, application, environment, feature, provider`;

/** A cell that the engine gives as text; a number or a list here would be a broken engine, not a missing value. */
function textOf(value: unknown, name: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new LedgerError(`the engine gave no text in column ${name} of the monthly sums`);
  return value;
}

function monthlySum(month: string, row: Readonly<Record<string, unknown>>): MonthlySum {
  const text = (name: string): string | null => textOf(row[name], name);
  return {
    month,
    team: text('team') === 'unallocated' ? null : text('team'),
    project: text('project'),
    application: text('application'),
    environment: text('environment'),
    feature: text('feature'),
    provider: text('provider') ?? '',
    costPico: BigInt((text('cost') ?? '0').replace('.', '')),
    tokens: BigInt(text('tokens') ?? '0'),
  };
}

/** The price book in force as a table; `rows` are in the order of the schema's columns. */
export async function remakePrices(
  context: SealContext,
  state: CatalogState,
  version: string,
  rows: () => readonly (readonly SqlValue[])[],
): Promise<NewPointers> {
  return await remake(
    context,
    PRICES,
    state.tables[PRICES.name] ?? {},
    new Map([['all', signature([version])]]),
    async () => {
      await context.engine.table('price_rows', columnTypes(PRICES), rows());
      return 'select * from price_rows order by provider, model, meter, price_id';
    },
  );
}
