/**
 * The tokens of an encoding as bytes, found by typed arrays alone. In: a `.tiktoken` file (a token in base64 and its rank on each line, ranks from 0
 * in order). Out: the rank of given bytes, the longest token that begins somewhere. Memory is some 14 MB for the 200,000 tokens of
 * o200k_base. Bytes that are looked at must have `PADDING` more behind them, because eight are read at once.
 */
import { createPrefixTree } from './prefix-tree.ts';

/** Bytes behind the end of what is looked up in. */
export const PADDING = 8;

/** Bytes and how to read several of them at once. */
export interface ByteText {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export interface Vocabulary {
  /** tokens; their ranks are 0 up to this */
  readonly size: number;
  /** bytes of all tokens, one behind the other; those of a rank go from `starts[rank]` to `starts[rank + 1]` */
  readonly tokens: ByteText;
  readonly starts: Int32Array;
  /** Rank of the token that is exactly these bytes; -1 where there is none. */
  readonly find: (text: ByteText, from: number, to: number) => number;
  /** Whether these bytes are a token. */
  readonly has: (text: ByteText, from: number, to: number) => boolean;
  /** Rank of the longest token that begins at `from` and ends at `to` at most; each single byte is one. */
  readonly longest: (bytes: Uint8Array, from: number, to: number) => number;
  /** Rank of the longest shorter token that `rank` begins with; -1 for a single byte. */
  readonly shorter: (rank: number) => number;
}

/** Bytes with a view on them. `bytes` must include the padding. */
export function byteText(bytes: Uint8Array): ByteText {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/**
 * Reads a `.tiktoken` file, which is ASCII. Throws `RangeError` naming the line that is not a token and the rank that follows, the bytes that
 * no token is, or a token that is too long.
 */
export function readVocabulary(ranks: Uint8Array): Vocabulary {
  const { bytes, starts, size } = parsed(ranks);
  const tokens = byteText(bytes);
  const find = exactFinder(tokens, starts, size);
  const longest = createPrefixTree(bytes, starts, size);
  const shorterOf = new Int32Array(size).fill(UNKNOWN);
  const isPair = new Uint8Array(BYTES * BYTES);
  for (let rank = 0; rank < size; rank++)
    if ((starts[rank + 1] as number) - (starts[rank] as number) === 2)
      isPair[((bytes[starts[rank] as number] as number) << 8) | (bytes[(starts[rank] as number) + 1] as number)] = 1;
  return {
    size,
    tokens,
    starts,
    find,
    has(text, from, to) {
      const length = to - from;
      if (length > 2) return find(text, from, to) !== NONE;
      // half of the parts of JSON
      return length === 1 || isPair[((text.bytes[from] as number) << 8) | (text.bytes[from + 1] as number)] === 1;
    },
    longest,
    shorter(rank) {
      const known = shorterOf[rank] as number;
      if (known !== UNKNOWN) return known;
      const from = starts[rank] as number;
      const to = (starts[rank + 1] as number) - 1;
      return (shorterOf[rank] = to === from ? NONE : longest(bytes, from, to));
    },
  };
}

const NONE = -1;
const UNKNOWN = -2;
const BYTES = 256;
const [NEWLINE, SPACE, ZERO, PAD] = [0x0a, 0x20, 0x30, 0x3d] as const;
/** signs of base64 in the order of what they stand for */
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Tokens one behind the other, read without a string for each: 200,000 of them would be most of the memory. */
function parsed(ranks: Uint8Array): { bytes: Uint8Array; starts: Int32Array; size: number } {
  const { lines, most } = measured(ranks);
  const valueOf = new Uint8Array(BYTES).fill(BASE64.length);
  for (const [value, sign] of Buffer.from(BASE64).entries()) valueOf[sign] = value;
  const bytes = new Uint8Array(most + PADDING);
  const starts = new Int32Array(lines + 1);
  let size = 0;
  let used = 0;
  for (let at = 0; at < ranks.length; at++) {
    let bits = 0;
    let held = 0;
    for (let value; (value = valueOf[ranks[at] as number] as number) < BASE64.length; at++) {
      held = (held << 6) | value;
      bits += 6;
      if (bits >= 8) bytes[used++] = held >> (bits -= 8);
    }
    while (ranks[at] === PAD) at++;
    const isToken = ranks[at] === SPACE && used > (starts[size] as number);
    const digits = ++at;
    let rank = 0;
    for (let digit; (digit = (ranks[at] ?? 0) - ZERO) >= 0 && digit <= 9; at++) rank = rank * 10 + digit;
    if (!isToken || at === digits || rank !== size || (at < ranks.length && ranks[at] !== NEWLINE))
      throw new RangeError(`line ${size + 1} of the vocabulary is not a token and the rank ${size}`);
    starts[++size] = used;
  }
  return { bytes, starts, size };
}

/** Lines, and how many bytes their tokens are at most. */
function measured(ranks: Uint8Array): { lines: number; most: number } {
  let lines = ranks.at(-1) === NEWLINE ? 0 : 1;
  let signs = 0;
  for (let at = 0; at < ranks.length;) {
    const space = ranks.indexOf(SPACE, at);
    const end = ranks.indexOf(NEWLINE, at);
    if (end >= 0) lines++;
    const next = end < 0 ? ranks.length : end;
    let last = space < 0 || space > next ? next : space;
    while (last > at && ranks[last - 1] === PAD) last--;
    signs += last - at;
    at = next + 1;
  }
  return { lines, most: Math.floor(signs * 0.75) };
}

/**
 * Looks whole tokens up by hash. Three numbers are a slot, which is all that is read for most: the first eight bytes of a token, and its rank (counted
 * from 1, so that 0 is an empty slot) with its length in the bits above.
 */
function exactFinder(tokens: ByteText, starts: Int32Array, size: number): Vocabulary['find'] {
  const bits = Math.ceil(Math.log2(size * 2));
  const shift = 32 - bits;
  const mask = (1 << bits) - 1;
  const rankBits = Math.ceil(Math.log2(size + 1));
  const rankMask = (1 << rankBits) - 1;
  const slots = new Int32Array(3 << bits);
  let longest = 0;
  for (let rank = 0; rank < size; rank++) {
    const from = starts[rank] as number;
    const length = (starts[rank + 1] as number) - from;
    if (length >>> (31 - rankBits) !== 0)
      throw new RangeError(`the token of rank ${rank} is too long: ${length} bytes`);
    longest = Math.max(longest, length);
    const low = lowBytes(tokens.view, from, length);
    const high = highBytes(tokens.view, from, length);
    let slot = hashOf(tokens.view, from, length, low, high) >>> shift;
    while (slots[3 * slot + 2] !== 0) slot = (slot + 1) & mask;
    slots[3 * slot] = low;
    slots[3 * slot + 1] = high;
    slots[3 * slot + 2] = (length << rankBits) | (rank + 1);
  }
  return ({ bytes, view }, from, to) => {
    const length = to - from;
    if (length > longest) return NONE;
    const low = lowBytes(view, from, length);
    const high = highBytes(view, from, length);
    const above = length << rankBits;
    for (let slot = hashOf(view, from, length, low, high) >>> shift; ; slot = (slot + 1) & mask) {
      const held = slots[3 * slot + 2] as number;
      if (held === 0) return NONE;
      if ((held & ~rankMask) !== above || slots[3 * slot] !== low || slots[3 * slot + 1] !== high) continue;
      const rank = (held & rankMask) - 1;
      if (length <= 8) return rank;
      const start = starts[rank] as number;
      let same = 8;
      while (same < length && bytes[from + same] === tokens.bytes[start + same]) same++;
      if (same === length) return rank;
    }
  };
}

/** The first four of some bytes as a number. */
export function lowBytes(view: DataView, from: number, length: number): number {
  const four = view.getInt32(from, true);
  return length >= 4 ? four : four & ((1 << (length * 8)) - 1);
}

/** The fifth to the eighth of some bytes as a number. */
export function highBytes(view: DataView, from: number, length: number): number {
  if (length <= 4) return 0;
  const four = view.getInt32(from + 4, true);
  return length >= 8 ? four : four & ((1 << ((length - 4) * 8)) - 1);
}

/** Mixes the first and the last eight bytes and the length; the constants are odd and have no pattern (xxHash). */
function hashOf(view: DataView, from: number, length: number, low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ length, 0x85ebca77);
  if (length > 8) {
    const end = from + length;
    hash ^= Math.imul(view.getInt32(end - 4, true), 0xc2b2ae3d) ^ Math.imul(view.getInt32(end - 8, true), 0x27d4eb2f);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
