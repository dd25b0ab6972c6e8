/** Tables `source_days` and `sources` from landing with the real engine: what they hold, and when they are made again. */
import { afterEach, describe, expect, test } from 'vitest';
import { readCommits } from '../../lib/commit.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { SOURCES, SOURCE_DAYS, columnTypes } from '../../lib/schema.ts';
import { freeze } from '../../lib/seal/dirty-days.ts';
import { retireLanding, sweepLanding } from '../../lib/seal/landing-sweep.ts';
import { readSourceDays, remakeSourceTables } from '../../lib/seal/source-tables.ts';
import type { SourceTables } from '../../lib/seal/source-tables.ts';
import type { ExpectedSource } from '../../lib/seal/sources.ts';
import { daysBetween } from '../../lib/time.ts';
import { land, openTestLake, sealAll } from '../fixtures/lake.ts';
import type { TestLake } from '../fixtures/lake.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';

const open: TestLake[] = [];
async function lakeWith(objects: Record<string, RowSpec[]>): Promise<TestLake> {
  const lake = await openTestLake();
  open.push(lake);
  await land(lake, objects);
  await sealAll(lake);
  return lake;
}
afterEach(async () => {
  for (const lake of open.splice(0)) await lake.close();
});

const NOW = Date.parse('2026-11-23T06:00:00Z');

/** Remakes both tables and switches to them, as a seal does. */
async function remake(lake: TestLake, expected: ExpectedSource[] = [], nowMs = NOW): Promise<SourceTables> {
  const state = await lake.catalog.read();
  const found = await remakeSourceTables(lake.context, state, await readCommits(lake.store), expected, nowMs);
  expect(await lake.catalog.switch(state.revision, found.changes)).toBe(true);
  return found;
}

async function rowsOf(lake: TestLake, table: typeof SOURCES, columns: string): Promise<SqlRow[]> {
  const pointers = Object.values((await lake.catalog.read()).tables[table.name] ?? {});
  await lake.engine.files(
    table.name,
    columnTypes(table),
    pointers.flatMap(({ keys }) => keys),
  );
  return await lake.engine.query(`select ${columns} from ${table.name} order by all`);
}

const calls = (days: string[], overrides: Partial<RowSpec> = {}): RowSpec[] =>
  days.map((day) => ({ id: `${day} ${JSON.stringify(overrides)}`, at: `${day}T10:00:00Z`, ...overrides }));

test('source_days counts what landed by source and day, duplicates and buckets apart', async () => {
  const lake = await lakeWith({
    'app/a.jsonl': [
      { id: 'one', at: '2026-11-20T08:00:00Z' },
      { id: 'two', at: '2026-11-20T09:30:00Z', account: 'acme' },
      { id: 'three', at: '2026-11-21T00:00:00Z' },
    ],
    // the gateway saw the same call: it counts elsewhere, and the gateway is alive
    'gateway/b.jsonl': [{ id: 'one', at: '2026-11-20T08:00:01Z', kind: 'gateway', record: { calls: 1 } }],
    'reports/c.json': [
      {
        id: 'bucket',
        at: '2026-11-20T00:00:00Z',
        class: 'buckets',
        record: { grain: 'bucket', inputTokens: 1000, outputTokens: 0, calls: 5 },
      },
    ],
  });
  await remake(lake);
  const columns =
    'day, folder, source_format, billing_account_id, grain, landed_rows, calls, cast(list_cost as varchar) as list_cost, last_at';
  // 100 input tokens at $1 and 10 output tokens at $10 a million are $0.0002 a call
  expect((await rowsOf(lake, SOURCE_DAYS, columns)).map((row) => Object.values(row))).toEqual([
    ['2026-11-20', 'app/', 'test.provider', 'acme', 'call', '1', '1', '0.000200000000', '2026-11-20 09:30:00'],
    ['2026-11-20', 'app/', 'test.provider', null, 'call', '1', '1', '0.000200000000', '2026-11-20 08:00:00'],
    ['2026-11-20', 'gateway/', 'test.gateway', null, 'call', '1', '1', '0.000200000000', '2026-11-20 08:00:01'],
    ['2026-11-20', 'reports/', 'test.provider', null, 'bucket', '1', '5', '0.001000000000', '2026-11-20 00:00:00'],
    ['2026-11-21', 'app/', 'test.provider', null, 'call', '1', '1', '0.000200000000', '2026-11-21 00:00:00'],
  ]);
});

test('sources names what is late, with its days', async () => {
  const lake = await lakeWith({
    'app/a.jsonl': calls(daysBetween('2026-11-02', '2026-11-19')),
    'web/b.jsonl': calls(daysBetween('2026-11-02', '2026-11-22')),
  });
  const { sources } = await remake(lake, [{ prefix: 'gateway/', usual_gap_hours: 0.5 }]);
  expect(sources.map(({ prefix, status }) => [prefix, status])).toEqual([
    ['app/', 'silent'],
    ['gateway/', 'silent'],
    ['web/', 'ok'],
  ]);
  const rows = await rowsOf(
    lake,
    SOURCES,
    'prefix, source_format, first_event_at, last_event_at, last_object_at, usual_gap_hours, len(missing_days) as n, missing_days[1] as first_missing, status',
  );
  expect(rows.map((row) => Object.values(row))).toEqual([
    [
      'app/',
      'test.provider',
      '2026-11-02 10:00:00',
      '2026-11-19 10:00:00',
      '2026-11-20 00:00:00',
      24,
      '3',
      '2026-11-20',
      'silent',
    ],
    ['gateway/', 'any', null, null, null, 0.5, '21', '2026-11-02', 'silent'],
    ['web/', 'test.provider', '2026-11-02 10:00:00', '2026-11-22 10:00:00', '2026-11-20 00:00:00', 24, '0', null, 'ok'],
  ]);
});

test('days of one batch that newer versions emptied are not asked for their landing files, which may be gone', async () => {
  const [start, graceMs] = [Date.UTC(2026, 10, 21), 3_600_000];
  const lake = await lakeWith({ 'app/kept.jsonl': calls(['2026-11-02']), 'app/synced.jsonl': calls(['2026-11-03']) });
  const newer = calls(['2026-11-03'], { kind: 'gateway' });
  await land(lake, { 'app/synced.jsonl': newer }, start);
  await sealAll(lake);
  const batches = await readCommits(lake.store);
  await retireLanding(lake.store, batches, freeze(batches), start);
  expect(await sweepLanding(lake.store, start + graceMs, graceMs)).toBe(1);
  await land(lake, { 'app/late.jsonl': calls(['2026-11-02', '2026-11-03'], { id: 'late' }) }, start + graceMs);
  await sealAll(lake);
  await remake(lake);
  expect((await rowsOf(lake, SOURCE_DAYS, 'day, source_format, landed_rows')).map((row) => Object.values(row))).toEqual(
    [
      ['2026-11-02', 'test.provider', '2'],
      ['2026-11-03', 'test.gateway', '1'],
      ['2026-11-03', 'test.provider', '1'],
    ],
  );
});

describe('made again', () => {
  const days = daysBetween('2026-11-02', '2026-11-22');
  const made = ({ changes }: SourceTables): string[][] =>
    ['source_days', 'sources'].map((table) => Object.keys(changes[table] ?? {}).toSorted());

  test('is nothing while nothing changed, also at another hour', async () => {
    const lake = await lakeWith({ 'app/a.jsonl': calls(days) });
    expect(made(await remake(lake))).toEqual([days, ['all']]);
    expect(made(await remake(lake))).toEqual([[], []]);
    expect(made(await remake(lake, [], NOW + 7_200_000))).toEqual([[], []]);
  });

  test('are only the days that were sealed again, and sources if its state moved', async () => {
    const lake = await lakeWith({ 'app/a.jsonl': calls(days) });
    await remake(lake);
    await land(lake, { 'app/late.jsonl': calls(['2026-11-05'], { id: 'late' }) });
    await sealAll(lake);
    // the object is newer, but no call of the source is
    expect(made(await remake(lake))[0]).toEqual(['2026-11-05']);
    expect(made(await remake(lake, [], NOW + 86_400_000))).toEqual([[], ['all']]);
  });

  test('are all recent days when config names another folder, and the rows move', async () => {
    const lake = await lakeWith({ 'app/eu/a.jsonl': calls(days), 'app/us/a.jsonl': calls(days, { id: 'us' }) });
    await remake(lake);
    const expected = [{ prefix: 'app/eu/' }];
    expect(made(await remake(lake, expected))[0]).toEqual(days);
    const rows = await readSourceDays(lake.context, await lake.catalog.read());
    expect([...new Set(rows.map(({ folder }) => folder))].toSorted()).toEqual(['app/', 'app/eu/']);
  });

  test('are not days so old that landing may be gone', async () => {
    const lake = await lakeWith({ 'app/a.jsonl': calls(['2026-03-01', '2026-11-20']) });
    await remake(lake);
    expect(made(await remake(lake, [{ prefix: 'other/' }]))[0]).toEqual(['2026-11-20']);
  });

  test('a superseded version does not count', async () => {
    const lake = await lakeWith({ 'app/a.jsonl': calls(days) });
    await remake(lake);
    await land(lake, { 'app/a.jsonl': calls(days.slice(0, 5)) }, Date.UTC(2026, 10, 21));
    await sealAll(lake);
    const { sources } = await remake(lake);
    expect(sources.map(({ lastDay }) => lastDay)).toEqual(['2026-11-06']);
    const state = await lake.catalog.read();
    expect(state.tables['source_days']?.['2026-11-20']?.rows).toBe(0);
  });
});
