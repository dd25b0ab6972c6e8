/**
 * Containers: bytes of an object go in, the bytes of the text inside come out. Decided by magic bytes, never by the name: a
 * `.json.gz` may already be inflated. One level of nesting; a broken end gives what was readable before it, and a note.
 * Source: RFC 1952 (gzip, several members), RFC 8878 (zstd), APPNOTE 6.3 (zip), Parquet format.
 */
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { Unzip, UnzipInflate } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { UnreadableObject } from '../errors.ts';
import type { JsonValue } from '../record.ts';
import type { ReadLimits } from './limits.ts';

/** A stretch of an object's content: text bytes, values already parsed, or the note that the rest could not be read. */
export type Content =
  | { readonly kind: 'bytes'; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly kind: 'values'; readonly values: AsyncIterable<JsonValue[]> };

/** Thrown inside `chunks` when a container ends early; the lines before it count. */
export class TruncatedContainer extends Error {}

const INFLATE_CHUNK_BYTES = 1 << 18;
/** Below this output no ratio is suspicious. */
const RATIO_FROM_BYTES = 256 << 20;
const MAX_PARQUET_BYTES = 512 << 20;

/** Opens an object. Zip archives give one content per entry; everything else gives one. */
export async function* openContainer(body: AsyncIterable<Uint8Array>, key: string, limits: ReadLimits, depth = 0): AsyncGenerator<Content> {
  const { head, all } = await peek(body, 8);
  if (starts(head, 0x1f, 0x8b)) yield* inner(inflate(all, key, limits, createGunzip({ chunkSize: INFLATE_CHUNK_BYTES })), key, limits, depth);
  else if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) yield* inner(inflate(all, key, limits, createZstdDecompress({ chunkSize: INFLATE_CHUNK_BYTES })), key, limits, depth);
  else if (starts(head, 0x50, 0x4b, 3, 4)) yield* unzip(all, key, limits, depth);
  else if (starts(head, 0x50, 0x41, 0x52, 0x31)) yield { kind: 'values', values: parquetValues(all, key) };
  else yield { kind: 'bytes', chunks: starts(head, 0xef, 0xbb, 0xbf) ? withoutFirst(all, 3) : all };
}

async function* inner(chunks: AsyncIterable<Uint8Array>, key: string, limits: ReadLimits, depth: number): AsyncGenerator<Content> {
  if (depth > 0) throw new UnreadableObject('unsupported', 'containers are nested more than once', { place: { object: key } });
  yield* openContainer(chunks, key, limits, depth + 1);
}

function starts(head: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, i) => head[i] === byte);
}

/** The first `n` bytes (or fewer) and the whole stream again. */
async function peek(body: AsyncIterable<Uint8Array>, n: number): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = body[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  let failure: { error: unknown } | null = null;
  while (size < n) {
    const next = await iterator.next().catch((error: unknown) => {
      failure = { error };
      return { done: true as const, value: undefined };
    });
    if (next.done) break;
    held.push(next.value);
    size += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* held;
    if (failure) throw failure.error;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { head: Buffer.concat(held).subarray(0, n), all: all() };
}

async function* withoutFirst(chunks: AsyncIterable<Uint8Array>, n: number): AsyncGenerator<Uint8Array> {
  let left = n;
  for await (const chunk of chunks) {
    const cut = Math.min(left, chunk.length);
    left -= cut;
    if (cut < chunk.length) yield chunk.subarray(cut);
  }
}

/** Runs a zlib stream with guards against bombs; all members of a gzip file are read. */
async function* inflate(
  body: AsyncIterable<Uint8Array>,
  key: string,
  limits: ReadLimits,
  stream: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  let written = 0;
  let sourceError: { error: unknown } | null = null;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        read += chunk.length;
        yield chunk;
      }
    } catch (error) {
      sourceError = { error };
      throw error;
    }
  }
  const source = Readable.from(counted(), { objectMode: false, highWaterMark: INFLATE_CHUNK_BYTES });
  source.on('error', (error) => stream.destroy(error));
  source.pipe(stream);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      written += chunk.length;
      guardSize(written, read, key, limits);
      yield chunk;
    }
  } catch (error) {
    if (sourceError) throw (sourceError as { error: unknown }).error;
    if (error instanceof UnreadableObject) throw error;
    throw new TruncatedContainer(`the compressed data is broken after ${written} bytes`, { cause: error });
  } finally {
    source.destroy();
    stream.destroy();
  }
}

function guardSize(written: number, read: number, key: string, limits: ReadLimits): void {
  if (written > limits.maxInflatedBytes) {
    throw new UnreadableObject('too_large', `inflates to more than ${limits.maxInflatedBytes} bytes (limits.max_inflated_bytes)`, { place: { object: key } });
  }
  if (written > RATIO_FROM_BYTES && written > read * limits.maxInflateRatio) {
    throw new UnreadableObject('too_large', `inflates to more than ${limits.maxInflateRatio} times its size (limits.max_inflate_ratio)`, { place: { object: key } });
  }
}

/** Entries of a zip archive, in the order in which they are stored; folders and system files are passed over. */
async function* unzip(body: AsyncIterable<Uint8Array>, key: string, limits: ReadLimits, depth: number): AsyncGenerator<Content> {
  const ready: { name: string; chunks: Uint8Array[]; done: boolean }[] = [];
  let failure: unknown = null;
  let written = 0;
  const unzipper = new Unzip((file) => {
    if (file.name.endsWith('/') || /(^|\/)(__MACOSX|\.DS_Store)/.test(file.name)) return;
    const entry = { name: file.name, chunks: [] as Uint8Array[], done: false };
    ready.push(entry);
    file.ondata = (error, chunk, final) => {
      if (error) failure = error;
      else if (chunk.length > 0) entry.chunks.push(chunk);
      written += chunk?.length ?? 0;
      if (final) entry.done = true;
    };
    try {
      file.start();
    } catch (error) {
      failure = error;
    }
  });
  unzipper.register(UnzipInflate);
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    try {
      unzipper.push(chunk, false);
    } catch (error) {
      failure ??= error;
    }
    guardSize(written, read, key, limits);
    while (ready[0]?.done) yield* entryContent(ready.shift()?.chunks ?? [], key, limits, depth);
    if (failure !== null) break;
  }
  try {
    if (failure === null) unzipper.push(new Uint8Array(0), true);
  } catch (error) {
    failure ??= error;
  }
  for (const entry of ready) yield* entryContent(entry.chunks, key, limits, depth);
  if (failure !== null || ready.some((entry) => !entry.done)) {
    yield { kind: 'bytes', chunks: brokenOff('the zip archive is broken or encrypted', failure) };
  }
}

async function* entryContent(chunks: readonly Uint8Array[], key: string, limits: ReadLimits, depth: number): AsyncGenerator<Content> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  yield* inner(stream(), key, limits, depth);
}

// oxlint-disable-next-line require-yield -- a stream that only fails
async function* brokenOff(message: string, cause: unknown): AsyncGenerator<Uint8Array> {
  throw new TruncatedContainer(message, { cause });
}

/** Rows of a Parquet file as JSON values; needs the whole file because its index lies at the end. */
async function* parquetValues(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<JsonValue[]> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_PARQUET_BYTES) throw new UnreadableObject('too_large', `Parquet input is read whole and ends at ${MAX_PARQUET_BYTES} bytes`, { place: { object: key } });
    chunks.push(chunk);
  }
  const bytes = Uint8Array.from(Buffer.concat(chunks));
  try {
    const compressors = { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) };
    yield (await parquetReadObjects({ file: bytes.buffer, compressors })).map((row) => jsonOf(row));
  } catch (cause) {
    throw new UnreadableObject('corrupt', 'the Parquet file cannot be read', { place: { object: key }, cause });
  }
}

function jsonOf(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, jsonOf(v)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
