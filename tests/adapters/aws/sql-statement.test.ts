import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mentions, readStatement, writeStatement } from '../../../lib/adapters/aws/sql-statement.ts';

describe('a statement taken apart', () => {
  test('has no named queries where it begins with SELECT, whatever comments come first', () => {
    expect(readStatement('-- with x as (select 1)\n/* more */ select 2')).toEqual({ named: [], rest: 'select 2' });
  });

  test('gives the named queries in order, their own text unchanged', () => {
    const sql = `-- head\nwith\n-- first\na as (select ')' as x, "b)" from t -- ) not here\n),\n  "b" as (select (1 + (2)) /* ) */ from a)\nselect * from b`;
    expect(readStatement(sql)).toEqual({
      named: [
        { name: 'a', sql: `select ')' as x, "b)" from t -- ) not here\n` },
        { name: 'b', sql: 'select (1 + (2)) /* ) */ from a' },
      ],
      rest: 'select * from b',
    });
  });

  test('keeps doubled quotes together', () => {
    expect(readStatement(`with a as (select 'it''s (' as "x"")") select 1`).named).toEqual([
      { name: 'a', sql: `select 'it''s (' as "x"")"` },
    ]);
  });

  test('is not misled by names that begin with "with"', () => {
    expect(readStatement('within as (select 1)').named).toEqual([]);
  });

  test.each([
    ['with a as (select 1', /not closed/],
    ['with a (select 1) select 2', /lacks AS/],
    ['with (select 1) select 2', /names no query/],
  ])('refuses %s', (sql, message) => {
    expect(() => readStatement(sql)).toThrow(message);
  });

  test('written again and read again is the same', () => {
    const text = fc
      .array(fc.constantFrom('select 1', "'(,)'", '(', ')', '"q("', '-- c)\n', '/* ( */', ' , ', 'x'), { maxLength: 8 })
      .map((parts) => parts.join(' '))
      .filter((part) => isBalanced(part));
    const query = fc.record({ name: fc.constantFrom('a', 'b1', 'c_d'), sql: text });
    fc.assert(
      fc.property(fc.array(query, { maxLength: 4 }), (named) => {
        const rest = 'select * from a';
        const read = readStatement(writeStatement({ named, rest }));
        expect(read.rest).toBe(rest);
        expect(read.named.map(({ name, sql }) => [name, sql.trim()])).toEqual(
          named.map(({ name, sql }) => [name, sql.trim()]),
        );
      }),
    );
  });
});

/** Whether parentheses outside texts, names and comments match, told in another way than the code does: by taking those out first. */
function isBalanced(sql: string): boolean {
  let depth = 0;
  for (const sign of sql.replace(/-- c\)\n|\/\* \( \*\/|'\(,\)'|"q\("/g, '')) {
    if (sign === '(') depth++;
    if (sign === ')' && --depth < 0) return false;
  }
  return depth === 0;
}

describe('mentions of a name', () => {
  test.each([
    ['select * from usage u join usage_excluded x on x.day = u.day', 'usage', 1],
    ['select usage.day from usage', 'usage', 2],
    [`select 'usage' as word from t`, 'usage', 0],
    ['-- usage\nselect 1 /* usage */', 'usage', 0],
    ['select * from "usage"', 'usage', 1],
    ['select t.usage from t', 'usage', 0],
    ['SELECT * FROM USAGE', 'usage', 1],
  ])('%s', (sql, name, count) => {
    expect(mentions(sql, name)).toBe(count);
  });
});
