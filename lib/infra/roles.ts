/**
 * What each function may do. In: where things lie. Out: policy statements. Ingest reads the inbox and adds to landing; it can neither change
 * a table nor delete anything. Documents reads corpora and adds to their results. The seal lists corpora and opens nothing of the inbox. Backfill is
 * ingest that may hand objects to the queue.
 */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AwsConfig } from '../config-aws.ts';
import type { LedgerPlaces } from './data-stack.ts';
import {
  addObjects,
  countMessages,
  keepObjects,
  listBucket,
  listFolders,
  locateBucket,
  makeWorkTables,
  movePartitions,
  readObjects,
  readOutputs,
  readSecret,
  readSecrets,
  readTables,
  runQueries,
  sendMail,
  useKey,
  writeObjects,
} from './permissions.ts';
import { LAKE_FOLDERS, SEAL_FOLDERS } from './settings.ts';
import type { LedgerSettings, ReportSettings } from './settings.ts';

/** What reading logs needs, from a queue or from a list. */
function landStatements(stack: Stack, aws: AwsConfig, places: LedgerPlaces): PolicyStatement[] {
  const { inboxBucket, lakeBucket, hashKeySecret } = places;
  const { landing, commits, firstSeen, config, rulesInForce } = LAKE_FOLDERS;
  return [
    readObjects(inboxBucket, [aws.inbox.prefix], stack),
    listBucket(inboxBucket, stack),
    readObjects(lakeBucket, [config, firstSeen, rulesInForce], stack),
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
  return [...landStatements(stack, aws, places), ...emptyQueue(queueArn)];
}

/** Folder of the inbox below which corpora lie. */
export function corporaFolder({ inbox }: AwsConfig): string {
  return `${inbox.prefix}corpora/`;
}

/** The documents function: reads corpora, and adds what they came to. */
export function documentsStatements(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  queueArn: string,
): PolicyStatement[] {
  const { inboxBucket, lakeBucket, hashKeySecret } = places;
  const { documents, config, rulesInForce } = LAKE_FOLDERS;
  return [
    readObjects(inboxBucket, [corporaFolder(aws)], stack),
    listBucket(inboxBucket, stack),
    readObjects(lakeBucket, [config, rulesInForce], stack),
    listBucket(lakeBucket, stack),
    addObjects(lakeBucket, [documents], stack),
    readSecret(hashKeySecret),
    ...emptyQueue(queueArn),
    ...useKey(aws.kms_key_arn),
  ];
}

function emptyQueue(queueArn: string): PolicyStatement[] {
  return [
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

/** What the seal reads and writes but never deletes: commit records, the catalog, what it notes of the config. */
function keptPlaces(): string[] {
  return [LAKE_FOLDERS.commits, ...SEAL_FOLDERS.filter((place) => !place.endsWith('/'))];
}

/** Folders in which it also deletes what nothing needs any more. */
function sweptFolders(): string[] {
  const { landing, firstSeen, documents, tables, work, engineResults } = LAKE_FOLDERS;
  return [
    landing,
    firstSeen,
    documents,
    tables,
    work,
    engineResults,
    ...SEAL_FOLDERS.filter((place) => place.endsWith('/')),
  ];
}

/** What landing becomes tables with: everything in the lake, through Athena and Glue, in these workgroups. */
function workOnLake(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  workgroups: readonly string[],
  kept: readonly string[],
): PolicyStatement[] {
  const { lakeBucket, database, workDatabase, hashKeySecret } = places;
  return [
    readObjects(lakeBucket, [LAKE_FOLDERS.config], stack),
    listBucket(lakeBucket, stack),
    addObjects(lakeBucket, kept, stack),
    keepObjects(lakeBucket, sweptFolders(), stack),
    locateBucket(lakeBucket, stack),
    runQueries(workgroups, stack),
    readTables([database, workDatabase], stack),
    movePartitions([database], stack),
    makeWorkTables(workDatabase, stack),
    readSecret(hashKeySecret),
    ...useKey(aws.kms_key_arn),
  ];
}

/** The seal: everything in the lake, no logs, and of documents their names. */
export function sealStatements(stack: Stack, aws: AwsConfig, places: LedgerPlaces): PolicyStatement[] {
  return [
    ...workOnLake(stack, aws, places, [places.engineWorkgroup], keptPlaces()),
    listFolders(places.inboxBucket, [corporaFolder(aws)], stack),
  ];
}

/** What asking the tables and writing derived ones needs: rows of landing, logs and commits stay shut. */
function deriveStatements(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  kept: readonly string[],
): PolicyStatement[] {
  const { lakeBucket, database, workDatabase, hashKeySecret, engineWorkgroup } = places;
  const { config, rulesInForce, tables, work, engineResults } = LAKE_FOLDERS;
  return [
    readObjects(lakeBucket, [config, rulesInForce], stack),
    listBucket(lakeBucket, stack),
    addObjects(lakeBucket, ['catalog.json', ...kept], stack),
    keepObjects(lakeBucket, [tables, work, engineResults, 'glue-following/'], stack),
    locateBucket(lakeBucket, stack),
    runQueries([engineWorkgroup], stack),
    readTables([database, workDatabase], stack),
    movePartitions([database], stack),
    makeWorkTables(workDatabase, stack),
    readSecret(hashKeySecret),
    ...useKey(aws.kms_key_arn),
  ];
}

/** The simulation of a week: reads tables, writes `savings`. */
export function simulateStatements(stack: Stack, aws: AwsConfig, places: LedgerPlaces): PolicyStatement[] {
  return deriveStatements(stack, aws, places, []);
}

/** The report and the daily check: read tables, write what they watch, keep reports and claims, send. */
export function reportStatements(
  stack: Stack,
  { aws, report }: LedgerSettings,
  places: LedgerPlaces,
): PolicyStatement[] {
  const { delivery, reports } = LAKE_FOLDERS;
  return [
    ...deriveStatements(stack, aws, places, [delivery, reports, ALERTS_FOLDER]),
    ...sendStatements(stack, report),
  ];
}

/** What the daily check notes of what it told. */
const ALERTS_FOLDER = 'alerts/';

function sendStatements(stack: Stack, { from, usesSes, secretArns }: ReportSettings): PolicyStatement[] {
  return [...(from !== null && usesSes ? [sendMail(from, stack)] : []), ...readSecrets(secretArns)];
}

/** People who send reports: what the report function may send and note. The operator's policy opens the tables. */
export function senderStatements(
  stack: Stack,
  { aws, report }: LedgerSettings,
  { lakeBucket }: LedgerPlaces,
): PolicyStatement[] {
  return [
    addObjects(lakeBucket, [LAKE_FOLDERS.delivery, LAKE_FOLDERS.reports, ALERTS_FOLDER], stack),
    readOutputs([`${aws.name}-report`], stack),
    ...sendStatements(stack, report),
    ...(report.from !== null && report.usesSes
      ? [
          new PolicyStatement({
            actions: ['ses:GetEmailIdentity'],
            resources: identityArns(report.from, stack),
          }),
        ]
      : []),
  ];
}

/** An address, and its domain, which stands in for it where it has no identity of its own. */
function identityArns(from: string, stack: Stack): string[] {
  return [from, from.slice(from.indexOf('@') + 1)].map((name) =>
    stack.formatArn({ service: 'ses', resource: 'identity', resourceName: name }),
  );
}

/** People who operate: reads logs and seals as the functions do, asks in people's workgroup, and sees how much waits. */
export function operatorStatements(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  queueArns: readonly string[],
): PolicyStatement[] {
  const { inboxBucket, usersWorkgroup, engineWorkgroup } = places;
  return [
    readOutputs([`${aws.name}-data`, `${aws.name}-pipeline`], stack),
    readObjects(inboxBucket, [aws.inbox.prefix], stack),
    listBucket(inboxBucket, stack),
    ...workOnLake(stack, aws, places, [usersWorkgroup, engineWorkgroup], [...keptPlaces(), LAKE_FOLDERS.userResults]),
    countMessages(queueArns),
  ];
}
