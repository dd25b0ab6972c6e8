/**
 * Whether the caller may do what the commands with `--stack` do. In: where a deployment keeps everything. Out: findings that name each action
 * that was denied. Every right is tried by a call that changes nothing: reads, and writes whose condition cannot hold, since AWS decides about
 * rights before it looks at conditions or at what exists.
 */
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { BatchUpdatePartitionCommand, GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ask } from '../lib/adapters/aws/athena-query.ts';
import { calling } from '../lib/adapters/aws/aws-errors.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import { createSecretHashKey } from '../lib/adapters/aws/secret-hash-key.ts';
import { dropTable } from '../lib/adapters/aws/work-tables.ts';
import { LedgerError, Misconfigured } from '../lib/errors.ts';
import { firstPlaces, several } from '../lib/health/finding.ts';
import type { Finding } from '../lib/health/finding.ts';
import { USAGE } from '../lib/schema.ts';
import type { StackPlaces } from './stack-world.ts';

/** One right, and a call that needs it. */
export interface Right {
  readonly action: string;
  readonly on: string;
  /** whether it is needed to change the ledger, and not to look at it */
  readonly changes: boolean;
  readonly attempt: () => Promise<unknown>;
}

/** Nothing has this name. */
const NOBODY = 'doctor-was-here-and-wrote-nothing';

/** The rights that the commands need, one for each kind of place. */
export function neededRights(places: StackPlaces): Right[] {
  return [...objectRights(places), ...tableRights(places), ...queryRights(places), ...otherRights(places)];
}

function objectRights({ inboxBucket, inboxPrefix, lakeBucket }: StackPlaces): Right[] {
  const client = new S3Client({});
  const inbox = createS3Store({ client, bucket: inboxBucket, prefix: inboxPrefix });
  const lake = createS3Store({ client, bucket: lakeBucket });
  const first = async (store: typeof lake): Promise<void> => {
    for await (const _ of store.list(NOBODY)) return;
  };
  const read = (folder: string): Right => ({
    action: 's3:GetObject',
    on: `${folder} of bucket ${lakeBucket}`,
    changes: false,
    attempt: () => lake.head(`${folder}${NOBODY}`),
  });
  const write = (folder: string): Right => ({
    action: 's3:PutObject',
    on: `${folder} of bucket ${lakeBucket}`,
    changes: true,
    // replaces an object of a version that never was
    attempt: () => lake.replace(`${folder}${NOBODY}`, new Uint8Array(), '0'.repeat(32)),
  });
  return [
    { action: 's3:ListBucket', on: `bucket ${inboxBucket}`, changes: false, attempt: () => first(inbox) },
    { action: 's3:ListBucket', on: `bucket ${lakeBucket}`, changes: false, attempt: () => first(lake) },
    {
      action: 's3:GetObject',
      on: `${inboxPrefix} of bucket ${inboxBucket}`,
      changes: false,
      attempt: () => inbox.head(NOBODY),
    },
    ...['commits/', 'config/', 'v1/', 'landing/'].map(read),
    ...['commits/', 'documents/', 'landing/', 'v1/', 'work/'].map(write),
  ];
}

function tableRights({ database, workDatabase }: StackPlaces): Right[] {
  const glue = new GlueClient({});
  const look = (name: string): Right => ({
    action: 'glue:GetTables',
    on: `database ${name}`,
    changes: false,
    attempt: async () => await glue.send(new GetTablesCommand({ DatabaseName: name, MaxResults: 1 })),
  });
  return [
    look(database),
    look(workDatabase),
    {
      action: 'glue:BatchUpdatePartition',
      on: `database ${database}`,
      changes: true,
      // a partition that does not exist comes back as an error of its own, and nothing is made
      attempt: async () =>
        await glue.send(
          new BatchUpdatePartitionCommand({
            DatabaseName: database,
            TableName: USAGE.name,
            Entries: [{ PartitionValueList: ['0001-01-01'], PartitionInput: { Values: ['0001-01-01'] } }],
          }),
        ),
    },
    {
      action: 'glue:DeleteTable',
      on: `database ${workDatabase}`,
      changes: true,
      attempt: async () => await dropTable(glue, workDatabase, NOBODY.replaceAll('-', '_')),
    },
  ];
}

function queryRights({ database, usersWorkgroup, engineWorkgroup }: StackPlaces): Right[] {
  const athena = new AthenaClient({});
  return [usersWorkgroup, engineWorkgroup].flatMap((workgroup): Right[] => [
    {
      action: 'athena:GetWorkGroup',
      on: `workgroup ${workgroup}`,
      changes: workgroup === engineWorkgroup,
      attempt: async () => await athena.send(new GetWorkGroupCommand({ WorkGroup: workgroup })),
    },
    {
      action: 'athena:StartQueryExecution',
      on: `workgroup ${workgroup}`,
      changes: workgroup === engineWorkgroup,
      attempt: async () => await ask({ athena, workgroup, database }, 'select 1 as one'),
    },
  ]);
}

function otherRights(places: StackPlaces): Right[] {
  const { hashKeySecret, ingestQueue, deadLetters, documentsQueue, documentDeadLetters } = places;
  // an endpoint that the environment names holds for queues too
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const count = (queue: string, url: string): Right => ({
    action: 'sqs:GetQueueAttributes',
    on: queue,
    changes: false,
    attempt: async () =>
      await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] })),
  });
  return [
    {
      action: 'secretsmanager:GetSecretValue',
      on: 'the secret of the hash key',
      changes: false,
      attempt: createSecretHashKey(new SecretsManagerClient({}), hashKeySecret),
    },
    count('the queue of the inbox', ingestQueue),
    count('the dead letters', deadLetters),
    count('the queue of documents', documentsQueue),
    count('the dead letters of documents', documentDeadLetters),
  ];
}

/** Tries every right; the first finding says what these credentials may do. */
export async function rightsFindings(rights: readonly Right[], stack: string): Promise<Finding[]> {
  const tried = await Promise.all(rights.map(async (right) => ({ right, error: await failureOf(right) })));
  const denied = tried.filter(({ error }) => isDenied(error)).map(({ right }) => right);
  const todo = `attach the policy of the output OperatorPolicy of ${stack}-pipeline; with a KMS key, its policy must allow these credentials too`;
  const named = (changes: boolean): string[] =>
    denied.filter((right) => right.changes === changes).map(({ action, on }) => `${action} on ${on}`);
  const [looking, changing] = [named(false), named(true)];
  const findings: Finding[] = [];
  if (looking.length > 0)
    findings.push({
      level: 'problem',
      check: 'permissions',
      message: `denied to these credentials: ${shown(looking)}`,
      where: firstPlaces(looking),
      todo,
    });
  if (changing.length > 0)
    findings.push({
      level: 'note',
      check: 'permissions',
      message: `run, reprice, retract and simulate will fail, denied to these credentials: ${shown(changing)}`,
      where: firstPlaces(changing),
      todo,
    });
  for (const { right, error } of tried) if (error !== null && !isDenied(error)) findings.push(untried(right, error));
  if (findings.length > 0) return findings;
  return [
    {
      level: 'ok',
      check: 'permissions',
      message: `these credentials may look at the ledger and change it (${several(rights.length, 'right')} tried)`,
    },
  ];
}

async function failureOf({ action, on, attempt }: Right): Promise<Error | null> {
  try {
    await calling({ action, on }, attempt);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isDenied(error: Error | null): boolean {
  return error instanceof Misconfigured && / was denied on /.test(error.message);
}

const NAMED = 3;

function shown(places: readonly string[]): string {
  const more = places.length - NAMED;
  return `${places.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function untried({ action, on }: Right, error: Error): Finding {
  const hint = error instanceof LedgerError ? error.hint : undefined;
  return {
    level: 'problem',
    check: 'permissions',
    message: `${action} on ${on} could not be tried: ${error.message}`,
    todo: hint ?? 'ask again; if it stays, look whether the stacks are whole: npx cdk diff',
  };
}
