/**
 * The whole product deployed on the emulated control plane, with real Trino as Athena: the demo's logs are put into the bucket, events flow, the
 * functions run as they are bundled. Every row of `usage` and `spend_daily` asked through Athena's API then equals a local run, column by column,
 * and still does after events came twice and out of order, beside broken ones, and after a backfill over everything.
 */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import { runLedger } from '../../bin/commands/run.ts';
import { readPlaces } from '../../bin/stack-world.ts';
import type { StackPlaces } from '../../bin/stack-world.ts';
import { objectEventBody } from '../../lambdas/object-events.ts';
import { createAthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../../lib/adapters/aws/athena-engine.ts';
import { createS3Store } from '../../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../../lib/adapters/aws/s3-store.ts';
import { readCommits } from '../../lib/commit.ts';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { SPEND_DAILY, USAGE, columnTypes } from '../../lib/schema.ts';
import type { Table } from '../../lib/schema.ts';
import { deployApp } from './deployed-app.ts';
import type { DeployedApp } from './deployed-app.ts';
import { freshName, stackClients } from './stack/clients.ts';
import type { Endpoints } from './stack/servers.ts';

const END_DAY = '2026-11-22';
const HASH_KEY = 'ab'.repeat(32);

interface Deployment {
  readonly endpoints: Endpoints;
  readonly app: DeployedApp;
  readonly places: StackPlaces;
  readonly inbox: S3Store;
  readonly lake: S3Store;
  readonly users: AthenaEngine;
  readonly sqs: SQSClient;
}

let aws: Deployment;
let local: string;
beforeAll(async () => {
  const { endpoints } = await stackClients();
  const config = demoConfig(END_DAY);
  const app = await deployApp(endpoints, { name: freshName('spend-'), hashKey: HASH_KEY, config });
  aws = await openDeployment(endpoints, app);
  for (const { key, bytes } of demoInbox({ seed: 1, endDay: END_DAY })) await aws.inbox.put(key, bytes);
  local = await copyOf(aws.inbox, config);
  await settled();
  await seal();
  process.env['INFERENCE_LEDGER_HASH_KEY'] = HASH_KEY;
  await runLedger({
    inbox: join(local, 'inbox'),
    lake: join(local, 'lake'),
    config: join(local, 'config.json'),
    now: new Date().toISOString(),
  });
});
afterAll(async () => {
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

async function openDeployment(endpoints: Endpoints, app: DeployedApp): Promise<Deployment> {
  const { region, accessKeyId, secretAccessKey, control } = endpoints;
  const common = { region, endpoint: control, credentials: { accessKeyId, secretAccessKey } };
  const places = await readPlaces(new CloudFormationClient(common), app.name);
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const { lakeBucket: bucket, database, workDatabase } = places;
  const lake = createS3Store({ client: s3, bucket });
  return {
    endpoints,
    app,
    places,
    lake,
    inbox: createS3Store({ client: s3, bucket: places.inboxBucket, prefix: places.inboxPrefix }),
    sqs: new SQSClient(common),
    users: createAthenaEngine({
      athena: new AthenaClient({ ...common, endpoint: endpoints.athenaOnControl }),
      glue: new GlueClient(common),
      store: lake,
      bucket,
      workgroup: places.usersWorkgroup,
      database,
      workDatabase,
    }),
  };
}

/** The inbox as a folder; files get the times at which S3 took the objects, from which records without a time take theirs. */
async function copyOf(inbox: S3Store, config: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  for await (const info of inbox.list('')) {
    const path = join(folder, 'inbox', info.key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, (await inbox.read(info.key)) ?? '');
    const time = new Date(info.lastModifiedMs);
    await utimes(path, time, time);
  }
  return folder;
}

const POLL_MS = 500;
const MAX_WAIT_MS = 300_000;

/** Waits until the queue is empty and nothing is being worked on. */
async function settled(): Promise<void> {
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    const { Attributes: found } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: aws.places.ingestQueue, AttributeNames: ['All'] }),
    );
    const waiting = Number(found?.ApproximateNumberOfMessages) + Number(found?.ApproximateNumberOfMessagesNotVisible);
    if (waiting === 0 && (await readCommits(aws.lake)).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the queue did not become empty');
}

/** A call of the control plane that has no client among our dependencies. The emulator looks at the service's name only. */
async function call(service: string, path: string, body: object, target?: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${aws.endpoints.control}${path}`, {
    method: 'POST',
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=parts/20261101/${aws.endpoints.region}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
      ...(target === undefined ? {} : { 'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.0' }),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Runs the seal function once and returns what it says. */
async function seal(): Promise<{ sealedDays: string[] }> {
  const name = aws.app.outputs['SealFunction'] ?? '';
  const result = await call('lambda', `/2015-03-31/functions/${name}/invocations`, {});
  if (!Array.isArray(result['sealedDays'])) throw new Error(`the seal failed: ${JSON.stringify(result).slice(0, 500)}`);
  return result as { sealedDays: string[] };
}

/** Rows with every column of the schema file but the time of reading, which is the one thing that differs; maps in one order. */
async function rowsOf(ask: (sql: string) => Promise<SqlRow[]>, table: Table): Promise<string[]> {
  const names = Object.keys(columnTypes(table)).filter((name) => name !== 'ingested_at');
  const rows = await ask(`select ${names.join(', ')} from ${table.name}`);
  return rows.map((row) => JSON.stringify(names.map((name) => [name, inOrder(row[name])]))).toSorted();
}

function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Rows of both tables in both homes. */
async function bothHomes(): Promise<{ deployed: string[][]; expected: string[][] }> {
  const deployed: string[][] = [];
  const expected: string[][] = [];
  for (const table of [USAGE, SPEND_DAILY]) {
    deployed.push(await rowsOf((sql) => aws.users.query(sql), table));
    expected.push(await rowsOf((sql) => askLake(join(local, 'lake'), sql), table));
  }
  return { deployed, expected };
}

/** Tells the queue of objects, in this order. */
async function tell(keys: readonly string[], bodies: readonly string[] = []): Promise<void> {
  const { inboxBucket: bucket, inboxPrefix: prefix, ingestQueue } = aws.places;
  const all = [...keys.map((key) => objectEventBody({ bucket, key: prefix + key, etag: null })), ...bodies];
  for (let i = 0; i < all.length; i += 10) {
    const Entries = all.slice(i, i + 10).map((MessageBody, at) => ({ Id: String(at), MessageBody }));
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl: ingestQueue, Entries }));
  }
}

async function inboxKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const info of aws.inbox.list('')) keys.push(info.key);
  return keys;
}

test('what was dropped into the bucket is in Athena as in a local run, row by row', async () => {
  const { deployed, expected } = await bothHomes();
  for (const rows of expected) expect(rows.length).toBeGreaterThan(100);
  expect(deployed).toEqual(expected);
});

test('the views answer in people’s workgroup, and sum to the tables', async () => {
  const [byView] = await aws.users.query(
    'select cast(sum(cost) as decimal(38,12)) as cost, sum(calls) as calls from spend_by_team',
  );
  const [byTable] = await aws.users.query(
    'select cast(sum(cost) as decimal(38,12)) as cost, sum(calls) as calls from spend_daily',
  );
  expect(byView).toEqual(byTable);
  expect(Number(byTable?.['calls'])).toBeGreaterThan(1000);
});

test('events told twice and backwards, of objects that are gone, and a backfill change nothing', async () => {
  const keys = await inboxKeys();
  await tell([...keys.slice(0, 60).toReversed(), 'never/was.jsonl', ...keys.slice(0, 30)]);
  // the emulator hands over one object at a time instead of 500: a small folder
  const folders = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/') + 1));
  const [folder = ''] = [...folders].find(([name, own]) => name !== '' && own.length >= 3 && own.length <= 12) ?? [];
  expect(folder).not.toBe('');
  const input = JSON.stringify({ prefix: aws.places.inboxPrefix + folder });
  const started = await call(
    'states',
    '/',
    { stateMachineArn: aws.app.outputs['BackfillStateMachine'], input },
    'AWSStepFunctions.StartExecution',
  );
  expect(await executionEnd(String(started['executionArn']))).toBe('SUCCEEDED');
  await settled();
  await seal();
  const { deployed, expected } = await bothHomes();
  expect(deployed).toEqual(expected);
  expect((await seal()).sealedDays).toEqual([]);
});

async function executionEnd(executionArn: string): Promise<string> {
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    const { status } = await call('states', '/', { executionArn }, 'AWSStepFunctions.DescribeExecution');
    if (status !== 'RUNNING') return String(status);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return 'still running';
}
