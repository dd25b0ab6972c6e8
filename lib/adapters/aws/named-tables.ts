/**
 * Tables that the caller of an engine named. In: a statement. Out: the statement with those it mentions before it, each as a query of the
 * WITH list; names it does not mention cost nothing, and every other name is a table of the lake. Invariant: a name means what the statement
 * itself calls so, else the caller's table, else the lake's; a table with its database before its name is always that one.
 */
import { mentions, readStatement, writeStatement } from './sql-statement.ts';

/** The query that gives a table's rows, and what tells these rows from any others. */
export interface NamedTable {
  readonly sql: string;
  readonly content: string;
  readonly columns: readonly string[];
  /** objects that are opened each time it is read */
  readonly objects: number;
}

/** The statement with the named tables that it mentions before it; one WITH list cannot hold a name twice. */
export function withTables(sql: string, named: ReadonlyMap<string, NamedTable>): string {
  const { named: own, rest } = readStatement(sql);
  const ownNames = new Set(own.map(({ name }) => name));
  const tables = [...named]
    .filter(([name]) => !ownNames.has(name) && mentions(sql, name) > 0)
    .map(([name, table]) => ({ name, sql: table.sql }));
  return writeStatement({ named: [...tables, ...own], rest });
}
