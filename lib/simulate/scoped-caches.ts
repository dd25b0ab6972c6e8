/**
 * One prompt cache per model and workspace, since providers and servers share nothing between them; capacity is that of each. In: requests with
 * the number of their cache. Out: sums over all caches. Memory is linear in distinct blocks.
 */
import type { NumberedPrompt } from './call-log.ts';
import { longerInts } from './longer-array.ts';
import { createPrefixReplay } from './prefix-replay.ts';
import type { PrefixReplay, PrefixRule, PrefixTokens, PromptRequest } from './prefix-replay.ts';
import { createStackDistances } from './stack-distance.ts';
import type { StackDistances } from './stack-distance.ts';

export interface ScopedCaches {
  see(prompt: NumberedPrompt, request: Omit<PromptRequest, 'blocks'>): void;
  /** sums of the replay number `at` of the rules */
  totals(at: number): Readonly<PrefixTokens>;
  byCapacity(): { capacity_blocks: number; hit_tokens: number }[];
}

interface Cache {
  readonly replays: readonly PrefixReplay[];
  readonly distances: StackDistances;
  distinct: number;
}

/** Empty caches under each of the rules. */
export function createCaches(rules: readonly PrefixRule[]): ScopedCaches {
  const caches: Cache[] = [];
  /** by number of a block: its number within its cache */
  let ownNumber = new Int32Array(1024).fill(-1);
  let own = new Int32Array(64);

  function ownNumbers(cache: Cache, blocks: Int32Array): Int32Array {
    if (blocks.length > own.length) own = new Int32Array(blocks.length * 2);
    for (const [k, block] of blocks.entries()) {
      if (block >= ownNumber.length) ownNumber = longerInts(ownNumber, block + 1, -1);
      if ((ownNumber[block] as number) < 0) ownNumber[block] = cache.distinct++;
      own[k] = ownNumber[block] as number;
    }
    return own.subarray(0, blocks.length);
  }

  return {
    see({ scope, blocks }, request) {
      const cache = (caches[scope] ??= {
        replays: rules.map(createPrefixReplay),
        distances: createStackDistances(),
        distinct: 0,
      });
      const prompt = { ...request, blocks: ownNumbers(cache, blocks) };
      for (const replay of cache.replays) replay.see(prompt);
      cache.distances.see(prompt);
    },
    totals(at) {
      const sums = { inputTokens: 0, hitTokens: 0, readTokens: 0, writtenTokens: 0, plainTokens: 0 };
      // a scope whose calls all failed was never seen: values() would give its hole as undefined
      for (const { replays } of Object.values(caches)) {
        const totals = replays[at]?.totals;
        if (totals === undefined) continue;
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += totals[name];
      }
      return sums;
    },
    byCapacity() {
      const reach = caches.reduce((most, { distances }) => Math.max(most, distances.reach()), 0);
      return capacities(reach).map((capacity_blocks) => ({
        capacity_blocks,
        hit_tokens: caches.reduce((sum, { distances }) => sum + distances.hitTokens(capacity_blocks), 0),
      }));
    },
  };
}

/** Powers of two up to the first that finds everything. */
function capacities(reach: number): number[] {
  if (reach === 0) return [];
  const all: number[] = [];
  for (let capacity = 1; capacity < reach; capacity *= 2) all.push(capacity);
  return [...all, reach];
}
