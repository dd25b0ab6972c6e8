import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromText, literal, nestedValue, plainValue, trinoType } from '../../../lib/adapters/aws/athena-values.ts';
import { Misconfigured } from '../../../lib/errors.ts';

describe('parameters', () => {
  test.each([
    ["it's", "'it''s'"],
    ["'; drop table x; --", "'''; drop table x; --'"],
    ['', "''"],
    [7, '7'],
    [9_007_199_254_740_993n, '9007199254740993'],
    [true, 'true'],
    [null, 'null'],
  ])('%s', (value, expected) => {
    expect(literal(value)).toBe(expected);
  });

  test('a text is one literal, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const sql = literal(text);
        // read as SQL reads it: pairs of quotes inside, single ones at the ends
        expect(sql.slice(1, -1).replaceAll("''", '').includes("'")).toBe(false);
        expect(sql.slice(1, -1).replaceAll("''", "'")).toBe(text);
      }),
    );
  });

  test('lists and very long texts are refused before Athena does', () => {
    expect(() => literal(['a'])).toThrow(Misconfigured);
    expect(literal('x'.repeat(1022))).toHaveLength(1024);
    expect(() => literal('x'.repeat(1023))).toThrow(/1024/);
  });
});

test('types of the schema file as Athena spells them', () => {
  const types = ['string', 'bigint', 'decimal(38,12)', 'timestamp', 'array<bigint>', 'map<string,string>'];
  expect(types.map(trinoType)).toEqual([
    'varchar',
    'bigint',
    'decimal(38,12)',
    'timestamp',
    'array(bigint)',
    'map(varchar, varchar)',
  ]);
  expect(fromText('"x"', 'string')).toBe('"x"');
  expect(fromText('"x"', 'map<string,string>')).toBe('cast(json_parse("x") as map(varchar, varchar))');
});

describe('cells', () => {
  test.each([
    [undefined, 'varchar', null],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    ['42', 'integer', 42],
    ['1.5E10', 'double', 1.5e10],
    ['9007199254740993', 'bigint', '9007199254740993'],
    ['0.100000000000', 'decimal', '0.100000000000'],
    ['2026-11-01 01:02:03.004', 'timestamp', '2026-11-01 01:02:03.004'],
    ['2026-11-01 01:02:03.040', 'timestamp', '2026-11-01 01:02:03.04'],
    ['2026-11-01 10:20:30.000', 'timestamp', '2026-11-01 10:20:30'],
    ['2026-11-01', 'date', '2026-11-01'],
    ['', 'varchar', ''],
  ])('%s of type %s', (text, type, expected) => {
    expect(plainValue(text, type)).toBe(expected);
  });
});

describe('lists and maps', () => {
  test.each([
    ['[-9223372036854775808,7]', 'array(bigint)', ['-9223372036854775808', '7']],
    ['[1.5,2]', 'array(double)', [1.5, 2]],
    ['{"a":"1, 2","b=c":"{x}"}', 'map(varchar, varchar)', { a: '1, 2', 'b=c': '{x}' }],
    ['{"a":0.100000000000}', 'map(varchar, decimal(38,12))', { a: '0.100000000000' }],
    ['[["a"],[]]', 'array(array(varchar))', [['a'], []]],
    ['[null,"x"]', 'array(varchar)', [null, 'x']],
    ['[]', 'array(bigint)', []],
  ])('%s of type %s', (json, type, expected) => {
    expect(nestedValue(json, type)).toEqual(expected);
  });

  test('no value is null, and rows are not guessed at', () => {
    expect(nestedValue(undefined, 'array(bigint)')).toBeNull();
    expect(() => nestedValue('{"f":1}', 'row(f bigint)')).toThrow(/not read/);
  });
});
