/** Lambda function `backfill`: a batch of listed objects, from the state machine → rows in landing. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { createRecentlyLanded } from '../lib/land-objects.ts';
import { backfillBatch } from './backfill-batch.ts';
import type { BackfillBatch, BackfillResult } from './backfill-batch.ts';
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment, readQueues } from './environment.ts';
import { createIngestQueue } from './ingest-queue.ts';
import { createTelemetry } from './telemetry.ts';
import { timeLeftOf } from './time-left.ts';
import { wireIngest } from './wiring.ts';

const environment = readEnvironment(process.env);
const telemetry = createTelemetry();
const worldNow = wireIngest(environment, deployedFiles(new URL('./data/', import.meta.url)), telemetry);
const queue = createIngestQueue(new SQSClient({}), readQueues(process.env).ingestQueue, telemetry);
const recent = createRecentlyLanded();
const place = { bucket: environment.inboxBucket, prefix: environment.inboxPrefix };

/** Lands the objects of the batch; says how many, and how many the ingest queue got. */
export async function handler(event: BackfillBatch, context: Context): Promise<BackfillResult> {
  try {
    const ports = { ...(await worldNow()), place, queue, recent, telemetry, time: timeLeftOf(context) };
    return await backfillBatch(ports, event);
  } finally {
    telemetry.flush();
  }
}
