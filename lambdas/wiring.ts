/**
 * Puts the journey on AWS: clients, stores, rules, engine and catalog, made once per container. In: the environment and the function's data
 * files. Out: what the handlers need. The only place where the AWS parts meet.
 */
import { randomBytes } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import { createSecretHashKey } from '../lib/adapters/aws/secret-hash-key.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import type { IngestWorld } from '../lib/journey.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { decideTools, passTools, sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import { createPackedStore } from '../lib/packed-commits.ts';
import type { PackedStore } from '../lib/packed-commits.ts';
import type { Clock, ObjectStore, Progress } from '../lib/ports.ts';
import { createRulesReader, noteDeployedConfig, noteRulesInForce } from '../lib/rules-source.ts';
import type { RulesReading } from '../lib/rules-source.ts';
import type { DeployedFiles } from './deployed-files.ts';
import type { LedgerEnvironment } from './environment.ts';
import type { Telemetry } from './telemetry.ts';

const CLOCK: Clock = { nowMs: () => Date.now() };
const SILENT: Progress = { start: () => undefined, advance: () => undefined, stop: () => undefined };

/** Makes what lands objects. Rules are read anew for every call. */
export function wireIngest(
  environment: LedgerEnvironment,
  files: DeployedFiles,
  telemetry: Telemetry,
): () => Promise<{ readonly world: IngestWorld; readonly inbox: S3Store }> {
  const client = new S3Client({});
  const lake = createS3Store({ client, bucket: environment.lakeBucket });
  const inbox = createS3Store({ client, bucket: environment.inboxBucket, prefix: environment.inboxPrefix });
  const rulesNow = rulesReader(environment, files, lake, telemetry);
  return async () => {
    const { rules } = await rulesNow();
    const carry = carryWorld(rules, lake, telemetry);
    const world: IngestWorld = {
      ...carry,
      inbox,
      tools: passTools(rules, carry.tools, files.vocabulary),
      maxObjectBytes: rules.config.limits.max_object_bytes,
      closeAfterDays: rules.config.close_after_days,
    };
    return { world, inbox };
  };
}

/** What a seal needs; `close` drops its work tables. */
export interface SealWorld {
  readonly rules: LedgerRules;
  readonly carry: CarryWorld;
  readonly engine: AthenaEngine;
  /** input of a seal that begins now */
  readonly seal: () => LakeSealInput;
  readonly queries: Readonly<Record<string, string>>;
  readonly lake: PackedStore;
}

/** Makes what seals. */
export function wireSeal(
  environment: LedgerEnvironment,
  files: DeployedFiles,
  telemetry: Telemetry,
): () => Promise<SealWorld> {
  const { lakeBucket: bucket, database, workDatabase, engineWorkgroup: workgroup } = environment;
  const glue = new GlueClient({});
  const athena = new AthenaClient({});
  const store = createS3Store({ client: new S3Client({}), bucket });
  const lake = createPackedStore(store);
  const rulesNow = rulesReader(environment, files, store, telemetry);
  return async () => {
    await noteDeployedConfig(store, await files.config());
    const { rules, files: ruleFiles, problem } = await rulesNow();
    if (problem === null) await noteRulesInForce(store, ruleFiles);
    const engine = createAthenaEngine({ athena, glue, store, bucket, workgroup, database, workDatabase });
    const catalog = createGlueCatalog({ glue, store, bucket, database });
    const sql = await files.sealSql();
    return {
      rules,
      engine,
      lake,
      carry: carryWorld(rules, lake, telemetry),
      queries: await files.queries(),
      seal: () =>
        sealInput(rules, {
          lake,
          engine,
          catalog,
          nowMs: CLOCK.nowMs(),
          sql,
          newName: () => randomBytes(4).toString('hex'),
        }),
    };
  };
}

/** Rules of this moment; where they are not those of the files in the lake, somebody is told. */
function rulesReader(
  environment: LedgerEnvironment,
  files: DeployedFiles,
  lake: S3Store,
  telemetry: Telemetry,
): () => Promise<RulesReading> {
  const read = createRulesReader({
    lake,
    deployed: files.config,
    shippedBook: files.book,
    hashKey: createSecretHashKey(new SecretsManagerClient({}), environment.hashKeySecret),
  });
  return async () => {
    const reading = await read();
    if (reading.problem !== null) {
      telemetry.count('configInvalid', 1);
      telemetry.warn(`${reading.problem.message} → ${reading.problem.hint ?? ''}`);
    }
    return reading;
  };
}

function carryWorld(rules: LedgerRules, lake: ObjectStore, telemetry: Telemetry): CarryWorld {
  return { lake, clock: CLOCK, log: telemetry, progress: SILENT, tools: decideTools(rules) };
}
