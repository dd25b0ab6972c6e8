/** What all seeds of a process share: engines over a folder in memory where there is one, the SQL, the settings. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSealSql } from '../../lib/adapters/local/sql-files.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS, landingTypes } from '../../lib/write/landing-row.ts';
import { plantSql } from './planted.ts';
import { compileSettings } from './settings.ts';
import { openFilePool, openMemoryPool } from './engine-pool.ts';
import type { EnginePool } from './engine-pool.ts';
import type { StormTools } from './world.ts';

/** Sealers at once, and a reader beside them. */
const ENGINES = 4;
/** Every so many seeds write and read real Parquet files for everything. */
const FILES_EVERY = 32;

export interface OpenStorm {
  /** the engines of a seed */
  poolOf(seed: number): EnginePool;
  readonly tools: StormTools;
  close(): void;
}

/** `planted` names a fault to put into the SQL. */
export async function openStorm(planted: string | null): Promise<OpenStorm> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ledger-storm-'));
  const sql = await loadSealSql();
  const memory = await openMemoryPool(root, ENGINES);
  const files = await openFilePool(root, ENGINES);
  return {
    poolOf: (seed) => (seed % FILES_EVERY === 0 ? files : memory),
    tools: {
      sql: planted === null ? sql : plantSql(planted, sql),
      landing: {
        rows: landingTypes(LANDING_COLUMNS, 'day'),
        prompts: landingTypes(PROMPT_COLUMNS, 'day'),
        rejects: landingTypes(REJECT_COLUMNS, 'day'),
      },
      variants: { first: compileSettings('first'), second: compileSettings('second') },
    },
    close: () => {
      memory.close();
      files.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
