/**
 * SQL engine on DuckDB, in memory, over Parquet files below the lake folder. Loaded lazily: the ingest path must not pay for it.
 * Memory is capped and spills to a folder beside the lake, so that a large seal does not need a large machine.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { LedgerError, Misconfigured } from '../../errors.ts';
import type { SqlEngine, SqlRow, SqlValue, WrittenFile } from '../../ports.ts';
import { sqlIdentifier } from '../../sql-identifier.ts';

export interface DuckDbOptions {
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** no statement may touch files outside the lake: for SQL that a person types */
  readonly confined?: boolean;
}

export interface LocalSqlEngine extends SqlEngine {
  close(): void;
}

/** Opens an engine whose object keys are paths below `root`. */
export async function openDuckDb(root: string, options: DuckDbOptions = {}): Promise<LocalSqlEngine> {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((cause: unknown) => {
    throw new Misconfigured('DuckDB is needed to seal and query a local lake', {
      cause,
      hint: 'npm install @duckdb/node-api',
    });
  });
  const spill = join(root, '.spill');
  await mkdir(root, { recursive: true });
  const start = async (): Promise<{ connection: DuckDBConnection; stop: () => void }> => {
    const instance = await DuckDBInstance.create(':memory:', {
      // a statement over 50 days writes 100 partitions, and each thread holds buffers for each: 400 to 512 MB on the sample inbox, whatever its rows
      memory_limit: options.memoryLimit ?? '640MB',
      threads: String(options.threads ?? 2),
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      // files are read once or twice; keeping them in memory would only fill it up to the limit
      enable_external_file_cache: 'false',
      allocator_flush_threshold: '16MB',
      allocator_bulk_deallocation_flush_threshold: '16MB',
    });
    const connection = await instance.connect();
    if (options.confined) {
      await connection.run(`set allowed_directories = [${literal(root)}]`);
      await connection.run('set enable_external_access = false');
      await connection.run('set lock_configuration = true');
    }
    const stop = (): void => {
      connection.closeSync();
      instance.closeSync();
    };
    return { connection, stop };
  };
  let running = await start();
  return {
    table: (name, columns, rows) => createTable(running.connection, name, columns, rows),
    files: (name, columns, keys) => createFilesView(running.connection, root, name, columns, keys),
    query: async (sql, parameters) => {
      if (options.confined) await refuseWrites(running.connection, sql);
      return await run(running.connection, sql, parameters);
    },
    execute: async (sql) => {
      await run(running.connection, sql);
    },
    reset: async () => {
      running.stop();
      collectGarbage();
      running = await start();
    },
    write: (select, prefix, partitionBy) => writeParquet(running.connection, root, select, prefix, partitionBy),
    close: () => running.stop(),
  };
}

/**
 * Collects what reading left behind. The engine's memory comes on top of it, and Node by itself would leave it lying for as long as a
 * statement runs, because it makes no new objects meanwhile. Node shows its collector only by this flag.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Glue/Trino type name → DuckDB type name. */
export function duckType(type: string): string {
  if (type === 'string') return 'varchar';
  const list = /^array<(.+)>$/.exec(type);
  if (list) return `${duckType(list[1] ?? '')}[]`;
  const map = /^map<(.+),(.+)>$/.exec(type);
  return map ? `map(${duckType(map[1] ?? '')}, ${duckType(map[2] ?? '')})` : type;
}

/** The one gate for identifiers that come to SQL by name. */
export const identifier = sqlIdentifier;

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function createTable(
  connection: DuckDBConnection,
  name: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const names = Object.keys(columns);
  const staging = `${name}_text`;
  await run(
    connection,
    `create or replace temp table ${identifier(staging)} (${names.map((n) => `${identifier(n)} varchar`).join(', ')})`,
  );
  const appender = await connection.createAppender(staging);
  for (const row of rows) {
    for (const value of row) {
      if (value === null || value === undefined) appender.appendNull();
      else appender.appendVarchar(typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    appender.endRow();
  }
  appender.closeSync();
  const typed = names.map((n) => `${castFromText(identifier(n), columns[n] ?? 'string')} as ${identifier(n)}`);
  await run(connection, `drop view if exists ${identifier(name)}`).catch(() => undefined);
  await run(
    connection,
    `create or replace temp table ${identifier(name)} as select ${typed.join(', ')} from ${identifier(staging)}`,
  );
  await run(connection, `drop table ${identifier(staging)}`);
}

function castFromText(column: string, type: string): string {
  if (type === 'string') return column;
  const viaJson = type.startsWith('map<') || type.startsWith('array<');
  return viaJson ? `cast(cast(${column} as json) as ${duckType(type)})` : `cast(${column} as ${duckType(type)})`;
}

async function createFilesView(
  connection: DuckDBConnection,
  root: string,
  name: string,
  columns: Readonly<Record<string, string>>,
  keys: readonly string[],
): Promise<void> {
  const names = Object.keys(columns);
  const list =
    keys.length === 0
      ? `select ${names.map((n) => `cast(null as ${duckType(columns[n] ?? 'string')}) as ${identifier(n)}`).join(', ')} where false`
      : `select ${names.map((n) => `cast(${identifier(n)} as ${duckType(columns[n] ?? 'string')}) as ${identifier(n)}`).join(', ')}
         from read_parquet([${keys.map((key) => literal(join(root, ...key.split('/')))).join(', ')}], hive_partitioning = true, hive_types_autocast = false)`;
  await run(connection, `create or replace temp view ${identifier(name)} as ${list}`);
}

async function writeParquet(
  connection: DuckDBConnection,
  root: string,
  select: string,
  prefix: string,
  partitionBy: readonly string[],
): Promise<WrittenFile[]> {
  const folder = join(root, ...prefix.split('/').filter(Boolean));
  await mkdir(folder, { recursive: true });
  const partition = partitionBy.length === 0 ? '' : `, partition_by (${partitionBy.map(identifier).join(', ')})`;
  const target = partitionBy.length === 0 ? join(folder, 'data_0.parquet') : folder;
  const rows = await run(
    connection,
    `copy (${select}) to ${literal(target)} (format parquet, compression zstd, compression_level 1, return_stats true${partition}${partition ? ', overwrite_or_ignore true' : ''})`,
  );
  return rows.map((row) => {
    const key = relative(root, String(row['filename'])).split('\\').join('/');
    const values = key.split('/').filter((segment) => segment.includes('='));
    const pairs = values.map((segment) => [
      segment.slice(0, segment.indexOf('=')),
      // as DuckDB encodes what may not stand in a path
      decodeURIComponent(segment.slice(segment.indexOf('=') + 1)),
    ]);
    return { key, partition: Object.fromEntries(pairs) as Record<string, string>, rows: Number(row['count']) };
  });
}

/** What a person types must be one SELECT: it may not write, attach or change settings, not even inside the lake. */
async function refuseWrites(connection: DuckDBConnection, sql: string): Promise<void> {
  const { StatementType } = await import('@duckdb/node-api');
  const statements = await connection.extractStatements(sql).catch((cause: unknown) => {
    throw new LedgerError(`SQL failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (statements.count !== 1) throw new Misconfigured(`one SELECT at a time; these are ${statements.count} statements`);
  const prepared = await statements.prepare(0).catch((cause: unknown) => {
    throw new LedgerError(`SQL failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  const isRead = [StatementType.SELECT, StatementType.EXPLAIN].includes(prepared.statementType);
  prepared.destroySync();
  if (!isRead) throw new Misconfigured('only SELECT is answered; the ledger is written by run');
}

/** Runs one statement; DuckDB's own message is kept, since it names the place in the SQL. */
async function run(connection: DuckDBConnection, sql: string, parameters: readonly SqlValue[] = []): Promise<SqlRow[]> {
  try {
    const reader = await connection.runAndReadAll(sql, parameters.map(toDuck));
    const maps = new Set(reader.columnNames().filter((_, i) => String(reader.columnType(i)).startsWith('MAP')));
    return reader.getRowObjectsJson().map((row) => (maps.size === 0 ? row : withMaps(row, maps)));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerError(`SQL failed: ${message}`, { cause });
  }
}

/** DuckDB returns a map as a list of pairs; people expect an object. */
function withMaps(row: Readonly<Record<string, unknown>>, maps: ReadonlySet<string>): SqlRow {
  const out: Record<string, unknown> = { ...row };
  for (const name of maps) {
    const pairs = row[name];
    if (Array.isArray(pairs))
      out[name] = Object.fromEntries((pairs as { key: string; value: unknown }[]).map((p) => [p.key, p.value]));
  }
  return out;
}

function toDuck(value: SqlValue): DuckDBValue {
  if (Array.isArray(value)) throw new Misconfigured('lists are not passed as SQL parameters');
  return value as DuckDBValue;
}
