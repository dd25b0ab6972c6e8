/**
 * The demo's whole journey in both homes. Every row of every public table on S3 + Athena's API over real Trino + Glue equals the one of
 * folders + DuckDB, column by column, those of a simulation and of a watched week too; so does the schema of every file. Columns come from the schema file, so none can be forgotten.
 */
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoNowMs } from '../../lib/generate/demo-calendar.ts';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import { checkLineSums } from '../../lib/journey.ts';
import type { RunResult } from '../../lib/journey.ts';
import type { SqlEngine, SqlRow } from '../../lib/ports.ts';
import { PUBLIC_TABLES, USAGE, columnTypes } from '../../lib/schema.ts';
import type { Table } from '../../lib/schema.ts';
import { parquetTypes } from './parquet-schema.ts';
import { stackClients } from './stack/clients.ts';
import { twoHomes } from './two-homes.ts';
import type { Home, TwoHomes } from './two-homes.ts';

/** What may differ: when an object was read (not at all here, the clock is one), and what a store calls a version of an object. */
const OWN_TO_A_HOME: Readonly<Record<string, readonly string[]>> = { ingested_objects: ['version'] };
const END_DAY = '2026-11-22';
/** A week of the demo that has an anomaly. */
const WATCHED_WEEK = { from: '2026-11-02', to: '2026-11-08' };

/** The demo has no documents. */
const CORPUS = [
  ['corpora/notes/one.txt', 'a first note'],
  ['corpora/notes/same.txt', 'a first note'],
  ['corpora/notes/none.txt', ' '],
] as const;

let homes: TwoHomes;
let results: { local: RunResult; aws: RunResult };

beforeAll(async () => {
  const now = new Date(demoNowMs(END_DAY)).toISOString();
  homes = await twoHomes(await stackClients(), demoConfig(END_DAY), now);
  await homes.add(demoInbox({ seed: 1, endDay: END_DAY }));
  await homes.add(CORPUS.map(([key, text]) => ({ key, bytes: Buffer.from(text) })));
  results = { local: await homes.local.run(), aws: await homes.aws.run() };
  await homes.simulate(END_DAY.slice(0, 7));
  await homes.watch(WATCHED_WEEK);
  await homes.expose();
});
afterAll(async () => homes?.close());

/** Rows in one order, whatever the engine's; maps without an order of their own. */
async function rowsOf(engine: SqlEngine, table: Table): Promise<string[]> {
  const own = new Set(OWN_TO_A_HOME[table.name]);
  const names = Object.keys(columnTypes(table)).filter((name) => !own.has(name));
  const rows = await engine.query(`select ${names.join(', ')} from ${table.name}`);
  return rows.map((row) => JSON.stringify(names.map((name) => [name, sorted(row, name)]))).toSorted();
}

function sorted(row: SqlRow, name: string): unknown {
  const value = row[name];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test('both homes read and sealed the same', () => {
  checkLineSums(results.aws.batches);
  expect(results.aws.sealedDays).toEqual(results.local.sealedDays);
  expect(results.aws.sealedDays.length).toBeGreaterThan(30);
  expect(results.aws.sources).toEqual(results.local.sources);
  expect(results.aws.ingest.skippedObjects).toEqual(results.local.ingest.skippedObjects);
});

describe.each(PUBLIC_TABLES.map((table) => [table.name, table] as const))('%s', (_name, table) => {
  test('has the same rows in both homes', async () => {
    const expected = await rowsOf(homes.local.engine, table);
    const found = await rowsOf(homes.aws.engine, table);
    expect(expected.length).toBeGreaterThan(0);
    expect(found).toEqual(expected);
  });

  test('has files of the same schema in both homes', async () => {
    const local = await firstFile(homes.local, table);
    const aws = await firstFile(homes.aws, table);
    // Athena writes timestamps in their old form; all readers give the same value of the same type for both
    const named = parquetTypes(aws).map(([name, type]) => [name, type.replace(' in INT96', '')]);
    expect(named).toEqual(parquetTypes(local));
  });
});

async function firstFile(home: Home, table: Table) {
  const pointers = Object.values((await home.catalog.read()).tables[table.name] ?? {});
  const key = pointers.flatMap((pointer) => pointer.keys)[0] ?? '';
  const bytes = Buffer.from((await home.lake.read(key)) ?? new Uint8Array());
  return parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

test('a second run in AWS finds nothing to do', async () => {
  const again = await homes.aws.run();
  expect(again.ingest.batches).toEqual([]);
  expect(again.sealedDays).toEqual([]);
  // one switch of the simulation, one of the watch, none of the second run
  expect(again.state.revision).toBe(results.aws.state.revision + 2);
});

test('a query for one day reads only the files of that day', async () => {
  const [day] = results.aws.sealedDays;
  const paths = await homes.aws.engine.query(
    `select distinct "$path" as path from ${USAGE.name} where day = cast(? as date)`,
    [day ?? ''],
  );
  expect(paths.length).toBeGreaterThan(0);
  for (const { path } of paths) expect(path).toContain(`/kind=usage/day=${day}/`);
});
