/**
 * Puts what asks the tables and writes derived ones on AWS: clients, stores and engine, made once per container. In: the environment and the
 * function's files. Out: what the functions of the report need. They read no log and land nothing.
 */
import { randomBytes } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { createAthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import type { GlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { DeployedFiles } from './deployed-files.ts';
import type { LedgerEnvironment } from './environment.ts';
import type { Telemetry } from './telemetry.ts';
import { CLOCK, rulesReader } from './wiring.ts';

export interface LakeWorld {
  readonly rules: LedgerRules;
  readonly store: S3Store;
  readonly catalog: GlueCatalog;
  /** sees the public tables */
  readonly engine: AthenaEngine;
  /** writes generations of derived tables */
  readonly seal: LakeSealInput;
}

/** Random text, for names that nobody else has. */
export const newName = (): string => randomBytes(8).toString('hex');

/** Makes it under the rules of the moment; the engine must be closed. */
export function wireLake(
  environment: LedgerEnvironment,
  files: DeployedFiles,
  telemetry: Telemetry,
): () => Promise<LakeWorld> {
  const { lakeBucket: bucket, database, workDatabase, engineWorkgroup: workgroup } = environment;
  const glue = new GlueClient({});
  const athena = new AthenaClient({});
  const store = createS3Store({ client: new S3Client({}), bucket });
  const rulesNow = rulesReader(environment, files, store, telemetry);
  return async () => {
    const { rules } = await rulesNow();
    const engine = createAthenaEngine({ athena, glue, store, bucket, workgroup, database, workDatabase });
    const catalog = createGlueCatalog({ glue, store, bucket, database });
    const ports = { lake: store, engine, catalog, nowMs: CLOCK.nowMs(), sql: await files.sealSql(), newName };
    return { rules, store, catalog, engine, seal: sealInput(rules, ports) };
  };
}
