/**
 * Values to page bytes: the encodings of Parquet that the landing files use. Values in, bytes out; nothing here knows a row or a file.
 * Source: Apache Parquet format 2.10, `Encodings.md` (PLAIN, RLE_DICTIONARY, RLE/bit-packed hybrid).
 */
import { varint } from './thrift.ts';

export type Physical = 'boolean' | 'int32' | 'int64' | 'double' | 'text';
export type Scalar = number | bigint | string | boolean | null;

/** The encoded values of a leaf: the data page's value bytes and, if a dictionary is used, its page. */
export interface EncodedValues {
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | null;
  readonly bytes: Uint8Array;
}

/** A dictionary is given up when it holds more than this many entries: then the values repeat too little to pay for it. */
export const DICTIONARY_LIMIT = 20_000;
/** After so many entries a dictionary must have been worth it: each entry used this often on average. */
export const TRIED_ENTRIES = 256;
export const WORTHWHILE_USES = 4;

/** Whether `values` values of which `entries` are distinct are better written by a dictionary. */
export function isDictionaryWorthwhile(entries: number, values: number): boolean {
  return entries <= TRIED_ENTRIES || (entries <= DICTIONARY_LIMIT && entries * WORTHWHILE_USES <= values);
}

/** A dictionary and its codes; `codes` null means that every row has the first entry. */
export function dictionaryPage(
  physical: Physical,
  entries: readonly Scalar[],
  codes: Uint32Array | null,
  count: number,
): EncodedValues {
  const width = Math.max(1, 32 - Math.clz32(Math.max(0, entries.length - 1)));
  const packed = codes === null ? runOf(0, count, width) : bitPacked(codes, count, width);
  const bytes = new Uint8Array(packed.length + 1);
  bytes[0] = width;
  bytes.set(packed, 1);
  return { dictionary: { bytes: encodePlain(physical, entries), count: entries.length }, bytes };
}

/**
 * Page bytes of a column whose value follows from one of few things (a model's profile, an attribution): `codes` say which thing each row
 * had, `valueOf` what the column's value is for it. Null codes of a value are left out of the page and told by `present`.
 */
export function encodeByCode(
  physical: Physical,
  codes: Uint32Array,
  things: number,
  valueOf: (thing: number) => Scalar,
): { readonly values: EncodedValues; readonly present: Uint8Array | null } {
  const distinct = new Map<Scalar, number>();
  const codeOf = new Int32Array(things);
  for (let thing = 0; thing < things; thing++) {
    const value = valueOf(thing);
    if (value === null) {
      codeOf[thing] = -1;
      continue;
    }
    let code = distinct.get(value);
    if (code === undefined) {
      code = distinct.size;
      distinct.set(value, code);
    }
    codeOf[thing] = code;
  }
  const present = codeOf.includes(-1) ? new Uint8Array(codes.length) : null;
  const entries = [...distinct.keys()];
  if (present === null && entries.length === 1 && physical !== 'boolean' && physical !== 'double') {
    return { values: dictionaryPage(physical, entries, null, codes.length), present };
  }
  const own = new Uint32Array(codes.length);
  const count = translated(codes, codeOf, own, present);
  if (physical === 'boolean' || physical === 'double') {
    const all = Array.from(own.subarray(0, count), (code) => entries[code] as Scalar);
    return { values: { dictionary: null, bytes: encodePlain(physical, all) }, present };
  }
  if (count === 0) return { values: { dictionary: null, bytes: new Uint8Array(0) }, present };
  return { values: dictionaryPage(physical, entries, entries.length === 1 ? null : own, count), present };
}

/** Codes of things to codes of values, those without a value left out; returns how many are left. */
function translated(codes: Uint32Array, codeOf: Int32Array, own: Uint32Array, present: Uint8Array | null): number {
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codeOf[codes[row] as number] as number;
    if (code < 0) continue;
    own[count++] = code;
    if (present !== null) present[row] = 1;
  }
  return count;
}

/** Levels of bit width 1 as Parquet's RLE hybrid, with the four-byte length that data page v1 wants. */
export function encodeLevels(levels: Uint8Array | null, rows: number): Uint8Array {
  const body =
    levels === null
      ? runOf(1, rows, 1)
      : allEqual(levels)
        ? runOf(levels[0] ?? 0, rows, 1)
        : bitPacked(levels, rows, 1);
  const out = new Uint8Array(body.length + 4);
  new DataView(out.buffer).setUint32(0, body.length, true);
  out.set(body, 4);
  return out;
}

function allEqual(levels: Uint8Array): boolean {
  const first = levels[0];
  for (let i = 1; i < levels.length; i++) if (levels[i] !== first) return false;
  return true;
}

/** One run of `count` equal values. */
function runOf(value: number, count: number, width: number): Uint8Array {
  const header = varint(count * 2);
  const out = new Uint8Array(header.length + Math.ceil(width / 8));
  out.set(header);
  for (let at = header.length, rest = value; at < out.length; at++, rest >>>= 8) out[at] = rest & 255;
  return out;
}

/** All values in one bit-packed run, least significant bit first, padded to a group of eight. */
function bitPacked(values: Uint32Array | Uint8Array, count: number, width: number): Uint8Array {
  const groups = Math.ceil(count / 8);
  const header = varint(groups * 2 + 1);
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

export function encodePlain(physical: Physical, values: readonly Scalar[]): Uint8Array {
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

/** Unboxed numbers of a numeric column. `words` is room for two per value; what is returned may lie in it. */
export function encodeNumbers(physical: Physical, values: Float64Array, words?: Uint32Array): Uint8Array {
  if (physical === 'double') return new Uint8Array(values.slice().buffer);
  if (physical === 'int32') return new Uint8Array(Int32Array.from(values).buffer);
  const out = words ?? new Uint32Array(values.length * 2);
  splitIntoWords(values, out);
  return new Uint8Array(out.buffer, out.byteOffset, values.length * 8);
}

function splitIntoWords(values: Float64Array, out: Uint32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const high = Math.floor(value / 4294967296);
    out[i * 2] = value - high * 4294967296;
    out[i * 2 + 1] = high;
  }
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
