/**
 * An engine behind the gate: the session of one worker over the objects of one lake. In: an engine of the pool, the lake. Out: an `SqlEngine`.
 * Invariant: a statement over a file that is gone fails, wherever the engine keeps its rows.
 */
import { LedgerError } from '../../lib/errors.ts';
import type { SqlEngine } from '../../lib/ports.ts';
import type { PooledEngine } from './engine-pool.ts';
import type { Gate } from './scheduler.ts';
import type { StoreContents } from './simulated-store.ts';

export interface EngineSession extends SqlEngine {
  /** Forgets the tables of the session; to be called when its worker has ended in whatever way. */
  readonly end: () => Promise<void>;
}

/** `prefix` is the lake's folder below the engine's root, with a slash; keys of the lake do not know of it. */
export function engineSession(
  engine: PooledEngine,
  lake: StoreContents,
  prefix: string,
  gate: Gate,
  nowMs: () => number,
): EngineSession {
  const names = new Map<string, readonly string[]>();
  const end = async (): Promise<void> => {
    for (const name of names.keys()) await engine.forget(name);
    names.clear();
  };
  const checkKeys = (keys: readonly string[]): void => {
    const gone = keys.find((key) => !lake.objects.has(key));
    if (gone !== undefined) throw new LedgerError(`SQL failed: no file ${gone}`);
  };
  /** What the engine would say if a file of a view were gone when a statement reads it. */
  const checkFiles = (sql: string): void => {
    for (const [name, keys] of names) if (new RegExp(`\\b${name}\\b`).test(sql)) checkKeys(keys);
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
        checkKeys(keys);
        names.set(name, keys);
        const paths = keys.map((key) => prefix + key);
        await engine.files(name, columns, paths);
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
