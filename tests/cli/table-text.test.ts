/** Tables on terminals of any width: nothing wider than it, no figure cut, in signs of any kind. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fittedWidths, renderTable } from '../../bin/table-text.ts';
import type { TextColumn } from '../../bin/table-text.ts';
import { brokenToWidth, cutToWidth, textWidth } from '../../bin/text-width.ts';

const NAMES = ['search', 'データ基盤チーム', '🧑‍🚀 crew', 'a'.repeat(300), '=cmd()', 'x\u202ey\nz', '', 'é́́'];
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'grapheme', maxLength: 60 }));
const figure = fc.bigInt({ min: 0n, max: 10n ** 15n }).map((n) => n.toLocaleString('en-US'));
const columnsOf = (texts: number, figures: number): TextColumn[] => [
  ...Array.from({ length: texts }, (_, i) => ({ title: `name ${i}` })),
  ...Array.from({ length: figures }, (_, i) => ({ title: `token value, not spend ${i}`, align: 'right' as const })),
];
const table = fc
  .record({ texts: fc.integer({ min: 1, max: 4 }), figures: fc.integer({ min: 0, max: 6 }) })
  .chain(({ texts, figures }) =>
    fc.record({
      columns: fc.constant(columnsOf(texts, figures)),
      rows: fc.array(
        fc
          .tuple(
            fc.array(name, { minLength: texts, maxLength: texts }),
            fc.array(figure, { minLength: figures, maxLength: figures }),
          )
          .map(([names, numbers]) => [...names, ...numbers]),
        { maxLength: 5 },
      ),
    }),
  );

test('no line is wider than the terminal, and every figure stands whole', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 40, max: 200 }), ({ columns, rows }, width) => {
      const text = renderTable(columns, rows, { width });
      for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
      const figures = rows.flatMap((row) => row.filter((_, i) => columns[i]?.align === 'right'));
      const found = text.split(/\s+/);
      for (const number of figures) expect(found).toContain(number);
    }),
  );
});

describe('a table', () => {
  const columns = columnsOf(1, 2);
  const rows = [
    ['a team with a rather long name', '1,234,567,890', '12'],
    ['b', '5', ''],
  ];

  test('keeps its headings in a line where there is room', () => {
    expect(renderTable(columns, rows, { width: 100 }).split('\n')).toEqual([
      'name 0                          token value, not spend 0  token value, not spend 1',
      'a team with a rather long name             1,234,567,890                        12',
      'b                                                      5',
    ]);
  });

  test('breaks headings, then cuts texts', () => {
    expect(renderTable(columns, rows, { width: 44 }).split('\n')).toEqual([
      '                                       token',
      '                                      value,',
      '                                         not',
      '                        token value,   spend',
      'name 0                   not spend 0       1',
      'a team with a rather…  1,234,567,890      12',
      'b                                  5',
    ]);
  });

  test('makes lines of a row where figures alone are too wide', () => {
    const wide = columnsOf(1, 3);
    const row = ['search', '1,234,567,890', '1,234,567,890', ''];
    expect(renderTable(wide, [row], { width: 40 })).toBe(
      'name 0: search\n  token value, not spend 0\n    1,234,567,890\n  token value, not spend 1\n    1,234,567,890',
    );
  });

  test('whose texts must stay whole is stacked rather than cut', () => {
    const text = renderTable([{ title: 'id' }, { title: 'row' }], [['a', 'x'.repeat(50)]], {
      width: 40,
      isWhole: true,
    });
    expect(text).not.toContain('…');
    expect(text.replaceAll(/\s/g, '')).toBe(`id:arow${'x'.repeat(50)}`);
  });

  test('has no colors where there is no terminal', () => {
    expect(renderTable(columns, rows, { width: 60 })).not.toContain('\u001b');
  });
});

test('widths: what is left goes to the texts that were cut most', () => {
  expect(fittedWidths(['a', 'b', 'c'], [30, 20, 5], [true, true, false], 45)).toEqual([20, 20, 5]);
  expect(fittedWidths(['a', 'b', 'c'], [30, 20, 5], [true, true, false], 55)).toEqual([30, 20, 5]);
  expect(fittedWidths(['a', 'b'], [30, 31], [true, false], 40)).toBeNull();
});

test('texts are cut between signs, and broken at spaces', () => {
  expect(cutToWidth('データ基盤', 5)).toBe('デー…');
  expect(cutToWidth('👩‍🚀👩‍🚀👩‍🚀', 4)).toBe('👩‍🚀…');
  expect(brokenToWidth('one two three', 7)).toEqual(['one two', 'three']);
  expect(brokenToWidth('x'.repeat(9), 4)).toEqual(['xxxx', 'xxxx', 'x']);
  expect(textWidth('日本')).toBe(4);
});
