/**
 * One batch of a backfill to its end. In: listed objects and ports. Out: counts for the execution's result. Invariant: what does not land here
 * is handed to the ingest queue, which tries it again and in the end shows it as a dead letter.
 */
import type { Arrival } from '../lib/batch-inbox.ts';
import { landObjects } from '../lib/land-objects.ts';
import { keysOf, report } from './ingest-batch.ts';
import type { IngestPorts } from './ingest-batch.ts';
import { arrivalOf, objectEventBody, parseListedObject } from './object-events.ts';

/** What Step Functions hands over: a batch of listed objects, or a single one where it does not batch. */
export type BackfillBatch = { readonly Items: readonly unknown[] } | { readonly Key: string };

export interface BackfillResult {
  readonly objects: number;
  readonly done: number;
  /** handed to the ingest queue */
  readonly handedOn: number;
  readonly records: number;
}

/** Lands a batch; hands on the rest. */
export async function backfillBatch(ports: IngestPorts, batch: BackfillBatch): Promise<BackfillResult> {
  const { place, queue, telemetry } = ports;
  const items = 'Items' in batch ? batch.Items : [batch];
  const arrivals = items
    .map((item) => parseListedObject(place.bucket, item))
    .map((event) => (event === null ? null : arrivalOf(event, place, 1)))
    .filter((arrival): arrival is Arrival => arrival !== null);
  const result = await landObjects({ ...ports, done: async () => undefined }, arrivals);
  const left = [...keysOf(result, 'failed'), ...keysOf(result, 'later')];
  report(telemetry, result, left.length);
  await queue.send(left.map((key) => objectEventBody({ bucket: place.bucket, key: place.prefix + key, etag: null })));
  const landed = result.batches.flatMap((batch) => batch.objects);
  return {
    objects: items.length,
    done: arrivals.length - left.length,
    handedOn: left.length,
    records: landed.reduce((sum, object) => sum + object.records, 0),
  };
}
