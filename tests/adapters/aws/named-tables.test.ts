/** Which of a caller's tables are put before a statement, and what a name means there. */
import { expect, test } from 'vitest';
import { withTables } from '../../../lib/adapters/aws/named-tables.ts';
import type { NamedTable } from '../../../lib/adapters/aws/named-tables.ts';

const table = (sql: string): NamedTable => ({ sql, content: 'c', columns: [], objects: 1 });
const named = new Map([
  ['period', table('select 1 as n')],
  ['landing', table('select 2 as n')],
]);

test('those it mentions stand before its own', () => {
  expect(withTables('with own as (select n from period) select n from own', named)).toBe(
    'with\n"period" as (select 1 as n\n),\n"own" as (select n from period\n)\nselect n from own',
  );
  expect(withTables('select day from usage', named)).toBe('select day from usage');
});

test.each([
  'with period as (select 3 as n) select n from period',
  'WITH "period" AS (select 3 as n) select n from period',
])('a name of its own stands once: %s', (sql) => {
  expect(withTables(sql, named)).toBe('with\n"period" as (select 3 as n\n)\nselect n from period');
});

test('a table of a database is not one of the caller', () => {
  expect(withTables('select n from ledger.period', named)).toBe('select n from ledger.period');
  expect(withTables('select n from "ledger"."period"', named)).toMatch(/select n from "ledger"\."period"$/);
});
