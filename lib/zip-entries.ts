/**
 * Entries of a zip archive in the order in which they are stored, read forward in flat memory. Walked by hand because a streamed entry
 * tells its size only after its data: a library that looks for the next signature cuts an entry where those four bytes occur by
 * chance, while a deflate stream knows where it ends. Checksums are verified. Source: PKWARE APPNOTE 6.3.10 (2022), §4.3.
 */
import { crc32 } from 'node:zlib';
import { BrokenContainer } from './broken-container.ts';
import type { ByteReader } from './byte-reader.ts';
import { corrupt, inflateMember, truncated } from './inflate.ts';
import type { InflateGuard } from './inflate.ts';

export interface ZipEntry {
  readonly name: string;
  /** the content; throws `BrokenContainer` at its end where it is damaged */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
/** What may come after the last entry: the directory, its end, or a block that signs or encrypts it. */
const AFTER_ENTRIES = new Set([0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50]);
const READ_BYTES = 1 << 16;

interface LocalHeader {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** sizes and checksum follow the data */
  readonly isStreamed: boolean;
  readonly crc: number;
  readonly compressedBytes: number;
}

/** Whether the bytes start a zip archive, an empty one included. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * The entries that hold files; folders and the side files of macOS are passed over. An entry must be read before the next one is asked
 * for. Throws `BrokenContainer` where the archive itself breaks.
 */
export async function* zipEntries(reader: ByteReader, guard: InflateGuard): AsyncGenerator<ZipEntry> {
  for (;;) {
    const signature = await reader.peek(4);
    if (signature.length < 4) {
      await reader.take(4); // an error of the source comes first
      throw truncated();
    }
    if (AFTER_ENTRIES.has(signature.readUInt32LE(0))) return;
    if (signature.readUInt32LE(0) !== LOCAL_HEADER) throw corrupt(null);
    const header = await localHeader(reader);
    const outcome = { isLost: false };
    const chunks = entryContent(reader, header, guard, outcome);
    if (!/(\/|(^|\/)__MACOSX\/.*|(^|\/)\.DS_Store)$/.test(header.name)) yield { name: header.name, chunks };
    for await (const _ of chunks); // whatever the caller left
    if (outcome.isLost) return;
  }
}

async function localHeader(reader: ByteReader): Promise<LocalHeader> {
  const fixed = await exactly(reader, 30);
  const flags = fixed.readUInt16LE(6);
  const name = await exactly(reader, fixed.readUInt16LE(26));
  const extra = await exactly(reader, fixed.readUInt16LE(28));
  return {
    name: name.toString('utf8'),
    method: fixed.readUInt16LE(8),
    isEncrypted: (flags & 1) !== 0,
    isStreamed: (flags & 8) !== 0,
    crc: fixed.readUInt32LE(14),
    compressedBytes: compressedSize(fixed, extra),
  };
}

/** The 64-bit size stands in an extra field where the 32-bit one is all ones; the uncompressed size comes first there. */
function compressedSize(fixed: Buffer, extra: Buffer): number {
  const size = fixed.readUInt32LE(18);
  if (size !== 0xffffffff) return size;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const field = at + 4 + (fixed.readUInt32LE(22) === 0xffffffff ? 8 : 0);
    if (extra.readUInt16LE(at) === 1 && field + 8 <= extra.length) return Number(extra.readBigUInt64LE(field));
  }
  return size;
}

/** Content of one entry. `outcome.isLost` tells that the place of the next entry is unknown from here on. */
async function* entryContent(
  reader: ByteReader,
  header: LocalHeader,
  guard: InflateGuard,
  outcome: { isLost: boolean },
): AsyncGenerator<Uint8Array> {
  outcome.isLost = true;
  const isReadable = !header.isEncrypted && (header.method === 8 || (header.method === 0 && !header.isStreamed));
  if (!isReadable) {
    if (!header.isStreamed) {
      for await (const _ of stored(reader, header.compressedBytes, null));
      outcome.isLost = false;
    }
    const what = header.isEncrypted ? 'encrypted' : `compressed by method ${header.method}`;
    throw new BrokenContainer('corrupt_container', `an entry of the archive is ${what}, which is not read`);
  }
  let crc = 0;
  let size = 0;
  const data = header.method === 8 ? inflateMember(reader, guard) : stored(reader, header.compressedBytes, guard);
  for await (const chunk of data) {
    crc = crc32(chunk, crc);
    size += chunk.length;
    yield chunk;
  }
  const expected = header.isStreamed ? await descriptorCrc(reader, size) : header.crc;
  outcome.isLost = false;
  if (expected !== crc)
    throw new BrokenContainer('corrupt_container', 'the checksum of an entry of the archive does not match');
}

async function* stored(reader: ByteReader, bytes: number, guard: InflateGuard | null): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0;) {
    const chunk = await reader.take(Math.min(left, READ_BYTES));
    if (chunk.length === 0) throw truncated();
    left -= chunk.length;
    guard?.count(chunk.length, chunk.length);
    yield chunk;
  }
}

/** Checksum from the descriptor behind a streamed entry: its signature is optional and its sizes have 32 or 64 bits. */
async function descriptorCrc(reader: ByteReader, size: number): Promise<number> {
  const ahead = await reader.peek(16);
  const at = ahead.length >= 4 && ahead.readUInt32LE(0) === DESCRIPTOR ? 4 : 0;
  if (ahead.length < at + 12) throw truncated();
  const isShort = ahead.readUInt32LE(at + 8) === size % 2 ** 32;
  await exactly(reader, at + (isShort ? 12 : 20));
  return ahead.readUInt32LE(at);
}

async function exactly(reader: ByteReader, n: number): Promise<Buffer> {
  if (n === 0) return Buffer.alloc(0);
  const bytes = await reader.take(n);
  if (bytes.length < n) throw truncated();
  return bytes;
}
