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
import type { GlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import { createSecretHashKey } from '../lib/adapters/aws/secret-hash-key.ts';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import { loadSealSql } from '../lib/adapters/local/sql-files.ts';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { IngestWorld } from '../lib/journey.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { decideTools, passTools, sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import { createPackedStore } from '../lib/packed-commits.ts';
import type { Clock } from '../lib/ports.ts';
import { createRulesReader, readDeployedConfig } from '../lib/rules-source.ts';
import type { RulesReading } from '../lib/rules-source.ts';
import { clockOf, openCorpora } from './local-world.ts';
import type { LocalWorld } from './local-world.ts';
import { engineWithLine, terminalProgress } from './progress.ts';
import { consoleLog } from './terminal.ts';

/** Names of what holds data, from the outputs of the data stack: all that a reader needs. */
export interface DataPlaces {
  readonly inboxBucket: string;
  readonly inboxPrefix: string;
  readonly lakeBucket: string;
  readonly hashKeySecret: string;
  readonly database: string;
  readonly workDatabase: string;
  readonly usersWorkgroup: string;
  readonly engineWorkgroup: string;
}

/** Names of a whole deployment. */
export interface StackPlaces extends DataPlaces {
  readonly ingestQueue: string;
  readonly deadLetters: string;
  readonly documentsQueue: string;
  readonly documentDeadLetters: string;
}

const DATA_OUTPUTS: Readonly<Record<keyof DataPlaces, string>> = {
  inboxBucket: 'InboxBucket',
  inboxPrefix: 'InboxPrefix',
  lakeBucket: 'LakeBucket',
  hashKeySecret: 'HashKeySecret',
  database: 'Database',
  workDatabase: 'WorkDatabase',
  usersWorkgroup: 'UsersWorkgroup',
  engineWorkgroup: 'EngineWorkgroup',
};
const PIPELINE_OUTPUTS: Readonly<Record<Exclude<keyof StackPlaces, keyof DataPlaces>, string>> = {
  ingestQueue: 'IngestQueue',
  deadLetters: 'IngestDeadLetters',
  documentsQueue: 'DocumentsQueue',
  documentDeadLetters: 'DocumentsDeadLetters',
};

/** Reads where a deployment keeps everything. */
export async function readPlaces(client: Pick<CloudFormationClient, 'send'>, name: string): Promise<StackPlaces> {
  return { ...(await readDataPlaces(client, name)), ...(await placesOf(client, `${name}-pipeline`, PIPELINE_OUTPUTS)) };
}

/** Reads where its data lies; readers may not look at the pipeline. */
export async function readDataPlaces(client: Pick<CloudFormationClient, 'send'>, name: string): Promise<DataPlaces> {
  const places = await placesOf(client, `${name}-data`, DATA_OUTPUTS);
  return { ...places, inboxPrefix: places.inboxPrefix === '/' ? '' : places.inboxPrefix };
}

async function placesOf<Place extends string>(
  client: Pick<CloudFormationClient, 'send'>,
  stack: string,
  names: Readonly<Record<Place, string>>,
): Promise<Record<Place, string>> {
  const outputs = await outputsOf(client, stack);
  const places = Object.entries<string>(names).map(([place, output]) => {
    const value = outputs.get(output);
    if (value === undefined)
      throw new Misconfigured(`the stack ${stack} has no output ${output}`, {
        hint: 'deploy it again with this version: npx cdk deploy --all',
      });
    return [place, value] as const;
  });
  return Object.fromEntries(places) as Record<Place, string>;
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
  /** why the files below `config/` are not those in force; null if they are */
  readonly configProblem: RulesReading['problem'];
  readonly lake: S3Store;
  readonly catalog: GlueCatalog;
  /** in people's workgroup: tables and views as they are */
  readonly users: AthenaEngine;
  readonly clock: Clock;
  readonly carry: CarryWorld;
  readonly ingest: IngestWorld;
  readonly seal: LakeSealInput;
  readonly corpora: LocalWorld['corpora'];
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
  const { rules, problem } = await createRulesReader({
    lake,
    deployed: () => readDeployedConfig(lake),
    shippedBook: readShippedBook,
    hashKey: createSecretHashKey(new SecretsManagerClient({}), places.hashKeySecret),
  })();
  const shared = { athena, glue, store: lake, bucket, database, workDatabase };
  const engine = engineWithLine(createAthenaEngine({ ...shared, workgroup: places.engineWorkgroup }), 'sealing');
  const users = createAthenaEngine({ ...shared, workgroup: places.usersWorkgroup });
  const catalog = createGlueCatalog({ glue, store: lake, bucket, database });
  const clock = clockOf(options.now);
  const log = consoleLog();
  if (problem !== null) log.warn(`${problem.message} → ${problem.hint ?? ''}`);
  // one request for the commits of a past day, as the functions read them
  const packed = createPackedStore(lake);
  const carry: CarryWorld = {
    lake: packed,
    clock,
    log,
    progress: terminalProgress(options.label ?? 'reading'),
    tools: decideTools(rules),
  };
  const inbox = createS3Store({ client, bucket: places.inboxBucket, prefix: places.inboxPrefix });
  const seal = sealInput(rules, {
    lake: packed,
    engine,
    catalog,
    nowMs: clock.nowMs(),
    sql: await loadSealSql(),
    newName: () => randomBytes(4).toString('hex'),
  });
  const corpora = await openCorpora({ carry, seal }, rules, inbox, null);
  return {
    places,
    rules,
    configProblem: problem,
    lake,
    catalog,
    users,
    clock,
    carry,
    ingest: {
      ...carry,
      inbox,
      tools: passTools(rules, carry.tools, vocabularyBytes),
      maxObjectBytes: rules.config.limits.max_object_bytes,
      closeAfterDays: rules.config.close_after_days,
    },
    seal,
    corpora,
    close: async () => {
      await corpora.world.reader.close();
      await engine.close();
      await users.close();
    },
  };
}
