/** What every function is told by its environment; `lambdas/environment.ts` reads the same names. In: settings and places. Out: variables. */
import { METRIC_NAMESPACE } from '../metrics.ts';
import type { LedgerPlaces } from './data-stack.ts';
import type { LedgerSettings } from './settings.ts';

/** Variables of every function; those that read from queues have two more. */
export function environmentOf({ aws }: LedgerSettings, places: LedgerPlaces): Record<string, string> {
  return {
    LEDGER_INBOX_BUCKET: places.inboxBucket,
    LEDGER_INBOX_PREFIX: aws.inbox.prefix,
    LEDGER_LAKE_BUCKET: places.lakeBucket,
    LEDGER_HASH_KEY_SECRET: places.hashKeySecret,
    LEDGER_DATABASE: places.database,
    LEDGER_WORK_DATABASE: places.workDatabase,
    LEDGER_ENGINE_WORKGROUP: places.engineWorkgroup,
    POWERTOOLS_SERVICE_NAME: aws.name,
    POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  };
}
