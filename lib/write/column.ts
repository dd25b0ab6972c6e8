/**
 * One column's values while a row group fills: appended one by one, encoded at the end as one Parquet page (plus a dictionary).
 * Most columns of a usage log hold one value for thousands of rows, so a column stays a counter until a second value arrives.
 * Source of the encodings: Apache Parquet format, `Encodings.md` (PLAIN, RLE_DICTIONARY, RLE/bit-packed hybrid).
 */
import { writeVarint } from './thrift.ts';

export type Physical = 'boolean' | 'int32' | 'int64' | 'double' | 'text';
export type Scalar = number | bigint | string | boolean | null;

/** The encoded values of a leaf: the data page's value bytes and, if a dictionary is used, its page. */
export interface EncodedValues {
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | null;
  readonly bytes: Uint8Array;
}

/** A growing column of scalars; nulls are kept as absence, told by `present`. */
export interface ColumnBuffer {
  push(value: Scalar): void;
  readonly rows: number;
  /** 1 = value, 0 = null; null when no row was null */
  present(): Uint8Array | null;
  /** number of non-null values */
  readonly values: number;
  encode(): EncodedValues;
}

/** A dictionary is given up when it holds more than this many entries: then the values repeat too little to pay for it. */
const DICTIONARY_LIMIT = 20_000;

/** `unique` marks columns known to be ids: they go in plainly from the start. */
export function createColumn(physical: Physical, unique = false): ColumnBuffer {
  const presence = createPresence();
  const distinct = new Map<Scalar, number>();
  let useDictionary = physical !== 'boolean' && physical !== 'double' && !unique;
  let indices: Uint32Array | null = null;
  let plain: Scalar[] = [];
  let values = 0;

  const appendIndex = (index: number): void => {
    if (indices === null) {
      if (index === 0) return; // still one distinct value: the counter is enough
      indices = new Uint32Array(1024);
    }
    if (values >= indices.length) {
      const grown: Uint32Array<ArrayBuffer> = new Uint32Array(Math.max(indices.length * 2, values * 2));
      grown.set(indices);
      indices = grown;
    }
    indices[values] = index;
  };
  const giveUpDictionary = (): void => {
    const entries = [...distinct.keys()];
    plain = Array.from({ length: values }, (_, i) => entries[indices?.[i] ?? 0] as Scalar);
    useDictionary = false;
    indices = null;
    distinct.clear();
  };

  return {
    push(value) {
      presence.push(value !== null);
      if (value === null) return;
      if (useDictionary) {
        let index = distinct.get(value);
        if (index === undefined) {
          index = distinct.size;
          distinct.set(value, index);
        }
        appendIndex(index);
        values++;
        if (index > DICTIONARY_LIMIT) giveUpDictionary();
        return;
      }
      plain.push(value);
      values++;
    },
    get rows() {
      return presence.rows;
    },
    get values() {
      return values;
    },
    present: presence.flags,
    encode() {
      if (!useDictionary) return { dictionary: null, bytes: encodePlain(physical, plain) };
      const entries = [...distinct.keys()];
      const width = Math.max(1, 32 - Math.clz32(Math.max(0, entries.length - 1)));
      const packed = indices === null ? runOf(0, values, width) : bitPacked(indices, values, width);
      const bytes = new Uint8Array(packed.length + 1);
      bytes[0] = width;
      bytes.set(packed, 1);
      return { dictionary: { bytes: encodePlain(physical, entries), count: entries.length }, bytes };
    },
  };
}

/** Which rows have a value; nothing is allocated while all rows agree. */
export function createPresence(): { push(present: boolean): void; readonly rows: number; flags(): Uint8Array | null } {
  let rows = 0;
  let first = true;
  let flags: Uint8Array | null = null;
  return {
    push(present) {
      if (rows === 0) first = present;
      if (flags === null && present !== first) {
        flags = new Uint8Array(Math.max(1024, rows * 2));
        flags.fill(first ? 1 : 0, 0, rows);
      }
      if (flags !== null) {
        if (rows >= flags.length) {
          const grown: Uint8Array<ArrayBuffer> = new Uint8Array(flags.length * 2);
          grown.set(flags);
          flags = grown;
        }
        flags[rows] = present ? 1 : 0;
      }
      rows++;
    },
    get rows() {
      return rows;
    },
    flags() {
      if (flags !== null) return flags.subarray(0, rows);
      return first ? null : new Uint8Array(rows);
    },
  };
}

/** Levels of bit width 1 as Parquet's RLE hybrid, with the four-byte length that data page v1 wants. */
export function encodeLevels(levels: Uint8Array | null, rows: number): Uint8Array {
  const body = levels === null ? runOf(1, rows, 1) : allEqual(levels) ? runOf(levels[0] ?? 0, rows, 1) : bitPacked(levels, rows, 1);
  const out = new Uint8Array(body.length + 4);
  new DataView(out.buffer).setUint32(0, body.length, true);
  out.set(body, 4);
  return out;
}

function allEqual(levels: Uint8Array): boolean {
  const first = levels[0];
  return levels.every((level) => level === first);
}

/** One run of `count` equal values. */
function runOf(value: number, count: number, width: number): Uint8Array {
  const out: number[] = [];
  writeVarint(out, count * 2);
  for (let byte = 0; byte < Math.ceil(width / 8); byte++) out.push((value >>> (byte * 8)) & 255);
  return Uint8Array.from(out);
}

/** All values in one bit-packed run, least significant bit first, padded to a group of eight. */
function bitPacked(values: Uint32Array | Uint8Array, count: number, width: number): Uint8Array {
  const groups = Math.ceil(count / 8);
  const header: number[] = [];
  writeVarint(header, groups * 2 + 1);
  const out = new Uint8Array(header.length + groups * width);
  out.set(header);
  let position = header.length;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    held |= (values[i] ?? 0) << bits; // width ≤ 15 and bits < 8 keep this inside 32 bits
    bits += width;
    while (bits >= 8) {
      out[position++] = held & 255;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) out[position] = held & 255;
  return out;
}

function encodePlain(physical: Physical, values: readonly Scalar[]): Uint8Array {
  switch (physical) {
    case 'text':
      return encodeTexts(values as readonly string[]);
    case 'boolean': {
      const out = new Uint8Array(Math.ceil(values.length / 8));
      for (let i = 0; i < values.length; i++) if (values[i]) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7));
      return out;
    }
    case 'int32': {
      const out = new Int32Array(values.length);
      for (let i = 0; i < values.length; i++) out[i] = values[i] as number;
      return new Uint8Array(out.buffer);
    }
    case 'double': {
      const out = new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) out[i] = values[i] as number;
      return new Uint8Array(out.buffer);
    }
    case 'int64':
      return encodeInt64(values as readonly (number | bigint)[]);
  }
}

/** Safe integers are split into two 32-bit words, which is several times cheaper than a bigint each. */
function encodeInt64(values: readonly (number | bigint)[]): Uint8Array {
  const out = new Uint32Array(values.length * 2);
  const wide = new BigInt64Array(out.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') {
      out[i * 2] = value >>> 0;
      out[i * 2 + 1] = Math.floor(value / 4294967296);
    } else wide[i] = value as bigint;
  }
  return new Uint8Array(out.buffer);
}

function encodeTexts(values: readonly string[]): Uint8Array {
  let size = 0;
  for (const value of values) size += 4 + value.length * 3;
  const out = Buffer.allocUnsafe(size);
  let position = 0;
  for (const value of values) {
    const written = out.write(value, position + 4, 'utf8');
    out.writeUInt32LE(written, position);
    position += 4 + written;
  }
  return out.subarray(0, position);
}
