/**
 * A deployed ledger in the hands of a test: its objects, its queue, its functions, and SQL as people ask it. In: endpoints and what
 * `deployApp` made. Out: ports and the few calls that tests share. Beside it, the same inbox as a folder, and the rows of both homes.
 */
import { mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
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
import type { SqlRow } from '../../lib/ports.ts';
import { SPEND_DAILY, USAGE, columnTypes } from '../../lib/schema.ts';
import type { Table } from '../../lib/schema.ts';
import type { DeployedApp } from './deployed-app.ts';
import type { Endpoints } from './stack/servers.ts';

/** The key of both homes: 64 hexadecimal signs. */
export const HASH_KEY = 'ab'.repeat(32);

export interface Deployment {
  readonly endpoints: Endpoints;
  readonly app: DeployedApp;
  readonly places: StackPlaces;
  readonly inbox: S3Store;
  readonly lake: S3Store;
  /** SQL in people's workgroup */
  readonly users: AthenaEngine;
  readonly sqs: SQSClient;
  readonly glue: GlueClient;
  readonly s3: S3Client;
}

/** Opens what was deployed. */
export async function openDeployment(endpoints: Endpoints, app: DeployedApp): Promise<Deployment> {
  const { region, accessKeyId, secretAccessKey, control } = endpoints;
  const common = { region, endpoint: control, credentials: { accessKeyId, secretAccessKey } };
  const places = await readPlaces(new CloudFormationClient(common), app.name);
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const glue = new GlueClient(common);
  const { lakeBucket: bucket, database, workDatabase } = places;
  const lake = createS3Store({ client: s3, bucket });
  return {
    endpoints,
    app,
    places,
    lake,
    s3,
    glue,
    inbox: createS3Store({ client: s3, bucket: places.inboxBucket, prefix: places.inboxPrefix }),
    sqs: new SQSClient(common),
    users: createAthenaEngine({
      athena: new AthenaClient({ ...common, endpoint: endpoints.athenaOnControl }),
      glue,
      store: lake,
      bucket,
      workgroup: places.usersWorkgroup,
      database,
      workDatabase,
    }),
  };
}

/** The inbox as a folder; files get the times at which S3 took the objects, from which records without a time take theirs. */
export async function copyOf(inbox: S3Store, config: object): Promise<string> {
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

/** Runs the journey on a folder that `copyOf` made, into `lake` in it. */
export async function runLocally(folder: string): Promise<void> {
  process.env['INFERENCE_LEDGER_HASH_KEY'] = HASH_KEY;
  await runLedger({
    inbox: join(folder, 'inbox'),
    lake: join(folder, 'lake'),
    config: join(folder, 'config.json'),
    now: new Date().toISOString(),
  });
}

export const POLL_MS = 500;
export const MAX_WAIT_MS = 300_000;
/** one object lands soon */
const COMMIT_POLL_MS = 60;

/** Messages that wait, and that are being worked on. */
export async function queueDepth({ sqs }: Deployment, queue: string): Promise<number> {
  const { Attributes: found } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }),
  );
  return Number(found?.ApproximateNumberOfMessages) + Number(found?.ApproximateNumberOfMessagesNotVisible);
}

/** Waits until the queue is empty and nothing is being worked on. */
export async function settled(aws: Deployment): Promise<void> {
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    if ((await queueDepth(aws, aws.places.ingestQueue)) === 0 && (await readCommits(aws.lake)).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the queue did not become empty');
}

/** A call as a line of the native format, in the morning of its day. */
export function callLine(id: string, day: string, inputTokens: number, more: object = {}): string {
  const call = { timestamp: `${day}T10:00:00Z`, id, model: 'gpt-4o', input_tokens: inputTokens, output_tokens: 10 };
  return `${JSON.stringify({ ...call, ...more })}\n`;
}

export async function putText({ inbox }: Pick<Deployment, 'inbox'>, key: string, text: string): Promise<void> {
  await inbox.put(key, new TextEncoder().encode(text));
}

/** Puts an object while nothing else comes, waits until it has landed, and says how many commits there are more. */
export async function landText(aws: Pick<Deployment, 'inbox' | 'lake'>, key: string, text: string): Promise<number> {
  const commitCount = async (): Promise<number> => {
    let count = 0;
    for await (const _ of aws.lake.list('commits/')) count++;
    return count;
  };
  const before = await commitCount();
  await putText(aws, key, text);
  for (const start = Date.now(); Date.now() - start < MAX_WAIT_MS;) {
    const count = await commitCount();
    if (count > before) return count - before;
    await new Promise((resolve) => setTimeout(resolve, COMMIT_POLL_MS));
  }
  throw new Error(`${key} did not land`);
}

/** A call of the control plane that has no client among our dependencies. The emulator looks at the service's name only. */
export async function call(
  { endpoints }: Pick<Deployment, 'endpoints'>,
  service: string,
  path: string,
  body: object | null,
  target?: string,
  method: 'GET' | 'POST' | 'PUT' = body === null ? 'GET' : 'POST',
): Promise<Record<string, unknown>> {
  const response = await fetch(`${endpoints.control}${path}`, {
    method,
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=parts/20261101/${endpoints.region}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
      ...(target === undefined ? {} : { 'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.0' }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/**
 * Holds back the events of the inbox, or lets them flow. The emulator hands over each message at once, where Lambda waits for its window and
 * takes a batch: what is held back comes in batches of ten, the emulator's most.
 */
export async function letEventsFlow(aws: Deployment, isFlowing: boolean): Promise<void> {
  const path = '/2015-03-31/event-source-mappings/';
  const name = aws.app.outputs['IngestFunction'] ?? '';
  const found = await call(aws, 'lambda', `${path}?FunctionName=${name}`, null);
  const [mapping] = found['EventSourceMappings'] as { UUID: string }[];
  if (mapping === undefined) throw new Error(`${name} has no event source`);
  await call(aws, 'lambda', `${path}${mapping.UUID}`, { Enabled: isFlowing }, undefined, 'PUT');
}

/** What the seal function says of a round. */
export interface Sealed {
  readonly sealedDays: string[];
  readonly restampedObjects: number;
}

/** Runs the seal function once and returns what it says. */
export async function seal(aws: Deployment): Promise<Sealed> {
  const name = aws.app.outputs['SealFunction'] ?? '';
  const result = await call(aws, 'lambda', `/2015-03-31/functions/${name}/invocations`, {});
  if (!Array.isArray(result['sealedDays'])) throw new Error(`the seal failed: ${JSON.stringify(result).slice(0, 500)}`);
  return result as unknown as Sealed;
}

/** Rows with every column of the schema file but the time of reading, which is the one thing that differs; maps in one order. */
export async function rowsOf(ask: (sql: string) => Promise<SqlRow[]>, table: Table): Promise<string[]> {
  const names = Object.keys(columnTypes(table)).filter((name) => name !== 'ingested_at');
  const rows = await ask(`select ${names.join(', ')} from ${table.name}`);
  return rows.map((row) => JSON.stringify(names.map((name) => [name, inOrder(row[name])]))).toSorted();
}

function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Rows of `usage` and `spend_daily` as people see them in Athena. */
export async function deployedRows(aws: Deployment): Promise<string[][]> {
  const rows: string[][] = [];
  for (const table of [USAGE, SPEND_DAILY]) rows.push(await rowsOf((sql) => aws.users.query(sql), table));
  return rows;
}

/** The same rows of the lake in a folder that `runLocally` filled. */
export async function localRows(folder: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const table of [USAGE, SPEND_DAILY]) rows.push(await rowsOf((sql) => askLake(join(folder, 'lake'), sql), table));
  return rows;
}

/** Tells the queue of objects, in this order. */
export async function tell(aws: Deployment, keys: readonly string[], bodies: readonly string[] = []): Promise<void> {
  const { inboxBucket: bucket, inboxPrefix: prefix, ingestQueue } = aws.places;
  const all = [...keys.map((key) => objectEventBody({ bucket, key: prefix + key, etag: null })), ...bodies];
  for (let i = 0; i < all.length; i += 10) {
    const Entries = all.slice(i, i + 10).map((MessageBody, at) => ({ Id: String(at), MessageBody }));
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl: ingestQueue, Entries }));
  }
}

/** Keys of the inbox, in order. */
export async function inboxKeys(aws: Deployment): Promise<string[]> {
  const keys: string[] = [];
  for await (const info of aws.inbox.list('')) keys.push(info.key);
  return keys;
}
