/**
 * SQL engine on Athena. In: clients, a workgroup that does not enforce its settings, the lake's store, two Glue databases. Out: the port.
 * Tables that a caller names are put before each statement as queries over work tables, few rows of days and numbers as the rows themselves;
 * every other name is a table of the lake.
 * Invariant: what a statement reads is fixed when it starts, and what it writes lies in a folder that nothing else writes to.
 */
import { createHash } from 'node:crypto';
import type { SqlEngine, SqlValue } from '../../ports.ts';
import { sqlIdentifier } from '../../sql-identifier.ts';
import { awaitStatement, ask, startStatement } from './athena-query.ts';
import type { AthenaTarget } from './athena-query.ts';
import { createTableWriter } from './athena-write.ts';
import type { RangedStore } from './athena-written-files.ts';
import { areLiteral, literalRows } from './literal-rows.ts';
import type { NamedTable } from './named-tables.ts';
import { createWorkTables } from './work-tables.ts';
import type { Columns, WorkTablesOptions } from './work-tables.ts';

/** `database` is that of the lake's public tables. */
export interface AthenaEngineOptions extends WorkTablesOptions, AthenaTarget {
  readonly store: RangedStore;
  readonly nowMs?: () => number;
}

export interface AthenaEngine extends SqlEngine {
  /** Drops the work tables of this engine, and those that killed ones left behind. */
  close(): Promise<void>;
}

/** Work tables left by engines that were killed are dropped when they are this old: no query runs that long. */
const LEFT_AFTER_MS = 24 * 3_600_000;

/** Opens an engine; nothing is called before it is used. */
export function createAthenaEngine(options: AthenaEngineOptions): AthenaEngine {
  const nowMs = options.nowMs ?? Date.now;
  const work = createWorkTables(options);
  const named = new Map<string, NamedTable>();
  const writer = createTableWriter({ ...options, nowMs, work });
  const staged = async (sql: string): Promise<string> => await writer.staged(sql, named);
  const reset = async (): Promise<void> => {
    named.clear();
    await work.drop();
  };
  return {
    async table(name, columns, rows) {
      sqlIdentifier(name);
      const sql = areLiteral(columns, rows) ? literalRows(columns, rows) : await work.rows(name, columns, rows);
      named.set(name, { sql, content: rowsDigest(columns, rows), columns: Object.keys(columns), objects: 1 });
    },
    async files(name, columns, keys) {
      sqlIdentifier(name);
      const sql = await work.files(name, columns, keys);
      const content = digest(JSON.stringify([columns, keys]));
      named.set(name, { sql, content, columns: Object.keys(columns), objects: keys.length });
    },
    query: async (sql, parameters) => await ask(options, await staged(sql), parameters),
    async execute(sql) {
      await awaitStatement(options, await startStatement(options, await staged(sql)));
    },
    reset,
    write: async (select, prefix, partitionBy) => await writer.write(select, named, prefix, partitionBy),
    async close() {
      await reset();
      await work.dropLeft(nowMs() - LEFT_AFTER_MS);
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function rowsDigest(columns: Columns, rows: readonly (readonly SqlValue[])[]): string {
  const hash = createHash('sha256').update(JSON.stringify(columns));
  const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
  for (const row of rows) hash.update(JSON.stringify(row, plain)).update('\n');
  return hash.digest('hex');
}
