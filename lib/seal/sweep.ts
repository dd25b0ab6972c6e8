/**
 * Generations that nobody points at any more. They stay for a grace period, because a reader may still hold the old catalog; a
 * generation that is pointed at is never removed, whatever its marker says.
 */
import type { CatalogState, ObjectStore } from '../ports.ts';

const RETIRED_PREFIX = 'retired/v1/';
const GENERATION = /\/g=([a-z0-9_-]+)\//;

function generations(state: CatalogState): Set<string> {
  const found = new Set<string>();
  for (const partitions of Object.values(state.tables))
    for (const { keys } of Object.values(partitions))
      for (const key of keys) found.add(GENERATION.exec(key)?.[1] ?? '');
  return found;
}

/** Notes when a generation stopped being pointed at. */
export async function retire(
  store: ObjectStore,
  before: CatalogState,
  after: CatalogState,
  nowMs: number,
): Promise<void> {
  const current = generations(after);
  for (const generation of generations(before)) {
    if (!current.has(generation))
      await store.putIfAbsent(
        `${RETIRED_PREFIX}${generation}.json`,
        new TextEncoder().encode(JSON.stringify({ retiredAtMs: nowMs })),
      );
  }
}

/** Removes generations retired longer ago than the grace period; returns how many. */
export async function sweep(store: ObjectStore, state: CatalogState, nowMs: number, graceMs: number): Promise<number> {
  const current = generations(state);
  let removed = 0;
  const markers: string[] = [];
  for await (const { key } of store.list(RETIRED_PREFIX)) markers.push(key);
  for (const marker of markers) {
    const generation = marker.slice(RETIRED_PREFIX.length).replace(/\.json$/, '');
    const bytes = await store.read(marker);
    if (bytes === null) continue;
    const { retiredAtMs } = JSON.parse(new TextDecoder().decode(bytes)) as { retiredAtMs: number };
    if (current.has(generation)) await store.remove([marker]);
    else if (nowMs - retiredAtMs >= graceMs) {
      for (const prefix of ['v1/sealed/', 'v1/derived/']) {
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
