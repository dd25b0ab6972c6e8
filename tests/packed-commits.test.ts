/** Packs of commit records: fewer requests, the same commits. */
import { expect, test } from 'vitest';
import { readCommits, writeCommit } from '../lib/commit.ts';
import type { BatchCommit } from '../lib/commit.ts';
import { PACK_PREFIX, createPackedStore } from '../lib/packed-commits.ts';
import type { ObjectStore } from '../lib/ports.ts';
import { createMemoryStore } from './fixtures/memory-store.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const NOW = START + 10 * DAY_MS;

const batch = (id: string, ms: number): BatchCommit => ({
  batchId: id,
  reader: 1,
  stamp: 's',
  ingestedAtMs: ms,
  objects: [],
  files: [],
});

/** Ten days with `perDay` commits each; day 10 is today. */
async function lakeOf(perDay: number): Promise<ReturnType<typeof createMemoryStore>> {
  const store = createMemoryStore(NOW);
  for (let day = 0; day <= 10; day++)
    for (let i = 0; i < perDay; i++) await writeCommit(store, batch(`b${day}-${i}`, START + day * DAY_MS));
  return store;
}

function counting(store: ObjectStore): { store: ObjectStore; reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    store: {
      ...store,
      read: async (key) => {
        reads.push(key);
        return await store.read(key);
      },
    },
  };
}

const ids = async (store: ObjectStore): Promise<string[]> =>
  (await readCommits(store)).map(({ batchId }) => batchId).toSorted();

test('days that are over are packed, today and yesterday are not', async () => {
  const store = await lakeOf(5);
  const packed = await createPackedStore(store).pack(NOW);
  expect(packed).toEqual(
    Array.from({ length: 9 }, (_, day) => new Date(START + day * DAY_MS).toISOString().slice(0, 10)),
  );
  expect([...store.objects.keys()].filter((key) => key.startsWith(PACK_PREFIX))).toHaveLength(9);
});

test('a new process reads one object for each packed day, and the same commits', async () => {
  const store = await lakeOf(50);
  const before = await ids(store);
  await createPackedStore(store).pack(NOW);
  const { store: watched, reads } = counting(store);
  const packed = createPackedStore(watched);
  expect(await ids(packed)).toEqual(before);
  // 9 packs, 2 asked for in vain, 2 × 50 records of the days without one
  expect(reads).toHaveLength(9 + 2 + 100);
  reads.length = 0;
  expect(await ids(packed)).toEqual(before);
  expect(reads).toEqual([]);
});

test('packing again does nothing; days with few commits stay as they are', async () => {
  const store = await lakeOf(5);
  const packed = createPackedStore(store);
  await packed.pack(NOW);
  const version = store.objects.get(`${PACK_PREFIX}2026-10-01.json`)?.info.version;
  expect(await packed.pack(NOW)).toEqual([]);
  expect(await createPackedStore(store).pack(NOW)).toEqual([]);
  expect(store.objects.get(`${PACK_PREFIX}2026-10-01.json`)?.info.version).toBe(version);
  expect(await createPackedStore(await lakeOf(3)).pack(NOW)).toEqual([]);
});

test('a commit that a pack lacks is read itself, and one that was deleted is not there', async () => {
  const store = await lakeOf(5);
  await createPackedStore(store).pack(NOW);
  await writeCommit(store, batch('late', START));
  const [gone = ''] = [...store.objects.keys()].filter((key) => key.endsWith('/b0-1.json'));
  await store.remove([gone]);
  const found = await ids(createPackedStore(store));
  expect(found).toContain('late');
  expect(found).not.toContain('b0-1');
  expect(found).toEqual(await ids(store));
});

test('a request that failed is made again', async () => {
  const store = await lakeOf(5);
  await createPackedStore(store).pack(NOW);
  let fails = 1;
  const flaky = createPackedStore({
    ...store,
    read: async (key) => {
      if (key.startsWith(PACK_PREFIX) && fails-- > 0) throw new Error('slow down');
      return await store.read(key);
    },
  });
  await expect(ids(flaky)).rejects.toThrow('slow down');
  expect(await ids(flaky)).toEqual(await ids(store));
});

test('other objects go through untouched', async () => {
  const store = createMemoryStore(NOW);
  const packed = createPackedStore(store);
  await packed.put('commits/v1/odd', new TextEncoder().encode('x'));
  await packed.put('v1/a', new TextEncoder().encode('y'));
  expect(new TextDecoder().decode((await packed.read('v1/a')) ?? undefined)).toBe('y');
  expect(new TextDecoder().decode((await packed.read('commits/v1/odd')) ?? undefined)).toBe('x');
  expect(await packed.read('commits/v1/2026-10-01/none.json')).toBeNull();
});
