/**
 * Tables that the caller of an engine named. In: a statement. Out: the statement with those it mentions before it, each as a query of the
 * WITH list; names it does not mention cost nothing, and every other name is a table of the lake.
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

/** The statement with the named tables that it mentions before it. */
export function withTables(sql: string, named: ReadonlyMap<string, NamedTable>): string {
  const { named: own, rest } = readStatement(sql);
  const tables = [...named]
    .filter(([name]) => mentions(sql, name) > 0)
    .map(([name, table]) => ({ name, sql: table.sql }));
  return writeStatement({ named: [...tables, ...own], rest });
}
