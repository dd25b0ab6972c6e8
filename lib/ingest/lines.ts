/**
 * Lines of a byte stream, as text, in batches of one chunk each so that nothing per line is asynchronous. CRLF and a missing last
 * line end are as good as LF. Invariant: however the stream is cut into chunks, the lines are the same, and every line appears once.
 */
import { isAscii } from 'node:buffer';

/** A line's text, or null where it was longer than the limit. Line numbers are the caller's: lines come in order. */
export type Line = string | null;

/** Splits a stream into lines. Invalid UTF-8 becomes U+FFFD. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<Line[]> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  let tooLong = false;
  for await (const bytes of chunks) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = chunk.lastIndexOf(10);
    if (last < 0) {
      [parts, partBytes, tooLong] = held(parts, partBytes, tooLong, chunk, maxLineBytes);
      continue;
    }
    const lines: Line[] = [];
    let from = 0;
    if (partBytes > 0 || tooLong) {
      const end = chunk.indexOf(10);
      const complete = tooLong || partBytes + end > maxLineBytes ? null : Buffer.concat([...parts, chunk.subarray(0, end)]);
      lines.push(complete === null ? null : textOf(complete, 0, complete.length));
      from = end + 1;
    }
    splitBlock(chunk, from, last + 1, maxLineBytes, lines);
    [parts, partBytes, tooLong] = held([], 0, false, chunk.subarray(last + 1), maxLineBytes);
    yield lines;
  }
  if (tooLong) yield [null];
  else if (partBytes > 0) {
    const complete = Buffer.concat(parts);
    yield [textOf(complete, 0, complete.length)];
  }
}

/** What is kept of an unfinished line: nothing once it is too long. */
function held(parts: Buffer[], bytes: number, tooLong: boolean, rest: Buffer, limit: number): [Buffer[], number, boolean] {
  if (tooLong || bytes + rest.length > limit) return [[], 0, true];
  if (rest.length > 0) parts.push(rest);
  return [parts, bytes + rest.length, false];
}

/** Complete lines of a block; the block ends with a line end. Plain ASCII is decoded at once, which is most of the speed. */
function splitBlock(chunk: Buffer, from: number, to: number, limit: number, lines: Line[]): void {
  if (from >= to) return;
  const block = chunk.subarray(from, to);
  if (isAscii(block)) {
    const text = block.toString('latin1');
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf('\n', start);
      const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      lines.push(stop - start > limit ? null : text.slice(start, stop));
      start = end + 1;
    }
    return;
  }
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(10, start);
    lines.push(end - start > limit ? null : textOf(block, start, end));
    start = end + 1;
  }
}

function textOf(bytes: Buffer, from: number, to: number): string {
  const end = to > from && bytes[to - 1] === 13 ? to - 1 : to;
  return bytes.toString('utf8', from, end);
}
