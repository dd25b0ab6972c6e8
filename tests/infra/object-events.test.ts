/** What S3 says about objects, read from the forms in which it comes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrivalOf, objectEventBody, parseListedObject, parseObjectEvent } from '../../lambdas/object-events.ts';
import { SlowObject, createBatchInbox, newestArrivals } from '../../lib/batch-inbox.ts';
import type { Arrival } from '../../lib/batch-inbox.ts';
import { ROOT } from '../architecture/imports.ts';
import { drop, headMemoryStore, testTime } from './arrivals.ts';

describe('an event', () => {
  test('of EventBridge, as S3 sends it, names its object in clear', () => {
    const body = readFileSync(`${ROOT}tests/golden/samples/s3-event-eventbridge.json`, 'utf8');
    expect(parseObjectEvent(body)).toEqual({
      bucket: 'synthetic-bucket',
      key: 'drop/2026-08-01/a b.json',
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      sequencer: '0066B3F1A2C3D4E5F6',
    });
  });

  test.each([
    '',
    'null',
    '[]',
    '{"detail":{"object":{"key":"a"}}}',
    '{"Records":[{"s3":{}}]}',
    '{"detail":{"bucket":{"name":"b"},"object":{"key":""}}}',
  ])('that is none is null: %s', (body) => {
    expect(parseObjectEvent(body)).toBeNull();
  });

  test('keys of any signs survive the way through the queue', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ minLength: 1 }), (key, bucket) => {
        const event = parseObjectEvent(objectEventBody({ bucket, key, etag: 'e' }));
        expect(event).toEqual({ bucket, key, etag: 'e', sequencer: null });
      }),
    );
  });

  test('counts its key from the inbox; outside of it it is none of ours', () => {
    const event = { bucket: 'b', key: 'logs/a/x.jsonl', etag: null, sequencer: null };
    const arrival = (prefix: string, bucket = 'b'): string | undefined => arrivalOf(event, { bucket, prefix }, 2)?.key;
    expect(arrival('logs/')).toBe('a/x.jsonl');
    expect(arrival('')).toBe('logs/a/x.jsonl');
    expect(arrival('other/')).toBeUndefined();
    expect(arrival('logs/', 'c')).toBeUndefined();
  });

  test('of a listing has its etag without quotes', () => {
    expect(parseListedObject('b', { Key: 'a b+c', Etag: '"9f"', Size: 3 })).toEqual({
      bucket: 'b',
      key: 'a b+c',
      etag: '9f',
      sequencer: null,
    });
    expect(parseListedObject('b', { Size: 3 })).toBeNull();
    expect(parseListedObject('b', null)).toBeNull();
  });
});

describe('arrivals of one object', () => {
  const arrival = (sequencer: string | null, receives = 1): Arrival => ({
    key: 'k',
    etag: sequencer,
    sequencer,
    receives,
  });

  test('the newest by sequencer stands, in whatever order they came, with the most tries', () => {
    const hex = fc.stringMatching(/^[0-9A-F]{4,18}$/);
    fc.assert(
      fc.property(fc.array(hex, { minLength: 1, maxLength: 6 }), fc.nat(), (sequencers, turn) => {
        const all = sequencers.map((sequencer, i) => arrival(sequencer, i + 1));
        const at = turn % all.length;
        const turned = [...all.slice(at), ...all.slice(0, at)];
        const kept = newestArrivals(turned).get('k');
        // sequencers are fractions: 0.SEQUENCER in hexadecimal
        const width = Math.max(...sequencers.map((text) => text.length));
        const most = sequencers.map((text) => BigInt(`0x${text.padEnd(width, '0')}`)).reduce((a, b) => (a > b ? a : b));
        expect(BigInt(`0x${(kept?.sequencer ?? '').padEnd(width, '0')}`)).toBe(most);
        expect(kept?.receives).toBe(all.length);
      }),
    );
  });

  test('one without a sequencer gives way to one with', () => {
    expect(newestArrivals([arrival(null), arrival('0A')]).get('k')?.sequencer).toBe('0A');
    expect(newestArrivals([arrival('0A'), arrival(null)]).get('k')?.sequencer).toBe('0A');
  });
});

describe('the inbox of a batch', () => {
  test('lists the objects of the batch as they are now, and no other', async () => {
    const store = headMemoryStore();
    for (const key of ['a', 'b', 'c']) await drop(store, key);
    const arrivals = new Map(['c', 'a', 'gone'].map((key) => [key, { key, etag: null, sequencer: null, receives: 1 }]));
    const inbox = createBatchInbox(store, arrivals, testTime(), 1);
    const listed: string[] = [];
    for await (const info of inbox.list('')) listed.push(info.key);
    expect(listed).toEqual(['a', 'c']);
  });

  test('cannot be written to', async () => {
    const inbox = createBatchInbox(headMemoryStore(), new Map(), testTime(), 1);
    await expect(inbox.put('a', new Uint8Array(1))).rejects.toThrow('read only');
    await expect(inbox.putIfAbsent('a', new Uint8Array(1))).rejects.toThrow('read only');
    await expect(inbox.remove(['a'])).rejects.toThrow('read only');
  });

  test('stops in the middle of an object when time is short', async () => {
    const store = headMemoryStore();
    await drop(store, 'a', 2000);
    const time = testTime(20_000);
    const opened = await createBatchInbox(store, new Map(), time, 1).open('a');
    let chunks = 0;
    const reading = (async () => {
      for await (const _ of opened.body) {
        chunks++;
        time.pass(6000);
      }
    })();
    await expect(reading).rejects.toThrow('no time to finish reading a');
    expect(chunks).toBe(1);
  });

  test('an object among others may take its share of the time, and no more', async () => {
    const store = headMemoryStore();
    await drop(store, 'a', 4000);
    const time = testTime(300_000);
    const opened = await createBatchInbox(store, new Map(), time, 0.5).open('a');
    let tookMs = 0;
    const reading = (async () => {
      for await (const _ of opened.body) {
        time.pass(70_000);
        tookMs += 70_000;
      }
    })();
    await expect(reading).rejects.toThrow(SlowObject);
    // the third chunk would come after 210 of the 150 seconds
    expect(tookMs).toBe(140_000 + 70_000);
  });
});
