/** Every sample log gives the same items in every container and spelling in which it may arrive; the plain one is parsed independently. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { inShort, itemsOf } from './read-all.ts';

const FOLDER = fileURLToPath(new URL('../golden/samples/', import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => /\.(jsonl?|csv|out|gz)$/.test(name));

function sampleText(name: string): string {
  const bytes = readFileSync(`${FOLDER}${name}`);
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** What the items of a sample must be, told without the code under test. */
function expectedItems(name: string, text: string): unknown[] {
  if (name.endsWith('.csv')) {
    return ['skip csv_header', ...parse(text, { bom: true, columns: true })];
  }
  try {
    const whole = JSON.parse(text) as unknown;
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  }
}

const halves = (bytes: Buffer): [Buffer, Buffer] => [
  bytes.subarray(0, bytes.length >> 1),
  bytes.subarray(bytes.length >> 1),
];

test('there are samples', () => {
  expect(NAMES.length).toBeGreaterThan(15);
});

describe.each(NAMES)('%s', (name) => {
  const text = sampleText(name);
  const bytes = Buffer.from(text, 'utf8');
  const expected = expectedItems(name, text);
  const variants: Record<string, Uint8Array> = {
    'as it is': bytes,
    gzip: gzipSync(bytes),
    'gzip, two members': Buffer.concat(halves(bytes).map((half) => gzipSync(half))),
    'zstd, two frames': Buffer.concat(halves(bytes).map((half) => zstdCompressSync(half))),
    zip: zipSync({ [name]: bytes }),
    CRLF: Buffer.from(text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'), 'utf8'),
    'byte order mark': Buffer.from(`\ufeff${text}`, 'utf8'),
    'no final line end': Buffer.from(text.trimEnd(), 'utf8'),
    'UTF-16': Buffer.from(`\ufeff${text}`, 'utf16le'),
  };

  test.each(Object.entries(variants))('%s', async (_, variant) => {
    expect(inShort(await itemsOf(variant))).toEqual(expected);
    expect(inShort(await itemsOf(variant, 997))).toEqual(expected);
  });
});

describe.each(NAMES.filter((name) => !name.endsWith('.csv')))('%s', (name) => {
  const expected = expectedItems(name, sampleText(name));

  test('as a list and one after the other', async () => {
    const items = expected.map((value) => JSON.stringify(value));
    expect(inShort(await itemsOf(`[${items.join(',')}]`))).toEqual(expected);
    expect(inShort(await itemsOf(`[\n${items.join(',\n')}\n]\n`))).toEqual(expected);
    expect(inShort(await itemsOf(expected.map((value) => JSON.stringify(value, null, 2)).join('\n')))).toEqual(
      expected,
    );
    expect(inShort(await itemsOf(`${items.join('\n')}\n`))).toEqual(expected);
  });
});
