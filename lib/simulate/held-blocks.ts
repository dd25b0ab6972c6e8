/**
 * The blocks a cache of limited capacity holds, least recently used first to go. In: uses of blocks by number. Out: whether a block is
 * held. Invariant: after any uses exactly the `capacity` most recently used distinct blocks are held; every step takes constant time.
 */

export interface HeldBlocks {
  holds(block: number): boolean;
  /** makes `block` the most recently used one; the least recently used one goes where there is no room */
  use(block: number): void;
}

const NONE = -1;
const FIRST_ROOM = 64;

/** An empty cache for `capacity` blocks (at least 1). */
export function createHeldBlocks(capacity: number): HeldBlocks {
  let older = new Int32Array(FIRST_ROOM).fill(NONE);
  let newer = new Int32Array(FIRST_ROOM).fill(NONE);
  let isHeld = new Uint8Array(FIRST_ROOM);
  let newest = NONE;
  let oldest = NONE;
  let held = 0;

  function reserve(block: number): void {
    if (block < isHeld.length) return;
    const room = Math.max(block + 1, isHeld.length * 2);
    const [wideOlder, wideNewer, wideHeld] = [new Int32Array(room), new Int32Array(room), new Uint8Array(room)];
    wideOlder.set(older);
    wideNewer.set(newer);
    wideHeld.set(isHeld);
    [older, newer, isHeld] = [wideOlder, wideNewer, wideHeld];
  }

  function unlink(block: number): void {
    const before = older[block] as number;
    const after = newer[block] as number;
    if (before === NONE) oldest = after;
    else newer[before] = after;
    if (after === NONE) newest = before;
    else older[after] = before;
  }

  return {
    holds: (block) => isHeld[block] === 1,
    use(block) {
      reserve(block);
      if (newest === block) return;
      if (isHeld[block] === 1) unlink(block);
      else if (++held > capacity) {
        isHeld[oldest] = 0;
        unlink(oldest);
        held--;
      }
      isHeld[block] = 1;
      older[block] = newest;
      newer[block] = NONE;
      if (newest === NONE) oldest = block;
      else newer[newest] = block;
      newest = block;
    },
  };
}
