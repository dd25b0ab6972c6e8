/**
 * Hits of a prefix cache at every capacity from a sample of blocks: SHARDS with fixed rate and adjustment (Waldspurger et al., FAST 2015). A
 * block is looked at iff the hash of its number lies below a threshold, so all its uses are or none; distances among those are divided by the
 * rate, and what the sample has too few or too many references, against rate × all, is put into the first bucket. In: requests as for
 * `stack-distance.ts`. Out: the share of block references that a cache of any capacity would have found. Memory is linear in sampled blocks
 * but for a number for each block. For logs of more than some ten million references; below, `stack-distance.ts` is exact and fast.
 */
import { longerInts } from './longer-array.ts';
import type { PromptRequest } from './prefix-replay.ts';
import { createStackDistances } from './stack-distance.ts';

export interface SampledDistances {
  see(request: PromptRequest): void;
  /** share of all block references that are hits in a cache of `capacityBlocks` */
  hitRatio(capacityBlocks: number): number;
  /** block references seen, and those of them that were looked at */
  references(): number;
  sampledReferences(): number;
}

const HASHES = 2 ** 32;
const NEW = -1;
const NOT_SAMPLED = -2;

/** An empty stack that looks at `rate` of all blocks; another seed looks at others. */
export function createSampledDistances(rate: number, seed: number): SampledDistances {
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`a rate of sampling lies in (0, 1], got ${rate}`);
  const distances = createStackDistances();
  const below = rate * HASHES;
  let ownNumber = new Int32Array(1024).fill(NEW);
  let own = new Int32Array(64);
  let distinct = 0;
  let references = 0;
  let sampled = 0;

  function sampledNumber(block: number): number {
    if (block >= ownNumber.length) ownNumber = longerInts(ownNumber, block + 1, NEW);
    if (ownNumber[block] === NEW) ownNumber[block] = hashed(block, seed) < below ? distinct++ : NOT_SAMPLED;
    return ownNumber[block] as number;
  }

  return {
    see({ timeMs, blocks }) {
      if (blocks.length > own.length) own = new Int32Array(blocks.length * 2);
      let length = 0;
      for (const block of blocks) {
        const number = sampledNumber(block);
        if (number !== NOT_SAMPLED) own[length++] = number;
      }
      references += blocks.length;
      sampled += length;
      // a block counts as one token, so that hit tokens are hit blocks
      if (length > 0) distances.see({ timeMs, inputTokens: length, blockTokens: 1, blocks: own.subarray(0, length) });
    },
    hitRatio(capacityBlocks) {
      if (references === 0 || capacityBlocks < 1) return 0;
      const expected = references * rate;
      const hits = distances.hitTokens(Math.floor(capacityBlocks * rate)) + expected - sampled;
      return Math.min(1, Math.max(0, hits / expected));
    },
    references: () => references,
    sampledReferences: () => sampled,
  };
}

/** 32 bits of a number and a seed (finalizer of MurmurHash3, public domain, twice). */
function hashed(number: number, seed: number): number {
  return finished(finished(number ^ Math.imul(seed, 0x9e3779b1)) ^ seed);
}

function finished(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
