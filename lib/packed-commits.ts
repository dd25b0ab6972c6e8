/**
 * Commit records of past days, read as one object a day. A seal reads every commit of the lake each round; in a bucket that is one request for
 * each, and most never change again. In: a store. Out: the same store, which serves commits from packs and from memory, and can pack days that
 * are over. Invariant: packs are copies. What is listed decides which commits exist; where a pack lacks one, the record itself is read.
 */
import { COMMIT_PREFIX } from './commit.ts';
import type { ObjectStore } from './ports.ts';
import { MS_PER_DAY, dayOf } from './time.ts';

export const PACK_PREFIX = 'commit-packs/v1/';
/** A commit lies under the day its writer's clock showed; nobody is two days late. */
const OVER_AFTER_DAYS = 2;
/** Fewer are not worth a pack. */
const MIN_COMMITS = 4;

export interface PackedStore extends ObjectStore {
  /** Packs the days that are over; returns them. */
  pack(nowMs: number): Promise<string[]>;
}

/** Lays packs over the commits of a store. */
export function createPackedStore(store: ObjectStore): PackedStore {
  /** commit key → its text, of packs and of records read before */
  const known = new Map<string, Uint8Array>();
  /** day → whether its pack was found; asked once */
  const packs = new Map<string, Promise<boolean>>();

  const loadPack = (day: string): Promise<boolean> => {
    let loading = packs.get(day);
    if (loading === undefined) {
      loading = readPack(store, day, known);
      // a failed request says nothing about whether there is a pack
      loading.catch(() => packs.delete(day));
      packs.set(day, loading);
    }
    return loading;
  };

  const read = async (key: string): Promise<Uint8Array | null> => {
    const day = dayIn(key);
    if (day === null) return await store.read(key);
    if (!known.has(key)) await loadPack(day);
    const found = known.get(key) ?? (await store.read(key));
    if (found !== null) known.set(key, found);
    return found;
  };

  return {
    ...store,
    read,
    async pack(nowMs) {
      const over = dayOf(nowMs - OVER_AFTER_DAYS * MS_PER_DAY);
      const packed: string[] = [];
      for (const [day, keys] of await commitsByDay(store)) {
        if (day > over || keys.length < MIN_COMMITS || (await loadPack(day))) continue;
        await store.putIfAbsent(`${PACK_PREFIX}${day}.json`, await packOf(keys, read));
        packs.delete(day);
        packed.push(day);
      }
      return packed;
    },
  };
}

async function readPack(store: ObjectStore, day: string, known: Map<string, Uint8Array>): Promise<boolean> {
  const bytes = await store.read(`${PACK_PREFIX}${day}.json`);
  if (bytes === null) return false;
  const texts = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
  for (const [key, text] of Object.entries(texts)) known.set(key, new TextEncoder().encode(text));
  return true;
}

async function commitsByDay(store: ObjectStore): Promise<Map<string, string[]>> {
  const days = new Map<string, string[]>();
  for await (const { key } of store.list(COMMIT_PREFIX)) {
    const day = dayIn(key);
    if (day === null) continue;
    const keys = days.get(day);
    if (keys) keys.push(key);
    else days.set(day, [key]);
  }
  return days;
}

async function packOf(keys: readonly string[], read: (key: string) => Promise<Uint8Array | null>): Promise<Uint8Array> {
  const texts: Record<string, string> = {};
  for (const key of keys) {
    const bytes = await read(key);
    if (bytes !== null) texts[key] = new TextDecoder().decode(bytes);
  }
  return new TextEncoder().encode(JSON.stringify(texts));
}

/** The day of a commit's key, `commits/v1/DAY/ID.json`; null for any other key. */
function dayIn(key: string): string | null {
  if (!key.startsWith(COMMIT_PREFIX)) return null;
  const day = key.slice(COMMIT_PREFIX.length, COMMIT_PREFIX.length + 'YYYY-MM-DD'.length);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null;
}
