/**
 * A store laid over another for looking ahead: small objects that are written stay in memory, everything else is read through. In: the real
 * store. Out: a store in which a decision can be tried, and what was written to it, in order. Invariant: the real store is not changed.
 */
import { createHash } from 'node:crypto';
import { Transient } from './errors.ts';
import type { ObjectInfo, ObjectStore } from './ports.ts';

export interface OverlayStore extends ObjectStore {
  /** what was written, in order; later writes of a key stand after earlier ones */
  written(): readonly OverlayWrite[];
}

export interface OverlayWrite {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** written with `putIfAbsent` */
  readonly ifAbsent: boolean;
}

/** Does to a store what was tried on an overlay of it. */
export async function replay(store: ObjectStore, writes: readonly OverlayWrite[]): Promise<void> {
  for (const { key, bytes, ifAbsent } of writes) {
    if (ifAbsent) await store.putIfAbsent(key, bytes);
    else await store.put(key, bytes);
  }
}

/** Lays a store over `base`. Writes and removals are seen through the overlay alone. */
export function createOverlayStore(base: ObjectStore): OverlayStore {
  const own = new Map<string, Uint8Array>();
  const removed = new Set<string>();
  const writes: OverlayWrite[] = [];
  const save = (write: OverlayWrite): void => {
    own.set(write.key, write.bytes);
    removed.delete(write.key);
    writes.push(write);
  };
  const read = async (key: string): Promise<Uint8Array | null> =>
    own.get(key) ?? (removed.has(key) ? null : await base.read(key));
  return {
    written: () => writes,
    async *list(prefix) {
      const names = [...own.keys()].filter((key) => key.startsWith(prefix)).toSorted();
      let next = 0;
      for await (const info of base.list(prefix)) {
        for (let key = names[next]; key !== undefined && key < info.key; key = names[++next]) yield infoOf(key, own);
        if (!own.has(info.key) && !removed.has(info.key)) yield info;
      }
      for (const key of names.slice(next)) yield infoOf(key, own);
    },
    async open(key) {
      const bytes = own.get(key);
      if (bytes === undefined) {
        if (removed.has(key)) throw new Transient(`${key} vanished before it could be read`);
        return await base.open(key);
      }
      return {
        info: infoOf(key, own),
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
    read,
    async put(key, bytes) {
      save({ key, bytes, ifAbsent: false });
    },
    async putIfAbsent(key, bytes) {
      if ((await read(key)) !== null) return 'exists';
      save({ key, bytes, ifAbsent: true });
      return 'created';
    },
    async remove(keys) {
      for (const key of keys) {
        own.delete(key);
        removed.add(key);
      }
    },
  };
}

/** An object of the overlay has no time of its own: nothing that decides by time may lie in one. */
function infoOf(key: string, own: ReadonlyMap<string, Uint8Array>): ObjectInfo {
  const bytes = own.get(key) ?? new Uint8Array(0);
  const version = createHash('sha256').update(bytes).digest('hex');
  return { key, bytes: bytes.length, lastModifiedMs: 0, version, sequencer: null };
}
