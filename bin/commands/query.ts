/** `query`: one SELECT over the public tables and views, from one reading of the catalog; never waits for a writer. */
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { Misconfigured } from '../../lib/errors.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { homeOf } from '../options.ts';
import type { HomeOptions } from '../options.ts';
import { formatRows } from '../rows-text.ts';

export async function query(sql: string, options: HomeOptions & { format: string }): Promise<void> {
  const home = homeOf(options);
  const rows = 'lake' in home ? await askLake(home.lake, sql) : await askStack(home.stack, sql);
  process.stdout.write(formatRows(rows, options.format));
}

/** Rows of one SELECT over a deployed ledger, asked in people's workgroup. */
async function askStack(stack: string, sql: string): Promise<SqlRow[]> {
  const { askUsers } = await import('../stack-query.ts');
  return await askUsers(stack, sql);
}

/** Rows of one SELECT over a lake folder. */
export async function askLake(lake: string, sql: string): Promise<SqlRow[]> {
  const state = await createFolderCatalog(createFolderStore(lake)).read();
  if (state.revision === 0) {
    throw new Misconfigured(`there is no ledger in ${lake}`, {
      hint: `make one with: inference-ledger run --inbox DIR --lake ${lake}`,
    });
  }
  const engine = await openDuckDb(lake, { confined: true });
  try {
    await exposeLake(engine, state, await loadSqlFolder('report/views'));
    return await engine.query(sql);
  } finally {
    engine.close();
  }
}
