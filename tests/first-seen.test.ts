import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareReads, headsOf, liveObjects, succession } from '../lib/commit.ts';
import type { BatchCommit, ObjectCommit } from '../lib/commit.ts';
import { openFirstSeen } from '../lib/first-seen.ts';
import { MS_PER_DAY } from '../lib/time.ts';
import { createMemoryStore } from './fixtures/memory-store.ts';
import { objectCommit } from './fixtures/object-commit.ts';
import type { MemoryStore } from './fixtures/memory-store.ts';

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex');

describe('when records without a time were first seen', () => {
  test('over any sequence of versions, each record keeps its earliest time until it was absent for more than 40 days', async () => {
    const versions = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 30 }), fc.subarray(['a', 'b', 'c', 'd', 'e'], { minLength: 1 })),
      { maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(versions, async (drawn) => {
        const store = createMemoryStore();
        const known = new Map<string, { firstMs: number; absentSinceMs: number | null }>();
        let nowMs = Date.UTC(2026, 0, 1);
        for (const [i, [days, records]] of drawn.entries()) {
          nowMs += days * MS_PER_DAY;
          store.setClock(nowMs);
          const seen = await openFirstSeen(store, 'log', nowMs);
          // a line may come twice
          for (const record of [...records, ...records.slice(0, 1)]) {
            const firstMs = known.get(record)?.firstMs ?? nowMs;
            known.set(record, { firstMs, absentSinceMs: null });
            expect(seen.timeOf(idOf(record))).toBe(firstMs);
          }
          for (const [record, { firstMs, absentSinceMs }] of known) {
            if (records.includes(record)) continue;
            const sinceMs = absentSinceMs ?? nowMs;
            if (nowMs - sinceMs > 40 * MS_PER_DAY) known.delete(record);
            else known.set(record, { firstMs, absentSinceMs: sinceMs });
          }
          const undated = (await seen.write(`c${i}`)) ?? missing();
          expect(undated.rows).toBe(known.size);
        }
      }),
      { numRuns: 100 },
    );
  });

  /** One read: the times it gives these records. */
  const readAt = async (
    store: MemoryStore,
    ms: number,
    names: readonly string[],
    commitId = `c${ms}`,
  ): Promise<number[]> => {
    store.setClock(ms);
    const seen = await openFirstSeen(store, 'log', ms);
    const times = names.map((name) => seen.timeOf(idOf(name)));
    await seen.write(commitId);
    return times;
  };

  test('a record that is absent for 40 days comes back at its time, after 41 days as new', async () => {
    const start = Date.UTC(2026, 0, 1);
    const back = start + 90 * MS_PER_DAY;
    for (const [days, time] of [
      [40, start],
      [41, back],
    ] as const) {
      const store = createMemoryStore();
      await readAt(store, start, ['a']);
      await readAt(store, start + MS_PER_DAY, ['b']);
      await readAt(store, start + (1 + days) * MS_PER_DAY, ['b']);
      expect(await readAt(store, back, ['a'])).toEqual([time]);
    }
  });

  test('reads that did not know of each other: the earliest time of either', async () => {
    const store = createMemoryStore();
    const later = await openFirstSeen(store, 'log', 2000);
    const earlier = await openFirstSeen(store, 'log', 1000);
    for (const [seen, name] of [
      [later, 'later'],
      [earlier, 'earlier'],
    ] as const) {
      seen.timeOf(idOf('a'));
      await seen.write(name);
    }
    expect(await readAt(store, 3000, ['a', 'b'])).toEqual([1000, 3000]);
  });

  test('the newest note carries all before it: a read opens one, however many there are, and does without those that are gone', async () => {
    const store = createMemoryStore();
    for (let ms = 1; ms <= 20; ms++) await readAt(store, ms, ['a', `b${ms}`]);
    let reads = 0;
    const counting = { ...store, read: async (key: string) => (reads++, await store.read(key)) };
    const seen = await openFirstSeen(counting, 'log', 50);
    expect([seen.timeOf(idOf('a')), seen.timeOf(idOf('b7')), reads]).toEqual([1, 7, 1]);
    const keys = [...store.objects.keys()];
    await store.remove(keys.filter((key) => !key.endsWith('/c20.bin')));
    expect(await readAt(store, 60, ['a', 'b7', 'new'])).toEqual([1, 7, 60]);
  });

  test('an object whose records all have a time leaves no note; another object knows nothing of this one', async () => {
    const store = createMemoryStore();
    expect(await (await openFirstSeen(store, 'log', 1000)).write('c')).toBeNull();
    expect([...store.objects.keys()]).toEqual([]);
    await readAt(store, 1000, ['a']);
    expect((await openFirstSeen(store, 'other', 2000)).timeOf(idOf('a'))).toBe(2000);
  });

  function missing(): never {
    throw new Error('a note was expected');
  }
});

describe('the order of reads', () => {
  const read = (commitId: string, version: string, lastModifiedMs: number, known: ObjectCommit[]): ObjectCommit =>
    objectCommit({ commitId, object: 'log', version, lastModifiedMs, ...succession(known, version, lastModifiedMs) });
  const batchOf = (commit: ObjectCommit): BatchCommit => ({
    batchId: `b-${commit.commitId}`,
    reader: 1,
    stamp: 's',
    ingestedAtMs: 1,
    objects: [commit],
    files: [],
  });

  test('a version read after another was known is newer, whatever its time says; in any order of commits', () => {
    const a = read('a', 'A', 1000, []);
    const b = read('b', 'B', 2000, [a]);
    const again = read('a2', 'A', 1000, [a, b]);
    const orders = [
      [a, b, again],
      [again, b, a],
      [b, again, a],
      [again, a, b],
      [a, again, b],
      [b, a, again],
    ];
    for (const order of orders) expect(liveObjects(order.map(batchOf)).get('log')?.commit.commitId).toBe('a2');
    expect(headsOf([a, b, again]).map((head) => head.commitId)).toEqual(['a2']);
  });

  test('the standing version read again keeps its place and follows what the first read followed', () => {
    const a = read('a', 'A', 1000, []);
    const b = read('b', 'B', 900, [a]);
    const b2 = read('b2', 'B', 900, [a, b]);
    expect([b.orderMs, b2.orderMs]).toEqual([1001, 1001]);
    expect([b.follows, b2.follows]).toEqual([['a'], []].map((ids) => (ids.length > 0 ? ids : undefined)));
    const next = read('c', 'C', 1000, [a, b, b2]);
    expect(liveObjects([next, b2, b, a].map(batchOf)).get('log')?.commit.commitId).toBe('c');
  });

  test('reads of any versions by workers that know any part of each other have one order', () => {
    const draw = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({ min: 1, max: 4 }), fc.nat(255)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(draw, (drawn) => {
        const reads: ObjectCommit[] = [];
        for (const [i, [version, lastModifiedMs, mask]] of drawn.entries()) {
          reads.push(
            read(
              `c${i}`,
              version,
              lastModifiedMs,
              reads.filter((_, bit) => (mask >> bit) & 1),
            ),
          );
        }
        const live = reads.map((commit) => ({ commit, batch: batchOf(commit) }));
        for (const x of live)
          for (const y of live)
            for (const z of live) {
              expect(Math.sign(compareReads(x, y))).toBe(-Math.sign(compareReads(y, x)) + 0);
              expect(compareReads(x, y) > 0 && compareReads(y, z) > 0 && compareReads(x, z) <= 0).toBe(false);
            }
      }),
      { numRuns: 300 },
    );
  });
});
