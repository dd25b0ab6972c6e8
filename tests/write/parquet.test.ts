import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { createParquetWriter } from '../../lib/write/parquet.ts';
import type { Cell, ParquetColumn } from '../../lib/write/parquet.ts';

let folder: string;
let engine: LocalSqlEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-parquet-'));
  engine = await openDuckDb(folder);
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

const COLUMNS: readonly ParquetColumn[] = [
  { name: 'id', type: 'string', nullable: false, unique: true },
  { name: 'team', type: 'string', nullable: true },
  { name: 'tokens', type: 'bigint', nullable: true },
  { name: 'cost', type: 'decimal(18,12)', nullable: true },
  { name: 'rate', type: 'decimal(18,15)', nullable: true },
  { name: 'seconds', type: 'double', nullable: true },
  { name: 'flag', type: 'boolean', nullable: false },
  { name: 'day', type: 'date', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'alt', type: 'array<string>', nullable: false },
  { name: 'blocks', type: 'array<bigint>', nullable: false },
  { name: 'tags', type: 'map<string,string>', nullable: false },
];

function file(rows: readonly (readonly Cell[])[], columns: readonly ParquetColumn[] = COLUMNS): Uint8Array {
  const writer = createParquetWriter<readonly Cell[]>(
    columns.map((column, i) => ({ ...column, of: (row) => row[i] as Cell })),
  );
  for (const row of rows) writer.append(row);
  return writer.finish();
}

async function viaDuckDb(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>[]> {
  await writeFile(join(folder, 'one.parquet'), bytes);
  return await engine.query(`select * from read_parquet('${join(folder, 'one.parquet')}')`);
}

async function viaHyparquet(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return await parquetReadObjects({
    file: buffer,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
}

describe('the Parquet writer, read by engines that are not ours', () => {
  test('maps of numbers come back exactly, with whatever name', async () => {
    const maps: Readonly<Record<string, number>>[] = [
      { llama3: 9_007_199_254_740_991, 'a "b" 漢': 0 },
      {},
      { '': -1, x: 2, y: 3 },
    ];
    const bytes = file(
      maps.map((map) => [map]),
      [{ name: 'tokens', type: 'map<string,bigint>', nullable: false }],
    );
    const texts = maps.map((map) => Object.fromEntries(Object.entries(map).map(([name, n]) => [name, String(n)])));
    expect(await viaDuckDb(bytes)).toEqual(texts.map((tokens) => ({ tokens })));
    const read = await viaHyparquet(bytes);
    expect(
      read.map(({ tokens }) =>
        Object.fromEntries(Object.entries(tokens as object).map(([name, n]) => [name, String(n)])),
      ),
    ).toEqual(texts);
  });

  test('types, nulls, signs and nesting come back exactly', async () => {
    const at = Date.UTC(2026, 10, 2, 23, 59, 59, 999);
    const rows: Cell[][] = [
      [
        'a',
        'search',
        9007199254740991,
        123456789012345678n,
        999999999999999999n,
        0.5,
        true,
        20000,
        at,
        ['x', 'é漢🙂'],
        [1n, -(2n ** 63n)],
        { k: 'v', q: '"' },
      ],
      ['b', null, null, null, null, null, false, -1, 0, [], [], {}],
      ['c', '', -5, -1, 0, -1.25, true, 0, at, [''], [0n], { '': '' }],
    ];
    expect(await viaDuckDb(file(rows))).toEqual([
      {
        id: 'a',
        team: 'search',
        tokens: '9007199254740991',
        cost: '123456.789012345678',
        rate: '999.999999999999999',
        seconds: 0.5,
        flag: true,
        day: '2024-10-04',
        at: '2026-11-02 23:59:59.999',
        alt: ['x', 'é漢🙂'],
        blocks: ['1', '-9223372036854775808'],
        tags: { k: 'v', q: '"' },
      },
      {
        id: 'b',
        team: null,
        tokens: null,
        cost: null,
        rate: null,
        seconds: null,
        flag: false,
        day: '1969-12-31',
        at: '1970-01-01 00:00:00',
        alt: [],
        blocks: [],
        tags: {},
      },
      {
        id: 'c',
        team: '',
        tokens: '-5',
        cost: '-0.000000000001',
        rate: '0.000000000000000',
        seconds: -1.25,
        flag: true,
        day: '1970-01-01',
        at: '2026-11-02 23:59:59.999',
        alt: [''],
        blocks: ['0'],
        tags: { '': '' },
      },
    ]);
  });

  test('an empty file has its columns and no rows', async () => {
    expect(await viaDuckDb(file([]))).toEqual([]);
  });

  test('a second reader (hyparquet) agrees, on any rows', async () => {
    const cell = fc.record({
      id: fc.string({ unit: 'grapheme', maxLength: 12 }),
      team: fc.option(fc.constantFrom('a', 'b', 'c')),
      tokens: fc.option(fc.maxSafeInteger()),
      seconds: fc.option(fc.double({ noNaN: true })),
      flag: fc.boolean(),
      alt: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
    });
    const columns = COLUMNS.filter((c) => ['id', 'team', 'tokens', 'seconds', 'flag', 'alt'].includes(c.name));
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 60 }), async (rows) => {
        const bytes = file(
          rows.map((r) => [r.id, r.team, r.tokens, r.seconds, r.flag, r.alt]),
          columns,
        );
        const back = await viaHyparquet(bytes);
        expect(back.map((r) => ({ ...r, alt: r['alt'] ?? [] }))).toEqual(
          rows.map((r) => ({ ...r, tokens: r.tokens === null ? null : BigInt(r.tokens) })),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('dictionaries survive one value, many values, and giving up', async () => {
    const n = 45_000;
    const columns: ParquetColumn[] = [
      { name: 'one', type: 'string', nullable: false },
      { name: 'few', type: 'bigint', nullable: true },
      { name: 'all', type: 'string', nullable: false },
    ];
    const bytes = file(
      Array.from({ length: n }, (_, i) => ['same', i % 5 === 0 ? null : i % 300, `v${i}`]),
      columns,
    );
    await writeFile(join(folder, 'big.parquet'), bytes);
    const [row] = await engine.query(
      `select count(*) as n, count(distinct one) as one, count(few) as few, count(distinct few) as kinds, cast(sum(few) as varchar) as total,
         count(distinct "all") as every, min("all") as low from read_parquet('${join(folder, 'big.parquet')}')`,
    );
    let total = 0;
    for (let i = 0; i < n; i++) if (i % 5 !== 0) total += i % 300;
    expect(row).toEqual({
      n: '45000',
      one: '1',
      few: '36000',
      kinds: '240',
      total: String(total),
      every: '45000',
      low: 'v0',
    });
  });

  test('pages that do not compress are freed when the file is made, not at some later collection', () => {
    const rows = 20_000;
    const columns: ParquetColumn[] = [1, 2, 3].map((i) => ({
      name: `id${i}`,
      type: 'string',
      nullable: false,
      unique: true,
    }));
    const assembled = (): { bytes: Uint8Array; grownBytes: number } => {
      const writer = createParquetWriter<string>(columns.map((column) => ({ ...column, of: (id) => id })));
      for (let i = 0; i < rows; i++) writer.append(randomBytes(64).toString('base64url'));
      const before = process.memoryUsage().arrayBuffers;
      const bytes = writer.finish();
      return { bytes, grownBytes: process.memoryUsage().arrayBuffers - before };
    };
    assembled(); // the writer's own room grows with the first file and stays
    const { bytes, grownBytes } = assembled();
    const raw = rows * columns.length * (4 + 86);
    expect(bytes.length).toBeGreaterThan(raw * 0.7);
    // the file itself, and what is small beside it
    expect(grownBytes).toBeLessThan(bytes.length + raw / 4);
  });
});
