/**
 * JSON that is not one value per line: one document over many lines, an array of records, values one after the other without a line
 * end. Values are cut out of the byte stream by counting braces outside strings, so an array of any length streams in flat memory.
 */

/** A complete value's text, or what was wrong with the bytes at this place. */
export type Document = { readonly text: string } | { readonly bad: string };

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Cuts values out of a stream. With `array`, the elements of the one array; otherwise every top-level value. The text of an element
 * longer than the limit is dropped and reported.
 */
export async function* readDocuments(chunks: AsyncIterable<Uint8Array>, array: boolean, maxBytes: number): AsyncGenerator<Document[]> {
  const scanner = createScanner(array, maxBytes);
  for await (const bytes of chunks) {
    const found = scanner.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if (found.length > 0) yield found;
  }
  const rest = scanner.finish();
  if (rest.length > 0) yield rest;
}

interface Scanner {
  push(chunk: Buffer): Document[];
  finish(): Document[];
}

function createScanner(array: boolean, maxBytes: number): Scanner {
  const base = array ? 1 : 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let started = false;
  let parts: Buffer[] = [];
  let size = 0;

  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size <= maxBytes) parts.push(piece);
    else parts = [];
  };
  const take = (): Document | null => {
    const document: Document = size > maxBytes ? { bad: 'too_long' } : { text: Buffer.concat(parts).toString('utf8').trim() };
    parts = [];
    size = 0;
    started = false;
    return 'text' in document && document.text === '' ? null : document;
  };

  return {
    push(chunk) {
      const found: Document[] = [];
      let from = 0;
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i] as number;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
          continue;
        }
        const isSpace = byte === 32 || byte === 10 || byte === 13 || byte === 9;
        if (byte === QUOTE) inString = true;
        else if (byte === 123 || byte === 91) {
          depth++;
          if (array && depth === 1) {
            from = i + 1;
            continue;
          }
        }
        const closes = byte === 125 || byte === 93;
        const ends = closes ? depth === base + 1 : depth === base && (byte === 44 || (isSpace && started && !array));
        if (closes) depth--;
        if (closes && depth < base) {
          keep(chunk.subarray(from, i));
          const last = take();
          if (last) found.push(last);
          depth = 0;
          from = i + 1;
          continue;
        }
        if (!isSpace && byte !== 44) started = true;
        if (ends) {
          keep(chunk.subarray(from, closes ? i + 1 : i));
          const document = take();
          if (document) found.push(document);
          from = i + 1;
        }
      }
      if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
      return found;
    },
    finish() {
      const document = take();
      if (document === null) return depth > 0 ? [{ bad: 'truncated' }] : [];
      return depth > 0 || inString ? [{ bad: 'truncated' }] : [document];
    },
  };
}
