/**
 * The real engine (DuckDB) behind the gate. Statements run as they are; only Parquet files are read once per seed into tables of the engine,
 * because opening hundreds of small files for each statement would be most of a storm's time. In: an engine and a lake. Out: an `SqlEngine`.
 * Invariant: a statement over a file that is gone fails, as it would without the cache.
 */
import { join } from 'node:path';
import { duckType, identifier, openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { LedgerError } from '../../lib/errors.ts';
import type { SqlEngine } from '../../lib/ports.ts';
import type { Gate } from './scheduler.ts';
import type { StoreContents } from './simulated-store.ts';

/** An engine of the pool and what it holds of the present seed's files: cache table by columns, and the files in it. */
interface PooledEngine {
  readonly engine: LocalSqlEngine;
  readonly root: string;
  readonly caches: Map<string, { readonly table: string; readonly files: Set<string> }>;
}

export interface EnginePool {
  readonly root: string;
  /** An engine that nobody uses, or null; the one released last, because it holds most files. */
  take(): PooledEngine | null;
  release(engine: PooledEngine): void;
  /** Forgets the files of a seed. */
  forgetFiles(): Promise<void>;
  close(): void;
}

export async function openEnginePool(root: string, size: number): Promise<EnginePool> {
  const engines = await Promise.all(
    Array.from({ length: size }, async (): Promise<PooledEngine> => ({ engine: await openDuckDb(root, { threads: 1 }), root, caches: new Map() })),
  );
  const free = [...engines];
  return {
    root,
    take: () => free.pop() ?? null,
    release: (engine) => free.push(engine),
    async forgetFiles() {
      for (const { engine, caches } of engines) {
        for (const { table } of caches.values()) await engine.execute(`drop table if exists ${table}`);
        caches.clear();
      }
    },
    close: () => engines.forEach(({ engine }) => engine.close()),
  };
}

export interface EngineSession extends SqlEngine {
  /** Forgets the tables of the session; to be called when its worker has ended in whatever way. */
  end(): Promise<void>;
}

/** `prefix` is the lake's folder below the engine's root, with a slash; keys of the lake do not know of it. */
export function engineSession(
  { engine, caches, root }: PooledEngine,
  lake: StoreContents,
  prefix: string,
  gate: Gate,
  nowMs: () => number,
): EngineSession {
  const names = new Map<string, readonly string[]>();
  const end = async (): Promise<void> => {
    for (const name of names.keys()) await forget(engine, name);
    names.clear();
  };

  /** Makes the files visible as `name`, reading those not yet held. */
  const showFiles = async (name: string, columns: Readonly<Record<string, string>>, keys: readonly string[]): Promise<void> => {
    if (keys.length === 0) return await engine.files(name, columns, keys);
    const shape = JSON.stringify(columns);
    const cache = caches.get(shape) ?? { table: `held_${caches.size}`, files: new Set<string>() };
    const missing = [...new Set(keys)].filter((key) => !cache.files.has(key));
    const list = Object.entries(columns).map(([column, type]) => `cast(${identifier(column)} as ${duckType(type)}) as ${identifier(column)}`);
    if (missing.length > 0) {
      const paths = missing.map((key) => `'${join(root, prefix, key)}'`).join(', ');
      const read = `select ${list.join(', ')}, filename as held_file from read_parquet([${paths}], hive_partitioning = true, hive_types_autocast = false, filename = true)`;
      await engine.execute(caches.has(shape) ? `insert into ${cache.table} ${read}` : `create temp table ${cache.table} as ${read}`);
      for (const key of missing) cache.files.add(key);
      caches.set(shape, cache);
    }
    const wanted = keys.map((key) => `'${join(root, prefix, key)}'`).join(', ');
    const names = Object.keys(columns).map(identifier).join(', ');
    const from = new Set(keys).size === keys.length
      ? `${cache.table} where held_file in (${wanted})`
      : // a file named twice is read twice, as the engine itself would
        `${cache.table} join (select unnest([${wanted}]) as wanted_file) w on w.wanted_file = held_file`;
    await engine.execute(`create or replace temp view ${identifier(name)} as select ${names} from ${from}`);
  };

  /** What the engine would say if a file of a view were gone when a statement reads it. */
  const checkFiles = (sql: string): void => {
    for (const [name, keys] of names) {
      if (!new RegExp(`\\b${name}\\b`).test(sql)) continue;
      const gone = keys.find((key) => !lake.objects.has(key));
      if (gone !== undefined) throw new LedgerError(`SQL failed: no file ${gone}`);
    }
  };

  return {
    end,
    table: async (name, columns, rows) =>
      await gate(`sql.table ${name}`, async () => {
        names.set(name, []);
        await engine.table(name, columns, rows);
      }),
    files: async (name, columns, keys) =>
      await gate(`sql.files ${name} ${keys.length}`, async () => {
        names.set(name, keys);
        await showFiles(name, columns, keys);
      }),
    query: async (sql, parameters) => 
      await gate('sql.query', async () => {
        checkFiles(sql);
        return await engine.query(sql, parameters);
      }),
    execute: async (sql) => await gate('sql.execute', async () => await engine.execute(sql)),
    reset: async () => await gate('sql.reset', end),
    write: async (select, target, partitionBy) =>
      await gate(`sql.write ${target}`, async () => {
        checkFiles(select);
        const files = await engine.write(select, prefix + target, partitionBy);
        return files.map((file) => {
          const key = file.key.slice(prefix.length);
          lake.adopt(key, nowMs());
          return { ...file, key };
        });
      }),
  };
}

async function forget(engine: LocalSqlEngine, name: string): Promise<void> {
  await engine.execute(`drop view if exists "${name}"`).catch(() => undefined);
  await engine.execute(`drop table if exists "${name}"`).catch(() => undefined);
}
