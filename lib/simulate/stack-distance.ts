/**
 * Hits of a prefix cache at every capacity from one pass (Mattson et al., IBM Systems Journal 1970): a block is a hit in a cache of C blocks
 * iff fewer than C other blocks were used since its last use. In: requests in order of time, as for `prefix-replay.ts` (least recently
 * used, no lifetime, no minimum). Out: hit tokens at any capacity. Exact. Memory is linear in distinct blocks.
 *
 * Uses are positions on a line, one bit each where the block was not used again later; a Fenwick tree over words of 32 bits counts the bits
 * after a position. Blocks of one prompt are used tail first, so neighbors of a chain mostly lie side by side and are counted by adding one.
 */
import { longerInts, longerNumbers } from './longer-array.ts';
import type { PromptRequest } from './prefix-replay.ts';

export interface StackDistances {
  see(request: PromptRequest): void;
  /** input tokens that a cache of `capacityBlocks` would have found, over all requests seen */
  hitTokens(capacityBlocks: number): number;
  /** input tokens seen */
  inputTokens(): number;
  /** the greatest distance of any hit: a larger cache finds nothing more */
  reach(): number;
}

const WORD_BITS = 5;
const FIRST_POSITIONS = 1 << 10;

/** An empty stack. */
export function createStackDistances(): StackDistances {
  let line = createLine(FIRST_POSITIONS);
  let next = 0;
  let positionOf = new Int32Array(64).fill(-1);
  let blocksSeen = 0;
  let tokensAt = new Float64Array(64);
  let reach = 0;
  let input = 0;

  function lookUp({ inputTokens, blockTokens, blocks }: PromptRequest): void {
    let found = 0;
    let deepest = 0;
    let distance = 0;
    let before = -1;
    for (const block of blocks) {
      const position = block < positionOf.length ? (positionOf[block] as number) : -1;
      if (position < 0) return;
      distance = position === before - 1 ? distance + 1 : line.countFrom(position);
      before = position;
      if (distance > deepest) deepest = distance;
      const upTo = Math.min(found + blockTokens, inputTokens);
      if (deepest >= tokensAt.length) tokensAt = longerNumbers(tokensAt, deepest + 1);
      tokensAt[deepest] = (tokensAt[deepest] as number) + upTo - found;
      if (deepest > reach) reach = deepest;
      found = upTo;
    }
  }

  function use(blocks: Int32Array): void {
    if (next + blocks.length > line.positions) makeRoom(blocks.length);
    for (let k = blocks.length - 1; k >= 0; k--) {
      const block = blocks[k] as number;
      if (block >= positionOf.length) positionOf = longerInts(positionOf, block + 1, -1);
      const old = positionOf[block] as number;
      if (old < 0) blocksSeen++;
      else line.clear(old);
      line.set(next);
      positionOf[block] = next++;
    }
    line.settle();
  }

  /** Moves the bits together. Room for as many uses as there are blocks is left, so that each use pays for a constant share of this. */
  function makeRoom(more: number): void {
    const blockAt = new Int32Array(next).fill(-1);
    for (let block = 0; block < positionOf.length; block++) {
      const position = positionOf[block] as number;
      if (position >= 0) blockAt[position] = block;
    }
    line = createLine(2 * (blocksSeen + more) + FIRST_POSITIONS);
    next = 0;
    for (const block of blockAt) {
      if (block < 0) continue;
      line.set(next);
      positionOf[block] = next++;
    }
    line.settle();
  }

  return {
    see(request) {
      input += request.inputTokens;
      lookUp(request);
      use(request.blocks);
    },
    hitTokens(capacityBlocks) {
      let sum = 0;
      for (let distance = 1; distance <= Math.min(capacityBlocks, reach); distance++)
        sum += tokensAt[distance] as number;
      return sum;
    },
    inputTokens: () => input,
    reach: () => reach,
  };
}

/** A line of bits with counts. Changes of the tree are gathered per word and written by `settle`, or when the next word begins. */
function createLine(positions: number) {
  const words = Math.ceil(positions / (1 << WORD_BITS));
  const bits = new Int32Array(words);
  const tree = new Int32Array(words + 1);
  let total = 0;
  let setWord = -1;
  let setCount = 0;
  let clearWord = -1;
  let clearCount = 0;

  function add(word: number, change: number): void {
    for (let node = word + 1; node <= words; node += node & -node) tree[node] = (tree[node] as number) + change;
    total += change;
  }

  return {
    positions: words << WORD_BITS,
    set(position: number): void {
      const word = position >> WORD_BITS;
      bits[word] = (bits[word] as number) | (1 << position);
      if (word !== setWord) {
        if (setCount > 0) add(setWord, setCount);
        setWord = word;
        setCount = 0;
      }
      setCount++;
    },
    clear(position: number): void {
      const word = position >> WORD_BITS;
      bits[word] = (bits[word] as number) & ~(1 << position);
      if (word !== clearWord) {
        if (clearCount > 0) add(clearWord, -clearCount);
        clearWord = word;
        clearCount = 0;
      }
      clearCount++;
    },
    settle(): void {
      if (setCount > 0) add(setWord, setCount);
      if (clearCount > 0) add(clearWord, -clearCount);
      setCount = clearCount = 0;
      setWord = clearWord = -1;
    },
    /** bits at `position` and after it */
    countFrom(position: number): number {
      const word = position >> WORD_BITS;
      let before = 0;
      for (let node = word; node > 0; node -= node & -node) before += tree[node] as number;
      const below = (1 << (position & 31)) - 1;
      return total - before - bitCount((bits[word] as number) & below);
    },
  };
}

function bitCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
