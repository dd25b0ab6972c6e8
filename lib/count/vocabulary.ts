/**
 * The tokens of an encoding as bytes, found by typed arrays alone. In: a `.tiktoken` file (a token in base64 and its rank on each line, ranks from 0
 * in order). Out: the rank of given bytes, the longest token that begins somewhere. Memory is some 18 MB for the 200,000 tokens of
 * o200k_base. Bytes that are looked at must have `PADDING` more behind them, because eight are read at once.
 */

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

/** Reads a `.tiktoken` file. Throws `RangeError` naming the line whose rank does not follow, or the bytes that no token is. */
export function readVocabulary(ranks: string): Vocabulary {
  const { bytes, starts, size } = parsed(ranks);
  const tokens = byteText(bytes);
  const find = exactFinder(tokens, starts, size);
  const longest = prefixFinder(bytes, starts, size);
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
/** share of a table that may be in use */
const FULL = 0.6;

function parsed(ranks: string): { bytes: Uint8Array; starts: Int32Array; size: number } {
  const room = Buffer.alloc(Math.ceil(ranks.length * 0.75));
  const starts: number[] = [0];
  let used = 0;
  for (let at = 0; at < ranks.length;) {
    const space = ranks.indexOf(' ', at);
    const end = ranks.indexOf('\n', at) < 0 ? ranks.length : ranks.indexOf('\n', at);
    if (space < 0 || Number(ranks.slice(space + 1, end)) !== starts.length - 1)
      throw new RangeError(`line ${starts.length} of the vocabulary is not a token and the rank ${starts.length - 1}`);
    used += room.write(ranks.slice(at, space), used, 'base64');
    starts.push(used);
    at = end + 1;
  }
  const bytes = new Uint8Array(used + PADDING);
  bytes.set(room.subarray(0, used));
  return { bytes, starts: Int32Array.from(starts), size: starts.length - 1 };
}

/** Looks whole tokens up by hash. Their first eight bytes are compared as two numbers, which is all of most. */
function exactFinder(tokens: ByteText, starts: Int32Array, size: number): Vocabulary['find'] {
  const bits = Math.ceil(Math.log2(size * 2));
  const mask = (1 << bits) - 1;
  const slots = new Int32Array(1 << bits).fill(NONE);
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  let longest = 0;
  for (let rank = 0; rank < size; rank++) {
    const from = starts[rank] as number;
    const length = (starts[rank + 1] as number) - from;
    longest = Math.max(longest, length);
    low[rank] = lowBytes(tokens.view, from, length);
    high[rank] = highBytes(tokens.view, from, length);
    let slot = slotOf(tokens.view, from, length, low[rank] as number, high[rank] as number, bits);
    while (slots[slot] !== NONE) slot = (slot + 1) & mask;
    slots[slot] = rank;
  }
  return ({ bytes, view }, from, to) => {
    const length = to - from;
    if (length > longest) return NONE;
    const lowOwn = lowBytes(view, from, length);
    const highOwn = highBytes(view, from, length);
    for (let slot = slotOf(view, from, length, lowOwn, highOwn, bits); ; slot = (slot + 1) & mask) {
      const rank = slots[slot] as number;
      if (rank === NONE) return NONE;
      if (low[rank] !== lowOwn || high[rank] !== highOwn) continue;
      const start = starts[rank] as number;
      if ((starts[rank + 1] as number) - start !== length) continue;
      let same = Math.min(length, 8);
      while (same < length && bytes[from + same] === tokens.bytes[start + same]) same++;
      if (same === length) return rank;
    }
  };
}

function lowBytes(view: DataView, from: number, length: number): number {
  const four = view.getInt32(from, true);
  return length >= 4 ? four : four & ((1 << (length * 8)) - 1);
}

function highBytes(view: DataView, from: number, length: number): number {
  if (length <= 4) return 0;
  const four = view.getInt32(from + 4, true);
  return length >= 8 ? four : four & ((1 << ((length - 4) * 8)) - 1);
}

/** Mixes the first and the last eight bytes and the length; the constants are odd and have no pattern (xxHash). */
function slotOf(view: DataView, from: number, length: number, low: number, high: number, bits: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ length, 0x85ebca77);
  if (length > 8) {
    const end = from + length;
    hash ^= Math.imul(view.getInt32(end - 4, true), 0xc2b2ae3d) ^ Math.imul(view.getInt32(end - 8, true), 0x27d4eb2f);
  }
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - bits);
}

/** A tree of all beginnings of tokens; its edges lie in one table, by hash of node and byte. Nodes 1 to 256 are the single bytes. */
function prefixFinder(bytes: Uint8Array, starts: Int32Array, size: number): Vocabulary['longest'] {
  // a guess: most beginnings are shared
  let bits = Math.ceil(Math.log2(Math.max(BYTES, (starts[size] as number) / 2)));
  let tree = prefixTree(bytes, starts, size, bits);
  while (tree === null) tree = prefixTree(bytes, starts, size, ++bits);
  const { edges, tokenOf } = tree;
  const shift = 32 - bits;
  const mask = (1 << bits) - 1;
  return (text, from, to) => {
    let node = (text[from] as number) + 1;
    let best = tokenOf[node] as number;
    for (let at = from + 1; at < to; at++) {
      const edge = (node << 8) | (text[at] as number);
      let slot = Math.imul(edge, 0x9e3779b1) >>> shift;
      let there = edges[2 * slot] as number;
      while (there !== edge) {
        if (there === NONE) return best;
        slot = (slot + 1) & mask;
        there = edges[2 * slot] as number;
      }
      node = edges[2 * slot + 1] as number;
      const token = tokenOf[node] as number;
      if (token !== NONE) best = token;
    }
    return best;
  };
}

/** Edges and the nodes they lead to, side by side, and the token that ends at a node; null where the table is too small for quick look-ups. */
function prefixTree(
  bytes: Uint8Array,
  starts: Int32Array,
  size: number,
  bits: number,
): { readonly edges: Int32Array; readonly tokenOf: Int32Array } | null {
  const shift = 32 - bits;
  const mask = (1 << bits) - 1;
  const most = Math.floor((1 << bits) * FULL);
  const edges = new Int32Array(2 << bits).fill(NONE);
  const tokenOf = new Int32Array(BYTES + 1 + most).fill(NONE);
  let nodes = BYTES + 1;
  for (let rank = 0; rank < size; rank++) {
    const end = starts[rank + 1] as number;
    let node = (bytes[starts[rank] as number] as number) + 1;
    for (let at = (starts[rank] as number) + 1; at < end; at++) {
      const edge = (node << 8) | (bytes[at] as number);
      let slot = Math.imul(edge, 0x9e3779b1) >>> shift;
      while (edges[2 * slot] !== NONE && edges[2 * slot] !== edge) slot = (slot + 1) & mask;
      if (edges[2 * slot] === NONE) {
        if (nodes === tokenOf.length) return null;
        edges[2 * slot] = edge;
        edges[2 * slot + 1] = nodes++;
      }
      node = edges[2 * slot + 1] as number;
    }
    tokenOf[node] = rank;
  }
  const missing = tokenOf.subarray(1, BYTES + 1).indexOf(NONE);
  if (missing >= 0) throw new RangeError(`no token of the vocabulary is the single byte ${missing}`);
  return { edges, tokenOf: tokenOf.slice(0, nodes) };
}
