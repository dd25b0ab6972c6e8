/**
 * When a call may wait in a provider's batch. In: the rule of the provider, deadlines. Out: probabilities of being late, job sizes. Formula:
 * turnaround is lognormal through the only published distribution (OpenRouter 2026: median 7 minutes, 90 % within the hour). What a batch
 * costs, with late calls made again at the full price, is in `batch-eligibility.ts` and `call-states.ts`.
 */
import { BATCH_RULES } from './batch-rules-data.ts';
import type { BatchRule } from './batch-rules-data.ts';
import { ruleAt } from './dated-rules.ts';
import { normalTail } from './normal-tail.ts';

/** A lognormal time: half are faster than `medianMs`; `sigma` is the spread of its logarithm. */
export interface Turnaround {
  readonly medianMs: number;
  readonly sigma: number;
}

/** The row valid then; null where no batch interface of the provider is known. */
export function batchRulesFor(
  provider: string,
  model: string,
  atMs: number,
  rules: readonly BatchRule[] = BATCH_RULES,
): BatchRule | null {
  return ruleAt(rules, provider, model, atMs);
}

/** Probability that a chain of `steps` batches, each waiting for the one before, is not back within `waitMs`; 1 where nothing may wait. */
export function lateProbability(waitMs: number, turnaround: Turnaround, steps = 1): number {
  if (!(waitMs > 0)) return 1;
  return normalTail(Math.log(waitMs / (steps * turnaround.medianMs)) / turnaround.sigma);
}

/** Jobs for `records` calls of one model and window; 0 where they are too few for one. A job is never smaller than the minimum. */
export function jobsFor(records: number, rule: BatchRule): number {
  if (records < rule.minimumRecords || records === 0) return 0;
  return rule.maximumRecords === null ? 1 : Math.ceil(records / rule.maximumRecords);
}
