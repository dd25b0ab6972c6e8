/** What one object of a corpus may cost: clear outcomes instead of a machine that stops. A limit that is passed is named in the result. */
import type { InflateGuard } from '../inflate.ts';
import type { DocumentLimits } from './document.ts';
import { LimitReached, UnreadableDocument } from './unreadable.ts';

export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  maxBytes: 256 << 20,
  maxCharacters: 2_000_000_000,
  maxSeconds: 60,
  maxMemoryMb: 1024,
  maxParts: 1_000_000,
  maxDepth: 3,
};

/**
 * Unpacked bytes per byte of the object, looked at from `maxBytes` on. Text seldom packs better than 20 to 1, logs of equal lines reach 100;
 * deflate ends at 1,032, and archives within archives multiply it.
 */
const MAX_RATIO = 250;

/** What an object and all its parts have used of its limits. Each function throws `LimitReached` where one is passed. */
export interface Budget {
  readonly limits: DocumentLimits;
  /** Bytes of the object itself, as they are read. */
  addRead(bytes: number): void;
  /** Bytes that came out of any container in it. */
  addUnpacked(bytes: number): void;
  /** UTF-16 units of text. */
  addCharacters(characters: number): void;
  addPart(): void;
}

/** A budget for one object. */
export function createBudget(limits: DocumentLimits): Budget {
  let read = 0;
  let unpacked = 0;
  let characters = 0;
  let parts = 0;
  return {
    limits,
    addRead(bytes) {
      read += bytes;
    },
    addUnpacked(bytes) {
      unpacked += bytes;
      if (unpacked > limits.maxBytes && unpacked > read * MAX_RATIO) {
        throw new LimitReached(
          `unpacks to more than ${limits.maxBytes} bytes (documents.limits.maxBytes) and ${MAX_RATIO} times its size`,
        );
      }
    },
    addCharacters(more) {
      characters += more;
      if (characters > limits.maxCharacters) {
        throw new LimitReached(
          `has more than ${limits.maxCharacters} characters of text (documents.limits.maxCharacters)`,
        );
      }
    },
    addPart() {
      parts += 1;
      if (parts > limits.maxParts) {
        throw new LimitReached(`has more than ${limits.maxParts} parts (documents.limits.maxParts)`);
      }
    },
  };
}

/** The budget as the guard of a decompression. */
export function guardOf(budget: Budget): InflateGuard {
  return {
    count(_read, written) {
      budget.addUnpacked(written);
    },
  };
}

/** For a document whose format can only be read when all of it is there. */
export function tooLargeToHold(maxBytes: number): UnreadableDocument {
  return new UnreadableDocument(
    `is larger than ${maxBytes} bytes, the most that is held of a document whose format is read as a whole (documents.limits.maxBytes)`,
  );
}
