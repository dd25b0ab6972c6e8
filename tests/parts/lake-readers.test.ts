/**
 * The demo's lake read by others: hyparquet and PyArrow, straight from the files the catalog names. Both must find the schema of
 * lib/schema.ts, no null where it promises none, and the same exact sums as the ledger's own query.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLakeWorld } from '../../bin/local-world.ts';
import type { CatalogState } from '../../lib/ports.ts';
import { PUBLIC_TABLES, USAGE, USAGE_EXCLUDED } from '../../lib/schema.ts';
import type { Table } from '../../lib/schema.ts';
import { addDays } from '../../lib/time.ts';
import { watchWeek } from '../../lib/watching.ts';
import { demoLedger } from '../cli/demo-ledger.ts';
import type { DemoLedger } from '../cli/demo-ledger.ts';
import { ledger } from '../cli/run-command.ts';
import { watchWorld } from '../fixtures/watched-lake.ts';
import { readWithArrow } from './arrow-reader.ts';
import type { ArrowTables } from './arrow-reader.ts';
import { parquetTypes } from './parquet-schema.ts';

process.env['INFERENCE_LEDGER_HASH_KEY'] = 'ab'.repeat(32);

let demo: DemoLedger;
let files: Record<string, string[]>;
let arrow: ArrowTables;

beforeAll(async () => {
  demo = await demoLedger();
  await simulateMonth();
  await addCorpus();
  await watchWeeks();
  const catalog = JSON.parse(await readFile(join(demo.lake, 'catalog.json'), 'utf8')) as CatalogState;
  files = Object.fromEntries(
    PUBLIC_TABLES.map(({ name }) => [
      name,
      Object.values(catalog.tables[name] ?? {}).flatMap(({ keys }) => keys.map((key) => join(demo.lake, key))),
    ]),
  );
  arrow = await readWithArrow(files);
});

afterAll(async () => demo?.close());

/** Fills the table of savings: the month in the middle of the demo's weeks. */
async function simulateMonth(): Promise<void> {
  const days = (await readdir(join(demo.lake, 'landing'), { recursive: true }))
    .flatMap((name) => /day=(\d{4}-\d{2})-\d{2}$/.exec(name)?.[1] ?? [])
    .toSorted();
  const month = days[Math.floor(days.length / 2)] ?? '';
  const { code, err } = await ledger(demo.root, 'simulate', '--lake', demo.lake, '--month', month);
  expect({ code, isWritten: err.includes('written') }).toEqual({ code: 0, isWritten: true });
}

/** Fills the tables behind the report: every seven days of the demo, of which some have an anomaly. */
async function watchWeeks(): Promise<void> {
  const world = await openLakeWorld({ lake: demo.lake });
  try {
    const watched = await watchWorld(world.seal);
    const days = Object.keys((await world.seal.catalog.read()).tables['usage'] ?? {}).toSorted();
    for (let at = 6; at < days.length; at += 7) {
      const to = days[at] ?? '';
      await watchWeek(watched, { from: addDays(to, -6), to });
    }
  } finally {
    world.close();
  }
}

/** Fills the tables of documents: the demo's inbox has none. */
async function addCorpus(): Promise<void> {
  const inbox = join(demo.root, 'ledger-demo', 'inbox');
  await mkdir(join(inbox, 'corpora', 'notes'), { recursive: true });
  for (const [name, words] of [
    ['one.txt', 'a first note'],
    ['same.txt', 'a first note'],
    ['none.txt', ' '],
  ] as const)
    await writeFile(join(inbox, 'corpora', 'notes', name), words);
  const config = join(demo.root, 'ledger-demo', 'inference-ledger.config.json');
  const { code, err } = await ledger(demo.root, 'run', '--inbox', inbox, '--lake', demo.lake, '--config', config);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
}

/** One statement writes `usage` and `usage_excluded`, so the files of both have the columns of the wider one. */
function fileColumns(table: Table): readonly { name: string; type: string; nullable: boolean }[] {
  return table === USAGE ? USAGE_EXCLUDED.columns : table.columns;
}

const decimals = (table: Table): string[] =>
  table.columns.filter(({ type }) => type.startsWith('decimal')).map(({ name }) => name);

/** The ledger's own answer: rows of the table and the sum of each of its decimals, as text. */
async function ownSums(table: Table): Promise<Record<string, string | null>> {
  const sums = decimals(table).map((name) => `, cast(cast(sum(${name}) as decimal(38,12)) as varchar) as ${name}`);
  const sql = `select cast(count(*) as varchar) as n${sums.join('')} from ${table.name}`;
  const { out, err } = await ledger(demo.root, 'query', '--lake', demo.lake, sql, '--format', 'json');
  expect(err).toBe('');
  return (JSON.parse(out) as Record<string, string | null>[])[0] ?? {};
}

describe.each(PUBLIC_TABLES.map((table) => [table.name, table] as const))('%s', (name, table) => {
  test('has rows, in every file the types of the schema', async () => {
    expect(files[name]?.length).toBeGreaterThan(0);
    expect(arrow[name]?.rows).toBeGreaterThan(0);
    const expected = fileColumns(table).map((column) => [column.name, column.type]);
    expect(arrow[name]?.columns.map((column) => [column.name, column.type])).toEqual(expected);
    for (const path of files[name] ?? []) expect(parquetTypes((await opened(path)).metadata)).toEqual(expected);
  });

  test('has no null where the schema promises none', () => {
    const promised = new Set(table.columns.filter((column) => !column.nullable).map((column) => column.name));
    expect(arrow[name]?.columns.filter((column) => promised.has(column.name) && column.nulls > 0)).toEqual([]);
  });

  test('sums to the last digit in every reader', async () => {
    const own = await ownSums(table);
    expect(own['n']).toBe(String(arrow[name]?.rows));
    const other = await hyparquetSums(files[name] ?? [], decimals(table));
    expect(other.rows).toBe(arrow[name]?.rows);
    for (const column of decimals(table)) {
      const found = arrow[name]?.columns.find((one) => one.name === column)?.sum;
      expect([column, found]).toEqual([column, own[column]]);
      expect([column, other.sums[column]]).toEqual([column, own[column]]);
    }
  });
});

test('rows of usage carry no reason to be excluded', () => {
  const extra = arrow['usage']?.columns.slice(USAGE.columns.length);
  expect(extra?.map(({ name, nulls }) => [name, nulls])).toEqual([
    ['excluded_reason', arrow['usage']?.rows],
    ['kept_record_id', arrow['usage']?.rows],
  ]);
});

test('the demo has money to compare', async () => {
  const own = await ownSums(USAGE);
  expect(own['cost']).toMatch(/^[1-9]\d*\.\d{12}$/);
});

interface Opened {
  readonly file: ArrayBuffer;
  readonly metadata: FileMetaData;
}

async function opened(path: string): Promise<Opened> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return { file, metadata: parquetMetadata(file) };
}

/** Exact sums: the decimal mark is taken off the schema, so that the stored integers come out instead of rounded numbers. */
async function hyparquetSums(
  paths: readonly string[],
  names: readonly string[],
): Promise<{ rows: number; sums: Record<string, string | null> }> {
  let rows = 0;
  const sums = new Map<string, bigint>();
  for (const path of paths) {
    const { file, metadata } = await opened(path);
    for (const element of metadata.schema) if (element.converted_type === 'DECIMAL') asStored(element);
    const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
    const records = await parquetReadObjects({ file, metadata, compressors, utf8: false });
    rows += records.length;
    for (const record of records) {
      for (const name of names) {
        const value = wholeNumber(record[name]);
        if (value !== null) sums.set(name, (sums.get(name) ?? 0n) + value);
      }
    }
  }
  return { rows, sums: Object.fromEntries(names.map((name) => [name, decimalText(sums.get(name) ?? null)])) };
}

function asStored(element: SchemaElement): void {
  delete element.converted_type;
  delete element.logical_type;
}

/** A stored decimal: a 64-bit integer, or big-endian two's complement bytes where it is wider. */
function wholeNumber(stored: unknown): bigint | null {
  if (stored === null || stored === undefined) return null;
  if (typeof stored === 'bigint') return stored;
  if (!(stored instanceof Uint8Array)) throw new Error(`a decimal came out as ${typeof stored}`);
  return BigInt.asIntN(stored.length * 8, BigInt(`0x${Buffer.from(stored).toString('hex')}`));
}

function decimalText(pico: bigint | null): string | null {
  if (pico === null) return null;
  const digits = String(pico < 0n ? -pico : pico).padStart(13, '0');
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}
