/**
 * The prompts of a log as paths in a tree, so that caches can be replayed again and again on a million long prompts. Blocks are chained on
 * their prefix, so a prompt is told by its last block alone, and the blocks that one request brought first (a run) by the first and last of
 * them. In: prompts as numbers of a `BlockIndex`, in order of time. Out: per request its last block; per run what it continues. Memory is
 * linear in requests, whatever the length of their prompts.
 *
 * A source may break its promise that ids are chained. Such a prompt is taken up to the place where it breaks, and `unchained` counts it.
 */

export interface PromptTree {
  /** Adds the next request's blocks. Returns the last block, -1 for none. */
  add(blocks: Int32Array): number;
  /** Calls `visit` for every run on the way from the root to the block `leaf`: the run, and the last block of it on this way. */
  path(leaf: number, visit: (run: number, lastBlock: number) => void): void;
  /** blocks from the root to `block` of `run`, itself included */
  depthOf(run: number, block: number): number;
  /** first block of a run */
  firstOf(run: number): number;
  /** the run that holds a block a prompt ended at; -1 for -1 */
  runOf(leaf: number): number;
  /** the run that `run` continues, and the block of it where it does; -1 at the root */
  runBefore(run: number): number;
  blockBefore(run: number): number;
  /** the run at the root: prompts that begin differently have different ones */
  familyOf(leaf: number): number;
  unchained(): number;
  runs(): number;
}

const ROOT = -1;

/** An empty tree. */
export function createPromptTree(): PromptTree {
  /** by run */
  const first: number[] = [];
  const last: number[] = [];
  const continuesBlock: number[] = [];
  const continuesRun: number[] = [];
  const blocksBefore: number[] = [];
  let blocksSeen = 0;
  let unchained = 0;
  const way: number[] = [];

  /** the run that holds a block, or that would if the block belongs to none */
  function runAround(block: number): number {
    let low = 0;
    let high = first.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((first[middle] as number) <= block) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** blocks at the beginning that are known and lie on one way, with the run where that way ends */
  function follow(blocks: Int32Array): { known: number; run: number } {
    let run = ROOT;
    let before = -1;
    let known = 0;
    for (; known < blocks.length; known++) {
      const block = blocks[known] as number;
      if (block >= blocksSeen) break;
      if (run === ROOT || block !== before + 1 || block > (last[run] as number)) {
        const next = runAround(block);
        if (block !== first[next] || continuesBlock[next] !== before) break;
        run = next;
      }
      before = block;
    }
    return { known, run };
  }

  return {
    add(blocks) {
      const { known, run } = follow(blocks);
      let leaf = known === 0 ? -1 : (blocks[known - 1] as number);
      let end = known;
      while (end < blocks.length && blocks[end] === blocksSeen + end - known) end++;
      if (end > known) {
        first.push(blocksSeen);
        continuesBlock.push(leaf);
        continuesRun.push(run);
        blocksBefore.push(known);
        leaf = blocksSeen + end - known - 1;
        last.push(leaf);
      }
      if (end < blocks.length) unchained++;
      for (let k = known; k < blocks.length; k++) blocksSeen = Math.max(blocksSeen, (blocks[k] as number) + 1);
      return leaf;
    },
    path(leaf, visit) {
      way.length = 0;
      let block = leaf;
      for (let run = leaf < 0 ? ROOT : runAround(leaf); run !== ROOT; run = continuesRun[run] as number) {
        way.push(block, run);
        block = continuesBlock[run] as number;
      }
      for (let at = way.length - 1; at > 0; at -= 2) visit(way[at] as number, way[at - 1] as number);
    },
    depthOf: (run, block) => (blocksBefore[run] as number) + block - (first[run] as number) + 1,
    firstOf: (run) => first[run] as number,
    runOf: (leaf) => (leaf < 0 ? ROOT : runAround(leaf)),
    runBefore: (run) => continuesRun[run] as number,
    blockBefore: (run) => continuesBlock[run] as number,
    familyOf(leaf) {
      let run = leaf < 0 ? ROOT : runAround(leaf);
      while (run !== ROOT && (continuesRun[run] as number) !== ROOT) run = continuesRun[run] as number;
      return run;
    },
    unchained: () => unchained,
    runs: () => first.length,
  };
}
