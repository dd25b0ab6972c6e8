/**
 * Lines of a byte stream, as text, in batches of one chunk each so that nothing per line is asynchronous. CRLF and a missing last
 * line end are as good as LF. Invariant: however the stream is cut into chunks, the lines are the same, and every line appears once.
 */
import { isAscii, isUtf8 } from 'node:buffer';

/** A line's text, or null where it was longer than the limit. Line numbers are the caller's: lines come in order. */
type Line = string | null;

export interface LineBatch {
  readonly lines: readonly Line[];
  /** places in `lines` where bytes were no UTF-8 and became U+FFFD; null where there are none, which is nearly always */
  readonly invalid: ReadonlySet<number> | null;
  /** the only line of this batch is the last one, and no line end came after it */
  readonly isUnterminated: boolean;
}

interface Batch {
  readonly lines: Line[];
  invalid: Set<number> | null;
}

/** Splits a stream into lines. `maxLineBytes` counts a line without its LF. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<LineBatch> {
  let begun = unfinished();
  for await (const bytes of chunks) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = chunk.lastIndexOf(10);
    if (last < 0) {
      extend(begun, chunk, maxLineBytes);
      continue;
    }
    const batch: Batch = { lines: [], invalid: null };
    let from = 0;
    if (begun.bytes > 0) {
      from = chunk.indexOf(10) + 1;
      extend(begun, chunk.subarray(0, from - 1), maxLineBytes);
      addUnfinished(begun, batch);
    }
    addBlock(chunk.subarray(from, last + 1), maxLineBytes, batch);
    begun = unfinished();
    extend(begun, chunk.subarray(last + 1), maxLineBytes);
    yield { ...batch, isUnterminated: false };
  }
  if (begun.bytes === 0) return;
  const batch: Batch = { lines: [], invalid: null };
  addUnfinished(begun, batch);
  yield { ...batch, isUnterminated: true };
}

/** The beginning of a line whose end has not come: its parts, or only its length once it is too long. */
interface Unfinished {
  parts: Buffer[] | null;
  bytes: number;
}

function unfinished(): Unfinished {
  return { parts: [], bytes: 0 };
}

function extend(line: Unfinished, part: Buffer, limit: number): void {
  if (part.length === 0) return;
  line.bytes += part.length;
  if (line.bytes > limit) line.parts = null;
  else line.parts?.push(part);
}

function addUnfinished(line: Unfinished, batch: Batch): void {
  if (line.parts === null) batch.lines.push(null);
  else addLine(line.parts.length === 1 ? (line.parts[0] as Buffer) : Buffer.concat(line.parts), batch);
}

/** Complete lines of a block; the block ends with a line end. Plain ASCII is decoded at once, which is most of the speed. */
function addBlock(block: Buffer, limit: number, batch: Batch): void {
  for (let from = 0; from < block.length;) {
    const end = block.length - from > PIECE_BYTES ? block.lastIndexOf(10, from + PIECE_BYTES) + 1 : 0;
    const to = end > from ? end : block.length;
    addPiece(block.subarray(from, to), limit, batch);
    from = to;
  }
}

/** Text of more than 128 KiB is a large object to the engine: allocated apart, and kept until the old generation is collected. */
const PIECE_BYTES = 1 << 16;

function addPiece(block: Buffer, limit: number, batch: Batch): void {
  if (isAscii(block)) {
    const text = block.toString('latin1');
    for (let start = 0; start < text.length;) {
      const end = text.indexOf('\n', start);
      const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      batch.lines.push(end - start > limit ? null : text.slice(start, stop));
      start = end + 1;
    }
    return;
  }
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(10, start);
    if (end - start > limit) batch.lines.push(null);
    else addLine(block.subarray(start, end), batch);
    start = end + 1;
  }
}

function addLine(bytes: Buffer, batch: Batch): void {
  if (!isUtf8(bytes)) (batch.invalid ??= new Set()).add(batch.lines.length);
  const isCrlf = bytes.length > 0 && bytes[bytes.length - 1] === 13;
  batch.lines.push(bytes.toString('utf8', 0, isCrlf ? bytes.length - 1 : bytes.length));
}
