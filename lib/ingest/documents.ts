/**
 * JSON that is not one value per line: one document over many lines, an array of records, values one after the other. Values are cut
 * out of the byte stream by counting brackets outside strings, so an array of any length streams in flat memory. A top-level array
 * is opened and its elements are the values. Invariant: however the stream is cut into chunks, the values are the same.
 */
import { isUtf8 } from 'node:buffer';

/** A complete value's text, or what was wrong with the bytes at this place. */
export type Document =
  | { readonly text: string; readonly isInvalidUtf8: boolean }
  | { readonly bad: 'too_long' | 'truncated' };

const LF = 10;
const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Cuts the values out of a stream. The text of a value longer than the limit is dropped and reported. */
export async function* readDocuments(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Document[]> {
  const scanner = createScanner(maxBytes);
  for await (const bytes of chunks) {
    const found = scanner.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if (found.length > 0) yield found;
  }
  const rest = scanner.finish();
  if (rest.length > 0) yield rest;
}

export interface Scanner {
  /** Values that this chunk completes. */
  push(chunk: Buffer): Document[];
  /** What is left at the end: a last scalar, or the note that a value was cut. */
  finish(): Document[];
}

/** A scanner for one stream. */
export function createScanner(maxBytes: number): Scanner {
  const value = createValue(maxBytes);
  let depth = 0;
  /** depth at which values lie: 1 inside a top-level array */
  let base = 0;
  let isInString = false;
  let isEscaped = false;

  const push = (chunk: Buffer): Document[] => {
    const found: Document[] = [];
    let from = 0;
    const end = (at: number, next: number): void => {
      value.add(chunk.subarray(from, at));
      value.flush(found);
      from = next;
    };
    const open = (byte: number, at: number): void => {
      if (depth === base && value.hasStarted()) end(at, at); // a scalar without a comma after it
      if (byte === OPEN_ARRAY && depth === 0) {
        base = 1;
        from = at + 1;
      } else value.start();
      depth++;
    };
    const close = (byte: number, at: number): void => {
      if (depth > base) {
        depth--;
        if (depth === base) end(at + 1, at + 1);
      } else if (base === 1 && byte === CLOSE_ARRAY) {
        end(at, at + 1);
        base = 0;
        depth = 0;
      } else value.start(); // a bracket that closes nothing: part of whatever stands here
    };
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (isInString) {
        if (byte === LF) {
          // no JSON string holds a line end: the value is broken, but the next ones need not be
          isInString = false;
          isEscaped = false;
        } else if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) {
        isInString = true;
        value.start();
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open(byte, i);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) close(byte, i);
      else if (depth === base && (byte === COMMA || (byte === LF && base === 0))) end(i, i + 1);
      else if (byte > 32) value.start();
    }
    if (depth > base || value.hasStarted()) value.add(chunk.subarray(from));
    return found;
  };
  const finish = (): Document[] => {
    if (depth > 0 || isInString) return [{ bad: 'truncated' }];
    const found: Document[] = [];
    value.flush(found);
    return found;
  };
  return { push, finish };
}

interface GrowingValue {
  start(): void;
  hasStarted(): boolean;
  add(bytes: Buffer): void;
  /** Ends the value and appends it, if it is one. */
  flush(found: Document[]): void;
}

/** The value being read: its bytes so far, or only their number once there are too many. */
function createValue(maxBytes: number): GrowingValue {
  let parts: Buffer[] = [];
  let size = 0;
  let started = false;
  return {
    start: () => {
      started = true;
    },
    hasStarted: () => started,
    add(bytes) {
      size += bytes.length;
      if (size > maxBytes) parts = [];
      else if (bytes.length > 0) parts.push(bytes);
    },
    flush(found) {
      if (started && size > maxBytes) found.push({ bad: 'too_long' });
      else if (started) {
        const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
        found.push({ text: bytes.toString('utf8').trim(), isInvalidUtf8: !isUtf8(bytes) });
      }
      parts = [];
      size = 0;
      started = false;
    },
  };
}
