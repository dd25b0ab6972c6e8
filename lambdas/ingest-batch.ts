/**
 * One batch of messages to its end. In: messages and ports. Out: the ids of messages to try again. Invariant: a message leaves the queue only
 * after its object's commit was written, or when there is nothing to read.
 */
import type { SQSRecord } from 'aws-lambda';
import type { Arrival, TimeLeft } from '../lib/batch-inbox.ts';
import type { BatchCommit } from '../lib/commit.ts';
import { landObjects } from '../lib/land-objects.ts';
import type { LandPorts, LandedArrivals } from '../lib/land-objects.ts';
import type { IngestQueue } from './ingest-queue.ts';
import { arrivalOf, parseObjectEvent } from './object-events.ts';
import type { Telemetry } from './telemetry.ts';

export interface IngestPorts extends Pick<LandPorts, 'world' | 'inbox' | 'recent'> {
  readonly place: { readonly bucket: string; readonly prefix: string };
  readonly queue: IngestQueue;
  readonly telemetry: Telemetry;
  readonly time: TimeLeft;
}

/** What was not begun comes back at once; what failed waits a little longer each time. */
const NOT_BEGUN_SECONDS = 5;
const FAILED_SECONDS = 60;

/** Lands what the messages tell of; returns the ids of those that must be told again. */
export async function ingestBatch(ports: IngestPorts, records: readonly SQSRecord[]): Promise<string[]> {
  const { queue, telemetry } = ports;
  const { byKey, arrivals, others, unreadable } = sortOut(ports, records);
  if (unreadable.length > 0)
    telemetry.warn(`${unreadable.length} messages tell of no object; they end in the dead letters`);
  await queue.done(others.map((record) => record.receiptHandle));
  const receiptsOf = (keys: readonly string[]): string[] =>
    keys.flatMap((key) => (byKey.get(key) ?? []).map((record) => record.receiptHandle));
  const result = await landObjects({ ...ports, done: (keys) => queue.done(receiptsOf(keys)) }, arrivals);
  const failed = keysOf(result, 'failed');
  const later = keysOf(result, 'later');
  report(telemetry, result, failed.length + later.length + unreadable.length);
  await queue.again(receiptsOf(later), NOT_BEGUN_SECONDS);
  for (const key of failed) {
    const tries = Math.max(...(byKey.get(key) ?? []).map(receivesOf));
    await queue.again(receiptsOf([key]), FAILED_SECONDS * tries);
  }
  const again = [...unreadable, ...[...failed, ...later].flatMap((key) => byKey.get(key) ?? [])];
  return again.map((record) => record.messageId);
}

interface SortedOut {
  readonly byKey: ReadonlyMap<string, readonly SQSRecord[]>;
  readonly arrivals: readonly Arrival[];
  /** tell of an object that is none of ours: done with */
  readonly others: readonly SQSRecord[];
  readonly unreadable: readonly SQSRecord[];
}

/** Messages by the object that they tell of. */
export function sortOut({ place }: Pick<IngestPorts, 'place'>, records: readonly SQSRecord[]): SortedOut {
  const byKey = new Map<string, SQSRecord[]>();
  const arrivals: Arrival[] = [];
  const others: SQSRecord[] = [];
  const unreadable: SQSRecord[] = [];
  for (const record of records) {
    const event = parseObjectEvent(record.body);
    const arrival = event === null ? null : arrivalOf(event, place, receivesOf(record));
    if (event === null) unreadable.push(record);
    else if (arrival === null) others.push(record);
    else {
      arrivals.push(arrival);
      const same = byKey.get(arrival.key);
      if (same) same.push(record);
      else byKey.set(arrival.key, [record]);
    }
  }
  return { byKey, arrivals, others, unreadable };
}

/** How often a message was handed out, this time included. */
export function receivesOf(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount) || 1;
}

/** Keys of one outcome. */
export function keysOf(result: LandedArrivals, wanted: 'done' | 'failed' | 'later'): string[] {
  return [...result.outcomes].filter(([, outcome]) => outcome === wanted).map(([key]) => key);
}

/** Counts what landed; one line of log for a batch. */
export function report(telemetry: Telemetry, { batches, skipped }: LandedArrivals, returned: number): void {
  const objects = batches.flatMap((batch: BatchCommit) => batch.objects);
  const landed = objects.filter(({ outcome }) => outcome === 'landed');
  const sum = (of: (object: (typeof objects)[number]) => number): number =>
    landed.reduce((total, object) => total + of(object), 0);
  const records = sum(({ records }) => records);
  telemetry.count('objectsLanded', landed.length);
  telemetry.count('objectsNotRead', objects.length - landed.length);
  telemetry.count('objectsReturned', returned);
  telemetry.count(
    'bytesRead',
    sum(({ bytes }) => bytes),
  );
  telemetry.count('records', records);
  telemetry.count(
    'lines',
    sum(({ lines }) => lines),
  );
  telemetry.count(
    'linesRejected',
    sum(({ rejects }) => rejects),
  );
  const passedOver = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  telemetry.info(
    [
      `${landed.length} objects, ${records} records`,
      ...passedOver,
      ...(returned > 0 ? [`${returned} given back`] : []),
    ].join(', '),
  );
}
