/**
 * Simulated object stores: versions, conditional writes, sequencers, listings in pages. In: a gate that decides when a call happens and
 * whether it fails. Out: the `ObjectStore` of one worker. Invariant: what is stored changes only inside a call, whole objects at a time.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { Transient } from '../../lib/errors.ts';
import type { ObjectInfo, ObjectStore } from '../../lib/ports.ts';
import type { Gate } from './scheduler.ts';

interface Held {
  readonly bytes: Uint8Array;
  readonly info: ObjectInfo;
}

/** What a store holds; shared by the ports of all workers. Parquet files lie on disk too, because the engine reads them there. */
export interface StoreContents {
  readonly objects: Map<string, Held>;
  put(key: string, bytes: Uint8Array, nowMs: number): ObjectInfo;
  /** Takes note of a file that the engine wrote. */
  adopt(key: string, nowMs: number): void;
  remove(keys: readonly string[]): void;
  /** Removes everything, from disk too. */
  clear(): void;
}

const NO_BYTES = new Uint8Array(0);

/** `folder` is where Parquet files lie, or null for a store that no engine reads. */
export function createStoreContents(folder: string | null, withSequencer: boolean): StoreContents {
  const objects = new Map<string, Held>();
  const folders = new Set<string>();
  let uploads = 0;
  const onDisk = (key: string): string | null =>
    folder !== null && key.endsWith('.parquet') ? join(folder, ...key.split('/')) : null;
  const hold = (key: string, bytes: Uint8Array, nowMs: number): ObjectInfo => {
    uploads++;
    const etag = createHash('md5').update(bytes).digest('hex').slice(0, 12);
    // the etag and a number of the upload: equal contents are different versions
    const version = `${etag}.${uploads}`;
    const sequencer = withSequencer ? uploads.toString(16).toUpperCase().padStart(8, '0') : null;
    const lastModifiedMs = Math.floor(nowMs / 1000) * 1000;
    const info: ObjectInfo = { key, bytes: bytes.length, lastModifiedMs, version, sequencer };
    objects.set(key, { bytes, info });
    return info;
  };
  return {
    objects,
    put(key, bytes, nowMs) {
      const path = onDisk(key);
      if (path !== null) {
        const parent = dirname(path);
        if (!folders.has(parent)) mkdirSync(parent, { recursive: true });
        folders.add(parent);
        writeFileSync(path, bytes);
      }
      return hold(key, bytes, nowMs);
    },
    adopt(key, nowMs) {
      hold(key, NO_BYTES, nowMs);
    },
    remove(keys) {
      for (const key of keys) {
        if (!objects.delete(key)) continue;
        const path = onDisk(key);
        // rows that an engine keeps in memory have no file
        if (path !== null) rmSync(path, { force: true });
      }
    },
    clear() {
      objects.clear();
      folders.clear();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Objects a listing returns per call. */
const PAGE_OBJECTS = 60;

/** The store as one worker sees it. */
export function storePort(contents: StoreContents, name: string, gate: Gate, nowMs: () => number): ObjectStore {
  const page = (prefix: string, after: string): ObjectInfo[] =>
    [...contents.objects.keys()]
      .filter((key) => key.startsWith(prefix) && key > after)
      .toSorted()
      .slice(0, PAGE_OBJECTS)
      .flatMap((key) => contents.objects.get(key)?.info ?? []);
  return {
    async *list(prefix) {
      let after = '';
      for (;;) {
        const start = after;
        const infos = await gate(`${name}.list ${prefix}`, () => page(prefix, start));
        yield* infos;
        const last = infos.at(-1);
        if (infos.length < PAGE_OBJECTS || last === undefined) return;
        after = last.key;
      }
    },
    open: async (key) =>
      await gate(`${name}.open ${key}`, () => {
        const held = contents.objects.get(key);
        if (held === undefined) throw new Transient(`${key} vanished before it could be read`);
        return { info: held.info, body: inChunks(held.bytes) };
      }),
    read: async (key) => await gate(`${name}.read ${key}`, () => contents.objects.get(key)?.bytes ?? null),
    put: async (key, bytes) =>
      await gate(`${name}.put ${key}`, () => {
        contents.put(key, bytes, nowMs());
      }),
    putIfAbsent: async (key, bytes) =>
      await gate(`${name}.putIfAbsent ${key}`, () => {
        if (contents.objects.has(key)) return 'exists';
        contents.put(key, bytes, nowMs());
        return 'created';
      }),
    remove: async (keys) => await gate(`${name}.remove ${keys.length}`, () => contents.remove(keys)),
  };
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}
