/**
 * What each function may do. In: where things lie. Out: policy statements. Ingest reads the inbox and adds to landing; it can neither change
 * a table nor delete anything. The seal cannot open the inbox. Backfill is ingest that may hand objects to the queue.
 */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AwsConfig } from '../config-aws.ts';
import type { LedgerPlaces } from './data-stack.ts';
import {
  deleteObjects,
  listBucket,
  locateBucket,
  makeWorkTables,
  movePartitions,
  readObjects,
  readSecret,
  readTables,
  runQueries,
  useKey,
  writeObjects,
} from './permissions.ts';
import { LAKE_FOLDERS, SEAL_FOLDERS } from './settings.ts';

/** What reading logs needs, from a queue or from a list. */
function landStatements(stack: Stack, aws: AwsConfig, places: LedgerPlaces): PolicyStatement[] {
  const { inboxBucket, lakeBucket, hashKeySecret } = places;
  const { landing, commits, firstSeen, config } = LAKE_FOLDERS;
  return [
    readObjects(inboxBucket, [aws.inbox.prefix], stack),
    listBucket(inboxBucket, stack),
    readObjects(lakeBucket, [config, firstSeen], stack),
    listBucket(lakeBucket, stack),
    writeObjects(lakeBucket, [landing, commits, firstSeen], stack),
    readSecret(hashKeySecret),
    ...useKey(aws.kms_key_arn),
  ];
}

/** The ingest function: reads logs as its queue says. */
export function ingestStatements(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  queueArn: string,
): PolicyStatement[] {
  return [
    ...landStatements(stack, aws, places),
    new PolicyStatement({
      actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resources: [queueArn],
    }),
  ];
}

/** The backfill function: reads logs as it is told, and hands the rest to the queue. */
export function backfillStatements(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  queueArn: string,
): PolicyStatement[] {
  return [
    ...landStatements(stack, aws, places),
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }),
  ];
}

/** The seal: everything in the lake, through Athena and Glue; no logs. */
export function sealStatements(stack: Stack, aws: AwsConfig, places: LedgerPlaces): PolicyStatement[] {
  const { lakeBucket, database, workDatabase, engineWorkgroup, hashKeySecret } = places;
  const { landing, commits, firstSeen, tables, config, work, engineResults } = LAKE_FOLDERS;
  const own = [landing, commits, firstSeen, tables, work, ...SEAL_FOLDERS];
  return [
    readObjects(lakeBucket, [...own, config, engineResults], stack),
    listBucket(lakeBucket, stack),
    writeObjects(lakeBucket, [...own, engineResults], stack),
    // commit records and the config are never deleted
    deleteObjects(
      lakeBucket,
      [landing, firstSeen, tables, work, engineResults, ...SEAL_FOLDERS.filter((folder) => folder.endsWith('/'))],
      stack,
    ),
    locateBucket(lakeBucket, stack),
    runQueries(engineWorkgroup, stack),
    readTables([database, workDatabase], stack),
    movePartitions([database], stack),
    makeWorkTables(workDatabase, stack),
    readSecret(hashKeySecret),
    ...useKey(aws.kms_key_arn),
  ];
}
