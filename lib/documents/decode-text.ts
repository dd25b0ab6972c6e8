/**
 * Bytes of a text file to text, in flat memory and without losing a byte. A byte order mark decides (UTF-8, UTF-16) and is not part of the
 * text; without one it is UTF-8, and each byte that is not valid UTF-8 is read as Windows-1252, so that an old Latin-1 file reads right and one
 * stray byte costs one character. Invariant: how the bytes are cut into chunks changes nothing.
 */
import { isUtf8 } from 'node:buffer';

export interface ByteDecoder {
  /** Text of what came so far, but for a character that is not complete yet. */
  decode(bytes: Uint8Array): string;
  /** What was held back. */
  end(): string;
}

/** Windows-1252 from 0x80 to 0x9f; all others are Latin-1. Source: WHATWG Encoding Standard, index-windows-1252. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** What a byte order mark says, and its length. */
export function byteOrderMark(
  head: Uint8Array,
): { readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; readonly bytes: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return null;
}

/** A decoder for a file that begins with `head` (three bytes are enough). It is given all bytes, the mark among them. */
export function createByteDecoder(head: Uint8Array): ByteDecoder {
  const mark = byteOrderMark(head);
  const inner = mark === null || mark.encoding === 'utf-8' ? mixedDecoder() : utf16Decoder(mark.encoding);
  let toSkip = mark?.bytes ?? 0;
  return {
    decode(bytes) {
      const skipped = Math.min(toSkip, bytes.length);
      toSkip -= skipped;
      return inner.decode(bytes.subarray(skipped));
    },
    end: () => inner.end(),
  };
}

/** Text of a whole file. `label` is an encoding that the file names itself; it is used only where the file is not UTF-8. */
export function decodeWhole(bytes: Uint8Array, label: string | null = null): string {
  if (label !== null && byteOrderMark(bytes) === null && !isUtf8(bytes)) {
    try {
      return new TextDecoder(label).decode(bytes);
    } catch {
      // an encoding that nobody knows: as if it had not been named
    }
  }
  const decoder = createByteDecoder(bytes);
  return decoder.decode(bytes) + decoder.end();
}

function utf16Decoder(encoding: 'utf-16le' | 'utf-16be'): ByteDecoder {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return { decode: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function mixedDecoder(): ByteDecoder {
  let held = Buffer.alloc(0);
  return {
    decode(bytes) {
      const all = held.length === 0 ? bufferOf(bytes) : Buffer.concat([held, bytes]);
      const end = all.length - openSequence(all);
      held = Buffer.from(all.subarray(end));
      return mixedText(all.subarray(0, end));
    },
    end() {
      const text = mixedText(held);
      held = Buffer.alloc(0);
      return text;
    },
  };
}

/** Bytes at the end, 0 to 3, that may become one character with what follows. */
function openSequence(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const at = bytes.length - back;
    const byte = bytes[at] as number;
    if (byte >= 0xc0)
      return sequenceLength(bytes, at) === 0 && lengthFromLead(byte) > back && isOpen(bytes, at) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function isOpen(bytes: Uint8Array, at: number): boolean {
  for (let i = at + 1; i < bytes.length; i++) if (!isContinuation(bytes, at, i)) return false;
  return true;
}

function mixedText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (from < at) parts.push(bytes.toString('utf8', from, at));
    const byte = bytes[at] as number;
    parts.push(byte < 0xa0 ? (WINDOWS_1252[byte - 0x80] as string) : String.fromCharCode(byte));
    at += 1;
    from = at;
  }
  if (from < at) parts.push(bytes.toString('utf8', from, at));
  return parts.join('');
}

/** Bytes of the valid UTF-8 character that begins at `at`; 0 where none does. Source: Unicode 16.0, table 3-7. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const length = lengthFromLead(lead);
  if (length === 0 || at + length > bytes.length) return 0;
  for (let i = at + 1; i < at + length; i++) if (!isContinuation(bytes, at, i)) return 0;
  return length;
}

function lengthFromLead(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** Whether the byte at `at` may stand in the sequence that begins at `start`: the second one has narrower bounds behind some leads. */
function isContinuation(bytes: Uint8Array, start: number, at: number): boolean {
  const byte = bytes[at] as number;
  if (at > start + 1) return byte >= 0x80 && byte <= 0xbf;
  const lead = bytes[start] as number;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= least && byte <= most;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
