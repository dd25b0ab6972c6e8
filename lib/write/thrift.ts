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
  | { readonly kind: 'struct'; readonly value: ThriftStruct };

/** Field id → value, in ascending order of ids. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

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
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue {
  const map = new Map<number, ThriftValue>();
  for (const id in fields) {
    const value = fields[id];
    if (value !== undefined) map.set(Number(id), value);
  }
  return { kind: 'struct', value: map };
}

/** Serializes one struct. */
export function encodeThrift(value: ThriftValue): Uint8Array {
  const out: number[] = [];
  writeValue(out, value);
  return Uint8Array.from(out);
}

/** Appends an unsigned LEB128 integer (below 2⁵³). */
export function writeVarint(out: number[], value: number): void {
  let v = value;
  while (v >= 128) {
    out.push((v % 128) | 128);
    v = Math.floor(v / 128);
  }
  out.push(v);
}

function writeZigzag(out: number[], value: number): void {
  writeVarint(out, value >= 0 ? value * 2 : -value * 2 - 1);
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
  }
}

function writeValue(out: number[], value: ThriftValue): void {
  switch (value.kind) {
    case 'i32':
    case 'i64':
      writeZigzag(out, value.value);
      return;
    case 'bool':
      return; // carried by the field's type code
    case 'text': {
      const bytes = UTF8.encode(value.value);
      writeVarint(out, bytes.length);
      for (const b of bytes) out.push(b);
      return;
    }
    case 'list': {
      const code = value.of === 'i32' ? I32 : value.of === 'text' ? BINARY : STRUCT;
      if (value.value.length < 15) out.push((value.value.length << 4) | code);
      else {
        out.push(0xf0 | code);
        writeVarint(out, value.value.length);
      }
      for (const item of value.value) writeValue(out, item);
      return;
    }
    case 'struct':
      writeStruct(out, value.value);
      return;
  }
}

function writeStruct(out: number[], fields: ThriftStruct): void {
  let last = 0;
  for (const [id, value] of fields) {
    const delta = id - last;
    if (delta > 0 && delta <= 15) out.push((delta << 4) | typeCode(value));
    else {
      out.push(typeCode(value));
      writeZigzag(out, id);
    }
    last = id;
    writeValue(out, value);
  }
  out.push(0);
}
