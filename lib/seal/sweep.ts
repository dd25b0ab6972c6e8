/**
 * Generations that nobody points at any more, and those a killed run left behind. They stay for a grace period, because a reader may still
 * hold the old catalog and a sealer may be about to switch; a generation that is pointed at is never removed, whatever its marker says.
 */
import type { CatalogState, ObjectStore } from '../ports.ts';

const RETIRED_PREFIX = 'retired/v1/';
const GENERATION_PREFIXES = ['v1/sealed/', 'v1/derived/'];
const GENERATION = /^v1\/(?:sealed|derived)\/g=([a-z0-9_-]+)\//;

function generations(state: CatalogState): Set<string> {
  const found = new Set<string>();
  for (const partitions of Object.values(state.tables))
    for (const { keys } of Object.values(partitions))
      for (const key of keys) found.add(GENERATION.exec(key)?.[1] ?? '');
  return found;
}

async function markedGenerations(store: ObjectStore): Promise<Set<string>> {
  const marked = new Set<string>();
  for await (const { key } of store.list(RETIRED_PREFIX))
    marked.add(key.slice(RETIRED_PREFIX.length).replace(/\.json$/, ''));
  return marked;
}

/** Notes, of every generation in the lake that nobody points at, since when. A crash after a switch loses nothing: the next run notes it. */
export async function retire(store: ObjectStore, state: CatalogState, nowMs: number): Promise<void> {
  const pointedAt = generations(state);
  const marked = await markedGenerations(store);
  const idle = new Set<string>();
  for (const prefix of GENERATION_PREFIXES) {
    for await (const { key } of store.list(prefix)) {
      const generation = GENERATION.exec(key)?.[1];
      if (generation !== undefined && !pointedAt.has(generation) && !marked.has(generation)) idle.add(generation);
    }
  }
  const marker = new TextEncoder().encode(JSON.stringify({ retiredAtMs: nowMs }));
  for (const generation of idle) await store.putIfAbsent(`${RETIRED_PREFIX}${generation}.json`, marker);
}

/** Removes generations retired longer ago than the grace period; returns how many. */
export async function sweep(store: ObjectStore, state: CatalogState, nowMs: number, graceMs: number): Promise<number> {
  const pointedAt = generations(state);
  let removed = 0;
  for (const generation of await markedGenerations(store)) {
    const marker = `${RETIRED_PREFIX}${generation}.json`;
    const bytes = await store.read(marker);
    if (bytes === null) continue;
    const { retiredAtMs } = JSON.parse(new TextDecoder().decode(bytes)) as { retiredAtMs: number };
    if (pointedAt.has(generation)) await store.remove([marker]);
    else if (nowMs - retiredAtMs >= graceMs) {
      for (const prefix of GENERATION_PREFIXES) {
        const keys: string[] = [];
        for await (const { key } of store.list(`${prefix}g=${generation}/`)) keys.push(key);
        await store.remove(keys);
      }
      await store.remove([marker]);
      removed++;
    }
  }
  return removed;
}
