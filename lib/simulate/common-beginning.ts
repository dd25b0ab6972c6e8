/**
 * The beginning that most of a stream's input has in common. In: the tree of all prompts, where the prompts of some calls end. Out: the block whose
 * calls times depth is largest, blocks being chained, so that one block stands for all before it. Invariant: work and memory are linear in the
 * calls and in the runs their prompts pass through, but for one sort of these; each run is visited once, however many prompts share it.
 */
import type { PromptTree } from './prompt-tree.ts';

export interface Beginning {
  /** prompts that begin so; at least two */
  readonly calls: number;
  /** blocks of it */
  readonly depth: number;
  readonly run: number;
  readonly block: number;
}

/** The beginning of largest calls × depth, null where no two prompts begin alike. `leaves`: last block of each prompt, -1 for none. */
export function commonBeginning(tree: PromptTree, leaves: Int32Array): Beginning | null {
  const ends = endsByRun(tree, leaves);
  let best: Beginning | null = null;
  // a run continues one that was there before: its own number is higher, so that all that ends below a run is known when it is its turn
  for (const run of [...ends.keys()].toSorted((a, b) => b - a)) {
    let calls = 0;
    for (const [block, count] of [...(ends.get(run) ?? [])].toSorted(([a], [b]) => b - a)) {
      calls += count;
      const depth = tree.depthOf(run, block);
      if (calls > 1 && calls * depth > (best === null ? 0 : best.calls * best.depth))
        best = { calls, depth, run, block };
    }
    const before = tree.runBefore(run);
    if (before >= 0) addTo(ends.get(before) as Map<number, number>, tree.blockBefore(run), calls);
  }
  return best;
}

/** Whether the prompt that ends at `leaf` begins so. */
export function hasBeginning(tree: PromptTree, leaf: number, { run, block }: Beginning): boolean {
  let last = leaf;
  for (let at = tree.runOf(leaf); at >= run; at = tree.runBefore(at)) {
    if (at === run) return last >= block;
    last = tree.blockBefore(at);
  }
  return false;
}

/** By run on the way of any prompt: how many prompts end at which of its blocks; empty where they only pass through. */
function endsByRun(tree: PromptTree, leaves: Int32Array): Map<number, Map<number, number>> {
  const ends = new Map<number, Map<number, number>>();
  for (const leaf of leaves) {
    if (leaf < 0) continue;
    const run = tree.runOf(leaf);
    for (let at = run; at >= 0 && !ends.has(at); at = tree.runBefore(at)) ends.set(at, new Map());
    addTo(ends.get(run) as Map<number, number>, leaf, 1);
  }
  return ends;
}

function addTo(counts: Map<number, number>, block: number, count: number): void {
  counts.set(block, (counts.get(block) ?? 0) + count);
}
