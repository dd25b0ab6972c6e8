/**
 * What a statement left in its folder, read from the store itself. In: the folder. Out: each Parquet file with its partition and its rows as its
 * footer tells them: one request for a file, or two, where asking Athena is a statement with its minimum of scanned bytes. What Athena would not
 * see as a row is not seen here: files whose names, or whose folders, begin with a dot or underscore, empty objects, files without rows.
 */
import { parquetMetadata } from 'hyparquet';
import { LedgerError, Transient } from '../../errors.ts';
import type { ObjectInfo, ObjectStore, WrittenFile } from '../../ports.ts';
import { inParallel } from './in-parallel.ts';

/** A store that reads a part of an object; `to` is the first byte that is not read. */
export interface RangedStore extends ObjectStore {
  readRange(key: string, from: number, to: number): Promise<Uint8Array>;
}

/** Holds the footer of nearly every file. */
const TAIL_BYTES = 65_536;
/** After the footer stand its length, in four bytes, and `PAR1`. */
const END_BYTES = 8;

/** The files below `folder`, which ends in a slash, in the order of their keys. A file whose partition is not told is an error. */
export async function writtenFiles(
  store: RangedStore,
  folder: string,
  partitionBy: readonly string[],
): Promise<WrittenFile[]> {
  const objects: ObjectInfo[] = [];
  for await (const object of store.list(folder))
    if (object.bytes > 0 && !isHidden(object.key.slice(folder.length))) objects.push(object);
  const files: WrittenFile[] = [];
  await inParallel(objects, async (object, i) => {
    const partition = partitionOf(object.key, folder, partitionBy);
    files[i] = { key: object.key, partition, rows: await rowsIn(store, object) };
  });
  return files.filter(({ rows }) => rows > 0);
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part.startsWith('_'));
}

function partitionOf(key: string, folder: string, partitionBy: readonly string[]): Record<string, string> {
  const folders = key.slice(folder.length).split('/').slice(0, -1);
  const partition = Object.fromEntries(
    folders.map((part) => [part.slice(0, part.indexOf('=')), decodeURIComponent(part.slice(part.indexOf('=') + 1))]),
  );
  if (partitionBy.some((name) => partition[name] === undefined))
    throw new LedgerError(`a written file does not tell its partition`, { place: { object: key } });
  return partition;
}

/** Rows of one Parquet file: the tail is read, and what of the footer stands before it. */
async function rowsIn(store: RangedStore, { key, bytes }: ObjectInfo): Promise<number> {
  const from = Math.max(0, bytes - TAIL_BYTES);
  const tail = await store.readRange(key, from, bytes);
  const footer = footerBytes(tail);
  if (tail.length !== bytes - from || footer === null || footer > bytes)
    throw new Transient('a written file is not the Parquet file that was listed', { place: { object: key } });
  const missing = footer - tail.length;
  const whole = missing > 0 ? joined(await store.readRange(key, from - missing, from), tail) : tail;
  try {
    return Number(parquetMetadata(whole).num_rows);
  } catch (cause) {
    throw new LedgerError('the footer of a written file cannot be read', { place: { object: key }, cause });
  }
}

/** Bytes from the beginning of the footer to the end of the file, or null if it does not end as a Parquet file. */
function footerBytes(tail: Uint8Array): number | null {
  if (tail.length < END_BYTES || new TextDecoder().decode(tail.subarray(-4)) !== 'PAR1') return null;
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  return view.getUint32(tail.length - END_BYTES, true) + END_BYTES;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
