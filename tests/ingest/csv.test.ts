/** CSV: recognized by its header, every row one item, and no row with silently empty counts. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../lib/ingest/layout.ts';
import { inShort, itemsOf } from './read-all.ts';

const layout = (text: string): unknown => layoutOf(Buffer.from(text, 'utf8'));

describe('layout', () => {
  test('a header of names is CSV, with its delimiter', () => {
    expect(layout('model,input_tokens,cost\n')).toEqual({ kind: 'csv', delimiter: ',' });
    expect(layout('"Date";"Spend ($)";"Requests, total"\r\n1;2;3\r\n')).toEqual({ kind: 'csv', delimiter: ';' });
    expect(layout('model\ttokens\n')).toEqual({ kind: 'csv', delimiter: '\t' });
    expect(layout('usage_date_utc,model,context_window\n2026-08-01,x,"≤ 200k"\n')).toEqual({
      kind: 'csv',
      delimiter: ',',
    });
    expect(layout('x_amount,y/z,"Cost (USD)"')).toEqual({ kind: 'csv', delimiter: ',' });
  });

  test('prose, numbers and the tail of a JSON line are not', () => {
    for (const text of [
      'just a word\n',
      '1,2,3\n4,5,6\n',
      '"b":"x","c":1}\n',
      'Starting, please wait\n{"a":1}\n',
      '',
    ]) {
      expect([text, layout(text)]).toEqual([text, { kind: 'lines' }]);
    }
  });

  test('JSON is told from its first value, however long the lines are', () => {
    expect(layout('{"a":1}\n{"a":2}\n')).toEqual({ kind: 'lines' });
    expect(layout('{"a":1}')).toEqual({ kind: 'lines' });
    expect(layout('{\n"a":1}')).toEqual({ kind: 'documents' });
    expect(layout('[{"a":1}]')).toEqual({ kind: 'documents' });
    expect(layout(`{"a":[\n${'{"b":1},\n'.repeat(10_000)}`)).toEqual({ kind: 'documents' });
    expect(layout(`{"a":"${'x'.repeat(70_000)}`)).toEqual({ kind: 'documents' });
  });

  test('lines longer than the first look', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(400_000) });
    const items = await itemsOf(`${long}\n{"a":\n${long}\n${long}\n{"b":1}\n`, 60_000);
    expect(items.map((item) => ('value' in item ? 'value' : inShort([item])[0]))).toEqual([
      'value',
      'bad not_json',
      'value',
      'value',
      'value',
    ]);
    const huge = JSON.stringify({ text: 'x'.repeat(3_000_000) });
    expect(await itemsOf(`${huge}\n${huge}\n{"b":1}\n`, 60_000)).toHaveLength(3);
  });
});

describe('rows', () => {
  test('quotes, line ends inside quotes, CRLF, a mark, and a header that is line 1', async () => {
    const items = await itemsOf('\ufeff name ,count\r\n"a ""b""\nc",1\r\n\r\n"x, y",2');
    expect(items).toEqual([
      { skip: 'csv_header', line: 1 },
      { value: { name: 'a "b"\nc', count: '1' }, header: ['name', 'count'], line: 2 },
      { value: { name: 'x, y', count: '2' }, header: ['name', 'count'], line: 3 },
    ]);
  });

  test('a row with too few or too many fields is a reject; empty fields too many are not', async () => {
    expect(inShort(await itemsOf('a,b\n1\n1,2,3\n1,2,\n1,2,,\n3,4\n'))).toEqual([
      'skip csv_header',
      'bad csv_columns',
      'bad csv_columns',
      { a: '1', b: '2' },
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  test('the rows before a quote that never closes survive, in any chunks', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `${i},x\n`).join('');
    for (const chunkBytes of [10, 5000, 1_000_000]) {
      const items = inShort(await itemsOf(`a,b\n${rows}"open,1\n2,3\n`, chunkBytes));
      expect(items.slice(0, 3)).toEqual(['skip csv_header', { a: '0', b: 'x' }, { a: '1', b: 'x' }]);
      expect(items).toHaveLength(3002);
      expect(items.at(-1)).toBe('bad broken_csv');
    }
  });

  test('a stray quote inside a field is text', async () => {
    expect(inShort(await itemsOf('size,n\n5" disk,1\n'))).toEqual(['skip csv_header', { size: '5" disk', n: '1' }]);
  });

  test('a header alone, and names that mean something to JavaScript', async () => {
    expect(inShort(await itemsOf('a,b\n'))).toEqual(['skip csv_header']);
    const [, row] = await itemsOf(gzipSync('__proto__,constructor\n1,2\n'));
    expect(row && 'value' in row && Object.entries(row.value as object)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test('a record longer than the limit is named', async () => {
    const items = inShort(await itemsOf(`a,b\n1,${'x'.repeat(5000)}\n3,4\n`, 100, { maxLineBytes: 1000 }));
    expect(items[0]).toBe('skip csv_header');
    expect(items).toContain('bad broken_csv');
  });
});
