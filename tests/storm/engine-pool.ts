/**
 * Engines for the workers of a storm: DuckDB runs every statement as it is. Most seeds keep what statements write, and what they have read, in
 * tables of the engine, because opening hundreds of small Parquet files would be most of a storm's time; every 32nd seed writes and reads
 * real files through the adapter. In: keys and statements. Out: rows. Invariant: what an engine shows of a key is what was written under it.
 */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckType, identifier, openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { SqlEngine, SqlRow, SqlValue, WrittenFile } from '../../lib/ports.ts';

export interface PooledEngine extends SqlEngine {
  /** Drops a table or view of a session. */
  forget(name: string): Promise<void>;
}

export interface EnginePool {
  readonly root: string;
  /** An engine that nobody uses, or null. */
  take(): PooledEngine | null;
  release(engine: PooledEngine): void;
  /** Forgets the files of a seed. */
  forgetFiles(): Promise<void>;
  close(): void;
}

/** Engines of the adapter, each with real files below `root`. */
export async function openFilePool(root: string, size: number): Promise<EnginePool> {
  const engines = await Promise.all(Array.from({ length: size }, async () => await openDuckDb(root, { threads: 1 })));
  const pooled = engines.map((engine): PooledEngine => ({
    ...engine,
    forget: async (name) => {
      await engine.execute(`drop view if exists ${identifier(name)}`).catch(() => undefined);
      await engine.execute(`drop table if exists ${identifier(name)}`).catch(() => undefined);
    },
  }));
  return poolOf(
    root,
    pooled,
    async () => undefined,
    () => engines.forEach((engine) => engine.close()),
  );
}

function poolOf(
  root: string,
  engines: readonly PooledEngine[],
  forgetFiles: () => Promise<void>,
  close: () => void,
): EnginePool {
  const free = [...engines];
  return { root, take: () => free.pop() ?? null, release: (engine) => free.push(engine), forgetFiles, close };
}

/** Where the rows of a file lie: a table with a column `held_file`. */
interface HeldFile {
  readonly table: string;
  /** columns and types that the table has by its making; null where a statement decided them */
  readonly shape: string | null;
}

/** What the engines of one memory hold for a seed. */
interface Held {
  readonly files: Map<string, HeldFile>;
  /** shape → the table of all files read in it */
  readonly read: Map<string, HeldFile>;
  tables: number;
}

/**
 * Optimizers that arrange work on large data. On a few hundred rows looking for a better plan costs more than any plan does, and no result
 * depends on it. The seeds with real files run with all of them.
 */
const IDLE_OPTIMIZERS = [
  'common_aggregate',
  'compressed_materialization',
  'cte_inlining',
  'duplicate_groups',
  'join_order',
  'late_materialization',
  'reorder_filter',
  'row_group_pruner',
  'sampling_pushdown',
  'top_n',
];

/** Engines that share one memory. */
export async function openMemoryPool(root: string, size: number): Promise<EnginePool> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    default_block_size: '16384',
    disabled_optimizers: IDLE_OPTIMIZERS.join(','),
    // each file is read once
    enable_external_file_cache: 'false',
  });
  const held: Held = { files: new Map(), read: new Map(), tables: 0 };
  const connections = await Promise.all(Array.from({ length: size }, async () => await instance.connect()));
  const forgetFiles = async (): Promise<void> => {
    await connections[0]?.run('drop schema if exists held cascade');
    await connections[0]?.run('create schema held');
    held.files.clear();
    held.read.clear();
    held.tables = 0;
  };
  // a landing file has a hundred small columns: in one piece it is read faster
  await connections[0]?.run('load parquet');
  await connections[0]?.run('set global prefetch_all_parquet_files = true');
  await forgetFiles();
  const engines = connections.map((connection) => memoryEngine(connection, root, held));
  return poolOf(root, engines, forgetFiles, () => {
    for (const connection of connections) connection.closeSync();
    instance.closeSync();
  });
}

function memoryEngine(connection: DuckDBConnection, root: string, held: Held): PooledEngine {
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql);
  };
  const newTable = (): string => `held.f${held.tables++}`;
  /** what the names of this connection are; views with their SQL */
  const made = new Map<string, { readonly kind: 'view' | 'table'; readonly sql: string }>();
  const forget = async (name: string): Promise<void> => {
    const kind = made.get(name)?.kind;
    if (kind === undefined) return;
    await run(`drop ${kind} ${identifier(name)}`);
    made.delete(name);
  };
  const make = async (kind: 'view' | 'table', name: string, sql: string): Promise<void> => {
    if (made.has(name) && made.get(name)?.kind !== kind) await forget(name);
    await run(`create or replace temp ${kind} ${identifier(name)} as ${sql}`);
    made.set(name, { kind, sql });
  };
  /** Reads files into the table of their shape: one table makes short views, and its values are cast once. */
  const readFiles = async (keys: readonly string[], columns: Columns): Promise<void> => {
    const shape = JSON.stringify(columns);
    const paths = keys.map((key) => literal(join(root, key))).join(', ');
    const rows = `select ${castColumns(columns)}, substr(filename, ${root.length + 2}) as held_file from read_parquet([${paths}], hive_partitioning = true, hive_types_autocast = false, filename = true)`;
    const known = held.read.get(shape);
    const place = known ?? { table: newTable(), shape };
    await run(known === undefined ? `create table ${place.table} as ${rows}` : `insert into ${place.table} ${rows}`);
    held.read.set(shape, place);
    for (const key of keys) held.files.set(key, place);
  };
  return {
    forget,
    table: async (name, columns, rows) => await make('table', name, rowsSql(columns, rows)),
    files: async (name, columns, keys) => {
      const shape = JSON.stringify(columns);
      const missing = [...new Set(keys)].filter(
        (key) => (held.files.get(key)?.shape ?? shape) !== shape || !held.files.has(key),
      );
      if (missing.length > 0) await readFiles(missing, columns);
      await make('view', name, filesSql(columns, keys, held));
    },
    query: async (sql, parameters = []) => await rowsOf(connection, sql, parameters),
    execute: run,
    reset: async () => undefined,
    write: async (select, prefix, partitionBy) => {
      // a view that is used often would be planned anew for each of its uses
      for (const [name, { kind, sql }] of made)
        if (kind === 'view' && timesUsed(name, select) >= MOST_VIEW_USES) await make('table', name, sql);
      const place: HeldFile = { table: newTable(), shape: null };
      const folder = partitionBy.map((name) => `${literal(`${name}=`)} || cast(${identifier(name)} as varchar) || '/'`);
      const file = [literal(prefix), ...folder, literal('data_0.parquet')].join(' || ');
      await run(`create table ${place.table} as select *, ${file} as held_file from (${select})`);
      // counted here: planning a count takes longer than reading a few hundred names
      const names = await rowsOf(connection, `select held_file from ${place.table}`, []);
      return [...Map.groupBy(names, (row) => String(row['held_file']))]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, own]): WrittenFile => {
          held.files.set(key, place);
          return { key, partition: partitionOf(key), rows: own.length };
        });
    },
  };
}

function partitionOf(key: string): Record<string, string> {
  const pairs = key.split('/').filter((segment) => segment.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

const MOST_VIEW_USES = 3;
const timesUsed = (name: string, sql: string): number => sql.split(new RegExp(`\\b${name}\\b`)).length - 1;

type Columns = Readonly<Record<string, string>>;

const castColumns = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, type]) => `cast(${identifier(name)} as ${duckType(type)}) as ${identifier(name)}`)
    .join(', ');

/** The rows of these files, a file that is named twice twice. */
function filesSql(columns: Columns, keys: readonly string[], held: Held): string {
  if (keys.length === 0) {
    const none = Object.entries(columns).map(
      ([name, type]) => `cast(null as ${duckType(type)}) as ${identifier(name)}`,
    );
    return `select ${none.join(', ')} where false`;
  }
  const shape = JSON.stringify(columns);
  const names = Object.keys(columns).map(identifier).join(', ');
  const parts: string[] = [];
  let rest = [...keys];
  while (rest.length > 0) {
    const once = new Set(rest);
    for (const [file, own] of Map.groupBy(once, (key) => held.files.get(key))) {
      if (file === undefined) throw new Error(`storm: ${own[0]} is not held`);
      parts.push(
        `select ${file.shape === shape ? names : castColumns(columns)} from ${file.table} where held_file in (${own.map(literal).join(', ')})`,
      );
    }
    rest = rest.filter((key) => !once.delete(key));
  }
  return parts.join(' union all ');
}

/** A query that gives these rows. */
function rowsSql(columns: Columns, rows: readonly (readonly SqlValue[])[]): string {
  const names = Object.keys(columns);
  const cast = (text: string, type: string): string => {
    const isNested = type.startsWith('map<') || type.startsWith('array<');
    return isNested ? `cast(cast(${text} as json) as ${duckType(type)})` : `cast(${text} as ${duckType(type)})`;
  };
  const typed = names.map((column, i) => `${cast(`c${i}`, columns[column] ?? 'string')} as ${identifier(column)}`);
  const values = rows.map((row) => `(${names.map((_, i) => textLiteral(row[i])).join(', ')})`);
  const none = `(${names.map(() => 'cast(null as varchar)').join(', ')})`;
  const from = `(values ${[none, ...values].join(', ')}) as v(${names.map((_, i) => `c${i}`).join(', ')})`;
  return `select ${typed.join(', ')} from ${from} offset 1`;
}

function textLiteral(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  return literal(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Rows as the adapter gives them: values as JSON, maps as objects. */
async function rowsOf(connection: DuckDBConnection, sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]> {
  const reader = await connection.runAndReadAll(sql, parameters as (string | number | bigint | boolean | null)[]);
  const maps = reader.columnNames().filter((_, i) => String(reader.columnType(i)).startsWith('MAP'));
  return reader.getRowObjectsJson().map((row) => {
    const out: Record<string, unknown> = { ...row };
    for (const name of maps) {
      const pairs = row[name];
      if (Array.isArray(pairs))
        out[name] = Object.fromEntries((pairs as { key: string; value: unknown }[]).map((p) => [p.key, p.value]));
    }
    return out;
  });
}
