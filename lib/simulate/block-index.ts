/**
 * Dense numbers for prompt blocks: the 64-bit hashes of one cache scope become 0, 1, 2, … in the order they are first seen, so that a replay
 * keeps what it knows of a block in typed arrays. In: scope (a number the caller gives to provider × model × workspace × hash key) and
 * hash. Out: the block's number. Invariant: memory is linear in distinct blocks (28 bytes each at most), not in references.
 */
import { longerInts } from './longer-array.ts';

export interface BlockIndex {
  /** the number of a block, new or known; `id` is read as a signed or unsigned 64-bit integer */
  numberOf(scope: number, id: bigint): number;
  /** how many numbers were given */
  distinct(): number;
}

const FIRST_ROOM = 1024;
/** Slots per entry are kept between two and four, so that a probe ends after few steps. */
const MIN_SLOTS_PER_ENTRY = 2;

/** An empty index. */
export function createBlockIndex(): BlockIndex {
  const wide = new BigInt64Array(1);
  const halves = new Int32Array(wide.buffer);
  let count = 0;
  let low = new Int32Array(FIRST_ROOM);
  let high = new Int32Array(FIRST_ROOM);
  let scopes = new Int32Array(FIRST_ROOM);
  let slots = new Int32Array(FIRST_ROOM * MIN_SLOTS_PER_ENTRY * 2).fill(-1);

  function place(number: number): void {
    const mask = slots.length - 1;
    let at = mixed(low[number] as number, high[number] as number, scopes[number] as number) & mask;
    while (slots[at] !== -1) at = (at + 1) & mask;
    slots[at] = number;
  }

  function grow(): void {
    const room = low.length * 2;
    low = longerInts(low, room);
    high = longerInts(high, room);
    scopes = longerInts(scopes, room);
    slots = new Int32Array(room * MIN_SLOTS_PER_ENTRY * 2).fill(-1);
    for (let number = 0; number < count; number++) place(number);
  }

  return {
    numberOf(scope, id) {
      wide[0] = id;
      const lo = halves[0] as number;
      const hi = halves[1] as number;
      const mask = slots.length - 1;
      for (let at = mixed(lo, hi, scope) & mask; slots[at] !== -1; at = (at + 1) & mask) {
        const number = slots[at] as number;
        if (low[number] === lo && high[number] === hi && scopes[number] === scope) return number;
      }
      if (count === low.length) grow();
      low[count] = lo;
      high[count] = hi;
      scopes[count] = scope;
      place(count);
      return count++;
    },
    distinct: () => count,
  };
}

/** Ids may be counted up by their source, so their bits are spread before they choose a slot (finalizer of MurmurHash3, public domain). */
function mixed(lo: number, hi: number, scope: number): number {
  let h = lo ^ Math.imul(hi, 0x9e3779b1) ^ Math.imul(scope, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
