/** Rows of a result as an aligned table, a JSON array of objects, or CSV. Maps come in the order of their keys, since engines give them in their own. */
import type { SqlRow } from '../lib/ports.ts';
import { csvText, isNumberText } from './csv-text.ts';
import { renderTable } from './table-text.ts';
import { cellText } from './terminal.ts';

/** Ends with a newline. */
export function formatRows(found: readonly SqlRow[], format: string): string {
  const rows = found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, inKeyOrder(value)])),
  );
  if (format === 'json') return `${JSON.stringify(rows, null, 1)}\n`;
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => cellText(row[name])));
  if (format === 'csv') return csvText(names, cells);
  if (rows.length === 0) return '(no rows)\n';
  const columns = names.map((title, i) => ({
    title,
    align: cells.every((row) => row[i] === '' || isNumberText(row[i] ?? '')) ? ('right' as const) : ('left' as const),
  }));
  return `${renderTable(columns, cells)}\n`;
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, inKeyOrder(one)]));
}
