/**
 * gzip and zstd, member by member and frame by frame. Node's own streams lose data here, so members are walked by hand: Gunzip throws
 * away the last output when garbage follows or a checksum fails, and ZstdDecompress stops silently after the first frame.
 * Bytes of the container in, bytes of the text out; a broken end comes as `BrokenContainer` after everything readable before it.
 * Source: RFC 1952 (gzip, May 1996), RFC 8878 (zstd, February 2021).
 */
import { crc32, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { BrokenContainer } from './broken-container.ts';
import type { ByteReader } from './byte-reader.ts';

/** Measured: 256 KB output chunks cost 0.6 of the CPU of the default 16 KB ones. */
const OUTPUT_CHUNK_BYTES = 1 << 18;
/** Input per call: a bomb can make 1,032 times as much of it before the guard looks. */
const INPUT_SLICE_BYTES = 1 << 16;
const MAX_HEADER_BYTES = 1 << 16;

type Codec = ReturnType<typeof createInflateRaw> | ReturnType<typeof createZstdDecompress>;

/** Watches a decompression. */
export interface InflateGuard {
  /** Adds what was read and what came of it; throws where a limit is passed. */
  count(readBytes: number, writtenBytes: number): void;
}

/** Whether the bytes start a gzip member (deflate, the only method there is). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && (head[2] === 8 || head.length < 3);
}

/** Whether the bytes start a zstd frame or one of the frames a zstd reader skips. */
export function isZstd(head: Uint8Array): boolean {
  if (head[3] === 0xfd) return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f;
  return head[3] === 0x18 && head[2] === 0x4d && head[1] === 0x2a && ((head[0] ?? 0) & 0xf0) === 0x50;
}

/** Text of all members of a gzip stream. Throws `BrokenContainer` at its end where it is damaged, the guard's error where it is a bomb. */
export async function* gunzip(reader: ByteReader, guard: InflateGuard): AsyncGenerator<Uint8Array> {
  let damaged = false;
  do {
    await skipGzipHeader(reader);
    let crc = 0;
    let size = 0;
    for await (const chunk of inflateMember(reader, guard)) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    const trailer = await reader.take(8);
    if (trailer.length < 8) throw truncated();
    if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size % 2 ** 32) damaged = true;
  } while (await anotherFollows(reader, isGzip));
  if (damaged) throw new BrokenContainer('corrupt_container', 'a checksum of the gzip data does not match');
}

/** Text of all frames of a zstd stream. Throws as `gunzip` does. */
export async function* unzstd(reader: ByteReader, guard: InflateGuard): AsyncGenerator<Uint8Array> {
  do {
    yield* inflateOne(reader, createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES }), guard);
  } while (await anotherFollows(reader, isZstd));
}

/** One raw deflate stream, as in a gzip member or a zip entry; the reader then stands right behind it. */
export function inflateMember(reader: ByteReader, guard: InflateGuard): AsyncGenerator<Uint8Array> {
  return inflateOne(reader, createInflateRaw({ chunkSize: OUTPUT_CHUNK_BYTES }), guard);
}

/** Decides what follows a complete member: nothing or zero padding ends the file, another member goes on, anything else is named. */
async function anotherFollows(reader: ByteReader, isMagic: (head: Uint8Array) => boolean): Promise<boolean> {
  for (let bytes = await reader.next(); bytes !== null; bytes = await reader.next()) {
    const padding = bytes.findIndex((byte) => byte !== 0);
    if (padding < 0) continue;
    reader.unread(bytes.subarray(padding));
    if (isMagic(await reader.peek(4))) return true;
    throw new BrokenContainer('trailing_bytes', 'bytes follow the compressed data that belong to nothing');
  }
  return false;
}

async function skipGzipHeader(reader: ByteReader): Promise<void> {
  const fixed = await reader.take(10);
  if (fixed.length < 10) throw truncated();
  const flags = fixed[3] ?? 0;
  if (flags & 4) {
    const length = await reader.take(2);
    if (length.length < 2) throw truncated();
    await reader.take(length.readUInt16LE(0));
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = (await reader.peek(MAX_HEADER_BYTES)).indexOf(0);
    if (end < 0) throw truncated();
    await reader.take(end + 1);
  }
  if (flags & 2) await reader.take(2);
}

export function truncated(cause?: unknown): BrokenContainer {
  return new BrokenContainer('truncated_container', 'the compressed data ends before it is complete', { cause });
}

/**
 * Output of one member; the reader then stands right behind it. The input is fed in slices of a fixed size, so that a damaged file
 * gives the same lines however it arrives, and all output is taken before the end is told, because Node drops it on an error.
 */
async function* inflateOne(reader: ByteReader, codec: Codec, guard: InflateGuard): AsyncGenerator<Uint8Array> {
  const work = drive(codec);
  let fedBytes = 0;
  try {
    for (;;) {
      const slice = await reader.take(INPUT_SLICE_BYTES);
      fedBytes += slice.length;
      await (slice.length > 0 ? work.feed(slice) : work.end());
      guard.count(slice.length, 0);
      for (const chunk of work.output()) {
        guard.count(0, chunk.length);
        yield chunk;
      }
      if (work.hasEnded()) {
        // the codec leaves what it did not want: it lies at the end of the last slice
        const unwanted = fedBytes - codec.bytesWritten;
        reader.unread(slice.subarray(slice.length - unwanted));
        guard.count(-unwanted, 0);
        return;
      }
      const error = work.error();
      if (error !== null) throw slice.length === 0 ? truncated(error) : corrupt(error);
    }
  } finally {
    codec.destroy();
  }
}

export function corrupt(cause: unknown): BrokenContainer {
  return new BrokenContainer('corrupt_container', 'the compressed data is damaged', { cause });
}

interface Drive {
  feed(slice: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Takes the chunks that came since the last call. */
  output(): Uint8Array[];
  hasEnded(): boolean;
  error(): Error | null;
}

/** A codec fed step by step: a step is over when the input is used up, the member has ended, or the codec failed. */
function drive(codec: Codec): Drive {
  let chunks: Uint8Array[] = [];
  let ended = false;
  let failure: Error | null = null;
  let wake = (): void => {};
  codec.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  codec.on('end', () => {
    ended = true;
    wake();
  });
  codec.on('error', (error: Error) => {
    failure = error;
    wake();
  });
  return {
    feed: (slice) =>
      new Promise((resolve) => {
        wake = resolve;
        codec.write(slice, () => resolve());
      }),
    end: () =>
      new Promise((resolve) => {
        wake = resolve;
        codec.end();
      }),
    output() {
      const taken = chunks;
      chunks = [];
      return taken;
    },
    hasEnded: () => ended,
    error: () => failure,
  };
}
