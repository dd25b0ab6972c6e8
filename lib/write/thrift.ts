/**
 * The part of Thrift's compact protocol that Parquet's metadata needs: structs of integers, booleans, strings, lists.
 * Values go in, bytes come out. Source: Apache Thrift compact protocol specification; Apache Parquet `parquet.thrift` 2.10.
 */

const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const UTF8 = new TextEncoder();

export type ThriftValue =
  | { readonly kind: 'i32'; readonly value: number }
  | { readonly kind: 'i64'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'list'; readonly of: 'i32' | 'text' | 'struct'; readonly value: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly value: ThriftStruct }
  | { readonly kind: 'encoded'; readonly code: number; readonly bytes: Uint8Array };

/** Field id → value; undefined fields are left out. Ids are whole numbers, which the language keeps in ascending order. */
export type ThriftStruct = Readonly<Record<number, ThriftValue | undefined>>;

export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ kind: 'i64', value });
export const bool = (value: boolean): ThriftValue => ({ kind: 'bool', value });
export const text = (value: string): ThriftValue => ({ kind: 'text', value });
export const list = (of: 'i32' | 'text' | 'struct', value: readonly ThriftValue[]): ThriftValue => ({
  kind: 'list',
  of,
  value,
});

/** A struct from its fields; undefined fields are left out. */
export const struct = (fields: ThriftStruct): ThriftValue => ({ kind: 'struct', value: fields });

/** The same value, serialized once for all: for what many files share. */
export function encodedOnce(value: ThriftValue): ThriftValue {
  return { kind: 'encoded', code: typeCode(value), bytes: encodeThrift(value) };
}

/** Room for what is being serialized, taken again by the next value; `used` of it is written. */
let room = new Uint8Array(1 << 12);
let used = 0;

/** Serializes one value, mostly a struct. */
export function encodeThrift(value: ThriftValue): Uint8Array {
  used = 0;
  writeValue(value);
  return room.slice(0, used);
}

function put(byte: number): void {
  if (used === room.length) {
    const larger = new Uint8Array(room.length * 2);
    larger.set(room);
    room = larger;
  }
  room[used++] = byte;
}

function putAll(bytes: Uint8Array): void {
  for (const byte of bytes) put(byte);
}

/** An unsigned LEB128 integer (below 2⁵³). */
export function varint(value: number): Uint8Array {
  used = 0;
  putVarint(value);
  return room.slice(0, used);
}

function putVarint(value: number): void {
  let v = value;
  while (v >= 128) {
    put((v % 128) | 128);
    v = Math.floor(v / 128);
  }
  put(v);
}

function putZigzag(value: number): void {
  putVarint(value >= 0 ? value * 2 : -value * 2 - 1);
}

function typeCode(value: ThriftValue): number {
  switch (value.kind) {
    case 'i32':
      return I32;
    case 'i64':
      return I64;
    case 'bool':
      return value.value ? TRUE : FALSE;
    case 'text':
      return BINARY;
    case 'list':
      return LIST;
    case 'struct':
      return STRUCT;
    case 'encoded':
      return value.code;
  }
}

function writeValue(value: ThriftValue): void {
  switch (value.kind) {
    case 'i32':
    case 'i64':
      putZigzag(value.value);
      return;
    case 'bool':
      return; // carried by the field's type code
    case 'text':
      writeText(value.value);
      return;
    case 'list': {
      const code = value.of === 'i32' ? I32 : value.of === 'text' ? BINARY : STRUCT;
      if (value.value.length < 15) put((value.value.length << 4) | code);
      else {
        put(0xf0 | code);
        putVarint(value.value.length);
      }
      for (const item of value.value) writeValue(item);
      return;
    }
    case 'struct':
      writeStruct(value.value);
      return;
    case 'encoded':
      putAll(value.bytes);
  }
}

/** Names are short and ASCII, and copied sign by sign; anything else goes through the encoder. */
function writeText(value: string): void {
  const from = used;
  putVarint(value.length);
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 127) {
      used = from;
      const bytes = UTF8.encode(value);
      putVarint(bytes.length);
      putAll(bytes);
      return;
    }
    put(code);
  }
}

function writeStruct(fields: ThriftStruct): void {
  let last = 0;
  for (const name in fields) {
    const id = Number(name);
    const value = fields[id];
    if (value === undefined) continue;
    const delta = id - last;
    if (delta > 0 && delta <= 15) put((delta << 4) | typeCode(value));
    else {
      put(typeCode(value));
      putZigzag(id);
    }
    last = id;
    writeValue(value);
  }
  put(0);
}
