/** The one gate for names that come to SQL from elsewhere: tables, columns, partitions. Values never pass here; they are parameters. */
import { Misconfigured } from './errors.ts';

/** The name in quotes, or a refusal. */
export function sqlIdentifier(name: string): string {
  if (!/^[a-z0-9_=-]+$/.test(name))
    throw new Misconfigured(`not a usable identifier: ${JSON.stringify(name.slice(0, 40))}`);
  return `"${name}"`;
}

/** A table of a named database, each behind the gate. */
export function sqlTable(database: string, table: string): string {
  return `${sqlIdentifier(database)}.${sqlIdentifier(table)}`;
}
