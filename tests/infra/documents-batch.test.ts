/** A batch of messages about documents, on ports in memory: when a message may leave the queue, and what keeps others from being read. */
import { describe, expect, test } from 'vitest';
import { documentsBatch, documentsLeft } from '../../lambdas/documents-batch.ts';
import type { DocumentsPorts } from '../../lambdas/documents-batch.ts';
import { readDocumentCommits } from '../../lib/document-commits.ts';
import type { DocumentBatch } from '../../lib/document-commits.ts';
import type { DocumentReader } from '../../lib/documents/document.ts';
import { Misconfigured } from '../../lib/errors.ts';
import type { MetricKey } from '../../lib/metrics.ts';
import { fakeReader } from '../fixtures/corpus-lake.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import type { MemoryStore } from '../fixtures/memory-store.ts';
import { BUCKET, NOW_MS, PREFIX, headMemoryStore, message, testTime } from './arrivals.ts';
import type { HeadMemoryStore, TestTime } from './arrivals.ts';

interface Arriving {
  readonly ports: DocumentsPorts;
  readonly inbox: HeadMemoryStore;
  readonly lake: MemoryStore;
  readonly done: string[];
  readonly again: [receipt: string, seconds: number][];
  readonly counted: Map<MetricKey, number>;
  readonly lines: string[];
  readonly time: TestTime;
  batches(): Promise<DocumentBatch[]>;
}

function arriving(change: { reader?: DocumentReader; time?: TestTime } = {}): Arriving {
  const inbox = headMemoryStore();
  const lake = createMemoryStore(NOW_MS);
  const done: string[] = [];
  const again: [string, number][] = [];
  const counted = new Map<MetricKey, number>();
  const lines: string[] = [];
  const note = (text: string): void => void lines.push(text);
  const telemetry = {
    info: note,
    warn: note,
    count: (key: MetricKey, value: number) => void counted.set(key, (counted.get(key) ?? 0) + value),
    flush: () => undefined,
  };
  const time = change.time ?? testTime(900_000);
  const world = {
    inbox,
    lake,
    clock: { nowMs: () => NOW_MS },
    log: telemetry,
    progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
    reader: change.reader ?? fakeReader,
    readerVersion: { version: 1, settings: 's' },
    readsAtOnce: 2,
    objectName: (key: string) => key,
    time,
    known: new Map(),
  };
  const queue = {
    done: async (receipts: readonly string[]) => void done.push(...receipts),
    again: async (receipts: readonly string[], seconds: number) =>
      void again.push(...receipts.map((receipt): [string, number] => [receipt, seconds])),
  };
  const ports = { world, inbox, place: { bucket: BUCKET, prefix: PREFIX }, queue, telemetry };
  return { ports, inbox, lake, done, again, counted, lines, time, batches: () => readDocumentCommits(lake) };
}

const put = async ({ inbox }: Arriving, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [key, text] of Object.entries(files)) await inbox.put(key, new TextEncoder().encode(text));
};
const objectsOf = (batches: readonly DocumentBatch[]): string[] =>
  batches.flatMap(({ objects }) => objects.map(({ object }) => object)).toSorted();

describe('a batch of documents', () => {
  test('lands in one commit for each corpus, and its messages leave the queue', async () => {
    const own = arriving();
    await put(own, { 'corpora/a/1.txt': 'one', 'corpora/a/2.txt': 'broken', 'corpora/b/3.txt': '' });
    const records = ['corpora/a/1.txt', 'corpora/b/3.txt', 'corpora/a/2.txt'].map((key) => message(key));
    expect(await documentsBatch(own.ports, records)).toEqual([]);
    expect(own.done.toSorted()).toEqual(records.map(({ receiptHandle }) => receiptHandle).toSorted());
    const batches = await own.batches();
    expect(batches.map(({ corpus, rows }) => `${corpus} ${rows}`).toSorted()).toEqual(['a 2', 'b 1']);
    expect(own.counted.get('documentsRead')).toBe(3);
    expect(own.lines).toEqual(['3 objects of corpora, 3 documents, 1 rejected']);
  });

  test('what is gone, in no corpus, a folder, of another bucket, or told twice needs no second telling; what tells of nothing does', async () => {
    const own = arriving();
    await put(own, { 'corpora/a/1.txt': 'one', 'corpora/loose.txt': 'x', 'corpora/a/folder/': '' });
    const keys = [
      'corpora/a/1.txt',
      'corpora/a/1.txt',
      'corpora/a/never.txt',
      'corpora/loose.txt',
      'corpora/a/folder/',
    ];
    const records = [...keys.map((key) => message(key)), message('corpora/a/x.txt', { bucket: 'other' })];
    const nothing = { ...message('x'), body: '{}' };
    expect(await documentsBatch(own.ports, [...records, nothing])).toEqual([nothing.messageId]);
    expect(own.done.toSorted()).toEqual(records.map(({ receiptHandle }) => receiptHandle).toSorted());
    expect(objectsOf(await own.batches())).toEqual(['corpora/a/1.txt']);
    const before = own.lake.objects.size;
    expect(await documentsBatch(own.ports, [message('corpora/a/1.txt')])).toEqual([]);
    expect(own.lake.objects.size).toBe(before);
    expect(own.lines.at(-1)).toBe('0 objects of corpora, 0 documents, 1 read before');
  });

  test('one that cannot be opened comes back later and later; the others land', async () => {
    const own = arriving();
    await put(own, { 'corpora/a/1.txt': 'one', 'corpora/a/2.txt': 'two' });
    const world = {
      ...own.ports.world,
      inbox: {
        ...own.inbox,
        open: async (key: string) => {
          if (key.endsWith('2.txt')) throw new Misconfigured('s3:GetObject is denied');
          return await own.inbox.open(key);
        },
      },
    };
    const [good, bad] = [message('corpora/a/1.txt', { receives: 2 }), message('corpora/a/2.txt', { receives: 2 })];
    expect(await documentsBatch({ ...own.ports, world }, [good, bad])).toEqual([bad.messageId]);
    expect(own.done).toEqual([good.receiptHandle]);
    expect(own.again).toEqual([[bad.receiptHandle, 120]]);
    expect(objectsOf(await own.batches())).toEqual(['corpora/a/1.txt']);
  });

  test('what was tried often is committed alone', async () => {
    const own = arriving();
    const names = ['1', '2', '3', '4'].map((n) => `corpora/a/${n}.txt`);
    await put(own, Object.fromEntries(names.map((name) => [name, `text of ${name}`])));
    const tries = [1, 1, 3, 5];
    await documentsBatch(
      own.ports,
      names.map((name, i) => message(name, { receives: tries[i] ?? 1 })),
    );
    expect((await own.batches()).map(({ objects }) => String(objects.length)).toSorted()).toEqual(['1', '1', '2']);
  });

  test('without time nothing is begun, and nothing is lost', async () => {
    const own = arriving({ time: testTime(59_000) });
    await put(own, { 'corpora/a/1.txt': 'one' });
    const record = message('corpora/a/1.txt');
    expect(await documentsBatch(own.ports, [record])).toEqual([record.messageId]);
    expect([own.done, own.again]).toEqual([[], [[record.receiptHandle, 5]]]);
    expect(await own.batches()).toEqual([]);
  });

  test('a document that outlasts the call is given back; alone it counts as failed', async () => {
    const time = testTime(900_000);
    const slow: DocumentReader = {
      ...fakeReader,
      async *read(object) {
        if (object.path === 'slow.txt') time.pass(1_000_000);
        yield* fakeReader.read(object);
      },
    };
    const own = arriving({ reader: slow, time });
    // as Lambda's context: what is awaited when time is over is given up
    const within = own.ports.world.time?.within.bind(own.ports.world.time);
    time.within = async (work) => {
      const found = await work;
      await within?.(Promise.resolve());
      return found;
    };
    await put(own, { 'corpora/a/slow.txt': 'one' });
    const record = message('corpora/a/slow.txt');
    expect(await documentsBatch(own.ports, [record])).toEqual([record.messageId]);
    expect(own.again).toEqual([[record.receiptHandle, 60]]);
    expect(await own.batches()).toEqual([]);
  });
});

test('the schedule reads what no event led to, and leaves to the queue what came lately', async () => {
  const own = arriving();
  own.inbox.memory.setClock(NOW_MS - 3_600_001);
  await put(own, { 'corpora/a/old.txt': 'one two' });
  own.inbox.memory.setClock(NOW_MS - 3_599_999);
  await put(own, { 'corpora/a/new.txt': 'three' });
  await documentsLeft(own.ports);
  expect(objectsOf(await own.batches())).toEqual(['corpora/a/old.txt']);
  await documentsLeft(own.ports);
  expect(own.lines).toEqual(['1 objects of corpora, 1 documents', '0 objects of corpora, 0 documents, 1 read before']);
});
