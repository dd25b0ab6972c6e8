/**
 * The table catalog on Glue and S3: the port's contract, then what only this pair has: Athena sees each switch at once, a crash between the
 * switch and Glue is mended by the next reader, batches are cut to what Glue takes, and the stack's own tables and views work in Trino.
 */
import {
  BatchCreatePartitionCommand,
  CreateTableCommand,
  GetPartitionsCommand,
  GetTableCommand,
} from '@aws-sdk/client-glue';
import type { TableInput } from '@aws-sdk/client-glue';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../../lib/adapters/aws/glue-catalog.ts';
import type { GlueCatalog } from '../../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { parquetTable, prestoView } from '../../lib/infra/glue-tables.ts';
import type { PartitionPointer, SqlEngine } from '../../lib/ports.ts';
import { VIEWS } from '../../lib/report/views.ts';
import { PUBLIC_TABLES } from '../../lib/schema.ts';
import { addDays } from '../../lib/time.ts';
import { tableCatalogContract } from '../contracts/table-catalog.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

let clients: Clients;
beforeAll(async () => {
  clients = await stackClients();
});

interface Lake {
  readonly bucket: string;
  readonly database: string;
  readonly store: S3Store;
  readonly catalog: GlueCatalog;
  readonly engine: AthenaEngine;
}

async function freshLake(): Promise<Lake> {
  const bucket = await freshBucket(clients);
  const database = await freshDatabase(clients);
  const store = createS3Store({ client: clients.s3, bucket });
  const common = { glue: clients.glue, store, bucket, database };
  const workgroup = await freshWorkgroup(clients, bucket, { enforced: false });
  const workDatabase = await freshDatabase(clients);
  const engine = createAthenaEngine({ ...common, athena: clients.athena, workgroup, workDatabase });
  return { bucket, database, store, catalog: createGlueCatalog(common), engine };
}

describe('Glue catalog', () => {
  tableCatalogContract(async () => (await freshLake()).catalog);
});

/** Writes a generation of `rejects`, a public table with few columns, and returns its pointers. */
async function generation(
  engine: SqlEngine,
  name: string,
  rows: readonly (readonly [reason: string, day: string])[],
): Promise<Record<string, PartitionPointer>> {
  await engine.table('src', { reason: 'string', ingested_day: 'date' }, rows);
  const prefix = `v1/derived/g=${name}/table=rejects/`;
  const files = await engine.write('select reason, ingested_day from src', prefix, ['ingested_day']);
  const byDay = Map.groupBy(files, (file) => file.partition['ingested_day'] ?? '');
  return Object.fromEntries(
    [...byDay].map(([day, own]) => {
      const sum = own.reduce((total, file) => total + file.rows, 0);
      return [day, { generation: name, keys: own.map(({ key }) => key), rows: sum, madeFrom: name }];
    }),
  );
}

const shown = async ({ engine }: Lake): Promise<unknown[]> =>
  await engine.query('select reason, ingested_day from rejects order by reason, ingested_day');

async function switchTo(lake: Lake, changes: Record<string, PartitionPointer | null>): Promise<void> {
  expect(await lake.catalog.switch((await lake.catalog.read()).revision, { rejects: changes })).toBe(true);
}

describe('what Athena sees', () => {
  test('is what the catalog names, after every switch', async () => {
    const lake = await freshLake();
    const [one, two] = ['2026-11-01', '2026-11-02'];
    await switchTo(
      lake,
      await generation(lake.engine, 'a1', [
        ['a', one],
        ['b', two],
      ]),
    );
    expect(await shown(lake)).toEqual([
      { reason: 'a', ingested_day: one },
      { reason: 'b', ingested_day: two },
    ]);
    await switchTo(
      lake,
      await generation(lake.engine, 'a2', [
        ['a', two],
        ['b', two],
      ]),
    );
    await switchTo(lake, { [one]: null });
    expect(await shown(lake)).toEqual([
      { reason: 'a', ingested_day: two },
      { reason: 'b', ingested_day: two },
    ]);
  });

  test('follows when the program died between the switch and Glue', async () => {
    const lake = await freshLake();
    const day = '2026-11-01';
    await switchTo(lake, await generation(lake.engine, 'b1', [['old', day]]));
    const dying = createGlueCatalog({
      ...lake,
      glue: failing(clients.glue, 'BatchUpdatePartitionCommand'),
    });
    const next = await generation(lake.engine, 'b2', [['new', day]]);
    await expect(dying.switch((await dying.read()).revision, { rejects: next })).rejects.toThrow('the power went off');
    expect(await shown(lake)).toEqual([{ reason: 'old', ingested_day: day }]);
    expect((await lake.catalog.read()).tables['rejects']?.[day]?.generation).toBe('b2');
    expect(await shown(lake)).toEqual([{ reason: 'new', ingested_day: day }]);
  });

  test('is repaired where partitions were dropped, added and pointed elsewhere by hand', async () => {
    const lake = await freshLake();
    const days = ['2026-11-01', '2026-11-02'];
    await switchTo(
      lake,
      await generation(lake.engine, 'c1', [
        ['a', days[0] ?? ''],
        ['b', days[1] ?? ''],
      ]),
    );
    const before = await shown(lake);
    await clients.glue.send(
      new BatchCreatePartitionCommand({
        DatabaseName: lake.database,
        TableName: 'rejects',
        PartitionInputList: [
          { Values: ['2020-01-01'], StorageDescriptor: { Location: `s3://${lake.bucket}/v1/derived/g=c1/` } },
        ],
      }),
    );
    await lake.catalog.repair();
    expect(await shown(lake)).toEqual(before);
    const { Partitions } = await clients.glue.send(
      new GetPartitionsCommand({ DatabaseName: lake.database, TableName: 'rejects' }),
    );
    expect(Partitions?.map(({ Values }) => Values?.[0]).toSorted()).toEqual(days);
  });

  test('has one place for a table without partitions, also after the stack set it back', async () => {
    const lake = await freshLake();
    const keys = ['v1/derived/g=d1/table=sources/data.parquet'];
    const pointer = { generation: 'd1', keys, rows: 1, madeFrom: 'x' };
    expect(await lake.catalog.switch((await lake.catalog.read()).revision, { sources: { all: pointer } })).toBe(true);
    const location = async (): Promise<string | undefined> =>
      (await clients.glue.send(new GetTableCommand({ DatabaseName: lake.database, Name: 'sources' }))).Table
        ?.StorageDescriptor?.Location;
    expect(await location()).toBe(`s3://${lake.bucket}/v1/derived/g=d1/table=sources/`);
    expect(await lake.catalog.switch((await lake.catalog.read()).revision, { sources: { all: null } })).toBe(true);
    expect(await location()).toBe(`s3://${lake.bucket}/v1/tables/sources/`);
  });
});

test('four hundred days are pointed, and dropped, in batches that Glue takes', async () => {
  const lake = await freshLake();
  const catalog = createGlueCatalog({ ...lake, glue: watching(clients.glue, []) });
  const days = Array.from({ length: 400 }, (_, i) => addDays('2025-10-01', i));
  const pointers = Object.fromEntries(
    days.map((day) => {
      const keys = [`v1/sealed/g=e1/kind=usage/day=${day}/x.parquet`];
      return [day, { generation: 'e1', keys, rows: 1, madeFrom: 's' }];
    }),
  );
  expect(await catalog.switch((await catalog.read()).revision, { usage: pointers })).toBe(true);
  expect(await partitionDays(lake, 'usage')).toEqual(days);
  const gone = Object.fromEntries(days.slice(0, 60).map((day) => [day, null]));
  expect(await catalog.switch((await catalog.read()).revision, { usage: gone })).toBe(true);
  expect(await partitionDays(lake, 'usage')).toEqual(days.slice(60));
});

test('days that gain rows are pointed before days that lose some', async () => {
  const lake = await freshLake();
  const calls: string[] = [];
  const watched = createGlueCatalog({ ...lake, glue: watching(clients.glue, calls) });
  const at = (name: string, day: string, rows: number): PartitionPointer => ({
    generation: name,
    keys: [`v1/sealed/g=${name}/kind=usage/day=${day}/x.parquet`],
    rows,
    madeFrom: name,
  });
  const [one, two, three] = ['2026-11-01', '2026-11-02', '2026-11-03'];
  const first = { [one]: at('f1', one, 5), [two]: at('f1', two, 5), [three]: at('f1', three, 5) };
  expect(await watched.switch((await watched.read()).revision, { usage: first })).toBe(true);
  calls.length = 0;
  const moved = { [one]: at('f2', one, 4), [two]: null, [three]: at('f2', three, 7) };
  expect(await watched.switch((await watched.read()).revision, { usage: moved })).toBe(true);
  expect(calls).toEqual([`update ${three}`, `update ${one}`, `delete ${two}`]);
});

test("the stack's own tables and views answer in Trino", async () => {
  const lake = await freshLake();
  const sql = await loadSqlFolder('report/views');
  const inputs = [
    ...PUBLIC_TABLES.map((table) => parquetTable(table, lake.bucket)),
    ...VIEWS.map((view) => prestoView({ ...view, sql: sql[view.name] ?? '' }, lake.database)),
  ];
  for (const input of inputs) {
    const TableInput = capitalized(input) as TableInput;
    await clients.glue.send(new CreateTableCommand({ DatabaseName: lake.database, TableInput }));
  }
  await lake.catalog.read();
  for (const { name } of [...PUBLIC_TABLES, ...VIEWS])
    expect([name, await lake.engine.query(`select * from ${name}`)]).toEqual([name, []]);
  expect(VIEWS.length).toBeGreaterThan(3);
});

async function partitionDays({ database }: Lake, table: string): Promise<(string | undefined)[]> {
  const days: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await clients.glue.send(
      new GetPartitionsCommand({
        DatabaseName: database,
        TableName: table,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    days.push(...(page.Partitions ?? []).map(({ Values }) => Values?.[0]));
    token = page.NextToken;
  } while (token !== undefined);
  return days.toSorted((a = '', b = '') => (a < b ? -1 : 1));
}

/** The client, one kind of call of which never comes through. */
function failing(glue: Clients['glue'], command: string): Clients['glue'] {
  return withSend(glue, (sent) => {
    if (sent.constructor.name === command) throw new Error('the power went off');
  });
}

/** The client, with a list of the partitions it points and drops, call by call. */
function watching(glue: Clients['glue'], calls: string[]): Clients['glue'] {
  return withSend(glue, (sent) => {
    const input = sent.input as {
      Entries?: { PartitionValueList: string[] }[];
      PartitionInputList?: { Values: string[] }[];
      PartitionValues?: string[];
    };
    for (const { PartitionValueList } of input.Entries ?? []) calls.push(`update ${PartitionValueList[0]}`);
    if (sent.constructor.name === 'DeletePartitionCommand') calls.push(`delete ${input.PartitionValues?.[0]}`);
    // Glue itself refuses more, the emulator does not
    for (const list of [input.Entries, input.PartitionInputList]) expect(list?.length ?? 0).toBeLessThanOrEqual(100);
  });
}

function withSend(glue: Clients['glue'], seen: (sent: { readonly input: unknown }) => void): Clients['glue'] {
  return new Proxy(glue, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name, target) as unknown;
      return async (sent: Parameters<typeof target.send>[0]): Promise<unknown> => {
        seen(sent);
        return await target.send(sent);
      };
    },
  });
}

/** CloudFormation writes names small, the API large. */
function capitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalized);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name[0]?.toUpperCase() + name.slice(1),
      name === 'parameters' ? one : capitalized(one),
    ]),
  );
}
