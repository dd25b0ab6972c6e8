/** Puts the seal on AWS: clients, stores, engine and catalog, made once per container. In: the environment and the function's files. Out: what its handler needs. */
import { randomBytes } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { createAthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import type { AthenaEngine } from '../lib/adapters/aws/athena-engine.ts';
import { createGlueCatalog } from '../lib/adapters/aws/glue-catalog.ts';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import type { CorporaSeal } from '../lib/corpora.ts';
import { corporaSeal } from '../lib/corpus-tools.ts';
import type { KnownCommits } from '../lib/document-commits.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { sealInput } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import { modelLimitsWhenAsked } from '../lib/model-limits.ts';
import { createPackedStore } from '../lib/packed-commits.ts';
import type { PackedStore } from '../lib/packed-commits.ts';
import { noteDeployedConfig, noteRulesInForce } from '../lib/rules-source.ts';
import type { DeployedFiles } from './deployed-files.ts';
import type { LedgerEnvironment } from './environment.ts';
import type { Telemetry } from './telemetry.ts';
import { CLOCK, carryWorld, rulesReader } from './wiring.ts';

/** What a seal needs; `close` drops its work tables. */
export interface SealWorld {
  readonly rules: LedgerRules;
  readonly carry: CarryWorld;
  readonly engine: AthenaEngine;
  /** input of a seal that begins now */
  readonly seal: () => LakeSealInput;
  /** input of a seal of corpora that begins now */
  readonly corpora: () => CorporaSeal;
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
  const client = new S3Client({});
  const store = createS3Store({ client, bucket });
  const inbox = createS3Store({ client, bucket: environment.inboxBucket, prefix: environment.inboxPrefix });
  const lake = createPackedStore(store);
  const known: KnownCommits = new Map();
  const rulesNow = rulesReader(environment, files, store, telemetry);
  return async () => {
    await noteDeployedConfig(store, await files.config());
    const { rules, files: ruleFiles, problem } = await rulesNow();
    if (problem === null) await noteRulesInForce(store, ruleFiles);
    const engine = createAthenaEngine({ athena, glue, store, bucket, workgroup, database, workDatabase });
    const catalog = createGlueCatalog({ glue, store, bucket, database });
    const sql = await files.sealSql();
    const historySql = await files.historySql();
    const limitsOf = modelLimitsWhenAsked(await files.limits());
    const carry = carryWorld(rules, lake, telemetry);
    const seal = (): LakeSealInput =>
      sealInput(rules, {
        lake,
        engine,
        catalog,
        nowMs: CLOCK.nowMs(),
        sql,
        newName: () => randomBytes(4).toString('hex'),
      });
    return {
      rules,
      engine,
      lake,
      carry,
      queries: await files.queries(),
      seal,
      corpora: () => {
        const own = seal();
        const sources = { ...rules, limitsOf, nowMs: own.nowMs, historySql };
        return { ...corporaSeal(own, inbox, carry.tools.privacy, sources), known };
      },
    };
  };
}
