/**
 * Asking the report's queries by name, and remembering what was asked, so that the report can show it. In: an engine that sees the public tables,
 * the SQL of `lib/report/queries`. Out: a way to ask. Invariant: the same question is asked once, so that one report has one answer to it.
 */
import { LedgerError } from '../errors.ts';
import type { SqlEngine, SqlRow } from '../ports.ts';
import type { Ask } from './spend.ts';

/** A query as it was asked: its file, its text, and each set of parameters it was asked with. */
export interface AskedQuery {
  readonly name: string;
  readonly sql: string;
  readonly runs: readonly (readonly string[])[];
}

/** Asks by name; throws `LedgerError` where there is no such query. */
export function recordingAsk(
  engine: SqlEngine,
  queries: Readonly<Record<string, string>>,
): { ask: Ask; asked: () => AskedQuery[] } {
  const runs = new Map<string, Map<string, { readonly parameters: readonly string[]; readonly rows: SqlRow[] }>>();
  return {
    ask: async (name, ...parameters) => {
      const sql = queries[name];
      if (sql === undefined) throw new LedgerError(`the query ${name}.sql of the report is missing`);
      const own =
        runs.get(name) ?? new Map<string, { readonly parameters: readonly string[]; readonly rows: SqlRow[] }>();
      runs.set(name, own);
      const key = JSON.stringify(parameters);
      const rows = own.get(key)?.rows ?? (await engine.query(sql, parameters));
      own.set(key, { parameters, rows });
      return rows;
    },
    asked: () =>
      [...runs].map(([name, own]) => ({
        name,
        sql: queries[name] ?? '',
        runs: [...own.values()].map(({ parameters }) => parameters),
      })),
  };
}

/** A query with its first parameters written in: days, and names without quotes; anything else stays a `?`. */
export function filledSql(query: AskedQuery): string {
  let next = 0;
  const parameters = query.runs[0] ?? [];
  return query.sql.replace(/cast\(\? as (date|varchar)\)/g, (hole, type) => {
    const value = parameters[next++] ?? '';
    if (type === 'date') return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `date '${value}'` : hole;
    return /^[\w-]+$/.test(value) ? `'${value}'` : hole;
  });
}
