/**
 * Tokens of a text under one of OpenAI's encodings, exactly as tiktoken 0.14 counts them with special tokens as plain text. In: text in any pieces.
 * Out: their number. Time is linear in any text; memory is the vocabulary and the longest part (a run of letters, of signs or of spaces), never
 * the tokens. Invariant: how a text is cut into pieces changes nothing. Halves of pairs that stand alone count as U+FFFD, as in UTF-8.
 */
import { createPartCounter } from './byte-pairs.ts';
import { createSplitScanner } from './split-scanner.ts';
import type { Encoding } from './split-scanner.ts';
import { byteText, PADDING } from './vocabulary.ts';
import type { ByteText, Vocabulary } from './vocabulary.ts';

export interface TokenCounter {
  /** Tokens of a whole text. */
  readonly count: (text: string) => number;
  /** Begins a text that comes in pieces. */
  readonly begin: () => RunningCount;
}

export interface RunningCount {
  /** Adds what follows. */
  add(text: string): void;
  /** Ends the text and gives its tokens. */
  end(): number;
}

/** UTF-16 units that are turned into bytes at once: few enough for the processor's cache. */
const WINDOW = 1 << 14;
/** bytes of a UTF-16 unit at most */
const BYTES_A_UNIT = 3;

/** A counter for an encoding. It is not shared between threads: each has its own tables. */
export function createTokenCounter(encoding: Encoding, vocabulary: Vocabulary): TokenCounter {
  const scanner = createSplitScanner(encoding);
  const countPart = createPartCounter(vocabulary);
  const encoder = new TextEncoder();
  const room = 2 * (WINDOW * BYTES_A_UNIT + PADDING);
  /** room that no text is using */
  let spare: ByteText | null = null;

  function begin(): RunningCount {
    let text = spare ?? byteText(new Uint8Array(room));
    spare = null;
    let used = 0;
    let tokens = 0;
    /** first half of a pair whose second half is still to come */
    let half = '';
    /** bytes from which on it pays to look again: a part without an end is not read anew for each piece */
    let enough = 0;

    function take(piece: string): void {
      const needed = used + piece.length * BYTES_A_UNIT + PADDING;
      if (text.bytes.length < needed) {
        const larger = byteText(new Uint8Array(2 * needed));
        larger.bytes.set(text.bytes.subarray(0, used));
        text = larger;
      }
      used += encoder.encodeInto(piece, text.bytes.subarray(used)).written;
    }

    function countUpTo(isWhole: boolean): void {
      scanner.open(text.bytes, used);
      let at = 0;
      while (at < used) {
        const to = scanner.next(at);
        if (!isWhole && scanner.sawEnd()) break;
        tokens += vocabulary.has(text, at, to) ? 1 : countPart(text, at, to);
        at = to;
      }
      text.bytes.copyWithin(0, at, used);
      used -= at;
      enough = 2 * used;
    }

    return {
      add(more) {
        for (let from = 0; from < more.length; from += WINDOW) {
          let piece = half + more.slice(from, from + WINDOW);
          half = isFirstHalf(piece.charCodeAt(piece.length - 1)) ? piece.slice(-1) : '';
          if (half !== '') piece = piece.slice(0, -1);
          take(piece);
          if (used >= enough && from + WINDOW < more.length) countUpTo(false);
        }
        if (used >= Math.max(enough, WINDOW)) countUpTo(false);
      },
      end() {
        take(half);
        half = '';
        countUpTo(true);
        if (text.bytes.length === room) spare = text;
        return tokens;
      },
    };
  }

  return {
    begin,
    count(text) {
      const running = begin();
      running.add(text);
      return running.end();
    },
  };
}

function isFirstHalf(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
