/**
 * The prompt-cache rule under which a call ran, and what follows from it. In: provider, model, time. Out: the row of `cache-rules-data.ts`
 * valid then, the rule a replay takes, and break-even numbers of writing. Formula: a beginning of L tokens read n times costs w + n·f instead of
 * 1 + n (in prices of L fresh tokens).
 */
import { CACHE_RULES } from './cache-rules-data.ts';
import type { CacheLifetime, CacheRule } from './cache-rules-data.ts';
import { ruleAt } from './dated-rules.ts';
import type { PrefixRule } from './prefix-replay.ts';

/** The row valid at the instant of the call; null where no rule is known, which does not mean that nothing is cached. */
export function cacheRulesFor(
  provider: string,
  model: string,
  atMs: number,
  rules: readonly CacheRule[] = CACHE_RULES,
): CacheRule | null {
  return ruleAt(rules, provider, model, atMs);
}

/** The rule for a replay, of a cache without known capacity. */
export function prefixRuleOf(rule: CacheRule, lifetime: CacheLifetime = rule.lifetimes[0]): PrefixRule {
  return {
    rule: rule.rule,
    ttlMs: lifetime.lifeMs,
    ttlRefresh: rule.refresh,
    capacityBlocks: null,
    minimumTokens: rule.minimumTokens,
    incrementTokens: rule.incrementTokens,
  };
}

/** Reads within the lifetime from which on writing pays (it pays for more than this many), by multiples of the input price. */
export function breakEvenReads(writeMultiple: number, readMultiple: number): number {
  if (readMultiple >= 1) return Infinity;
  return Math.max(0, (writeMultiple - 1) / (1 - readMultiple));
}

/**
 * What a marked beginning costs, in prices of its fresh input, that is used once and then `reads` times again, the entry being alive at each
 * further use, or gone and written anew. Without a cache it costs 1 + reads.
 */
export function reuseCost(reads: number, writeMultiple: number, readMultiple: number, isAlive: boolean): number {
  return isAlive ? writeMultiple + readMultiple * reads : writeMultiple * (1 + reads);
}
