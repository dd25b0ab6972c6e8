/**
 * Texts that hardly repeat (ids), one per row, held as bytes in page form so that the garbage collector never sees them. Texts in, the
 * PLAIN page bytes of any selection of rows out. Source: Apache Parquet format 2.10, `Encodings.md`.
 */
export interface ByteTexts {
  /** Texts of all rows so far, each with its length in four bytes before it. */
  push(text: string | null): void;
  /** Page bytes of the given rows, in their order, and which rows have a text (null: all of them). */
  select(rows: Uint32Array): { readonly bytes: Uint8Array; readonly present: Uint8Array | null };
  clear(): void;
}

/** Texts this short are copied sign by sign, which is cheaper than a native call. */
const COPY_BELOW = 96;
const FIRST_BYTES = 1 << 16;
const FIRST_ROWS = 1024;

export function createByteTexts(): ByteTexts {
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let ends = new Float64Array(FIRST_ROWS);
  let used = 0;
  let rows = 0;
  const push = (text: string | null): void => {
    if (rows + 1 >= ends.length) {
      const grown = new Float64Array(ends.length * 2);
      grown.set(ends);
      ends = grown;
    }
    if (text !== null) {
      const needed = used + 4 + text.length * 3;
      if (needed > bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2));
        bytes.copy(grown, 0, 0, used);
        bytes = grown;
      }
      used += 4 + writeText(bytes, used, text);
    }
    ends[++rows] = used;
  };
  return {
    push,
    select(wanted) {
      let size = 0;
      let texts = 0;
      for (const row of wanted) {
        const length = (ends[row + 1] ?? 0) - (ends[row] ?? 0);
        size += length;
        if (length > 0) texts++;
      }
      const out = new Uint8Array(size);
      const present = texts === wanted.length ? null : new Uint8Array(wanted.length);
      let at = 0;
      for (let i = 0; i < wanted.length; i++) {
        const row = wanted[i] as number;
        const from = ends[row] as number;
        const to = ends[row + 1] as number;
        if (to === from) continue;
        for (let byte = from; byte < to; byte++) out[at++] = bytes[byte] as number;
        if (present) present[i] = 1;
      }
      return { bytes: out, present };
    },
    clear() {
      used = 0;
      rows = 0;
    },
  };
}

/** Writes length and UTF-8 at `at`; returns the bytes of the text. */
function writeText(bytes: Buffer, at: number, text: string): number {
  let written = 0;
  if (text.length < COPY_BELOW) {
    for (; written < text.length; written++) {
      const code = text.charCodeAt(written);
      if (code > 127) break;
      bytes[at + 4 + written] = code;
    }
  }
  if (written < text.length) written = bytes.write(text, at + 4, 'utf8');
  bytes[at] = written & 255;
  bytes[at + 1] = (written >>> 8) & 255;
  bytes[at + 2] = (written >>> 16) & 255;
  bytes[at + 3] = written >>> 24;
  return written;
}
