/** What all seeds of a process share: engines over a folder in memory where there is one, the SQL, the settings. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSealSql } from '../../lib/adapters/local/sql-files.ts';
import { LANDING_COLUMNS, PROMPT_COLUMNS, REJECT_COLUMNS, landingTypes } from '../../lib/write/landing-row.ts';
import { plantSql } from './planted.ts';
import { compileSettings } from './settings.ts';
import { openEnginePool } from './simulated-engine.ts';
import type { EnginePool } from './simulated-engine.ts';
import type { StormOptions, StormTools } from './weather.ts';

/** Sealers at once, and a reader beside them. */
const ENGINES = 4;

export interface OpenStorm {
  readonly pool: EnginePool;
  readonly tools: StormTools;
  close(): void;
}

/** `planted` names a fault to put into the SQL. */
export async function openStorm(options: StormOptions, planted: string | null): Promise<OpenStorm> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ledger-storm-'));
  const sql = await loadSealSql();
  const pool = await openEnginePool(root, ENGINES);
  return {
    pool,
    tools: {
      sql: planted === null ? sql : plantSql(planted, sql),
      landing: {
        rows: landingTypes(LANDING_COLUMNS, 'day'),
        prompts: landingTypes(PROMPT_COLUMNS, 'day'),
        rejects: landingTypes(REJECT_COLUMNS, 'day'),
      },
      variants: { first: compileSettings('first'), second: compileSettings('second') },
      options,
    },
    close: () => {
      pool.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
