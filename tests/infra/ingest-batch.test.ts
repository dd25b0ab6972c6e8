/** The ingest handler on ports in memory: what stays in the queue, what lands, and when. */
import { expect, test } from 'vitest';
import { backfillBatch } from '../../lambdas/backfill-batch.ts';
import { ingestBatch } from '../../lambdas/ingest-batch.ts';
import { parseObjectEvent } from '../../lambdas/object-events.ts';
import type { HeadStore } from '../../lib/batch-inbox.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { BUCKET, PREFIX, arriving, drop, headMemoryStore, message, testTime } from './arrivals.ts';
import type { Arriving } from './arrivals.ts';

/** An inbox in which some objects cannot be read to their end. */
function withPoison(isPoison: (key: string) => boolean): { inbox: HeadStore; store: HeadStore } {
  const store = headMemoryStore();
  const inbox: HeadStore = {
    ...store,
    open: async (key) => {
      const opened = await store.open(key);
      if (!isPoison(key)) return opened;
      return {
        ...opened,
        body: (async function* () {
          yield new TextEncoder().encode('{');
          throw new TypeError('cannot read properties of undefined');
        })(),
      };
    },
  };
  return { inbox, store };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `app/${String(i).padStart(4, '0')}.jsonl`);
const objectsOf = async (world: Arriving): Promise<string[]> =>
  (await world.landed()).map(({ object }) => object).toSorted();

test('five hundred small objects land together, in one file, and leave the queue', async () => {
  const world = arriving();
  for (const key of names(500)) await drop(world.inbox, key);
  const records = names(500).map((key) => message(key));
  expect(await ingestBatch(world.ports, records)).toEqual([]);
  expect(await objectsOf(world)).toEqual(names(500));
  expect(world.queue.done.toSorted()).toEqual(records.map((record) => record.receiptHandle).toSorted());
  expect([...world.lake.objects.keys()].filter((key) => key.startsWith('landing/'))).toHaveLength(1);
  expect(world.counted.get('objectsLanded')).toBe(500);
  expect(world.counted.get('records')).toBe(500);
});

test('one poison object of five hundred keeps no other from landing, and alone comes back', async () => {
  const { inbox, store } = withPoison((key) => key === 'app/0123.jsonl');
  const world = arriving({ inbox });
  for (const key of names(500)) await drop(store, key);
  const records = names(500).map((key) => message(key));
  const again = await ingestBatch(world.ports, records);
  expect(again).toEqual([records[123]?.messageId]);
  expect(await objectsOf(world)).toEqual(names(500).filter((key) => key !== 'app/0123.jsonl'));
  // waits a minute, not the half hour of the queue
  expect(world.queue.again).toEqual([[records[123]?.receiptHandle, 60]]);
  expect(world.lines.some((text) => text.startsWith('app/0123.jsonl was not read:'))).toBe(true);
});

test('three poison objects come back each by itself', async () => {
  const bad = new Set(['app/0000.jsonl', 'app/0250.jsonl', 'app/0499.jsonl']);
  const { inbox, store } = withPoison((key) => bad.has(key));
  const world = arriving({ inbox });
  for (const key of names(500)) await drop(store, key);
  const records = names(500).map((key) => message(key));
  const again = await ingestBatch(world.ports, records);
  expect(new Set(again)).toEqual(new Set([0, 250, 499].map((i) => records[i]?.messageId)));
  expect(await world.landed()).toHaveLength(497);
});

test('an error that names its object sets only that one aside: no other is read more often than it takes', async () => {
  const { inbox: calm, store } = withPoison(() => false);
  const opened: string[] = [];
  const inbox: HeadStore = {
    ...calm,
    open: async (key) => {
      opened.push(key);
      if (key === 'app/0300.jsonl') throw new Misconfigured('access denied', { place: { object: key } });
      return await calm.open(key);
    },
  };
  const world = arriving({ inbox });
  for (const key of names(500)) await drop(store, key);
  const records = names(500).map((key) => message(key));
  expect(await ingestBatch(world.ports, records)).toEqual([records[300]?.messageId]);
  expect(await objectsOf(world)).toEqual(names(500).filter((key) => key !== 'app/0300.jsonl'));
  // up to the culprit, then all without it, then the culprit alone
  expect(opened).toHaveLength(301 + 499 + 1);
});

test('after a fix, the object that was poison counts once', async () => {
  let isFixed = false;
  const { inbox, store } = withPoison((key) => key === 'app/0001.jsonl' && !isFixed);
  const world = arriving({ inbox });
  for (const key of names(4)) await drop(store, key);
  await ingestBatch(
    world.ports,
    names(4).map((key) => message(key)),
  );
  isFixed = true;
  expect(await ingestBatch(world.ports, [message('app/0001.jsonl', { receives: 4 })])).toEqual([]);
  expect(await objectsOf(world)).toEqual(names(4));
});

test('an object that was tried twice goes alone and last', async () => {
  const world = arriving();
  for (const key of names(3)) await drop(world.inbox, key);
  const [a = '', b = '', c = ''] = names(3);
  const order: string[] = [];
  const inbox: HeadStore = {
    ...world.inbox,
    open: async (key) => {
      order.push(key);
      return await world.inbox.open(key);
    },
  };
  await ingestBatch({ ...world.ports, inbox }, [message(a, { receives: 3 }), message(b), message(c)]);
  expect(order).toEqual([b, c, a]);
  const commits = await world.landed();
  expect(commits).toHaveLength(3);
  expect([...world.lake.objects.keys()].filter((key) => key.startsWith('commits/'))).toHaveLength(2);
});

test('what is not begun before time runs out comes back at once; what landed does not', async () => {
  const world = arriving({ time: testTime(60_000) });
  for (const key of names(3)) await drop(world.inbox, key);
  const inbox: HeadStore = {
    ...world.inbox,
    open: async (key) => {
      const opened = await world.inbox.open(key);
      // reading takes a while
      world.time.pass(20_000);
      return opened;
    },
  };
  const records = names(3).map((key) => message(key, { receives: 3 }));
  const again = await ingestBatch({ ...world.ports, inbox }, records);
  // 60 s: the first may begin (60 left), the second too (40), the third not (20)
  expect(await objectsOf(world)).toEqual(names(2));
  expect(again).toEqual([records[2]?.messageId]);
  expect(world.queue.again).toEqual([[records[2]?.receiptHandle, 5]]);
  expect(world.queue.done).toEqual(records.slice(0, 2).map((record) => record.receiptHandle));
});

test('an object that always takes too long is given up in time: the others have landed and left the queue', async () => {
  const time = testTime(60_000);
  const world = arriving({ time });
  for (const key of names(499)) await drop(world.inbox, key);
  await drop(world.inbox, 'slow.jsonl', 2000);
  const inbox: HeadStore = {
    ...world.inbox,
    open: async (key) => {
      const opened = await world.inbox.open(key);
      if (key !== 'slow.jsonl') return opened;
      return {
        ...opened,
        body: (async function* () {
          for await (const chunk of opened.body) {
            time.pass(30_000);
            yield chunk;
          }
        })(),
      };
    },
  };
  const records = [...names(499), 'slow.jsonl'].map((key) => message(key, { receives: key === 'slow.jsonl' ? 3 : 1 }));
  const again = await ingestBatch({ ...world.ports, inbox }, records);
  expect(again).toEqual([records[499]?.messageId]);
  expect(await objectsOf(world)).toEqual(names(499));
  // a minute for each try
  expect(world.queue.again).toEqual([[records[499]?.receiptHandle, 180]]);
});

/** Of 300 s, reading `slow` takes all but the last 10 whenever its turn comes. */
function slowWorld(slow: string): Arriving {
  const time = testTime(300_000);
  const world = arriving({ time });
  const inbox: HeadStore = {
    ...world.inbox,
    open: async (key) => {
      const opened = await world.inbox.open(key);
      if (key !== slow) return opened;
      return {
        ...opened,
        body: (async function* () {
          for await (const chunk of opened.body) {
            // the test's clock stands still while nothing comes: each chunk brings a part of the wait
            time.pass((time.leftMs() - 10_000) * 0.6);
            yield chunk;
          }
        })(),
      };
    },
  };
  return { ...world, ports: { ...world.ports, inbox } };
}

test('a small object that takes too long is set aside: those after it in the same group land in the same call', async () => {
  const world = slowWorld('app/0000.jsonl');
  for (const key of names(500)) await drop(world.inbox, key);
  const records = names(500).map((key) => message(key));
  const again = await ingestBatch(world.ports, records);
  // alone, in the time that was left, it was read in the end
  expect(again).toEqual([]);
  expect(await objectsOf(world)).toEqual(names(500));
  expect([...world.lake.objects.keys()].filter((key) => key.startsWith('commits/'))).toHaveLength(2);
  expect(world.lines.some((text) => text.startsWith('app/0000.jsonl was not read:'))).toBe(true);
});

test('one that never ends comes back alone, and waits longer than what was only unlucky', async () => {
  const world = slowWorld('app/0000.jsonl');
  for (const key of names(499).slice(1)) await drop(world.inbox, key);
  await drop(world.inbox, 'app/0000.jsonl', 8000);
  const records = names(499).map((key) => message(key));
  const again = await ingestBatch(world.ports, records);
  expect(again).toEqual([records[0]?.messageId]);
  expect(await objectsOf(world)).toEqual(names(499).slice(1));
  expect(world.queue.again).toEqual([[records[0]?.receiptHandle, 60]]);
});

test('told twice in one batch, or again later, an object is read once', async () => {
  const world = arriving();
  let opened = 0;
  const inbox: HeadStore = {
    ...world.inbox,
    open: async (key) => {
      opened++;
      return await world.inbox.open(key);
    },
  };
  const ports = { ...world.ports, inbox };
  await drop(world.inbox, 'a.jsonl');
  const twice = [message('a.jsonl', { sequencer: '0A' }), message('a.jsonl', { sequencer: '0A' })];
  expect(await ingestBatch(ports, twice)).toEqual([]);
  expect(world.queue.done.toSorted()).toEqual(twice.map((record) => record.receiptHandle).toSorted());
  expect(await ingestBatch(ports, [message('a.jsonl', { sequencer: '0A' })])).toEqual([]);
  expect(opened).toBe(1);
  await drop(world.inbox, 'a.jsonl', 2);
  await ingestBatch(ports, [message('a.jsonl', { sequencer: '0B' })]);
  expect(opened).toBe(2);
});

test('told again in another container, the same batch leaves the same files and one commit', async () => {
  const world = arriving();
  for (const key of names(5)) await drop(world.inbox, key);
  const records = names(5).map((key) => message(key));
  await ingestBatch(world.ports, records);
  const before = new Map(world.lake.objects);
  const other = arriving();
  await ingestBatch({ ...world.ports, recent: other.ports.recent }, records.toReversed());
  expect([...world.lake.objects.keys()]).toEqual([...before.keys()]);
  for (const [key, { info }] of before) expect(world.lake.objects.get(key)?.info.version).toBe(info.version);
});

test('events out of order: the object is read as it is now, with the sequencer that belongs to it', async () => {
  const world = arriving();
  const first = await drop(world.inbox, 'a.jsonl', 1);
  const second = await drop(world.inbox, 'a.jsonl', 2);
  await ingestBatch(world.ports, [
    message('a.jsonl', { etag: second, sequencer: '0055AB' }),
    message('a.jsonl', { etag: first, sequencer: '0055A' }),
  ]);
  expect((await world.landed()).map(({ version, sequencer, records }) => [version, sequencer, records])).toEqual([
    [second, '0055AB', 2],
  ]);
  // an event of an old version alone says nothing about the order of the new one
  const late = arriving();
  await drop(late.inbox, 'a.jsonl', 1);
  await ingestBatch(late.ports, [message('a.jsonl', { etag: 'old', sequencer: '01' })]);
  expect((await late.landed()).map(({ sequencer }) => sequencer)).toEqual([null]);
});

test('an object that is gone, is no log, or lies elsewhere is done with', async () => {
  const world = arriving();
  await drop(world.inbox, 'truth.json');
  const records = [message('gone.jsonl'), message('truth.json'), message('x.jsonl', { bucket: 'other' })];
  expect(await ingestBatch(world.ports, records)).toEqual([]);
  expect(world.queue.done.toSorted()).toEqual(records.map((record) => record.receiptHandle).toSorted());
  expect(await world.landed()).toEqual([]);
});

test('a message that tells of no object comes back and ends in the dead letters', async () => {
  const world = arriving();
  const broken = { ...message('a.jsonl'), body: 'not json' };
  const noKey = { ...message('a.jsonl'), body: '{"detail":{"bucket":{"name":"b"}}}' };
  expect(await ingestBatch(world.ports, [broken, noKey])).toEqual([broken.messageId, noKey.messageId]);
  expect(world.queue.done).toEqual([]);
});

test('an object that cannot be opened as a container is noted and not tried again', async () => {
  const world = arriving();
  await world.inbox.put('broken.parquet', new TextEncoder().encode('PAR1 and nothing that a Parquet file has'));
  expect(await ingestBatch(world.ports, [message('broken.parquet')])).toEqual([]);
  expect((await world.landed()).map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(world.counted.get('objectsNotRead')).toBe(1);
});

test.each(['a b+c.jsonl', 'ünï/日本.jsonl', 'team=a%2Fb/x=1/y.jsonl', 'it\'s "quoted"; drop table usage.jsonl'])(
  'the key %s goes through unharmed',
  async (key) => {
    const world = arriving();
    await drop(world.inbox, key);
    expect(await ingestBatch(world.ports, [message(key)])).toEqual([]);
    expect(await objectsOf(world)).toEqual([key]);
  },
);

test('a listing that fails for everything gives everything back, after a bounded number of tries', async () => {
  let calls = 0;
  const store = headMemoryStore();
  const inbox: HeadStore = {
    ...store,
    open: async () => {
      calls++;
      throw new TypeError('nothing works');
    },
  };
  const world = arriving({ inbox });
  for (const key of names(500)) await drop(store, key);
  const again = await ingestBatch(
    world.ports,
    names(500).map((key) => message(key)),
  );
  expect(again).toHaveLength(500);
  expect(calls).toBeLessThanOrEqual(100);
});

test('a backfill lands a listed batch and hands what it could not read to the queue, as an event', async () => {
  const { inbox, store } = withPoison((key) => key === 'app/0002.jsonl');
  const world = arriving({ inbox });
  for (const key of names(4)) await drop(store, key);
  const items = names(4).map((key) => ({ Key: PREFIX + key, Size: 9, Etag: '"abc"', StorageClass: 'STANDARD' }));
  const result = await backfillBatch(world.ports, { Items: [...items, { Key: 'elsewhere/x.jsonl' }] });
  expect(result).toEqual({ objects: 5, done: 3, handedOn: 1, records: 3 });
  expect(world.queue.sent.map(parseObjectEvent)).toEqual([
    { bucket: BUCKET, key: `${PREFIX}app/0002.jsonl`, etag: null, sequencer: null },
  ]);
  // a single object, as where nothing batches
  expect(await backfillBatch(world.ports, { Key: `${PREFIX}app/0001.jsonl` })).toMatchObject({ objects: 1, done: 1 });
  // and the queue's own handler understands it
  const [body = ''] = world.queue.sent;
  const calm = arriving();
  await drop(calm.inbox, 'app/0002.jsonl');
  expect(await ingestBatch(calm.ports, [{ ...message('x'), body }])).toEqual([]);
  expect(await objectsOf(calm)).toEqual(['app/0002.jsonl']);
});
