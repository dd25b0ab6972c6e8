/**
 * The frame of a Parquet file: pages of all columns in, the whole file out, as one row group with its footer. zstd for pages that gain by
 * it. The schema's types are those of `schema.ts`, written so that DuckDB and Trino read them alike.
 * Source: Apache Parquet format 2.10 (`parquet.thrift`).
 */
import { constants, zstdCompressSync } from 'node:zlib';
import type { ColumnType } from '../schema.ts';
import type { EncodedValues, Physical } from './encodings.ts';
import { bool, encodeThrift, encodedOnce, i32, i64, list, struct, text } from './thrift.ts';
import type { ThriftValue } from './thrift.ts';

export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** values hardly repeat (ids): no dictionary */
  readonly unique?: boolean;
}

const MAGIC = new TextEncoder().encode('PAR1');
const CREATED_BY = 'inference-ledger';
const UNCOMPRESSED = 0;
const ZSTD = 6;
/** A chunk this small gains nothing; most columns of a log are one value. */
const COMPRESS_FROM_BYTES = 512;
/** More than zstd adds to what it cannot compress (1/256 of it and a header). */
const COMPRESSION_SLACK_BYTES = 1024;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const PHYSICAL_CODE: Readonly<Record<Physical, number>> = { boolean: 0, int32: 1, int64: 2, double: 5, text: 6 };

/** A leaf's values and levels, ready to be laid out. */
export interface Pages {
  readonly path: readonly string[];
  readonly physical: Physical;
  readonly values: EncodedValues;
  readonly levels: readonly Uint8Array[];
  readonly levelCount: number;
}

/** Lays out one file. `pages` are the leaves in the order of the columns, a map being two; each is laid out before the next is taken. */
export function assemble(columns: readonly ParquetColumn[], pages: Iterable<Pages>, rows: number): Uint8Array {
  const parts: Uint8Array[] = [MAGIC];
  const spent: ArrayBuffer[] = [];
  let offset = MAGIC.length;
  let total = 0;
  const chunks: ThriftValue[] = [];
  for (const page of pages) {
    const chunk = encodeChunk(page, offset, spent);
    parts.push(...chunk.bytes);
    chunks.push(struct({ 2: i64(offset), 3: chunk.meta }));
    offset += chunk.size;
    total += chunk.uncompressed;
  }
  const footer = encodeThrift(
    struct({
      1: i32(2),
      2: schemaOfAll(columns),
      3: i64(rows),
      4: list('struct', rows === 0 ? [] : [struct({ 1: list('struct', chunks), 2: i64(total), 3: i64(rows) })]),
      6: text(CREATED_BY),
    }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, footer.length, true);
  const file = Buffer.concat([...(rows === 0 ? [MAGIC] : parts), footer, length, MAGIC]);
  for (const buffer of spent) buffer.transfer(0);
  return file;
}

/**
 * Pages from this size on are freed as soon as their file is made. Left to the collector, which sees little of memory outside its heap,
 * those of many files wait together and the process stays as large as all of them. Smaller ones lie in a pool that Node shares.
 */
const FREED_FROM_BYTES = Buffer.poolSize;

/** Given one buffer that is large enough, the compressor costs a third less for small pages. */
function compressed(raw: Uint8Array, spent: ArrayBuffer[]): Uint8Array {
  const page = zstdCompressSync(raw, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    chunkSize: raw.length + COMPRESSION_SLACK_BYTES,
  });
  if (raw.length > FREED_FROM_BYTES && page.buffer.byteLength > FREED_FROM_BYTES) spent.push(page.buffer);
  return page;
}

let room = Buffer.allocUnsafeSlow(1 << 16);

/** Parts one after the other, in room that the next call takes again: a page is compressed or copied before that. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > room.length) room = Buffer.allocUnsafeSlow(size * 2);
  let at = 0;
  for (const part of parts) {
    room.set(part, at);
    at += part.length;
  }
  return room.subarray(0, size);
}

interface Chunk {
  readonly meta: ThriftValue;
  readonly bytes: readonly Uint8Array[];
  readonly size: number;
  readonly uncompressed: number;
}

/** Buffers that can be freed when the file is made are added to `spent`. */
function encodeChunk(
  { path, physical, values, levels, levelCount }: Pages,
  offset: number,
  spent: ArrayBuffer[],
): Chunk {
  const pages: Uint8Array[] = [];
  let uncompressed = 0;
  let dictionarySize = 0;
  const data = joined([...levels, values.bytes]);
  const codec = data.length + (values.dictionary?.bytes.length ?? 0) < COMPRESS_FROM_BYTES ? UNCOMPRESSED : ZSTD;
  const addPage = (raw: Uint8Array, header: (compressed: number) => ThriftValue): number => {
    const body = codec === ZSTD ? compressed(raw, spent) : Uint8Array.from(raw);
    const head = encodeThrift(header(body.length));
    pages.push(head, body);
    uncompressed += head.length + raw.length;
    return head.length + body.length;
  };
  if (values.dictionary) {
    const { bytes, count } = values.dictionary;
    dictionarySize = addPage(bytes, (n) =>
      struct({ 1: i32(2), 2: i32(bytes.length), 3: i32(n), 7: struct({ 1: i32(count), 2: i32(PLAIN) }) }),
    );
  }
  const encoding = values.dictionary ? RLE_DICTIONARY : PLAIN;
  const dataSize = addPage(data, (n) =>
    struct({
      1: i32(0),
      2: i32(data.length),
      3: i32(n),
      5: struct({ 1: i32(levelCount), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) }),
    }),
  );
  const meta = struct({
    1: i32(PHYSICAL_CODE[physical]),
    2: list('i32', [PLAIN, RLE, ...(values.dictionary ? [RLE_DICTIONARY] : [])].map(i32)),
    3: list('text', path.map(text)),
    4: i32(codec),
    5: i64(levelCount),
    6: i64(uncompressed),
    7: i64(dictionarySize + dataSize),
    9: i64(offset + dictionarySize),
    11: values.dictionary ? i64(offset) : undefined,
  });
  return { meta, bytes: pages, size: dictionarySize + dataSize, uncompressed };
}

const schemas = new WeakMap<readonly ParquetColumn[], ThriftValue>();

/** The schema of a table is half of the footer of a small file, and the same in all of its files. */
function schemaOfAll(columns: readonly ParquetColumn[]): ThriftValue {
  let schema = schemas.get(columns);
  if (schema === undefined) {
    const root = struct({ 4: text('schema'), 5: i32(columns.length) });
    schema = encodedOnce(list('struct', [root, ...columns.flatMap(schemaOf)]));
    schemas.set(columns, schema);
  }
  return schema;
}

const REQUIRED = i32(0);
const OPTIONAL = i32(1);
const REPEATED = i32(2);

function schemaOf(column: ParquetColumn): ThriftValue[] {
  const utf8 = (name: string): ThriftValue =>
    struct({ 1: i32(6), 3: REQUIRED, 4: text(name), 6: i32(0), 10: struct({ 1: struct({}) }) });
  const int64 = (name: string): ThriftValue => struct({ 1: i32(2), 3: REQUIRED, 4: text(name) });
  if (column.type === 'map<string,string>' || column.type === 'map<string,bigint>') {
    return [
      struct({ 3: REQUIRED, 4: text(column.name), 5: i32(1), 6: i32(1), 10: struct({ 2: struct({}) }) }),
      struct({ 3: REPEATED, 4: text('key_value'), 5: i32(2) }),
      utf8('key'),
      column.type === 'map<string,string>' ? utf8('value') : int64('value'),
    ];
  }
  if (column.type === 'array<string>' || column.type === 'array<bigint>') {
    return [
      struct({ 3: REQUIRED, 4: text(column.name), 5: i32(1), 6: i32(3), 10: struct({ 3: struct({}) }) }),
      struct({ 3: REPEATED, 4: text('list'), 5: i32(1) }),
      column.type === 'array<string>' ? utf8('element') : int64('element'),
    ];
  }
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(column.type);
  const precision = Number(decimal?.[1]);
  const scale = Number(decimal?.[2]);
  const converted = column.type === 'string' ? 0 : decimal ? 5 : column.type === 'date' ? 6 : undefined;
  return [
    struct({
      1: i32(PHYSICAL_CODE[physicalOf(column.type)]),
      3: column.nullable ? OPTIONAL : REQUIRED,
      4: text(column.name),
      6: converted === undefined ? undefined : i32(converted),
      7: decimal ? i32(scale) : undefined,
      8: decimal ? i32(precision) : undefined,
      10: logicalType(column.type, scale, precision),
    }),
  ];
}

/** Timestamps are milliseconds and not UTC-adjusted, so that DuckDB and Trino both read a plain `timestamp`. */
function logicalType(type: ColumnType, scale: number, precision: number): ThriftValue | undefined {
  if (type === 'string') return struct({ 1: struct({}) });
  if (type.startsWith('decimal')) return struct({ 5: struct({ 1: i32(scale), 2: i32(precision) }) });
  if (type === 'date') return struct({ 6: struct({}) });
  if (type === 'timestamp') return struct({ 8: struct({ 1: bool(false), 2: struct({ 1: struct({}) }) }) });
  return undefined;
}

/** How a column's values are held in a file. */
export function physicalOf(type: ColumnType): Physical {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'int32';
    case 'double':
      return 'double';
    case 'bigint':
    case 'timestamp':
    case 'decimal(18,12)':
    case 'decimal(18,15)':
      return 'int64';
    case 'string':
      return 'text';
    default:
      throw new Error(`the landing writer does not write ${type}`);
  }
}
