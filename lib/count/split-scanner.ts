/**
 * Where OpenAI's encodings part a text before they look for tokens: the patterns of cl100k_base and o200k_base (tiktoken 0.14, openai_public.py) as
 * code on UTF-8. In: valid UTF-8, a place in it. Out: the end of the part that begins there. Each pattern is tried alternative by alternative in
 * its order, with what a regular expression would give back worked out instead of tried; time is linear in the text. Invariant: a part that was
 * found without looking at the end of the text is the same whatever follows.
 *
 * o200k_base, `w` being `'s|'t|'re|'ve|'m|'ll|'d` in any case, also with ſ for s:
 *   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+w?
 *   | [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*w?
 *   | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+ | \s+(?!\S) | \s+
 * cl100k_base:
 *   w | [^\r\n\p{L}\p{N}]?+\p{L}++ | \p{N}{1,3}+ | ?[^\s\p{L}\p{N}]++[\r\n]*+ | \s++$ | \s*[\r\n] | \s+(?!\S) | \s
 */
import { CASELESS, characterKinds, DIGIT, LINE_END, LOWER, MARK, OTHER, SPACE, UPPER } from './character-kinds.ts';

export type Encoding = 'o200k_base' | 'cl100k_base';

export interface SplitScanner {
  /** Looks at `bytes` up to `end`; `end` is taken for the end of the text. */
  open(bytes: Uint8Array, end: number): void;
  /** End of the part that begins at `at`, which lies before the end of the text. */
  next(at: number): number;
  /** Whether the last part hung on where the text ends. */
  sawEnd(): boolean;
}

const LETTER = UPPER | LOWER | CASELESS;
const HEAD = UPPER | CASELESS | MARK;
const TAIL = LOWER | CASELESS | MARK;
const SIGN = MARK | OTHER;
const BLANK = SPACE | LINE_END;

const [NEWLINE, RETURN, BLANK_SIGN, APOSTROPHE, SLASH] = [10, 13, 32, 39, 47] as const;
/** ſ in UTF-8 */
const LONG_S = [0xc5, 0xbf] as const;
/** what may stand behind an apostrophe, in lower case */
const ENDINGS = { alone: new Set([0x73, 0x74, 0x6d, 0x64]), pairs: new Set([0x7265, 0x7665, 0x6c6c]) } as const;

let shared: Uint8Array | null = null;

/** A scanner of one encoding. The table of characters is made for the first and shared. */
export function createSplitScanner(encoding: Encoding): SplitScanner {
  const kinds = (shared ??= characterKinds());
  let bytes: Uint8Array = new Uint8Array(0);
  let end = 0;
  let hasSeenEnd = false;
  /** bytes of the character whose kind was asked for last */
  let width = 0;

  function kindOfWide(at: number): number {
    const lead = bytes[at] as number;
    const second = (bytes[at + 1] as number) & 63;
    if (lead < 0xe0) {
      width = 2;
      return kinds[((lead & 31) << 6) | second] as number;
    }
    const third = (bytes[at + 2] as number) & 63;
    if (lead < 0xf0) {
      width = 3;
      return kinds[((lead & 15) << 12) | (second << 6) | third] as number;
    }
    width = 4;
    return kinds[((lead & 7) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] as number) & 63)] as number;
  }

  /** 0 at the end of the text, which is of no class. */
  function kindAt(at: number): number {
    if (at >= end) {
      hasSeenEnd = true;
      width = 0;
      return 0;
    }
    const byte = bytes[at] as number;
    if (byte >= 0x80) return kindOfWide(at);
    width = 1;
    return kinds[byte] as number;
  }

  /** The first place from `at` on whose character is not of the class. */
  function run(from: number, anyOf: number): number {
    let at = from;
    for (;;) {
      while (at < end) {
        const byte = bytes[at] as number;
        if (byte >= 0x80) break;
        if (((kinds[byte] as number) & anyOf) === 0) return at;
        at++;
      }
      if (at >= end) {
        hasSeenEnd = true;
        return at;
      }
      if ((kindOfWide(at) & anyOf) === 0) return at;
      at += width;
    }
  }

  /** End of `w` at `at`; `at` where it does not stand there. */
  function ending(at: number): number {
    if (at + 2 >= end) hasSeenEnd = true;
    if (at + 1 >= end || bytes[at] !== APOSTROPHE) return at;
    const first = bytes[at + 1] as number;
    if (first < 0x80 && ENDINGS.alone.has(first | 32)) return at + 2;
    if (at + 2 >= end) return at;
    const second = bytes[at + 2] as number;
    if (first === LONG_S[0] && second === LONG_S[1]) return at + 3;
    const isPair = first < 0x80 && second < 0x80 && ENDINGS.pairs.has(((first | 32) << 8) | second | 32);
    return isPair ? at + 3 : at;
  }

  /**
   * Letters and marks from `from` on by the first alternative of o200k_base without what may stand before them; where that finds none and
   * `allowsCapitals`, by the second. The first takes all it can before the small letters and, where none follow, gives back up to its last letter
   * without case or mark. `from` where there is none.
   */
  function word(from: number, allowsCapitals: boolean): number {
    let at = from;
    let lastOfBoth = from;
    for (;;) {
      const kind = kindAt(at);
      if ((kind & LOWER) !== 0) return run(at, TAIL);
      if ((kind & HEAD) === 0) break;
      at += width;
      if ((kind & (CASELESS | MARK)) !== 0) lastOfBoth = at;
    }
    return allowsCapitals && lastOfBoth === from ? at : lastOfBoth;
  }

  /** A word with what may stand before it; `at` where there is none. */
  function o200kWord(at: number, kind: number, next: number): number {
    if ((kind & LETTER) !== 0) return word(at, true);
    // a mark stands before a word, or is one: the first alternative without anything before it goes before the second with it
    const to = word(next, kind !== MARK);
    if (to > next) return to;
    return kind === MARK ? word(at, false) : at;
  }

  function o200k(at: number): number {
    const kind = kindAt(at);
    const next = at + width;
    if (kind === LOWER) return ending(run(next, TAIL));
    if (kind === DIGIT) return digits(next);
    if (kind !== LINE_END) {
      const to = o200kWord(at, kind, next);
      if (to > at) return ending(to);
    }
    return signsOrBlanks(at, kind, next);
  }

  function cl100k(at: number): number {
    const kind = kindAt(at);
    const next = at + width;
    if (bytes[at] === APOSTROPHE) {
      const to = ending(at);
      if (to > at) return to;
    }
    if (kind === DIGIT) return digits(next);
    if (kind !== LINE_END) {
      const to = run(next, LETTER);
      if ((kind & LETTER) !== 0 || to > next) return to;
    }
    return signsOrBlanks(at, kind, next);
  }

  function digits(second: number): number {
    let at = second;
    for (let more = 0; more < 2 && kindAt(at) === DIGIT; more++) at += width;
    return at;
  }

  function signsOrBlanks(at: number, kind: number, next: number): number {
    if ((kind & BLANK) === 0) return lineEnds(run(next, SIGN));
    if (bytes[at] === BLANK_SIGN) {
      const to = run(next, SIGN);
      if (to > next) return lineEnds(to);
    }
    return blanks(at);
  }

  /** Line ends behind signs, and slashes in o200k_base. */
  function lineEnds(from: number): number {
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte !== NEWLINE && byte !== RETURN && !(byte === SLASH && isO200k)) return at;
      at++;
    }
    hasSeenEnd = true;
    return at;
  }

  /** White space: through its last line end; all of it at the end of the text; else without its last character, which goes with what follows. */
  function blanks(at: number): number {
    const to = run(at, BLANK);
    if (to === end && !isO200k) return to;
    let line = to;
    while (line > at && bytes[line - 1] !== NEWLINE && bytes[line - 1] !== RETURN) line--;
    if (line > at || to === end) return line > at ? line : to;
    let before = to - 1;
    while (((bytes[before] as number) & 0xc0) === 0x80) before--;
    return before > at ? before : to;
  }

  const isO200k = encoding === 'o200k_base';
  return {
    open(of, to) {
      bytes = of;
      end = to;
    },
    next(at) {
      hasSeenEnd = false;
      return isO200k ? o200k(at) : cl100k(at);
    },
    sawEnd: () => hasSeenEnd,
  };
}
