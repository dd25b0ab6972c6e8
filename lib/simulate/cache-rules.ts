/** The prompt-cache rule under which a call ran. In: provider, model, time. Out: the row of `cache-rules-data.ts` valid then. */
import { CACHE_RULES } from './cache-rules-data.ts';
import type { CacheRule } from './cache-rules-data.ts';
import { ruleAt } from './dated-rules.ts';

/** The row valid at the instant of the call; null where no rule is known, which does not mean that nothing is cached. */
export function cacheRulesFor(
  provider: string,
  model: string,
  atMs: number,
  rules: readonly CacheRule[] = CACHE_RULES,
): CacheRule | null {
  return ruleAt(rules, provider, model, atMs);
}
