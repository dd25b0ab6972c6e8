/** Files of a statement as their footers tell them; that Athena counts the same rows is shown on real Trino in tests/parts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writtenFiles } from '../../../lib/adapters/aws/athena-written-files.ts';
import type { RangedStore } from '../../../lib/adapters/aws/athena-written-files.ts';
import { createFolderStore } from '../../../lib/adapters/local/folder-store.ts';
import { LedgerError, Transient } from '../../../lib/errors.ts';
import { createParquetWriter } from '../../../lib/write/parquet.ts';

let folder: string;
let ranges: [key: string, from: number, to: number][];
let store: RangedStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-written-'));
  ranges = [];
  const plain = createFolderStore(folder);
  store = {
    ...plain,
    async readRange(key, from, to) {
      ranges.push([key, from, to]);
      return ((await plain.read(key)) ?? new Uint8Array()).slice(from, to);
    },
  };
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A file of so many rows; its footer grows with its columns, its body with the text in each row. */
function parquet(rows: number, { columns = 1, textChars = 0 } = {}): Uint8Array {
  const text = randomText();
  const writer = createParquetWriter<number>(
    Array.from({ length: columns }, (_, i) => ({
      name: `column_${i}`,
      type: 'string',
      nullable: true,
      of: (row) => (i === 0 ? `${row} ${text(textChars)}` : null),
    })),
  );
  for (let row = 0; row < rows; row++) writer.append(row);
  return writer.finish();
}

const FOLDER = 'v1/sealed/g=a1/';
const found = async (partitionBy: readonly string[] = []) => await writtenFiles(store, FOLDER, partitionBy);

test('each file is told with its rows and its partition as the folders name it, in the order of keys', async () => {
  await store.put(`${FOLDER}kind=usage/day=2026-11-02/b`, parquet(7));
  await store.put(`${FOLDER}kind=usage/day=2026-11-01/a`, parquet(3));
  await store.put(`${FOLDER}kind=a%3Ab%2Fc%25/day=__HIVE_DEFAULT_PARTITION__/c`, parquet(1));
  expect(await found(['kind', 'day'])).toEqual([
    {
      key: `${FOLDER}kind=a%3Ab%2Fc%25/day=__HIVE_DEFAULT_PARTITION__/c`,
      partition: { kind: 'a:b/c%', day: '__HIVE_DEFAULT_PARTITION__' },
      rows: 1,
    },
    { key: `${FOLDER}kind=usage/day=2026-11-01/a`, partition: { kind: 'usage', day: '2026-11-01' }, rows: 3 },
    { key: `${FOLDER}kind=usage/day=2026-11-02/b`, partition: { kind: 'usage', day: '2026-11-02' }, rows: 7 },
  ]);
});

test('what Athena sees no row of is not told: no rows, no bytes, hidden names, other folders', async () => {
  await store.put(`${FOLDER}none`, parquet(0));
  await store.put(`${FOLDER}empty`, new Uint8Array());
  await store.put(`${FOLDER}_SUCCESS`, new TextEncoder().encode('no Parquet'));
  await store.put(`${FOLDER}.hidden`, parquet(1));
  await store.put(`${FOLDER}_staging/x`, parquet(2));
  await store.put('v1/sealed/g=a11/x', parquet(4));
  expect(await found()).toEqual([]);
  await store.put(`${FOLDER}x_1.y`, parquet(5));
  expect(await found()).toEqual([{ key: `${FOLDER}x_1.y`, partition: {}, rows: 5 }]);
});

test('a small file is read once, a large one only at its end, a long footer in two parts', async () => {
  const small = parquet(2);
  await store.put(`${FOLDER}small`, small);
  const large = parquet(1000, { textChars: 200 });
  expect(large.length).toBeGreaterThan(100_000);
  await store.put(`${FOLDER}large`, large);
  const long = parquet(11, { columns: 2000 });
  const footer = new DataView(long.buffer, long.byteOffset).getUint32(long.length - 8, true) + 8;
  expect(footer).toBeGreaterThan(65_536);
  await store.put(`${FOLDER}long`, long);
  const rows = Object.fromEntries((await found()).map((file) => [file.key.slice(FOLDER.length), file.rows]));
  expect(rows).toEqual({ small: 2, large: 1000, long: 11 });
  const of = (name: string) => ranges.filter(([key]) => key === FOLDER + name).map(([, from, to]) => [from, to]);
  expect(of('small')).toEqual([[0, small.length]]);
  expect(of('large')).toEqual([[large.length - 65_536, large.length]]);
  expect(of('long')).toEqual([
    [long.length - 65_536, long.length],
    [long.length - footer, long.length - 65_536],
  ]);
});

/** Texts that differ and do not compress away. */
function randomText(): (chars: number) => string {
  let state = 1;
  const next = (): string => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(33 + (state % 90));
  };
  return (chars) => Array.from({ length: chars }, next).join('');
}

test('rows of any files are those that were written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(300), { minLength: 1, maxLength: 40 }), async (counts) => {
      await rm(join(folder, 'v1'), { recursive: true, force: true });
      for (const [i, count] of counts.entries()) await store.put(`${FOLDER}n=${i}/f`, parquet(count));
      const told = new Map((await found(['n'])).map((file) => [file.partition['n'], file.rows]));
      expect(counts.map((_, i) => told.get(String(i)) ?? 0)).toEqual(counts);
    }),
    { numRuns: 30 },
  );
});

test('a file that tells no partition, or is none, stops the seal instead of counting as nothing', async () => {
  await store.put(`${FOLDER}x`, parquet(1));
  await expect(found(['day'])).rejects.toThrow('does not tell its partition');
  for (const broken of [
    parquet(3).slice(0, -1),
    new TextEncoder().encode('PAR1'),
    lyingFooter(parquet(3), 1_000_000),
  ]) {
    await store.put(`${FOLDER}x`, broken);
    await expect(found()).rejects.toThrow(Transient);
  }
  await store.put(`${FOLDER}x`, lyingFooter(parquet(3), 20));
  await expect(found()).rejects.toThrow(LedgerError);
  // it became shorter after it was listed
  await store.put(`${FOLDER}x`, parquet(3));
  const whole = store;
  store = { ...whole, readRange: async (key, from, to) => (await whole.readRange(key, from, to)).slice(1) };
  await expect(found()).rejects.toThrow(Transient);
});

/** The file with another length of its footer. */
function lyingFooter(file: Uint8Array, length: number): Uint8Array {
  const copy = Uint8Array.from(file);
  new DataView(copy.buffer).setUint32(copy.length - 8, length, true);
  return copy;
}
