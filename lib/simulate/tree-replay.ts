/**
 * The replay of `prefix-replay.ts` on a tree of prompts instead of single blocks: the same answers for chained prompts, at a cost per call
 * that depends on the turns of its conversation and not on the length of its prompt. For plans, which replay a whole log dozens of times.
 * No capacity: providers do not tell theirs, and only lifetime matters. Lives are renewed by use.
 */
import type { PromptTree } from './prompt-tree.ts';

/** What a replay needs of each call; arrays by call. */
export interface ReplayCalls {
  readonly tree: PromptTree;
  readonly timeMs: Float64Array;
  readonly inputTokens: Float64Array;
  /** last block of the prompt in the tree; -1 where it has none */
  readonly leaf: Int32Array;
  readonly blockTokens: Float64Array;
  /** how many tokens the call's model counts for one of the log; 1 where absent. Rules are in tokens of the model, results in those of the log. */
  readonly ratio?: Float64Array | undefined;
}

/** A rule of `prefix-replay.ts` without what a plan does not vary. */
export interface LifetimeRule {
  readonly rule: 'radix' | 'breakpoint';
  readonly ttlMs: number;
  readonly minimumTokens: number;
  readonly incrementTokens: number;
}

/** Read and written tokens by call; zero for calls that were not replayed. */
export interface CacheTokens {
  readonly read: Float64Array;
  readonly written: Float64Array;
  /** under `breakpoint`, the call that had written what was read; -1 where nothing was */
  readonly source?: Int32Array | undefined;
}

/** Uses or marks of one run, by block and time. */
interface Uses {
  readonly blocks: number[];
  readonly times: number[];
  /** calls that wrote the marks */
  readonly writers: number[];
  /** those before are dead: they were the oldest */
  from: number;
}

/** Replays one stream: `order` are its calls in order of time. Writes into `into`, so that streams of one log share two arrays. */
export function replayStream(calls: ReplayCalls, order: Int32Array, rule: LifetimeRule, into: CacheTokens): void {
  const uses = new Map<number, Uses>();
  const see = rule.rule === 'radix' ? seeTree : seeMarks;
  for (const call of order) see(calls, call, rule, uses, into);
}

type See = (calls: ReplayCalls, call: number, rule: LifetimeRule, uses: Map<number, Uses>, into: CacheTokens) => void;

const seeTree: See = ({ tree, timeMs, inputTokens, leaf, blockTokens, ratio }, call, rule, uses, { read }) => {
  const now = timeMs[call] as number;
  const input = inputTokens[call] as number;
  let live = 0;
  let isBroken = false;
  tree.path(leaf[call] as number, (run, lastBlock) => {
    const own = usesOf(uses, run);
    if (!isBroken) {
      while (own.from < own.times.length && now - (own.times[own.from] as number) > rule.ttlMs) own.from++;
      const deepest = own.blocks[own.from];
      if (deepest !== undefined) live = tree.depthOf(run, Math.min(deepest, lastBlock));
      isBroken = deepest === undefined || deepest < lastBlock;
    }
    use(own, lastBlock, now);
  });
  const hit = Math.min(live * (blockTokens[call] as number), input);
  const whole = Math.floor(hit / rule.incrementTokens) * rule.incrementTokens;
  read[call] = whole < minimumOf(rule, ratio, call) ? 0 : whole;
};

function minimumOf({ minimumTokens }: LifetimeRule, ratio: Float64Array | undefined, call: number): number {
  return ratio === undefined ? minimumTokens : minimumTokens / (ratio[call] as number);
}

function usesOf(uses: Map<number, Uses>, run: number): Uses {
  let own = uses.get(run);
  if (own === undefined) {
    own = { blocks: [], times: [], writers: [], from: 0 };
    uses.set(run, own);
  }
  return own;
}

/** A use up to `block` renews all blocks before it, so older uses that reach no further are forgotten: what is left is deepest and oldest first. */
function use(own: Uses, block: number, now: number): void {
  while (own.blocks.length > own.from && (own.blocks.at(-1) as number) <= block) {
    own.blocks.pop();
    own.times.pop();
  }
  own.blocks.push(block);
  own.times.push(now);
}

const seeMarks: See = (calls, call, rule, marks, { read, written, source }) => {
  const { tree, timeMs, inputTokens, leaf, blockTokens } = calls;
  const minimumTokens = minimumOf(rule, calls.ratio, call);
  const now = timeMs[call] as number;
  const size = blockTokens[call] as number;
  const full = Math.floor((inputTokens[call] as number) / size);
  let block = leaf[call] as number;
  let run = tree.runOf(block);
  // the last block may be part of one: marks stand at whole blocks
  while (run >= 0) {
    const first = tree.firstOf(run);
    block = Math.min(block, first + full - tree.depthOf(run, first));
    if (block >= first) break;
    block = tree.blockBefore(run);
    run = tree.runBefore(run);
  }
  const [endRun, endBlock] = [run, block];
  let tokens = 0;
  if (source !== undefined) source[call] = -1;
  for (; run >= 0; block = tree.blockBefore(run), run = tree.runBefore(run)) {
    const own = marks.get(run);
    const found = own === undefined ? -1 : deepestLive(own, block, now, rule.ttlMs);
    if (own === undefined || found < 0) continue;
    const hit = tree.depthOf(run, own.blocks[found] as number) * size;
    if (hit >= minimumTokens) {
      tokens = hit;
      own.times[found] = now;
      if (source !== undefined) source[call] = own.writers[found] as number;
    }
    break;
  }
  const marked = endRun < 0 ? 0 : tree.depthOf(endRun, endBlock) * size;
  read[call] = tokens;
  written[call] = marked < minimumTokens ? 0 : Math.max(0, marked - tokens);
  if (written[call] > 0) mark(usesOf(marks, endRun), endBlock, now, call);
};

/** Position of the deepest live mark at or before `block`; what has died on the way there is forgotten. */
function deepestLive(own: Uses, block: number, now: number, ttlMs: number): number {
  const after = positionAfter(own.blocks, block);
  let at = after - 1;
  while (at >= 0 && now - (own.times[at] as number) > ttlMs) at--;
  own.blocks.splice(at + 1, after - at - 1);
  own.times.splice(at + 1, after - at - 1);
  own.writers.splice(at + 1, after - at - 1);
  return at;
}

function mark(own: Uses, block: number, now: number, writer: number): void {
  const after = positionAfter(own.blocks, block);
  if (own.blocks[after - 1] === block) {
    own.times[after - 1] = now;
    own.writers[after - 1] = writer;
  } else {
    own.blocks.splice(after, 0, block);
    own.times.splice(after, 0, now);
    own.writers.splice(after, 0, writer);
  }
}

/** How many of the ascending `blocks` are at most `block`. */
function positionAfter(blocks: readonly number[], block: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle] as number) <= block) low = middle + 1;
    else high = middle;
  }
  return low;
}
