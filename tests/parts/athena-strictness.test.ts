/**
 * Where Athena is stricter than what emulates it, the part tests' Athena is as strict; and the product takes care. Each case first shows
 * the refusal, asked directly, then that the engine adapter does not run into it.
 */
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import type { QueryExecution, StartQueryExecutionCommandInput } from '@aws-sdk/client-athena';
import { CreateTableCommand } from '@aws-sdk/client-glue';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';
import { addDays } from '../../lib/time.ts';
import { freshBucket, freshDatabase, freshWorkgroup, stackClients } from './stack/clients.ts';
import type { Clients } from './stack/clients.ts';

let clients: Clients;
let bucket: string;
let database: string;
let workDatabase: string;
let store: S3Store;
let open: string;
beforeAll(async () => {
  clients = await stackClients();
  bucket = await freshBucket(clients);
  database = await freshDatabase(clients);
  workDatabase = await freshDatabase(clients);
  store = createS3Store({ client: clients.s3, bucket });
  open = await freshWorkgroup(clients, bucket, { enforced: false });
});

const engineIn = (workgroup: string): AthenaEngine =>
  createAthenaEngine({ athena: clients.athena, glue: clients.glue, store, bucket, workgroup, database, workDatabase });

/** Asks Athena directly and waits for the end. */
async function asked(
  sql: string,
  workgroup: string,
  more: Partial<StartQueryExecutionCommandInput> = {},
): Promise<QueryExecution> {
  const request = { QueryString: sql, WorkGroup: workgroup, QueryExecutionContext: { Database: database }, ...more };
  const { QueryExecutionId } = await clients.athena.send(new StartQueryExecutionCommand(request));
  for (;;) {
    const found = await clients.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const execution = found.QueryExecution ?? {};
    if (!['QUEUED', 'RUNNING'].includes(execution.Status?.State ?? '')) return execution;
    await pause(50);
  }
}

let count = 0;
const tableAs = (folder: string, select: string, more = ''): string =>
  `create table ${database}.made_${count++} with (format = 'PARQUET', external_location = 's3://${bucket}/${folder}'${more}) as ${select}`;

describe('a workgroup that enforces its settings', () => {
  test('refuses a table with a location of its own, and the engine says so instead of writing elsewhere', async () => {
    const enforced = await freshWorkgroup(clients, bucket, { enforced: true });
    const { Status } = await asked(tableAs('strict/a/', 'select 1 as n'), enforced);
    expect(Status?.State).toBe('FAILED');
    expect(Status?.StateChangeReason).toMatch(/enforces a centralized output location/);
    expect((await asked(tableAs('strict/a/', 'select 1 as n'), open)).Status?.State).toBe('SUCCEEDED');
    await expect(engineIn(enforced).write('select 1 as n', 'v1/sealed/g=strict/', [])).rejects.toThrow(
      /external_location/,
    );
  });

  test('puts results where it says, not where the caller says', async () => {
    const enforced = await freshWorkgroup(clients, bucket, { enforced: true });
    const more = { ResultConfiguration: { OutputLocation: `s3://${bucket}/mine/` } };
    const there = (await asked('select 1', enforced, more)).ResultConfiguration?.OutputLocation;
    expect(there).toMatch(`s3://${bucket}/athena/${enforced}/`);
    expect((await asked('select 1', open, more)).ResultConfiguration?.OutputLocation).toMatch(`s3://${bucket}/mine/`);
  });
});

test('a query that reads more than its workgroup allows is cancelled; one that names its days is answered', async () => {
  const engine = engineIn(open);
  const days = Array.from({ length: 12 }, (_, i) => addDays('2026-11-01', i));
  const rows = days.flatMap((day) => Array.from({ length: 400 }, (_, i) => [`${day} ${i} ${'x'.repeat(i % 90)}`, day]));
  await engine.table('src', { v: 'string', day: 'date' }, rows);
  const files = await engine.write('select v, day from src', 'v1/sealed/g=cut/', ['day']);
  const bytes = new Map<string, number>();
  for await (const info of store.list('v1/sealed/g=cut/')) bytes.set(info.key, info.bytes);
  const all = [...bytes.values()].reduce((sum, n) => sum + n, 0);
  const limited = await freshWorkgroup(clients, bucket, { enforced: true, cutoffBytes: Math.floor(all / 3) });
  const reader = engineIn(limited);
  await reader.files(
    'lake',
    { v: 'string', day: 'date' },
    files.map(({ key }) => key),
  );
  await expect(reader.query('select max(v) as v from lake')).rejects.toThrow(Misconfigured);
  await expect(reader.query('select max(v) as v from lake')).rejects.toThrow(/allows/);
  const [day] = days;
  const found = await reader.query('select count(v) as n from lake where day = cast(? as date)', [day ?? '']);
  expect(found).toEqual([{ n: '400' }]);
});

test('folders are read with what lies below them; the engine reads the files it names and nothing else', async () => {
  const engine = engineIn(open);
  const outer = await engine.write('select 1 as v', 'v1/sealed/g=outer/', []);
  await engine.write('select 2 as v', 'v1/sealed/g=outer/deep/', []);
  const parquet = 'org.apache.hadoop.hive.ql.io.parquet.';
  await clients.glue.send(
    new CreateTableCommand({
      DatabaseName: database,
      TableInput: {
        Name: 'folder',
        TableType: 'EXTERNAL_TABLE',
        Parameters: { EXTERNAL: 'TRUE' },
        StorageDescriptor: {
          Columns: [{ Name: 'v', Type: 'int' }],
          Location: `s3://${bucket}/v1/sealed/g=outer/`,
          InputFormat: `${parquet}MapredParquetInputFormat`,
          OutputFormat: `${parquet}MapredParquetOutputFormat`,
          SerdeInfo: { SerializationLibrary: `${parquet}serde.ParquetHiveSerDe` },
        },
      },
    }),
  );
  expect(await engine.query('select v from folder order by v')).toEqual([{ v: 1 }, { v: 2 }]);
  await engine.files(
    'named',
    { v: 'int' },
    outer.map(({ key }) => key),
  );
  expect(await engine.query('select v from named')).toEqual([{ v: 1 }]);
});

test('more than a hundred partitions in one statement are refused, a hundred are not', async () => {
  const select = (n: number): string => `select 1 as v, cast(p as varchar) as p from unnest(sequence(1, ${n})) as t(p)`;
  const by = `, partitioned_by = array['p']`;
  const { Status } = await asked(tableAs('many/101/', select(101), by), open);
  expect([Status?.State, Status?.StateChangeReason]).toEqual(['FAILED', expect.stringMatching(/partition/i)]);
  expect((await asked(tableAs('many/100/', select(100), by), open)).Status?.State).toBe('SUCCEEDED');
});

test('a folder that is not empty is no target', async () => {
  await store.put('taken/x/something', new Uint8Array(1));
  const { Status } = await asked(tableAs('taken/x/', 'select 1 as n'), open);
  expect(Status?.StateChangeReason).toMatch(/HIVE_PATH_ALREADY_EXISTS/);
  await expect(engineIn(open).write('select 1 as n', 'taken/x/', [])).rejects.toThrow(/HIVE_PATH_ALREADY_EXISTS/);
});

describe('tokens', () => {
  test('start one execution, however often and at the same time they are sent', async () => {
    const start = async (sql: string): Promise<string | undefined> => {
      const request = { QueryString: sql, WorkGroup: open, ClientRequestToken: 'a-token-of-at-least-32-characters-1' };
      return (await clients.athena.send(new StartQueryExecutionCommand(request))).QueryExecutionId;
    };
    const ids = await Promise.all(Array.from({ length: 5 }, async () => await start('select 1')));
    expect(new Set(ids).size).toBe(1);
    await expect(start('select 2')).rejects.toThrow(/Idempotent parameters do not match/);
  });

  test('are long enough, and so are parameters short enough', async () => {
    const start = async (more: Partial<StartQueryExecutionCommandInput>): Promise<unknown> =>
      await clients.athena.send(new StartQueryExecutionCommand({ QueryString: 'select ?', WorkGroup: open, ...more }));
    await expect(start({ ClientRequestToken: 'short' })).rejects.toThrow(/32 to 128/);
    await expect(start({ ExecutionParameters: ['x'.repeat(1025)] })).rejects.toThrow(/1024/);
  });
});

test('a query that someone stops may be asked again', async () => {
  const long = `select count(*) as n from unnest(sequence(1, 9999)) as a(x) cross join unnest(sequence(1, 9999)) as b(y) cross join unnest(sequence(1, 99)) as c(z)`;
  const stopping = new Proxy(clients.athena, {
    get: (target, name) =>
      name !== 'send'
        ? (Reflect.get(target, name, target) as unknown)
        : async (sent: Parameters<typeof target.send>[0]) => {
            if (sent instanceof GetQueryExecutionCommand)
              await target.send(new StopQueryExecutionCommand({ QueryExecutionId: sent.input.QueryExecutionId }));
            return await target.send(sent);
          },
  });
  const engine = createAthenaEngine({
    athena: stopping,
    glue: clients.glue,
    store,
    bucket,
    workgroup: open,
    database,
    workDatabase,
  });
  await expect(engine.query(long)).rejects.toThrow(Transient);
});

test('an unknown workgroup is the configuration’s fault or the caller’s, and is named', async () => {
  await expect(engineIn('no-such-group').query('select 1 as n')).rejects.toThrow(/no-such-group/);
});

test('results come in pages with the names in the first row', async () => {
  const { QueryExecutionId } = await asked('select x from unnest(sequence(1, 1500)) as t(x) order by x', open);
  const page = async (NextToken?: string) =>
    await clients.athena.send(
      new GetQueryResultsCommand({ QueryExecutionId, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
  const first = await page();
  expect(first.ResultSet?.Rows).toHaveLength(1000);
  expect(first.ResultSet?.Rows?.[0]?.Data?.[0]?.VarCharValue).toBe('x');
  const second = await page(first.NextToken);
  expect(second.ResultSet?.Rows).toHaveLength(501);
  expect(second.NextToken).toBeUndefined();
});
