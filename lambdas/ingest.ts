/** Lambda function `ingest`: a batch of queue messages, each an event of the inbox → rows in landing. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createRecentlyLanded } from '../lib/land-objects.ts';
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment, readQueues } from './environment.ts';
import { ingestBatch } from './ingest-batch.ts';
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

/** Lands the objects of the batch and returns the messages to try again. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    const ports = { ...(await worldNow()), place, queue, recent, telemetry, time: timeLeftOf(context) };
    const again = await ingestBatch(ports, event.Records);
    return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    telemetry.flush();
  }
}
