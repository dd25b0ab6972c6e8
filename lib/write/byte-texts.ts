/**
 * Texts that hardly repeat (ids), one per row of one file, held as bytes in page form so that the garbage collector never sees them and
 * nothing is left to encode. Texts in, PLAIN page bytes out. Source: Apache Parquet format 2.10, `Encodings.md`.
 */
import { createPresence, presenceFlags, pushPresence } from './column.ts';

export interface ByteTexts {
  /** Adds the text of the next row; null is absence. */
  push(text: string | null): void;
  /** Page bytes of all texts, and which rows have one (null: all of them). */
  page(): { readonly bytes: Uint8Array; readonly present: Uint8Array | null };
  /** Forgets all texts and keeps the room they took, unless that was little of what there is; pages taken before are void. */
  clear(): void;
  /** Frees the room at once; nothing can be added afterwards. */
  release(): void;
}

/** Texts this short are copied sign by sign, which is cheaper than a native call. */
const COPY_BELOW = 96;
const FIRST_BYTES = 1 << 12;
/** Room that was used to less than this part is given up, so that one large file does not hold memory for all later ones. */
const KEPT_FROM_USE = 1 / 4;

export function createByteTexts(): ByteTexts {
  let presence = createPresence();
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let used = 0;
  return {
    push(text) {
      pushPresence(presence, text !== null);
      if (text === null) return;
      const needed = used + 4 + text.length * 3;
      if (needed > bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2));
        bytes.copy(grown, 0, 0, used);
        bytes = grown;
      }
      used += 4 + writeText(bytes, used, text);
    },
    page: () => ({ bytes: bytes.subarray(0, used), present: presenceFlags(presence) }),
    clear() {
      if (used < bytes.length * KEPT_FROM_USE) bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
      presence = createPresence();
      used = 0;
    },
    release: () => void bytes.buffer.transfer(0),
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
