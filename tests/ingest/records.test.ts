/** Items of an object: one for every line, whatever is in it and however it arrives. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAt, inShort, itemsOf, readAll } from './read-all.ts';

/** Fifteen lines of which parsers lose or bend some; made for this project's format facts. */
const BAD_LINES = readFileSync(fileURLToPath(new URL('bad-lines.jsonl', import.meta.url)));

const EXPECTED_BAD_LINES = [
  { a: 1, b: 'x' },
  { a: 'many', b: 'y' },
  'bad not_json',
  { a: 3, b: 'good line after a truncated one' },
  null,
  { a: 1.5, b: 'a fraction must not be rounded to a token count' },
  { a: 2 ** 53, b: 'above 2^53' },
  { a: 6, b: 'duplicate key' },
  'skip blank',
  { a: 7, b: 'lone surrogate \ud83d' },
  [1, 2],
  'bad not_json',
  { a: -5, b: 'negative' },
  { a: 1000, b: 'exponent' },
  { a: 9, b: 'end' },
];

describe('JSON Lines', () => {
  test('every line is a value, a named skip or a reject, with its number', async () => {
    const items = await itemsOf(BAD_LINES);
    expect(inShort(items)).toEqual(EXPECTED_BAD_LINES);
    expect(items.map((item) => item.line)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  });

  test('rejects name what is wrong and never the text', async () => {
    const [item] = await itemsOf('{"prompt":"CANARY-7731", oops}\n');
    expect(JSON.stringify(item)).toBe('{"bad":"not_json","detail":"the line is not valid JSON","line":1}');
  });

  test('a broken first line costs one line', async () => {
    for (const first of [
      '{"a":2,"b":',
      '{"a":"cut in a te',
      '{"a":[1,',
      '{"a":nope}',
      '"tail":3}',
      'Traceback (most recent call)',
    ]) {
      const items = await itemsOf(`${first}\n{"a":1}\n{"a":2}\n`);
      expect([first, ...inShort(items)]).toEqual([first, 'bad not_json', { a: 1 }, { a: 2 }]);
    }
  });

  test('CRLF, a missing last line end, blank lines and marks in front of a line change no value', async () => {
    expect(inShort(await itemsOf('{"a":1}\r\n\r\n{"a":2}\r\n{"a":3}'))).toEqual([
      { a: 1 },
      'skip blank',
      { a: 2 },
      { a: 3 },
    ]);
    expect(inShort(await itemsOf('\uFEFF{"a":1}\n\uFEFF{"a":2}\n\u001e{"a":3}\n'))).toEqual([
      { a: 1 },
      { a: 2 },
      { a: 3 },
    ]);
  });

  test('values glued together on one line stay one line', async () => {
    const items = await itemsOf('{"a":1}\n{"a":"}{"}{"a":3} {"a":4}\n{"a":5}\n');
    expect(inShort(items)).toEqual([{ a: 1 }, { records: [{ a: '}{' }, { a: 3 }, { a: 4 }] }, { a: 5 }]);
    expect(inShort(await itemsOf('{"a":1}\n{"a":2}{"a":\n'))).toEqual([{ a: 1 }, 'bad not_json']);
  });

  test('a line that is a list of records is one line with several records', async () => {
    expect(inShort(await itemsOf('[{"a":1},{"a":2}]\n[{"a":3}]\n[4]\n'))).toEqual([
      { records: [{ a: 1 }, { a: 2 }] },
      { records: [{ a: 3 }] },
      [4],
    ]);
  });

  test('bytes that are no UTF-8 are replaced and the item says so', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"é"}\n{"a":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"a":"ü"}\n'),
    ]);
    const items = await itemsOf(bytes);
    expect(inShort(items)).toEqual([{ a: 'é' }, { a: '\ufffd' }, { a: 'ü' }]);
    expect(items.map((item) => 'isInvalidUtf8' in item)).toEqual([false, true, false]);
  });

  test('a line that is too long is one reject, and the next ones are read', async () => {
    const long = `{"a":"${'x'.repeat(100)}"}`;
    for (const text of [`${long}\n{"b":1}\n`, `{"é":1}\n${long}\n{"b":1}\n`, `{"b":1}\n${long}`]) {
      for (const chunkBytes of [1, 7, 64, 1000]) {
        const items = await itemsOf(text, chunkBytes, { maxLineBytes: 50 });
        expect(inShort(items).filter((item) => item === 'bad line_too_long')).toHaveLength(1);
        expect(items).toHaveLength(text.trimEnd().split('\n').length);
      }
    }
    expect(inShort(await itemsOf(`${long}\n`, 9, { maxLineBytes: long.length }))).toEqual([{ a: 'x'.repeat(100) }]);
  });

  test('a value nested too deep is a reject, brackets inside texts are not', async () => {
    const deep = (levels: number): string =>
      `{"a":${'['.repeat(levels)}${']'.repeat(levels)},"pad":"${'.'.repeat(1000)}"}`;
    expect(inShort(await itemsOf(`${deep(199)}\n${deep(200)}\n${deep(100_000)}\n`)).map((item) => typeof item)).toEqual(
      ['object', 'string', 'string'],
    );
    const harmless = { text: '{[\\"'.repeat(1000) };
    expect(inShort(await itemsOf(`${JSON.stringify(harmless)}\n`))).toEqual([harmless]);
  });
});

describe('documents', () => {
  const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

  test('one document over many lines is one item', async () => {
    const report = { object: 'page', data: [{ a: 1 }, { b: '}{ "' }], has_more: false };
    expect(inShort(await itemsOf(pretty(report)))).toEqual([report]);
    expect(inShort(await itemsOf(`\n\n  ${pretty(report)}\r\n`))).toEqual([report]);
  });

  test('documents one after the other, with and without line ends between them', async () => {
    const docs = [{ a: 1, t: '}\\{' }, { b: [1, { c: '"' }] }, { d: null }];
    expect(inShort(await itemsOf(docs.map((doc) => pretty(doc)).join('\n')))).toEqual(docs);
    expect(inShort(await itemsOf(docs.map((doc) => JSON.stringify(doc)).join('')))).toEqual(docs);
    expect(inShort(await itemsOf(docs.map((doc) => JSON.stringify(doc)).join(' ,\n')))).toEqual(docs);
  });

  test('an array gives its elements, numbered from 1, whatever its layout', async () => {
    const elements = [{ a: 1 }, { b: ']' }, 'x', 3, null, [4, [5]], { c: '\\"' }];
    for (const text of [
      JSON.stringify(elements),
      pretty(elements),
      `[\n${elements.map((element) => JSON.stringify(element)).join(',\n')}\n]\n`,
      `[\n${elements.map((element) => JSON.stringify(element)).join('\n,')}]`,
    ]) {
      const items = await itemsOf(text);
      expect(inShort(items)).toEqual(elements);
      expect(items.map((item) => item.line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
    expect(await itemsOf('[]')).toEqual([]);
  });

  test('arrays one after the other and values behind them', async () => {
    expect(inShort(await itemsOf('[\n{"a":1},\n{"a":2}\n][{"a":3}]\n{"a":4}\n'))).toEqual([
      { a: 1 },
      { a: 2 },
      { a: 3 },
      { a: 4 },
    ]);
  });

  test('an envelope over lines of records is one document', async () => {
    for (const n of [1, 2, 3, 50]) {
      const records = Array.from({ length: n }, (_, i) => ({ i }));
      const text = `{"records":[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]}\n`;
      expect(inShort(await itemsOf(text))).toEqual([{ records }]);
    }
  });

  test('an array that ends early keeps its complete elements and has one reject', async () => {
    const text = '[\n {"a": 1},\n {"a": 2},\n {"a": "3';
    expect(inShort(await itemsOf(text))).toEqual([{ a: 1 }, { a: 2 }, 'bad truncated_json']);
    expect(inShort(await itemsOf(text.slice(0, text.indexOf('2') + 3)))).toEqual([
      { a: 1 },
      { a: 2 },
      'bad truncated_json',
    ]);
  });

  test('a broken element costs itself only', async () => {
    expect(inShort(await itemsOf('[\n{"a":1},\n{"a":nope},\n{"a":3}\n]'))).toEqual([
      { a: 1 },
      'bad not_json',
      { a: 3 },
    ]);
    expect(inShort(await itemsOf('[\n{"a":1} {"a":2}, x, {"a":3}]'))).toEqual([
      { a: 1 },
      { a: 2 },
      'bad not_json',
      { a: 3 },
    ]);
  });

  test('a text that never ends costs its value only, where values begin their lines', async () => {
    const array = '[\n  {"a": 1},\n  {"a": "open},\n  {"a": 3},\n  {"a": [\n    {"b": 4}]}\n]';
    expect(inShort(await itemsOf(array))).toEqual([{ a: 1 }, 'bad not_json', { a: 3 }, { a: [{ b: 4 }] }]);
    const documents = '{\n  "a": 1\n}\n{\n  "a": "open,\n  "b": 2\n\n{\n  "c": {\n    "d": 3\n  }\n}\n';
    expect(inShort(await itemsOf(documents))).toEqual([{ a: 1 }, 'bad not_json', { c: { d: 3 } }]);
  });

  test('a bracket too many, and text between documents, are rejects of their own', async () => {
    expect(inShort(await itemsOf('{\n"a":1}}\n}\nsome text, more\n{"b":2}]{"c":3}'))).toEqual([
      { a: 1 },
      'bad not_json',
      'bad not_json',
      'bad not_json',
      'bad not_json',
      { b: 2 },
      'bad not_json',
      { c: 3 },
    ]);
  });

  test('an element that is too long is one reject', async () => {
    const text = `[{"a":1},{"a":"${'x'.repeat(500)}"},{"a":3}]`;
    expect(inShort(await itemsOf(text, 10, { maxLineBytes: 100 }))).toEqual([{ a: 1 }, 'bad line_too_long', { a: 3 }]);
  });
});

describe('an object of any chunks', () => {
  const texts: Record<string, string> = {
    lines: '{"a":1}\r\n{"ü":"漢🙂\\"}"}\n\n{"a":\n[1]\nnull\n{"b":2}{"c":3}\n{"z":9}',
    documents: '{\n "a": "}\\"{",\n "ü": [1,\n {"b": "漢🙂"}]\n}\n{ "c": 2 }{"d":\n3} junk\n{"e":4}',
    array: '[ {"a":"]"} ,\n{"ü":"🙂\\\\"},3 , "x" ,[1,{"b":2}], {"cut":',
    csv: '\ufeffname,count,note\r\n"a ""q"" b",1,"two\nlines"\r\nshort,2\r\n漢🙂,3,x,\r\n',
  };

  test.each(Object.entries(texts))('%s: cut at every byte, and byte by byte', async (_, text) => {
    const bytes = Buffer.from(text, 'utf8');
    const whole = await itemsOf(bytes);
    expect(whole.length).toBeGreaterThan(3);
    expect(await itemsOf(bytes, 1)).toEqual(whole);
    for (let at = 0; at <= bytes.length; at++) expect(await readAll(cutAt(bytes, [at]))).toEqual(whole);
  });

  test('law: any text, cut anywhere, gives the same items, and JSON Lines one item for each line', async () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '\n',
      '\r\n',
      ' ',
      'a',
      '1',
      '{"a":1}',
      '漢',
      '🙂',
      '\ufeff',
      '"x"',
      ';',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        async (pieces, places) => {
          const bytes = Buffer.from(pieces.join(''), 'utf8');
          const whole = await itemsOf(bytes);
          const inside = places.filter((place) => place <= bytes.length);
          expect(await readAll(cutAt(bytes, inside))).toEqual(whole);
          expect(whole.map((item) => item.line)).toEqual(whole.map((_, i) => i + 1));
        },
      ),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { minLength: 1, maxLength: 30 }), fc.nat(30), async (lines, chunkBytes) => {
        const items = await itemsOf(`{"first":1}\n${lines.join('\n')}\n`, chunkBytes + 1);
        expect(items).toHaveLength(lines.length + 1);
      }),
      { numRuns: 100 },
    );
  });

  test('an object without content has no items', async () => {
    expect(await itemsOf('')).toEqual([]);
    expect(await itemsOf('\ufeff')).toEqual([]);
    expect(inShort(await itemsOf('\n  \n'))).toEqual(['skip blank', 'skip blank']);
  });

  test('an error of the body is thrown, not swallowed', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"a":1}\n{"a":2');
      throw new Error('the disk is gone');
    }
    await expect(readAll(failing())).rejects.toThrow('the disk is gone');
  });
});
