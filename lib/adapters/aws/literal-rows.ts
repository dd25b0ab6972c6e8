/**
 * Few rows of days and numbers as VALUES in the statement itself. In: columns and rows. Out: whether they may stand there, and the query that
 * gives them; all others are work tables. A bound such as `day between (select first_day from period) and …` is known to the planner only where
 * the row of `period` stands in the statement: then those days alone are read, and behind a table all of them (Trino 476, 2026-11).
 * Invariant: what stands in SQL has the form of its type, digit by digit; texts never do.
 */
import type { SqlValue } from '../../ports.ts';
import { sqlIdentifier } from '../../sql-identifier.ts';
import type { Columns } from './work-tables.ts';

/** Values of all rows together: a statement has 256 KB in all, and each of these takes less than 60 bytes. */
const MAX_VALUES = 100;

/** Types of which a value may stand in SQL, and the form it then has. */
const FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['date', /^\d{4}-\d{2}-\d{2}$/],
  ['bigint', /^-?\d{1,19}$/],
  ['integer', /^-?\d{1,10}$/],
  ['double', /^-?\d{1,21}(?:\.\d{1,20})?(?:e[+-]\d{1,3})?$/],
]);

/** Whether rows may stand in a statement: some, not many, and every value a plain day or number. */
export function areLiteral(columns: Columns, rows: readonly (readonly SqlValue[])[]): boolean {
  const types = Object.values(columns);
  const count = rows.length * types.length;
  if (count === 0 || count > MAX_VALUES) return false;
  return rows.every((row) => types.every((type, i) => hasForm(row[i] ?? null, type)));
}

/** The query of such rows. */
export function literalRows(columns: Columns, rows: readonly (readonly SqlValue[])[]): string {
  const types = Object.values(columns);
  const list = rows.map((row) => `(${types.map((type, i) => typedLiteral(row[i] ?? null, type)).join(', ')})`);
  const names = Object.keys(columns).map(sqlIdentifier);
  return `select * from (values ${list.join(', ')}) as v(${names.join(', ')})`;
}

/** The gate for values that stand in SQL: a literal of this type, or an error. */
export function typedLiteral(value: SqlValue, type: string): string {
  if (!hasForm(value, type)) throw new RangeError(`not a value of type ${type} that may stand in SQL`);
  return value === null ? `cast(null as ${type})` : `${type} '${String(value)}'`;
}

function hasForm(value: SqlValue, type: string): boolean {
  const form = FORMS.get(type);
  if (form === undefined || value === null) return form !== undefined;
  return typeof value !== 'object' && form.test(String(value));
}
