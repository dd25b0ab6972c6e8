/** CSV as another program reads it: the same cells, but for the apostrophe before what a spreadsheet would run. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvText } from '../../bin/csv-text.ts';
import { formatRows } from '../../bin/rows-text.ts';

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('=1+1', '+1', '-1', '-1-1', '@x', '\t=1', '\r=1', '\n=1', '＝1', '－5', '"', 'a,b', 'a\r\nb', '-2.5'),
);

test('cells come back as they were; no cell of a text column begins as a formula does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
      const read = parse(csvText(['a', 'b'], rows));
      expect(read).toHaveLength(rows.length + 1);
      rows.forEach((row, i) => {
        row.forEach((text, j) => {
          const found = read[i + 1]?.[j] ?? '';
          expect([text, `'${text}`]).toContain(found);
          const isNumber = /^-?\d+(\.\d+)?$/.test(text);
          const isFormula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(found);
          expect(isFormula && !isNumber).toBe(false);
        });
      });
    }),
  );
});

test('a minus is a sign in a column of numbers and a formula among texts', () => {
  expect(
    csvText(
      ['n', 't'],
      [
        ['-1', '-1'],
        ['2.50', 'x'],
        ['', '+1'],
      ],
    ),
  ).toBe("n,t\r\n-1,'-1\r\n2.50,x\r\n,'+1\r\n");
});

test('rows of a result: exact decimals stay numbers, names do not', () => {
  const rows = [
    { team: '=HYPERLINK("http://x")', change: '-0.000000000001', tags: { b: '1', a: '@' } },
    { team: '-2', change: null, tags: null },
  ];
  expect(parse(formatRows(rows, 'csv'))).toEqual([
    ['team', 'change', 'tags'],
    [`'=HYPERLINK("http://x")`, '-0.000000000001', '{"a":"@","b":"1"}'],
    ["'-2", '', ''],
  ]);
});
