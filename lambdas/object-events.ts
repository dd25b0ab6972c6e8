/**
 * What S3 says about objects, in the two forms in which it reaches us: an EventBridge event inside a queue message, and an item of a listing by
 * Step Functions. In: text or item. Out: an arrival. Keys come in clear in both (only the older notifications, which are not used, encode them).
 */
import type { Arrival } from '../lib/batch-inbox.ts';

/** An object of the inbox that an event tells of. */
export interface ObjectEvent {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string | null;
  readonly sequencer: string | null;
}

/** The event in a message's body; null if it is none about an object. */
export function parseObjectEvent(body: string): ObjectEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  const detail = field(value, 'detail');
  const object = field(detail, 'object');
  const bucket = text(field(field(detail, 'bucket'), 'name'));
  const key = text(field(object, 'key'));
  if (bucket === null || key === null) return null;
  return { bucket, key, etag: text(field(object, 'etag')), sequencer: text(field(object, 'sequencer')) };
}

/** An event as this product writes it itself: for objects that a backfill hands to the queue. */
export function objectEventBody({ bucket, key, etag }: Omit<ObjectEvent, 'sequencer'>): string {
  const object = etag === null ? { key } : { key, etag };
  return JSON.stringify({
    'detail-type': 'Object Created',
    source: 'inference-ledger',
    detail: { bucket: { name: bucket }, object },
  });
}

/** An arrival with its key as the inbox knows it; null if the object lies in another bucket or outside the inbox's folder. */
export function arrivalOf(
  event: ObjectEvent,
  inbox: { readonly bucket: string; readonly prefix: string },
  receives: number,
): Arrival | null {
  if (event.bucket !== inbox.bucket || !event.key.startsWith(inbox.prefix)) return null;
  return { key: event.key.slice(inbox.prefix.length), etag: event.etag, sequencer: event.sequencer, receives };
}

/** An item of a listing: `{"Key": …, "Etag": "\"…\""}`. */
export function parseListedObject(bucket: string, item: unknown): ObjectEvent | null {
  const key = text(field(item, 'Key'));
  if (key === null) return null;
  const etag = text(field(item, 'Etag')) ?? text(field(item, 'ETag'));
  return { bucket, key, etag: etag?.replaceAll('"', '') ?? null, sequencer: null };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
