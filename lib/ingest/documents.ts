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
const SPACE = 32;
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

/** Where in the stream the scanner stands. */
interface Place {
  depth: number;
  /** depth at which values lie: 1 inside a top-level array */
  base: number;
  isInString: boolean;
  isEscaped: boolean;
  /** blanks since the line began, -1 once something else came */
  indent: number;
  /** indent of the value being read, -1 if it did not begin its line */
  valueIndent: number;
  /** the value being read has a line end inside a text, which no JSON has */
  isBroken: boolean;
}

/** A scanner for one stream. */
export function createScanner(maxBytes: number): Scanner {
  const value = createValue(maxBytes);
  const place: Place = {
    depth: 0,
    base: 0,
    isInString: false,
    isEscaped: false,
    indent: 0,
    valueIndent: -1,
    isBroken: false,
  };
  return {
    push: (chunk) => scanChunk(chunk, place, value),
    finish() {
      if (place.depth > 0 || place.isInString) return [{ bad: 'truncated' }];
      const found: Document[] = [];
      value.flush(found);
      return found;
    },
  };
}

function scanChunk(chunk: Buffer, place: Place, value: GrowingValue): Document[] {
  const found: Document[] = [];
  let from = 0;
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i] as number;
    if (place.isInString) {
      scanString(byte, place);
      continue;
    }
    const isEnd = byte === CLOSE_OBJECT || byte === CLOSE_ARRAY ? closes(byte, place, value) : null;
    if (isEnd !== null || isSeparator(byte, place)) {
      value.add(chunk.subarray(from, isEnd === 'inclusive' ? i + 1 : i));
      value.flush(found);
      from = i + 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (beginsAnother(place, value)) {
        value.add(chunk.subarray(from, i));
        value.flush(found);
        from = i;
      }
      if (opensList(byte, place, value)) from = i + 1;
    } else if (byte > SPACE) value.start();
    if (byte === QUOTE) place.isInString = true;
    if (byte === LF) place.indent = 0;
    else if (byte > SPACE) place.indent = -1;
    else if (place.indent >= 0) place.indent++;
  }
  if (place.depth > place.base || value.hasStarted()) value.add(chunk.subarray(from));
  return found;
}

/** One byte inside a text. A line end there breaks the value, but not those behind it: outside of texts the brackets count again. */
function scanString(byte: number, place: Place): void {
  if (byte === LF) {
    place.isInString = false;
    place.isEscaped = false;
    place.isBroken = true;
    place.indent = 0;
  } else if (place.isEscaped) place.isEscaped = false;
  else if (byte === BACKSLASH) place.isEscaped = true;
  else if (byte === QUOTE) place.isInString = false;
}

/** What a closing bracket ends: a value with it, a value before it (the end of a list), or nothing. */
function closes(byte: number, place: Place, value: GrowingValue): 'inclusive' | 'exclusive' | null {
  if (place.depth > place.base) return --place.depth === place.base ? 'inclusive' : null;
  if (place.base === 1 && byte === CLOSE_ARRAY) {
    place.base = 0;
    place.depth = 0;
    return 'exclusive';
  }
  value.start(); // it closes nothing: part of whatever stands here
  return null;
}

/** A comma between values, or a line end outside of a list. */
function isSeparator(byte: number, place: Place): boolean {
  return place.depth === place.base && (byte === COMMA || (byte === LF && place.base === 0));
}

/** Whether an opening bracket begins another value though the one before it is not closed: a scalar, or a broken one of the same indent. */
function beginsAnother(place: Place, value: GrowingValue): boolean {
  if (place.depth === place.base) return value.hasStarted();
  if (!place.isBroken || place.indent < 0 || place.indent !== place.valueIndent) return false;
  place.depth = place.base;
  return true;
}

/** Goes one level down; true if the bracket opens a top-level list, which is no part of a value. */
function opensList(byte: number, place: Place, value: GrowingValue): boolean {
  const isList = byte === OPEN_ARRAY && place.depth === 0;
  if (isList) place.base = 1;
  else {
    if (place.depth === place.base) {
      place.valueIndent = place.indent;
      place.isBroken = false;
    }
    value.start();
  }
  place.depth++;
  return isList;
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
