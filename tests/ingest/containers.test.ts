/** Containers: what is inside comes out whole, and where it breaks, everything before the break survives and the break is named. */
import { createHash } from 'node:crypto';
import { brotliCompressSync, crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { Zip, ZipDeflate, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { UnreadableObject } from '../../lib/errors.ts';
import { inChunks, inShort, itemsOf, jsonLines, readAll } from './read-all.ts';

const TEXT = jsonLines(20_000);
const PLAIN = Buffer.from(TEXT, 'utf8');
const HALF = TEXT.indexOf('\n', TEXT.length / 2) + 1;
const VALUES = TEXT.trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown);

/** A gzip member with every optional field of its header, made by hand after RFC 1952. */
function gzipWithAllFields(text: string): Buffer {
  const data = Buffer.from(text, 'utf8');
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length, 4);
  const header = Buffer.from([0x1f, 0x8b, 8, 0b11111, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3]);
  return Buffer.concat([
    header,
    Buffer.from('name.jsonl\0comment\0'),
    Buffer.from([9, 9]),
    deflateRawSync(data),
    trailer,
  ]);
}

describe('gzip', () => {
  test('one member, several, many tiny ones, and members cut inside a line', async () => {
    expect(inShort(await itemsOf(gzipSync(PLAIN)))).toEqual(VALUES);
    const halves = [PLAIN.subarray(0, HALF - 20), PLAIN.subarray(HALF - 20)].map((half) => gzipSync(half));
    for (const chunkBytes of [1, 999, 65_536, 1 << 20])
      expect(inShort(await itemsOf(Buffer.concat(halves), chunkBytes))).toEqual(VALUES);
    const tiny = Buffer.concat(VALUES.slice(0, 300).map((value) => gzipSync(`${JSON.stringify(value)}\n`)));
    for (const chunkBytes of [1, 65_536])
      expect(inShort(await itemsOf(tiny, chunkBytes))).toEqual(VALUES.slice(0, 300));
  });

  test('all fields a header can have', async () => {
    const bytes = Buffer.concat([gzipWithAllFields('{"a":1}\n'), gzipWithAllFields('{"a":2}\n')]);
    for (const chunkBytes of [1, 5, 1000])
      expect(inShort(await itemsOf(bytes, chunkBytes))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('zero padding is nothing, also between members; other bytes behind the end are one named skip', async () => {
    const member = gzipSync('{"a":1}\n');
    const padded = Buffer.concat([member, Buffer.alloc(600), member, Buffer.alloc(100_000)]);
    expect(inShort(await itemsOf(padded, 50))).toEqual([{ a: 1 }, { a: 1 }]);
    for (const junk of ['garbage', '\u001f', '\0\0x', '{"a":2}\n']) {
      expect(inShort(await itemsOf(Buffer.concat([gzipSync(PLAIN), Buffer.from(junk)])))).toEqual([
        ...VALUES,
        'skip trailing_bytes',
      ]);
    }
  });

  test('cut anywhere: every complete line before the cut survives, then exactly one reject', async () => {
    const whole = gzipSync(PLAIN);
    for (const cut of [
      2,
      5,
      9,
      10,
      11,
      500,
      66_000,
      whole.length >> 1,
      whole.length - 9,
      whole.length - 8,
      whole.length - 1,
    ]) {
      const items = inShort(await itemsOf(whole.subarray(0, cut)));
      expect([cut, items.at(-1)]).toEqual([cut, 'bad truncated_container']);
      expect(items.slice(0, -1)).toEqual(VALUES.slice(0, items.length - 1));
      expect(inShort(await itemsOf(whole.subarray(0, cut), 777))).toEqual(items);
    }
  });

  test('a cut inside the checksum costs no line', async () => {
    const whole = gzipSync(PLAIN);
    for (const missing of [1, 4, 8]) {
      expect(inShort(await itemsOf(whole.subarray(0, whole.length - missing)))).toEqual([
        ...VALUES,
        'bad truncated_container',
      ]);
    }
  });

  test('a cut keeps more than nine tenths of what lies before it', async () => {
    const whole = gzipSync(PLAIN);
    const items = await itemsOf(whole.subarray(0, Math.floor(whole.length * 0.9)));
    expect(items.length).toBeGreaterThan(VALUES.length * 0.8);
  });

  test('damaged bytes and a wrong checksum are named; a checksum costs no line', async () => {
    const damaged = Buffer.from(gzipSync(PLAIN));
    damaged.fill(0xee, damaged.length >> 1, (damaged.length >> 1) + 40);
    expect(inShort(await itemsOf(damaged)).at(-1)).toBe('bad corrupt_container');
    const wrong = Buffer.from(gzipSync(PLAIN));
    wrong.writeUInt32LE(1, wrong.length - 8);
    expect(inShort(await itemsOf(Buffer.concat([wrong, gzipSync('{"b":1}\n')])))).toEqual([
      ...VALUES,
      { b: 1 },
      'bad corrupt_container',
    ]);
  });

  test('a cut array or CSV ends with the one reject of the container', async () => {
    const array = gzipSync(JSON.stringify(VALUES));
    const fromArray = inShort(await itemsOf(array.subarray(0, array.length - 500)));
    expect(fromArray.slice(0, -1)).toEqual(VALUES.slice(0, fromArray.length - 1));
    expect(fromArray.at(-1)).toBe('bad truncated_container');
    const csv = gzipSync(`a,b\n${Array.from({ length: 9000 }, (_, i) => `${i},${i * 7919}\n`).join('')}`);
    const rows = inShort(await itemsOf(csv.subarray(0, csv.length - 300)));
    expect(rows.at(-1)).toBe('bad truncated_container');
    rows.slice(1, -1).forEach((row, i) => expect(row).toEqual({ a: String(i), b: String(i * 7919) }));
  });

  test('a name says nothing: an inflated .gz is read, and text that begins like gzip is text', async () => {
    expect(inShort(await itemsOf('{"a":1}\n'))).toEqual([{ a: 1 }]);
    expect(inShort(await itemsOf(Buffer.from([0x1f, 0x8b, 7, 10])))).toEqual(['bad not_json']);
  });
});

describe('zstd', () => {
  test('several frames and frames to skip', async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    const [one, two] = [PLAIN.subarray(0, HALF), PLAIN.subarray(HALF)].map((half) => zstdCompressSync(half));
    const bytes = Buffer.concat([skippable, one as Buffer, skippable, two as Buffer, Buffer.alloc(9)]);
    for (const chunkBytes of [100, bytes.length]) expect(inShort(await itemsOf(bytes, chunkBytes))).toEqual(VALUES);
  });

  test('cut: complete lines, then one reject', async () => {
    const whole = zstdCompressSync(PLAIN);
    const items = inShort(await itemsOf(whole.subarray(0, whole.length - 10)));
    expect(items.at(-1)).toBe('bad truncated_container');
    expect(items.length).toBeGreaterThan(2);
    expect(items.slice(0, -1)).toEqual(VALUES.slice(0, items.length - 1));
  });
});

/** An archive as a streaming writer makes it: sizes and checksums stand behind the data. */
function streamedZip(files: Record<string, string>): Buffer {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  for (const [name, text] of Object.entries(files)) {
    const entry = new ZipDeflate(name);
    zip.add(entry);
    entry.push(Buffer.from(text, 'utf8'), true);
  }
  zip.end();
  return Buffer.concat(chunks);
}

describe('zip', () => {
  const text = Buffer.from(TEXT.slice(0, HALF), 'utf8');
  const rest = Buffer.from(TEXT.slice(HALF), 'utf8');

  test('entries in their order, numbered through; folders and side files of macOS are nothing', async () => {
    const archive = zipSync({
      'logs/': new Uint8Array(0),
      'logs/a.jsonl': text,
      '__MACOSX/logs/._a.jsonl': rest,
      'logs/b.json': [rest, { level: 0 }],
    });
    for (const chunkBytes of [1000, archive.length]) {
      const items = await itemsOf(archive, chunkBytes);
      expect(inShort(items)).toEqual(VALUES);
      expect(items.at(-1)?.line).toBe(VALUES.length);
    }
  });

  test('entries of a streaming writer, of every layout, compressed again inside', async () => {
    const archive = streamedZip({ 'a.jsonl': TEXT, 'b.json': '[{"b":1},{"b":2}]', 'c.csv': 'x,y\n1,2\n' });
    expect(inShort(await itemsOf(archive, 4096))).toEqual([
      ...VALUES,
      { b: 1 },
      { b: 2 },
      'skip csv_header',
      { x: '1', y: '2' },
    ]);
    const nested = zipSync({ 'a.jsonl.gz': gzipSync('{"a":1}\n'), 'b.zst': zstdCompressSync(Buffer.from('{"b":2}')) });
    expect(inShort(await itemsOf(nested))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('signatures inside the data of a stored entry do not cut it', async () => {
    const tricky = Buffer.from('{"a":"...."}\n', 'utf8');
    tricky.write('PK\x03\x04', 6, 'latin1');
    const items = await itemsOf(zipSync({ 'a.jsonl': [tricky, { level: 0 }], 'b.jsonl': Buffer.from('{"b":1}') }));
    expect(inShort(items)).toEqual(['bad not_json', { b: 1 }]);
  });

  test('an empty archive is nothing', async () => {
    expect(await itemsOf(zipSync({}))).toEqual([]);
  });

  test('cut or damaged: what came before survives and the break is named once', async () => {
    const archive = Buffer.from(zipSync({ 'a.jsonl': text, 'b.jsonl': rest }));
    const second = archive.indexOf('b.jsonl') - 30;
    const cutBetween = inShort(await itemsOf(archive.subarray(0, second)));
    expect(cutBetween.at(-1)).toBe('bad truncated_container');
    expect(cutBetween.slice(0, -1)).toEqual(VALUES.slice(0, cutBetween.length - 1));
    expect(cutBetween).toHaveLength(TEXT.slice(0, HALF).trimEnd().split('\n').length + 1);
    expect(
      inShort(await itemsOf(archive.subarray(0, second + 200))).filter((item) => typeof item === 'string'),
    ).toEqual(['bad truncated_container']);
    const wrongCrc = Buffer.from(archive);
    wrongCrc.writeUInt32LE(1, 14);
    expect(inShort(await itemsOf(wrongCrc)).filter((item) => typeof item === 'string')).toEqual([
      'bad corrupt_container',
    ]);
    expect(await itemsOf(wrongCrc)).toHaveLength(VALUES.length + 1);
  });

  test('an encrypted entry is named and the others are read', async () => {
    const archive = Buffer.from(zipSync({ 'a.jsonl': Buffer.from('{"a":1}'), 'b.jsonl': Buffer.from('{"b":1}') }));
    archive.writeUInt16LE(1, 6);
    const items = await itemsOf(archive);
    expect(inShort(items)).toEqual(['bad corrupt_container', { b: 1 }]);
    expect(JSON.stringify(items[0])).toContain('encrypted');
  });
});

describe('Parquet', () => {
  const columns = [
    { name: 'model', data: ['gpt-4o', 'o3', null], type: 'STRING' as const },
    { name: 'tokens', data: [1n, 9_007_199_254_740_993n, 3n], type: 'INT64' as const },
    { name: 'cost', data: [0.5, Number.NaN, 2], type: 'DOUBLE' as const },
    { name: 'at', data: [new Date(0), new Date(1000), new Date(2000)], type: 'TIMESTAMP' as const },
  ];

  test('rows become JSON values; what JSON cannot say is text or null', async () => {
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: columns, rowGroupSize: 2 }));
    expect(inShort(await itemsOf(bytes, 100))).toEqual([
      { model: 'gpt-4o', tokens: 1, cost: 0.5, at: '1970-01-01T00:00:00.000Z' },
      { model: 'o3', tokens: '9007199254740993', cost: null, at: '1970-01-01T00:00:01.000Z' },
      { model: null, tokens: 3, cost: 2, at: '1970-01-01T00:00:02.000Z' },
    ]);
    expect(inShort(await itemsOf(gzipSync(bytes)))).toHaveLength(3);
  });

  test('zstd, gzip and brotli pages', async () => {
    const compressors = { ZSTD: zstdCompressSync, GZIP: gzipSync, BROTLI: brotliCompressSync };
    for (const codec of ['ZSTD', 'GZIP', 'BROTLI'] as const) {
      const data = Array.from({ length: 500 }, () => 'gpt-4o-mini');
      const bytes = parquetWriteBuffer({ columnData: [{ name: 'model', data }], codec, compressors });
      expect(inShort(await itemsOf(new Uint8Array(bytes)))).toEqual(data.map((model) => ({ model })));
    }
  });

  test('a file that is none is unreadable as a whole', async () => {
    await expect(itemsOf('PAR1 and then nothing')).rejects.toThrow(UnreadableObject);
  });
});

describe('limits', () => {
  test('a bomb is refused by its ratio or its size, with the setting to change', async () => {
    const bomb = gzipSync(Buffer.alloc(300 << 20, 'x'), { level: 1 });
    await expect(itemsOf(bomb, 65_536, { maxInflateRatio: 100 })).rejects.toThrow(/limits\.max_inflate_ratio/);
    await expect(itemsOf(bomb, 65_536, { maxInflatedBytes: 1 << 20 })).rejects.toThrow(/limits\.max_inflated_bytes/);
    const archive = streamedZip({ a: 'x'.repeat(2 << 20) });
    await expect(itemsOf(archive, 65_536, { maxInflatedBytes: 1 << 20 })).rejects.toMatchObject({
      reason: 'too_large',
    });
  });

  test('containers in containers end at two', async () => {
    const twice = gzipSync(gzipSync('{"a":1}'));
    expect(inShort(await itemsOf(twice))).toEqual([{ a: 1 }]);
    await expect(itemsOf(gzipSync(twice))).rejects.toMatchObject({ reason: 'unsupported' });
  });
});

describe('text encodings', () => {
  test('UTF-8 and UTF-16 with byte order marks, in any chunks', async () => {
    const text = '{"a":"Größe 漢字 🙂"}\r\n{"b":2}\r\n';
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    const encodings = { utf8: Buffer.from(`\ufeff${text}`), little, big: Buffer.from(little).swap16() };
    for (const [name, bytes] of Object.entries(encodings)) {
      for (const chunkBytes of [1, 3, 1000])
        expect([name, ...inShort(await itemsOf(bytes, chunkBytes))]).toEqual([name, { a: 'Größe 漢字 🙂' }, { b: 2 }]);
      expect(inShort(await itemsOf(gzipSync(bytes)))).toHaveLength(2);
    }
  });
});

test('whatever happens inside, the whole body is read, so that its digest is the digest of the object', async () => {
  const zip = Buffer.from(zipSync({ 'a.jsonl': Buffer.from('{"a":1}') }));
  const encrypted = Buffer.from(zip);
  encrypted.writeUInt16LE(9, 6);
  const bodies = [
    PLAIN,
    Buffer.concat([gzipSync('{"a":1}'), Buffer.alloc(200_000, 7)]),
    zip,
    encrypted,
    gzipSync(PLAIN).subarray(0, 9000),
  ];
  for (const bytes of bodies) {
    const digest = createHash('sha256');
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const chunk of inChunks(bytes, 1000)) {
        digest.update(chunk);
        yield chunk;
      }
    }
    await readAll(watched());
    expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
