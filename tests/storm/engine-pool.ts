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
type Held = Map<string, string>;

/** Engines that share one memory. */
export async function openMemoryPool(root: string, size: number): Promise<EnginePool> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    default_block_size: '16384',
  });
  const held: Held = new Map();
  const tables = new Set<string>();
  const connections = await Promise.all(Array.from({ length: size }, async () => await instance.connect()));
  const forgetFiles = async (): Promise<void> => {
    for (const table of tables) await connections[0]?.run(`drop table if exists ${table}`);
    tables.clear();
    held.clear();
  };
  const engines = connections.map((connection) => memoryEngine(connection, root, held, tables));
  return poolOf(root, engines, forgetFiles, () => {
    for (const connection of connections) connection.closeSync();
    instance.closeSync();
  });
}

function memoryEngine(connection: DuckDBConnection, root: string, held: Held, tables: Set<string>): PooledEngine {
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql);
  };
  const newTable = (): string => {
    const name = `held_${tables.size}`;
    tables.add(name);
    return name;
  };
  /** A view over many parts would be planned anew for each of its uses. */
  const asTable = async (name: string, sql: string): Promise<void> => {
    await forget(name);
    await run(`create temp table ${identifier(name)} as ${sql}`);
  };
  const views = new Map<string, string>();
  const forget = async (name: string): Promise<void> => {
    views.delete(name);
    await run(`drop view if exists ${identifier(name)}`).catch(() => undefined);
    await run(`drop table if exists ${identifier(name)}`).catch(() => undefined);
  };
  return {
    forget,
    table: async (name, columns, rows) => {
      await forget(name);
      await run(tableSql(name, columns, rows));
    },
    files: async (name, columns, keys) => {
      const missing = [...new Set(keys)].filter((key) => !held.has(key));
      if (missing.length > 0) {
        const table = newTable();
        const paths = missing.map((key) => literal(join(root, key))).join(', ');
        await run(
          `create table ${table} as select * exclude (filename), substr(filename, ${root.length + 2}) as held_file from read_parquet([${paths}], hive_partitioning = true, hive_types_autocast = false, filename = true)`,
        );
        for (const key of missing) held.set(key, table);
      }
      await forget(name);
      const sql = filesSql(columns, keys, held);
      await run(`create temp view ${identifier(name)} as ${sql}`);
      views.set(name, sql);
    },
    query: async (sql, parameters = []) => await rowsOf(connection, sql, parameters),
    execute: run,
    reset: async () => undefined,
    write: async (select, prefix, partitionBy) => {
      for (const [name, sql] of views) if (timesUsed(name, select) >= MOST_VIEW_USES) await asTable(name, sql);
      const table = newTable();
      const folder = partitionBy.map((name) => `${literal(`${name}=`)} || cast(${identifier(name)} as varchar) || '/'`);
      const file = [literal(prefix), ...folder, literal('data_0.parquet')].join(' || ');
      await run(`create table ${table} as select *, ${file} as held_file from (${select})`);
      const files = await rowsOf(
        connection,
        `select held_file, count(*) as n from ${table} group by held_file order by held_file`,
        [],
      );
      return files.map((row): WrittenFile => {
        const key = String(row['held_file']);
        held.set(key, table);
        return { key, partition: partitionOf(key), rows: Number(row['n']) };
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

/** The rows of these files, a file that is named twice twice. */
function filesSql(columns: Readonly<Record<string, string>>, keys: readonly string[], held: Held): string {
  const typed = Object.entries(columns).map(
    ([name, type]) => `cast(${identifier(name)} as ${duckType(type)}) as ${identifier(name)}`,
  );
  if (keys.length === 0)
    return `select ${typed.map((column) => column.replace(/^cast\("[^"]+"/, 'cast(null')).join(', ')} where false`;
  const parts: string[] = [];
  let rest = [...keys];
  while (rest.length > 0) {
    const once = new Set(rest);
    for (const [table, own] of Map.groupBy(once, (key) => held.get(key) ?? '')) {
      parts.push(`select ${typed.join(', ')} from ${table} where held_file in (${own.map(literal).join(', ')})`);
    }
    rest = rest.filter((key) => !once.delete(key));
  }
  return parts.join(' union all ');
}

function tableSql(
  name: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly SqlValue[])[],
): string {
  const names = Object.keys(columns);
  const cast = (text: string, type: string): string => {
    const isNested = type.startsWith('map<') || type.startsWith('array<');
    return isNested ? `cast(cast(${text} as json) as ${duckType(type)})` : `cast(${text} as ${duckType(type)})`;
  };
  const typed = names.map((column, i) => `${cast(`c${i}`, columns[column] ?? 'string')} as ${identifier(column)}`);
  const values = rows.map((row) => `(${names.map((_, i) => textLiteral(row[i])).join(', ')})`);
  const none = `(${names.map(() => 'cast(null as varchar)').join(', ')})`;
  const from = `(values ${[none, ...values].join(', ')}) as v(${names.map((_, i) => `c${i}`).join(', ')})`;
  return `create temp table ${identifier(name)} as select ${typed.join(', ')} from ${from} offset 1`;
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
