/**
 * Text in pieces that a byte-pair tokenizer can take without a quadratic step. A tokenizer first splits text by a pattern and then
 * merges inside each part; a part of 100 KB of one letter took gpt-tokenizer 14.5 s (measured). Text in, pieces out that join to it.
 * Invariant: a text without runs of MAX_PART / 2 letters, signs or spaces comes back whole, so that it is counted exactly; no piece
 * has a part longer than 2 * MAX_PART.
 */

/** A part is cut where it reaches this many UTF-16 units. Words, identifiers and clauses of Chinese are far shorter. */
export const MAX_PART = 512;

/** What the split patterns of cl100k_base and o200k_base tell apart. */
const LETTER = 1;
const DIGIT = 2;
const SPACE = 3;
const OTHER = 4;
/** Marks and halves of pairs: the two patterns see them differently, so nothing beside them is taken for a boundary. */
const JOINER = 5;
const APOSTROPHE = 39;
const SLASH = 47;

/** Kind of every UTF-16 unit; made on first use, since a pattern per character would cost more than the tokenizer. */
let kinds: Uint8Array | null = null;

function kindTable(): Uint8Array {
  if (kinds !== null) return kinds;
  kinds = new Uint8Array(1 << 16);
  for (let unit = 0; unit < kinds.length; unit++) {
    const char = String.fromCharCode(unit);
    const isHalf = unit >= 0xd800 && unit < 0xe000;
    if (isHalf || /\p{M}/u.test(char)) kinds[unit] = JOINER;
    else if (/\p{L}/u.test(char)) kinds[unit] = LETTER;
    else if (/\p{N}/u.test(char)) kinds[unit] = DIGIT;
    else kinds[unit] = /\s/.test(char) ? SPACE : OTHER;
  }
  return kinds;
}

/**
 * Cuts a text inside parts longer than MAX_PART and nowhere else; never between the halves of a pair. Each cut may add a token or two to
 * the count of the uncut text, which only text without words, numbers and punctuation can notice.
 */
export function boundedPieces(text: string): string[] {
  if (text.length <= MAX_PART) return text === '' ? [] : [text];
  const table = kindTable();
  const pieces: string[] = [];
  let pieceStart = 0;
  /** the part being read starts here or later */
  let partStart = 0;
  let before = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const kind = table[unit] as number;
    if (kind !== JOINER) {
      if (kind !== before) partStart = partStartAt(i, before, kind, unit, partStart);
      else if (kind === DIGIT) partStart = i; // numbers are split every three digits
      before = kind;
    }
    if (i - partStart < MAX_PART || isInsidePair(text, i)) continue;
    pieces.push(text.slice(pieceStart, i));
    pieceStart = i;
    partStart = i;
  }
  pieces.push(text.slice(pieceStart));
  return pieces;
}

/** Whether a cut before unit `i` would part the halves of a pair. */
function isInsidePair(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
}

/** Where a part may start when the kind changes at `i`: a boundary of both patterns, or one unit before where a prefix may belong to it. */
function partStartAt(i: number, before: number, kind: number, unit: number, partStart: number): number {
  if (kind === DIGIT || before === DIGIT) return i;
  if (before === LETTER) return unit === APOSTROPHE ? partStart : i; // `don't` may be one part
  if (kind === SPACE) return partStart; // line ends belong to the punctuation before them
  if (before === SPACE && unit === SLASH) return partStart; // and so do slashes behind those, in o200k_base
  return Math.max(partStart, i - 1); // one space or one sign may belong to the word behind it
}
