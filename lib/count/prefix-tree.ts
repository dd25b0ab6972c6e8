/**
 * The longest token that bytes begin with, by a tree of the beginnings of tokens. Its nodes are the slots of one hash table: each holds the edge that
 * leads to it (the node before and a byte) and a token: one that ends there, or the only one that goes on from there, whose other bytes are then compared
 * with its own. The first two bytes are looked up at once; slots of one node's edges lie near each other, where the processor's cache finds them
 * together. In: tokens one behind the other. Out: a function. Invariant: each single byte is a token.
 */

const NONE = -1;
const BYTES = 256;
/** share of a table that may be in use */
const FULL = 0.6;

/** Edges and tokens, two numbers a slot; the slots that two bytes lead to, NONE where none; the tokens of single bytes. */
interface Tree {
  readonly bits: number;
  readonly slots: Int32Array;
  readonly slotOfTwo: Int32Array;
  readonly tokenOfOne: Int32Array;
}

/** Rank of the longest token that begins at `from` and ends at `to` at most. Throws `RangeError` naming a byte that is no token. */
export function createPrefixTree(
  bytes: Uint8Array,
  starts: Int32Array,
  size: number,
): (text: Uint8Array, from: number, to: number) => number {
  // a guess: in a vocabulary of words there are not many more nodes than tokens
  let bits = Math.ceil(Math.log2(Math.max(BYTES, 2 * size)));
  let tree = treeOf(bytes, starts, size, bits);
  while (tree === null) tree = treeOf(bytes, starts, size, ++bits);
  const { slots, slotOfTwo, tokenOfOne } = tree;
  const shift = 32 - bits;
  const mask = (1 << bits) - 1;
  return (text, from, to) => {
    const first = text[from] as number;
    let best = tokenOfOne[first] as number;
    if (to - from < 2) return best;
    let slot = slotOfTwo[(first << 8) | (text[from + 1] as number)] as number;
    if (slot === NONE) return best;
    for (let at = from + 2; ; at++) {
      const held = slots[2 * slot + 1] as number;
      if (held < NONE) {
        const token = onlyToken(held);
        const ahead = (starts[token] as number) - from;
        const end = (starts[token + 1] as number) - ahead;
        if (end > to) return best;
        while (at < end && text[at] === bytes[ahead + at]) at++;
        return at === end ? token : best;
      }
      if (held !== NONE) best = held;
      if (at === to) return best;
      const byte = text[at] as number;
      const edge = (slot << 8) | byte;
      slot = ((Math.imul(slot, 0x9e3779b1) >>> shift) ^ byte) & mask;
      for (let there; (there = slots[2 * slot] as number) !== edge; slot = (slot + 1) & mask)
        if (there === NONE) return best;
    }
  };
}

/** How a slot holds the only token that goes on from it, and back. */
const onlyToken = (token: number): number => -2 - token;

/** The tree; null where the table is too small for quick look-ups. */
function treeOf(bytes: Uint8Array, starts: Int32Array, size: number, bits: number): Tree | null {
  const mask = (1 << bits) - 1;
  let free = Math.floor((1 << bits) * FULL);
  const slots = new Int32Array(2 << bits).fill(NONE);
  const slotOfTwo = new Int32Array(BYTES * BYTES).fill(NONE);
  const tokenOfOne = new Int32Array(BYTES).fill(NONE);

  /** The slot of an edge, or the empty one where it belongs. */
  function slotOf(node: number, byte: number): number {
    const edge = (node << 8) | byte;
    let slot = ((Math.imul(node, 0x9e3779b1) >>> (32 - bits)) ^ byte) & mask;
    while (slots[2 * slot] !== NONE && slots[2 * slot] !== edge) slot = (slot + 1) & mask;
    return slot;
  }

  /** Puts a token on an empty slot that its first `depth` bytes lead to. */
  function occupy(slot: number, node: number, rank: number, depth: number): void {
    const start = starts[rank] as number;
    slots[2 * slot] = (node << 8) | (bytes[start + depth - 1] as number);
    slots[2 * slot + 1] = start + depth === starts[rank + 1] ? rank : onlyToken(rank);
    if (depth === 2) slotOfTwo[((bytes[start] as number) << 8) | (bytes[start + 1] as number)] = slot;
    free--;
  }

  for (let rank = 0; rank < size; rank++) {
    const start = starts[rank] as number;
    const length = (starts[rank + 1] as number) - start;
    const first = bytes[start] as number;
    if (length === 1) tokenOfOne[first] = rank;
    // the nodes of single bytes lie behind the slots
    let node = (1 << bits) | first;
    for (let depth = 2; depth <= length; depth++) {
      const slot = slotOf(node, bytes[start + depth - 1] as number);
      if (slots[2 * slot] === NONE) {
        occupy(slot, node, rank, depth);
        break;
      }
      const held = slots[2 * slot + 1] as number;
      if (held < NONE) {
        // no longer the only one: it moves one byte on
        const other = onlyToken(held);
        slots[2 * slot + 1] = NONE;
        occupy(slotOf(slot, bytes[(starts[other] as number) + depth] as number), slot, other, depth + 1);
      }
      if (depth === length) slots[2 * slot + 1] = rank;
      node = slot;
    }
    if (free < 0) return null;
  }
  const missing = tokenOfOne.indexOf(NONE);
  if (missing >= 0) throw new RangeError(`no token of the vocabulary is the single byte ${missing}`);
  return { bits, slots, slotOfTwo, tokenOfOne };
}
