/**
 * One writer per lake: an open DuckDB file is the lock, because the operating system frees it however the process dies. Readers
 * (`query`) never take it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transient } from '../../errors.ts';

/** Takes the lake's lock or throws `Transient` naming the process that holds it. The returned function releases it. */
export async function takeRunLock(lake: string): Promise<() => void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  await mkdir(lake, { recursive: true });
  const path = join(lake, '.writer.duckdb');
  try {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    return () => {
      connection.closeSync();
      instance.closeSync();
    };
  } catch (cause) {
    const holder = /PID (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    throw new Transient(`another run is writing to ${lake}${holder ? ` (PID ${holder})` : ''}`, {
      cause,
      hint: 'wait until it ends; a lock of a dead process is free by itself',
    });
  }
}
