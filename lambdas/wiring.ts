/**
 * Puts reading on AWS: clients, stores and rules, made once per container. In: the environment and the function's data files. Out: what the
 * handlers need. Here and in the two files beside it, for documents and for the seal, the AWS parts meet, and nowhere else.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import { createSecretHashKey } from '../lib/adapters/aws/secret-hash-key.ts';
import type { CarryWorld } from '../lib/carry-over.ts';
import type { IngestWorld } from '../lib/journey.ts';
import { decideTools, passTools } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { Clock, ObjectStore, Progress } from '../lib/ports.ts';
import { createRulesReader } from '../lib/rules-source.ts';
import type { RulesReading } from '../lib/rules-source.ts';
import type { DeployedFiles } from './deployed-files.ts';
import type { LedgerEnvironment } from './environment.ts';
import type { Telemetry } from './telemetry.ts';

export const CLOCK: Clock = { nowMs: () => Date.now() };
export const SILENT: Progress = { start: () => undefined, advance: () => undefined, stop: () => undefined };

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

/** Rules of this moment, read anew by every call; where they are not those of the files in the lake, somebody is told. */
export function rulesReader(
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

/** What deciding about rows needs, under these rules. */
export function carryWorld(rules: LedgerRules, lake: ObjectStore, telemetry: Telemetry): CarryWorld {
  return { lake, clock: CLOCK, log: telemetry, progress: SILENT, tools: decideTools(rules) };
}
