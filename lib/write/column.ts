/**
 * One column's values while a row group fills: appended one by one, encoded at the end as one Parquet page (plus a dictionary).
 * Most columns of a usage log hold one value for thousands of rows, so a column stays a counter until a second value arrives.
 */
import {
  DICTIONARY_LIMIT,
  TRIED_ENTRIES,
  WORTHWHILE_USES,
  dictionaryPage,
  encodeNumbers,
  encodePlain,
} from './encodings.ts';
import type { EncodedValues, Physical, Scalar } from './encodings.ts';

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
