/**
 * Containers: bytes of an object in, the text inside out. Decided by magic bytes, never by the name: a `.json.gz` may already be
 * inflated. An archive may hold compressed files, nothing deeper. Invariant: where all contents were read, the whole body was read,
 * so that its digest is that of the object.
 */
import { UnreadableObject } from '../errors.ts';
import type { JsonValue } from '../record.ts';
import { createByteReader } from '../byte-reader.ts';
import type { ByteReader } from '../byte-reader.ts';
import { gunzip, isGzip, isZstd, unzstd } from '../inflate.ts';
import type { InflateGuard } from '../inflate.ts';
import { createInflateGuard } from './limits.ts';
import type { ReadLimits } from './limits.ts';
import { isParquet, parquetRows } from './parquet-rows.ts';
import { utf8Chunks } from './text-encoding.ts';
import { isZip, zipEntries } from '../zip-entries.ts';

/**
 * A stretch of an object's content: text in UTF-8 or values already parsed. Both throw `BrokenContainer` after the last readable part
 * where the container is damaged. A content must be read before the next is asked for.
 */
export type Content =
  | { readonly kind: 'bytes'; readonly chunks: AsyncGenerator<Uint8Array> }
  | { readonly kind: 'values'; readonly values: AsyncGenerator<JsonValue[]> };

/** A compressed file inside an archive, or one compressed twice. */
const MAX_DEPTH = 2;

/** Opens an object: one content for each entry of an archive, else one. Throws `UnreadableObject` where it must not be read. */
export async function* openContainer(
  body: AsyncIterable<Uint8Array>,
  key: string,
  limits: ReadLimits,
): AsyncGenerator<Content> {
  const reader = createByteReader(body);
  try {
    yield* contents(reader, key, createInflateGuard(key, limits), 0);
    while ((await reader.next()) !== null);
  } finally {
    await reader.close();
  }
}

async function* contents(reader: ByteReader, key: string, guard: InflateGuard, depth: number): AsyncGenerator<Content> {
  const head = await reader.peek(4);
  const isNested = isGzip(head) || isZstd(head) || isZip(head);
  if (isNested && depth >= MAX_DEPTH) {
    throw new UnreadableObject('unsupported', 'containers are nested more than twice', { place: { object: key } });
  }
  if (isZip(head)) yield* archiveContents(reader, key, guard, depth);
  else if (isNested) {
    const inflated = createByteReader(isGzip(head) ? gunzip(reader, guard) : unzstd(reader, guard));
    yield* contents(inflated, key, guard, depth + 1);
  } else if (isParquet(head)) yield { kind: 'values', values: parquetRows(reader, key) };
  else yield { kind: 'bytes', chunks: utf8Chunks(reader) };
}

async function* archiveContents(
  reader: ByteReader,
  key: string,
  guard: InflateGuard,
  depth: number,
): AsyncGenerator<Content> {
  try {
    for await (const entry of zipEntries(reader, guard)) {
      yield* contents(createByteReader(entry.chunks), key, guard, depth + 1);
    }
  } catch (error) {
    if (error instanceof UnreadableObject) throw error;
    yield { kind: 'bytes', chunks: failing(error) };
  }
}

// oxlint-disable-next-line require-yield -- a content of which only the error is left
async function* failing(error: unknown): AsyncGenerator<Uint8Array> {
  throw error;
}
