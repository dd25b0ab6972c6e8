/**
 * Object store on a folder: keys are paths below the root with `/`. Writes go to a temporary name and are renamed or linked, so a
 * reader sees whole objects only and of two racing conditional writers exactly one wins.
 */
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { link, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transient } from '../../errors.ts';
import type { ObjectInfo, ObjectStore } from '../../ports.ts';

const READ_CHUNK_BYTES = 1 << 18;

/** `name` tells temporary files of this process apart; it must be unique among concurrent writers. */
export function createFolderStore(root: string, name = String(process.pid)): ObjectStore {
  const pathOf = (key: string): string => join(root, ...key.split('/'));
  let temporary = 0;

  const writeTemporary = async (key: string, bytes: Uint8Array): Promise<string> => {
    const path = pathOf(key);
    await mkdir(dirname(path), { recursive: true });
    const draft = `${path}.${name}-${temporary++}.tmp`;
    await writeFile(draft, bytes);
    return draft;
  };

  return {
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      for await (const info of walk(root, folder)) if (info.key.startsWith(prefix)) yield info;
    },
    async open(key) {
      const path = pathOf(key);
      const before = await statOrNull(path);
      if (before === null) throw new Transient(`${key} vanished before it could be read`, { place: { object: key } });
      return { info: infoOf(key, before), body: bytesOf(path, key, before) };
    },
    async read(key) {
      return await readFile(pathOf(key)).catch(nullIfMissing);
    },
    async put(key, bytes) {
      const draft = await writeTemporary(key, bytes);
      await rename(draft, pathOf(key));
    },
    async putIfAbsent(key, bytes) {
      const draft = await writeTemporary(key, bytes);
      try {
        await link(draft, pathOf(key));
        return 'created';
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async remove(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },
  };
}

/** Depth first, names in byte order within a folder; drafts of unfinished writes are not objects. */
async function* walk(root: string, folder: string): AsyncGenerator<ObjectInfo> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(nullIfMissing);
  for (const entry of (entries ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = folder + entry.name;
    if (entry.isDirectory()) yield* walk(root, `${key}/`);
    else if (!entry.name.endsWith('.tmp')) {
      const info = await statOrNull(join(root, key));
      if (info?.isFile()) yield infoOf(key, info);
    }
  }
}

async function* bytesOf(path: string, key: string, before: Stats): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: READ_CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  const after = await statOrNull(path);
  if (after === null || versionOf(after) !== versionOf(before)) {
    throw new Transient(`${key} changed while it was read`, {
      place: { object: key },
      hint: 'it is read again in the next round',
    });
  }
}

function infoOf(key: string, s: Stats): ObjectInfo {
  return { key, bytes: s.size, lastModifiedMs: Math.floor(s.mtimeMs), version: versionOf(s), sequencer: null };
}

/** A file has no version id: modification time (to the µs) and size stand for it. */
function versionOf(s: Stats): string {
  return `${Math.floor(s.mtimeMs * 1000)}-${s.size}`;
}

async function statOrNull(path: string): Promise<Stats | null> {
  return await stat(path).catch(nullIfMissing);
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
