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
import { cellText, renderTable } from '../terminal.ts';

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

/** Rows as an aligned table, a JSON array of objects, or CSV. Maps come in the order of their keys, since engines give them in their own. */
export function formatRows(found: readonly SqlRow[], format: string): string {
  const rows = found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, inKeyOrder(value)])),
  );
  if (format === 'json') return `${JSON.stringify(rows, null, 1)}\n`;
  const names = Object.keys(rows[0] ?? {});
  if (format === 'csv') {
    const lines = [names, ...rows.map((row) => names.map((name) => cellText(row[name])))];
    return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
  }
  if (rows.length === 0) return '(no rows)\n';
  const columns = names.map((name) => ({
    title: name,
    align: rows.every((row) => isNumeric(row[name])) ? ('right' as const) : ('left' as const),
  }));
  return `${renderTable(
    columns,
    rows.map((row) => names.map((name) => cellText(row[name]))),
  )}\n`;
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, inKeyOrder(one)]));
}

function isNumeric(value: unknown): boolean {
  return value === null || typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
}

/** Quotes what CSV needs quoted, and defuses what a spreadsheet would run as a formula. */
function csvField(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
