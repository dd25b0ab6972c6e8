/**
 * Where a measured function works: buckets of its own on the S3 server that checks signatures, a queue and a secret on the control plane of the
 * part tests' stack. In: the endpoints of a running stack. Out: stores, the function's environment, and events as Lambda hands them over.
 */
import { createHash, randomBytes } from 'node:crypto';
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import type { Endpoints } from '../tests/parts/stack/servers.ts';

/** Of the stack's endpoints what is needed here. */
export type PlaceEndpoints = Pick<
  Endpoints,
  'region' | 'accessKeyId' | 'secretAccessKey' | 'control' | 's3' | 'athena'
>;

/** Endpoints that are asked through another address, such as a counter's. */
export type Detours = Partial<Record<'s3' | 'glue' | 'athena', string>>;

export interface LambdaPlace {
  readonly inbox: S3Store;
  readonly lake: S3Store;
  /** what the functions are told */
  readonly environment: Readonly<Record<string, string>>;
  /** an event of the queue that tells of these objects */
  readonly eventOf: (keys: readonly string[]) => { readonly Records: readonly object[] };
}

const PREFIX = 'inbox/';

/** Makes an inbox and a lake that nobody else has. */
export async function openLambdaPlace(endpoints: PlaceEndpoints, detours: Detours = {}): Promise<LambdaPlace> {
  const { region, accessKeyId, secretAccessKey, control } = endpoints;
  const common = { region, credentials: { accessKeyId, secretAccessKey } };
  const client = new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true });
  const name = `measured-${randomBytes(5).toString('hex')}`;
  const [inboxBucket, lakeBucket] = [`${name}-inbox`, `${name}-lake`];
  for (const Bucket of [inboxBucket, lakeBucket]) await client.send(new CreateBucketCommand({ Bucket }));
  const database = name.replaceAll('-', '_');
  await prepareAthena({ common, endpoints, name, database, lakeBucket });
  const secrets = new SecretsManagerClient({ ...common, endpoint: control });
  await secrets.send(new CreateSecretCommand({ Name: name, SecretString: 'ab'.repeat(32) }));
  const sqs = new SQSClient({ ...common, endpoint: control });
  const { QueueUrl: queue = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return {
    inbox: createS3Store({ client, bucket: inboxBucket, prefix: PREFIX }),
    lake: createS3Store({ client, bucket: lakeBucket }),
    environment: {
      LEDGER_INBOX_BUCKET: inboxBucket,
      LEDGER_INBOX_PREFIX: PREFIX,
      LEDGER_LAKE_BUCKET: lakeBucket,
      LEDGER_HASH_KEY_SECRET: name,
      LEDGER_INGEST_QUEUE: queue,
      LEDGER_DOCUMENTS_QUEUE: queue,
      LEDGER_DATABASE: database,
      LEDGER_WORK_DATABASE: `${database}_work`,
      LEDGER_ENGINE_WORKGROUP: name,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: control,
      AWS_ENDPOINT_URL_S3: detours.s3 ?? endpoints.s3,
      AWS_ENDPOINT_URL_GLUE: detours.glue ?? control,
      AWS_ENDPOINT_URL_ATHENA: detours.athena ?? endpoints.athena,
    },
    eventOf: (keys) => ({ Records: keys.map((key) => messageOf(inboxBucket, PREFIX + key, region)) }),
  };
}

/** Databases and workgroup, as the data stack makes them. */
async function prepareAthena(place: {
  readonly common: { readonly region: string; readonly credentials: { accessKeyId: string; secretAccessKey: string } };
  readonly endpoints: PlaceEndpoints;
  readonly name: string;
  readonly database: string;
  readonly lakeBucket: string;
}): Promise<void> {
  const { common, endpoints, name, database, lakeBucket } = place;
  const glue = new GlueClient({ ...common, endpoint: endpoints.control });
  for (const Name of [database, `${database}_work`])
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }));
  const athena = new AthenaClient({ ...common, endpoint: endpoints.athena });
  const ResultConfiguration = { OutputLocation: `s3://${lakeBucket}/athena/engine/` };
  await athena.send(
    new CreateWorkGroupCommand({
      Name: name,
      Configuration: { EnforceWorkGroupConfiguration: false, ResultConfiguration },
    }),
  );
}

/** A message as Lambda's poller hands it over, with EventBridge's event of S3 in its body. */
function messageOf(bucket: string, key: string, region: string): object {
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const body = JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object: { key }, reason: 'PutObject' },
  });
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 's',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${region}:000000000000:measured`,
    awsRegion: region,
  };
}
