/**
 * Wires the journey to a deployed ledger, from a person's machine: `--stack NAME`. In: the name of the deployment. Out: the same world as of a
 * folder. Rules and hash key are those of the functions, never local files: two homes of one lake that price differently would undo each
 * other's work for ever.
 */
import { randomBytes } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import { createSecretHashKey } from '../lib/adapters/aws/secret-hash-key.ts';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import { loadSealSql } from '../lib/adapters/local/sql-files.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { IngestWorld } from '../lib/journey.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { decideTools, passTools, sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { Clock, TableCatalog } from '../lib/ports.ts';
import { createRulesReader, readDeployedConfig } from '../lib/rules-source.ts';
import { clockOf } from './local-world.ts';
import { consoleLog, terminalProgress } from './terminal.ts';

/** Names of a deployment, from the outputs of its stacks. */
export interface StackPlaces {
  readonly inboxBucket: string;
  readonly inboxPrefix: string;
  readonly lakeBucket: string;
  readonly hashKeySecret: string;
  readonly database: string;
  readonly workDatabase: string;
  readonly usersWorkgroup: string;
  readonly engineWorkgroup: string;
  readonly ingestQueue: string;
  readonly deadLetters: string;
}

const OUTPUTS: Readonly<Record<keyof StackPlaces, readonly ['data' | 'pipeline', string]>> = {
  inboxBucket: ['data', 'InboxBucket'],
  inboxPrefix: ['data', 'InboxPrefix'],
  lakeBucket: ['data', 'LakeBucket'],
  hashKeySecret: ['data', 'HashKeySecret'],
  database: ['data', 'Database'],
  workDatabase: ['data', 'WorkDatabase'],
  usersWorkgroup: ['data', 'UsersWorkgroup'],
  engineWorkgroup: ['data', 'EngineWorkgroup'],
  ingestQueue: ['pipeline', 'IngestQueue'],
  deadLetters: ['pipeline', 'IngestDeadLetters'],
};

/** Reads where a deployment keeps everything. */
export async function readPlaces(client: Pick<CloudFormationClient, 'send'>, name: string): Promise<StackPlaces> {
  const outputs = {
    data: await outputsOf(client, `${name}-data`),
    pipeline: await outputsOf(client, `${name}-pipeline`),
  };
  const places = Object.entries(OUTPUTS).map(([place, [stack, output]]) => {
    const value = outputs[stack].get(output);
    if (value === undefined)
      throw new Misconfigured(`the stack ${name}-${stack} has no output ${output}`, {
        hint: 'deploy it again with this version: npx cdk deploy --all',
      });
    return [place, place === 'inboxPrefix' && value === '/' ? '' : value] as const;
  });
  return Object.fromEntries(places) as unknown as StackPlaces;
}

async function outputsOf(client: Pick<CloudFormationClient, 'send'>, stack: string): Promise<Map<string, string>> {
  const { Stacks: found = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((cause: unknown) => {
      throw new Misconfigured(`the stack ${stack} cannot be read: ${cause instanceof Error ? cause.message : ''}`, {
        cause,
        hint: '--stack takes aws.name of the config; account and region are those of your AWS credentials',
      });
    });
  return new Map((found[0]?.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']));
}

/** A deployed ledger, opened from here. `close` must be awaited: it drops work tables. */
export interface StackWorld {
  readonly places: StackPlaces;
  readonly rules: LedgerRules;
  readonly lake: S3Store;
  readonly catalog: TableCatalog;
  /** in people's workgroup: tables and views as they are */
  readonly users: AthenaEngine;
  readonly clock: Clock;
  readonly carry: CarryWorld;
  readonly ingest: IngestWorld;
  readonly seal: LakeSealInput;
  close(): Promise<void>;
}

/** How a deployment is opened, as the options of the commands say it. */
export interface StackOptions {
  readonly stack: string;
  readonly config?: string;
  readonly now?: string;
  readonly label?: string;
}

/** Opens a deployed ledger for reading and writing. */
export async function openStackWorld(options: StackOptions): Promise<StackWorld> {
  if (options.config !== undefined)
    throw new Misconfigured('--config does not go with --stack: a deployed ledger has its config in its bucket', {
      hint: 'put the file there: aws s3 cp FILE s3://LAKE_BUCKET/config/inference-ledger.config.json',
    });
  const places = await readPlaces(new CloudFormationClient({}), options.stack);
  const { lakeBucket: bucket, database, workDatabase } = places;
  const client = new S3Client({});
  const glue = new GlueClient({});
  const athena = new AthenaClient({});
  const lake = createS3Store({ client, bucket });
  const rules = await createRulesReader({
    lake,
    deployed: () => readDeployedConfig(lake),
    shippedBook: readShippedBook,
    hashKey: createSecretHashKey(new SecretsManagerClient({}), places.hashKeySecret),
  })();
  const shared = { athena, glue, store: lake, bucket, database, workDatabase };
  const engine = createAthenaEngine({ ...shared, workgroup: places.engineWorkgroup });
  const users = createAthenaEngine({ ...shared, workgroup: places.usersWorkgroup });
  const catalog = createGlueCatalog({ glue, store: lake, bucket, database });
  const clock = clockOf(options.now);
  const carry: CarryWorld = {
    lake,
    clock,
    log: consoleLog(),
    progress: terminalProgress(options.label ?? 'reading'),
    tools: decideTools(rules),
  };
  return {
    places,
    rules,
    lake,
    catalog,
    users,
    clock,
    carry,
    ingest: {
      ...carry,
      inbox: createS3Store({ client, bucket: places.inboxBucket, prefix: places.inboxPrefix }),
      tools: passTools(rules, carry.tools),
      maxObjectBytes: rules.config.limits.max_object_bytes,
      closeAfterDays: rules.config.close_after_days,
    },
    seal: sealInput(rules, {
      lake,
      engine,
      catalog,
      nowMs: clock.nowMs(),
      sql: await loadSealSql(),
      newName: () => randomBytes(4).toString('hex'),
    }),
    close: async () => {
      await engine.close();
      await users.close();
    },
  };
}
