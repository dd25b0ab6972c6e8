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

/**
 * A growing column. A plain record with functions beside it, not an object with methods: a row has sixty columns, and calls that the
 * engine can bind directly are most of the writer's speed. `mode` says how the values are held.
 */
export interface ColumnBuffer {
  readonly physical: Physical;
  /** `same`: one value so far, counted · `codes`: dictionary codes · `plain`: values as they are */
  mode: 'same' | 'codes' | 'plain';
  readonly plainOnly: boolean;
  last: Scalar;
  lastCode: number;
  codes: Uint32Array;
  readonly distinct: Map<Scalar, number>;
  numbers: Float64Array;
  plain: Scalar[];
  /** plain texts, already in page form: held as bytes so that the garbage collector never sees them */
  bytes: Buffer;
  byteCount: number;
  values: number;
  /** null where no value may be null */
  readonly presence: Presence | null;
}

/** A dictionary is given up when it holds more than this many entries: then the values repeat too little to pay for it. */
const DICTIONARY_LIMIT = 20_000;
/** After so many entries a dictionary must have been worth it: each entry used this often on average. */
const TRIED_ENTRIES = 256;
const WORTHWHILE_USES = 4;
const FIRST_CAPACITY = 256;
const NO_CODES = new Uint32Array(0);
const NO_NUMBERS = new Float64Array(0);
const NO_BYTES = Buffer.alloc(0);

/** `unique` marks columns known to be ids: no dictionary is tried. Numbers never use one beyond a single value. */
export function createColumn(physical: Physical, unique = false, nullable = true): ColumnBuffer {
  return {
    physical,
    mode: 'same',
    plainOnly: unique || physical !== 'text',
    last: null,
    lastCode: 0,
    codes: NO_CODES,
    distinct: new Map(),
    numbers: NO_NUMBERS,
    plain: [],
    bytes: NO_BYTES,
    byteCount: 0,
    values: 0,
    presence: nullable ? createPresence() : null,
  };
}

/** Appends one value; null is absence. */
export function pushValue(column: ColumnBuffer, value: Scalar): void {
  if (column.presence !== null) pushPresence(column.presence, value !== null);
  if (value === null) return;
  if (column.mode === 'same') {
    if (column.values === 0) column.last = value;
    else if (value !== column.last) leaveSame(column);
  }
  if (column.mode === 'codes') pushCode(column, value);
  else if (column.mode === 'plain') pushPlain(column, value);
  column.values++;
}

/** A second value arrived: from now on values are held one by one. */
function leaveSame(column: ColumnBuffer): void {
  const first = column.last;
  if (!column.plainOnly) {
    column.mode = 'codes';
    column.codes = new Uint32Array(Math.max(FIRST_CAPACITY, column.values * 2));
    column.distinct.set(first, 0);
    return;
  }
  column.mode = 'plain';
  const count = column.values;
  column.values = 0;
  for (let i = 0; i < count; i++) {
    pushPlain(column, first);
    column.values++;
  }
}

function pushCode(column: ColumnBuffer, value: Scalar): void {
  if (value !== column.last) {
    let code = column.distinct.get(value);
    if (code === undefined) {
      code = column.distinct.size;
      column.distinct.set(value, code);
      if (code >= TRIED_ENTRIES && (code > DICTIONARY_LIMIT || code * WORTHWHILE_USES > column.values)) {
        giveUpDictionary(column);
        pushPlain(column, value);
        return;
      }
    }
    column.last = value;
    column.lastCode = code;
  }
  if (column.values >= column.codes.length) {
    const grown = new Uint32Array(column.codes.length * 2);
    grown.set(column.codes);
    column.codes = grown;
  }
  column.codes[column.values] = column.lastCode;
}

/** The values repeat too little: what was coded so far is written out as bytes, and so is everything after. */
function giveUpDictionary(column: ColumnBuffer): void {
  const entries = [...column.distinct.keys()] as string[];
  column.mode = 'plain';
  for (let i = 0; i < column.values; i++) appendText(column, entries[column.codes[i] ?? 0] ?? '');
  column.codes = NO_CODES;
  column.distinct.clear();
}

/** Numbers are held unboxed as long as all of them are numbers, texts as bytes. */
function pushPlain(column: ColumnBuffer, value: Scalar): void {
  if (typeof value === 'string') {
    appendText(column, value);
    return;
  }
  if (typeof value === 'number' && column.plain.length === 0) {
    if (column.values >= column.numbers.length) {
      const grown = new Float64Array(Math.max(FIRST_CAPACITY, column.values * 2));
      grown.set(column.numbers);
      column.numbers = grown;
    }
    column.numbers[column.values] = value;
    return;
  }
  if (column.plain.length === 0 && column.values > 0) {
    column.plain = Array.from(column.numbers.subarray(0, column.values));
    column.numbers = NO_NUMBERS;
  }
  column.plain.push(value);
}

/** Texts this short are copied sign by sign, which is cheaper than a native call. */
const COPY_BELOW = 96;

/** Appends a text in PLAIN form: its length in four bytes, then UTF-8. */
function appendText(column: ColumnBuffer, text: string): void {
  const needed = column.byteCount + 4 + text.length * 3;
  if (needed > column.bytes.length) {
    const grown = Buffer.allocUnsafeSlow(Math.max(4096, needed + (needed >> 1)));
    column.bytes.copy(grown, 0, 0, column.byteCount);
    column.bytes = grown;
  }
  const { bytes, byteCount: from } = column;
  let written = 0;
  if (text.length < COPY_BELOW) {
    for (; written < text.length; written++) {
      const code = text.charCodeAt(written);
      if (code > 127) break;
      bytes[from + 4 + written] = code;
    }
  }
  if (written < text.length) written = bytes.write(text, from + 4, 'utf8');
  bytes.writeUInt32LE(written, from);
  column.byteCount = from + 4 + written;
}

/** The page bytes of everything appended. */
export function encodeColumn(column: ColumnBuffer): EncodedValues {
  const { physical, values, mode } = column;
  if (mode === 'plain' && physical === 'text')
    return { dictionary: null, bytes: column.bytes.subarray(0, column.byteCount) };
  if (mode === 'plain')
    return {
      dictionary: null,
      bytes:
        column.plain.length > 0
          ? encodePlain(physical, column.plain)
          : encodeNumbers(physical, column.numbers.subarray(0, values)),
    };
  if (values === 0) return { dictionary: null, bytes: new Uint8Array(0) };
  const same = mode === 'same';
  if (same && (physical === 'boolean' || physical === 'double')) {
    return {
      dictionary: null,
      bytes: encodePlain(
        physical,
        Array.from({ length: values }, () => column.last),
      ),
    };
  }
  const entries = same ? [column.last] : [...column.distinct.keys()];
  return dictionaryPage(physical, entries, same ? null : column.codes, values);
}

/** A dictionary and its codes; `codes` null means that every row has the first entry. */
function dictionaryPage(
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
  const hasNulls = codeOf.includes(-1);
  const present = hasNulls ? new Uint8Array(codes.length) : null;
  const own = new Uint32Array(codes.length);
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codeOf[codes[row] ?? 0] ?? -1;
    if (code < 0) continue;
    own[count++] = code;
    if (present) present[row] = 1;
  }
  const entries = [...distinct.keys()];
  if (physical === 'boolean' || physical === 'double') {
    return {
      values: {
        dictionary: null,
        bytes: encodePlain(
          physical,
          Array.from(own.subarray(0, count), (code) => entries[code] as Scalar),
        ),
      },
      present,
    };
  }
  if (count === 0) return { values: { dictionary: null, bytes: new Uint8Array(0) }, present };
  return { values: dictionaryPage(physical, entries, entries.length === 1 ? null : own, count), present };
}

export interface Presence {
  rows: number;
  first: boolean;
  flags: Uint8Array | null;
}

/** Which rows have a value; nothing is allocated while all rows agree. */
export function createPresence(): Presence {
  return { rows: 0, first: true, flags: null };
}

export function pushPresence(presence: Presence, present: boolean): void {
  if (presence.rows === 0) presence.first = present;
  if (presence.flags === null && present !== presence.first) {
    presence.flags = new Uint8Array(Math.max(FIRST_CAPACITY, presence.rows * 2));
    presence.flags.fill(presence.first ? 1 : 0, 0, presence.rows);
  }
  if (presence.flags !== null) {
    if (presence.rows >= presence.flags.length) {
      const grown = new Uint8Array(presence.flags.length * 2);
      grown.set(presence.flags);
      presence.flags = grown;
    }
    presence.flags[presence.rows] = present ? 1 : 0;
  }
  presence.rows++;
}

/** 1 = value, 0 = null (or empty list); null when every row has a value. */
export function presenceFlags(presence: Presence): Uint8Array | null {
  if (presence.flags !== null) return presence.flags.subarray(0, presence.rows);
  return presence.first ? null : new Uint8Array(presence.rows);
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

/** Unboxed numbers of a numeric column. */
function encodeNumbers(physical: Physical, values: Float64Array): Uint8Array {
  if (physical === 'double') return new Uint8Array(values.slice().buffer);
  if (physical === 'int32') return new Uint8Array(Int32Array.from(values).buffer);
  const out = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    out[i * 2] = value >>> 0;
    out[i * 2 + 1] = Math.floor(value / 4294967296);
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
