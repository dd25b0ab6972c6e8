/**
 * Landing files of superseded reads, and commit sets that no sealed day names: kept for the grace period, then removed, so that a file that
 * is synced a hundred times does not fill the lake. Commit records stay. A file goes only if, at that moment, none of its reads is live.
 */
import { createHash } from 'node:crypto';
import { readCommits } from '../commit.ts';
import type { BatchCommit } from '../commit.ts';
import type { CatalogState, ObjectStore } from '../ports.ts';
import { SET_PREFIX, freeze } from './dirty-days.ts';
import type { FrozenSet } from './dirty-days.ts';
import { landingFiles } from './reach.ts';

/** Marks files as needed no more since a moment. */
const RETIRED_PREFIX = 'retired-landing/v1/';
/** Names files that were removed: their commits are complete without them. */
const CLEARED_PREFIX = 'cleared-landing/v1/';

interface Retired {
  readonly retiredAtMs: number;
  readonly keys: readonly string[];
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

async function readJson<T>(store: ObjectStore, key: string): Promise<T | null> {
  const bytes = await store.read(key);
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as T);
}

async function namesBelow(store: ObjectStore, prefix: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { key } of store.list(prefix)) names.add(key.slice(prefix.length));
  return names;
}

/** What a batch left beside its commit record: landing files, and the notes of when its undated records were first seen. */
function keysOf(batch: BatchCommit): string[] {
  return [
    ...batch.files.map(({ key }) => key),
    ...batch.objects.flatMap(({ undated }) => (undated === undefined ? [] : [undated.key])),
  ];
}

/** What live reads hold. A note of theirs carries on what the notes before it said. */
function neededKeys({ objects }: Pick<FrozenSet, 'objects'>): Set<string> {
  const notes = objects.flatMap(({ commit }) => (commit.undated === undefined ? [] : [commit.undated.key]));
  return new Set([...landingFiles({ objects }).map((file) => file.key), ...notes]);
}

/** Marks the landing files that no live read holds any more. To be called after a switch, with the set that was sealed. */
export async function retireLanding(
  store: ObjectStore,
  batches: readonly BatchCommit[],
  set: Pick<FrozenSet, 'objects'>,
  nowMs: number,
): Promise<void> {
  const needed = neededKeys(set);
  const unneeded = batches
    .map((batch) => ({ batchId: batch.batchId, keys: keysOf(batch).filter((key) => !needed.has(key)) }))
    .filter(({ keys }) => keys.length > 0);
  if (unneeded.length === 0) return;
  const [retired, cleared] = [await namesBelow(store, RETIRED_PREFIX), await namesBelow(store, CLEARED_PREFIX)];
  for (const { batchId, keys } of unneeded) {
    const name = `${batchId}-${createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 8)}.json`;
    if (!retired.has(name) && !cleared.has(name))
      await store.putIfAbsent(RETIRED_PREFIX + name, encode({ retiredAtMs: nowMs, keys } satisfies Retired));
  }
}

/** Removes landing files retired longer ago than the grace period and still needed by no live read; returns how many. */
export async function sweepLanding(store: ObjectStore, nowMs: number, graceMs: number): Promise<number> {
  const due: { name: string; retired: Retired }[] = [];
  for (const name of await namesBelow(store, RETIRED_PREFIX)) {
    const retired = await readJson<Retired>(store, RETIRED_PREFIX + name);
    if (retired !== null && nowMs - retired.retiredAtMs >= graceMs) due.push({ name, retired });
  }
  if (due.length === 0) return 0;
  // what is live is asked now, not when the mark was set: a commit of the same reads may have come since
  const needed = neededKeys(freeze(await readCommits(store)));
  let removed = 0;
  for (const { name, retired } of due) {
    const keys = retired.keys.filter((key) => !needed.has(key));
    await store.putIfAbsent(CLEARED_PREFIX + name, encode(keys));
    await store.remove(keys);
    await store.remove([RETIRED_PREFIX + name]);
    removed += keys.length;
  }
  return removed;
}

/** Keys of landing files that were removed on purpose: commits that name them lack nothing. */
export async function clearedLanding(store: ObjectStore): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const name of await namesBelow(store, CLEARED_PREFIX)) {
    for (const key of (await readJson<string[]>(store, CLEARED_PREFIX + name)) ?? []) keys.add(key);
  }
  return keys;
}

/** Removes commit sets that no sealed day names and that are older than the grace period; returns how many. */
export async function sweepSets(
  store: ObjectStore,
  state: CatalogState,
  nowMs: number,
  graceMs: number,
): Promise<number> {
  const named = new Set(
    Object.values(state.tables['usage'] ?? {}).map(({ madeFrom }) => `${SET_PREFIX}${madeFrom}.json`),
  );
  const old: string[] = [];
  for await (const { key, lastModifiedMs } of store.list(SET_PREFIX)) {
    if (!named.has(key) && nowMs - lastModifiedMs >= graceMs) old.push(key);
  }
  await store.remove(old);
  return old.length;
}
