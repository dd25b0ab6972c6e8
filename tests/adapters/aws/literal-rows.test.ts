/** Which rows stand in a statement, and that nothing stands there but days and numbers in their own form. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areLiteral, literalRows, typedLiteral } from '../../../lib/adapters/aws/literal-rows.ts';

describe('a value', () => {
  test.each([
    ['2026-11-01', 'date', "date '2026-11-01'"],
    [-7, 'bigint', "bigint '-7'"],
    ['-9223372036854775808', 'bigint', "bigint '-9223372036854775808'"],
    [9_223_372_036_854_775_807n, 'bigint', "bigint '9223372036854775807'"],
    [2_147_483_647, 'integer', "integer '2147483647'"],
    [0.1, 'double', "double '0.1'"],
    [-1.5e-300, 'double', "double '-1.5e-300'"],
    [null, 'date', 'cast(null as date)'],
    [null, 'bigint', 'cast(null as bigint)'],
  ] as const)('%s of type %s', (value, type, sql) => {
    expect(typedLiteral(value, type)).toBe(sql);
  });

  test.each([
    ['2026-11-01\n', 'date'],
    [' 2026-11-01', 'date'],
    ['2026-11-1', 'date'],
    ['12026-11-01', 'date'],
    ["2026-11-01' or '", 'date'],
    ['٢٠٢٦-١١-٠١', 'date'],
    [['2026-11-01'], 'date'],
    [20_261_101, 'date'],
    [1.5, 'bigint'],
    [1e21, 'bigint'],
    [true, 'bigint'],
    [[7] as never, 'bigint'],
    ['', 'bigint'],
    ['0x10', 'bigint'],
    ['12345678901234567890', 'bigint'],
    ['12345678901', 'integer'],
    [Number.NaN, 'double'],
    [Number.NEGATIVE_INFINITY, 'double'],
    ['1e5; drop', 'double'],
    ['x', 'string'],
    ['1.5', 'decimal(18,12)'],
    [null, 'string'],
    [true, 'boolean'],
    ['1', "bigint '1') --"],
    ['1', 'constructor'],
  ] as const)('%j of type %s does not stand in SQL', (value, type) => {
    expect(() => typedLiteral(value, type)).toThrow(RangeError);
    expect(areLiteral({ v: type }, [[value]])).toBe(false);
  });

  test('whatever it is, only signs of days and numbers stand in SQL', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...Array.from("0123456789-.e+' \n")), maxLength: 12 });
    const values = fc.oneof(fc.string(), fc.double(), fc.bigInt(), nearly);
    fc.assert(
      fc.property(values, fc.constantFrom('date', 'bigint', 'integer', 'double'), (value, type) => {
        const isLiteral = areLiteral({ v: type }, [[value]]);
        const sql = isLiteral ? typedLiteral(value, type) : `${type} '0'`;
        expect(sql.replace(type, '')).toMatch(/^ '[-+.e0-9]+'$/);
      }),
      { numRuns: 500 },
    );
  });

  test('every number has a literal, which reads as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = /^double '(.*)'$/.exec(typedLiteral(value, 'double'))?.[1];
        // there is one zero in texts of numbers
        expect(Number(text)).toBe(value + 0);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(typedLiteral(value, 'bigint')).toBe(`bigint '${value}'`);
      }),
    );
  });
});

describe('rows', () => {
  const days = (n: number): string[][] => Array.from({ length: n }, () => ['2026-11-01']);

  test('are VALUES with the names of their columns; what a row lacks is null', () => {
    expect(literalRows({ day: 'date', n: 'bigint' }, [['2026-11-01', 1], ['2026-11-02']])).toBe(
      `select * from (values (date '2026-11-01', bigint '1'), (date '2026-11-02', cast(null as bigint))) as v("day", "n")`,
    );
  });

  test('are a work table where they are none or many, or hold anything else', () => {
    expect(areLiteral({ day: 'date' }, days(100))).toBe(true);
    expect(areLiteral({ day: 'date' }, days(101))).toBe(false);
    expect(areLiteral({ day: 'date', n: 'bigint' }, days(51))).toBe(false);
    expect(areLiteral({ day: 'date' }, [])).toBe(false);
    expect(areLiteral({}, [[]])).toBe(false);
    expect(areLiteral({ day: 'date', team: 'string' }, [['2026-11-01', null]])).toBe(false);
    expect(areLiteral({ day: 'date' }, [...days(3), ['yesterday']])).toBe(false);
  });

  test('a column whose name is none is refused', () => {
    expect(() => literalRows({ 'n") --': 'bigint' }, [[1]])).toThrow('not a usable identifier');
  });

  test('the longest are far below what a statement may be long', () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, 'double']));
    const longest = `-${'1'.repeat(21)}.${'1'.repeat(20)}e-300`;
    const sql = literalRows(wide, [Array.from({ length: 100 }, () => longest)]);
    expect(sql.length).toBeGreaterThan(5_000);
    expect(sql.length).toBeLessThan(10_000);
  });
});
