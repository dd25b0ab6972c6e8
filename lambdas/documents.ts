/**
 * Lambda function `documents`: a batch of queue messages, each an event below `corpora/` of the inbox → results in the lake; or, on its schedule, what
 * lies there and no event led to: events that were lost, what lay there before, what other settings want read again.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deployedFiles } from './deployed-files.ts';
import { documentsBatch, documentsLeft } from './documents-batch.ts';
import { wireDocuments } from './documents-wiring.ts';
import { readEnvironment, readQueues } from './environment.ts';
import { createIngestQueue } from './ingest-queue.ts';
import { createTelemetry } from './telemetry.ts';
import { timeLeftOf } from './time-left.ts';

const environment = readEnvironment(process.env);
const telemetry = createTelemetry();
const here = new URL('./', import.meta.url);
const worldNow = wireDocuments(environment, deployedFiles(new URL('data/', here)), telemetry, {
  worker: new URL('documents/document-worker.mjs', here),
  vocabularies: new URL('data/vocabularies/', here),
});
const queue = createIngestQueue(new SQSClient({}), readQueues(process.env).documentsQueue, telemetry);
const place = { bucket: environment.inboxBucket, prefix: environment.inboxPrefix };

/** Lands the documents of the batch and returns the messages to try again; on its schedule, lands what was left. */
export async function handler(event: Partial<SQSEvent>, context: Context): Promise<SQSBatchResponse> {
  try {
    const ports = { ...(await worldNow(timeLeftOf(context))), place, queue, telemetry };
    if (event.Records === undefined) {
      await documentsLeft(ports);
      return { batchItemFailures: [] };
    }
    const again = await documentsBatch(ports, event.Records);
    return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    telemetry.flush();
  }
}
