/**
 * How long objects stay. In: config. Out: lifecycle rules of the two buckets. Invariant: nothing that the tables point at ever expires;
 * only logs, rows in landing, results of queries and leftovers do.
 */
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { AwsConfig } from '../config-aws.ts';
import { LAKE_FOLDERS } from './settings.ts';
import type { LedgerSettings } from './settings.ts';

const LEFTOVER_DAYS = 3;
/** Deleted and overwritten objects of the lake can be brought back for so long. */
const UNDELETE_DAYS = 7;
const BACKFILL_RESULT_DAYS = 90;

const PARTS: CfnBucket.RuleProperty = {
  id: 'unfinished-uploads',
  status: 'Enabled',
  abortIncompleteMultipartUpload: { daysAfterInitiation: LEFTOVER_DAYS },
};

/** Logs and their old versions go after `inbox.expire_days`; they hold texts, and the ledger has what it needs of them. */
export function inboxLifecycle({ inbox }: AwsConfig): CfnBucket.RuleProperty[] {
  const { expire_days: days } = inbox;
  if (days === 0) return [PARTS];
  return [
    PARTS,
    {
      id: 'logs',
      status: 'Enabled',
      prefix: inbox.prefix,
      expirationInDays: days,
      noncurrentVersionExpiration: { noncurrentDays: days },
    },
    { id: 'delete-markers', status: 'Enabled', prefix: inbox.prefix, expiredObjectDeleteMarker: true },
  ];
}

/** What the ledger writes: rows in landing after `keep.landing_days`, results and leftovers sooner. */
export function lakeLifecycle({ aws, landingDays }: LedgerSettings): CfnBucket.RuleProperty[] {
  const expire = (id: string, prefix: string, days: number): CfnBucket.RuleProperty => ({
    id,
    status: 'Enabled',
    prefix,
    expirationInDays: days,
  });
  return [
    PARTS,
    expire('landing', LAKE_FOLDERS.landing, landingDays),
    expire('user-results', LAKE_FOLDERS.userResults, aws.athena.results_days),
    expire('engine-results', LAKE_FOLDERS.engineResults, LEFTOVER_DAYS),
    expire('work', LAKE_FOLDERS.work, LEFTOVER_DAYS),
    expire('backfill-results', LAKE_FOLDERS.backfill, BACKFILL_RESULT_DAYS),
    { id: 'old-versions', status: 'Enabled', noncurrentVersionExpiration: { noncurrentDays: UNDELETE_DAYS } },
    { id: 'delete-markers', status: 'Enabled', expiredObjectDeleteMarker: true },
  ];
}
