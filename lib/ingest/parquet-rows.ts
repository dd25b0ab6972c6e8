/**
 * Rows of a Parquet file as JSON values. The index of the format lies at its end, so the file is held whole (up to a limit), but rows
 * are made one row group at a time. Int64 beyond 2^53 becomes digits; dates become ISO text; NaN, which JSON cannot say, is null.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Compressors } from 'hyparquet';
import { UnreadableObject } from '../errors.ts';
import type { JsonValue } from '../record.ts';
import type { ByteReader } from '../byte-reader.ts';
import { corrupt } from '../inflate.ts';

const MAX_FILE_BYTES = 512 << 20;
const MAX_GROUP_BYTES = 1 << 30;

/** Snappy is built in. The length the file declares is the most a page may inflate to. */
const COMPRESSORS: Compressors = {
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength }),
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
};

/** Whether the bytes start a Parquet file. */
export function isParquet(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x41 && head[2] === 0x52 && head[3] === 0x31;
}

/** All rows, a row group at a time. Throws `UnreadableObject` for the file, `BrokenContainer` where a later row group is damaged. */
export async function* parquetRows(reader: ByteReader, key: string): AsyncGenerator<JsonValue[]> {
  const file = await wholeFile(reader, key);
  let metadata: ReturnType<typeof parquetMetadata>;
  try {
    metadata = parquetMetadata(file);
  } catch (cause) {
    throw new UnreadableObject('corrupt', 'the Parquet file cannot be read', { place: { object: key }, cause });
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    if (Number(group.total_byte_size) > MAX_GROUP_BYTES) {
      throw tooLarge(key, `a Parquet row group is read whole and may have ${MAX_GROUP_BYTES} bytes`);
    }
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: COMPRESSORS });
    } catch (cause) {
      throw corrupt(cause);
    }
    yield rows.map((row) => jsonOf(row));
    rowStart = rowEnd;
  }
}

async function wholeFile(reader: ByteReader, key: string): Promise<ArrayBuffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    size += chunk.length;
    if (size > MAX_FILE_BYTES) throw tooLarge(key, `a Parquet file is read whole and may have ${MAX_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.buffer;
}

function tooLarge(key: string, message: string): UnreadableObject {
  return new UnreadableObject('too_large', message, { place: { object: key } });
}

function jsonOf(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonOf(inner)]));
}
