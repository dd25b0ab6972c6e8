/**
 * When a call may wait in a provider's batch, and what it costs there. In: the rule of the provider, deadlines, costs in picodollars. Out:
 * probabilities of being late, job sizes, expected costs. Formula: turnaround is lognormal through the only published distribution
 * (OpenRouter 2026: median 7 minutes, 90 % within the hour); a late call is made again at the full price, so its expected cost is
 * batch + P(late) · standard.
 */
import { BATCH_RULES } from './batch-rules-data.ts';
import type { BatchRule } from './batch-rules-data.ts';
import { ruleAt } from './dated-rules.ts';
import { normalTail } from './normal-tail.ts';
import type { Parameters } from './parameters.ts';
import { shareOfPico } from './share-of-pico.ts';

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

/** The turnaround of this run's parameters. */
export function turnaroundOf(parameters: Parameters): Turnaround {
  return {
    medianMs: parameters.valueOf('batch.turnaround_median_s') * 1000,
    sigma: parameters.valueOf('batch.turnaround_sigma'),
  };
}

/** Probability that a chain of `steps` batches, each waiting for the one before, is not back within `waitMs`; 1 where nothing may wait. */
export function lateProbability(waitMs: number, turnaround: Turnaround, steps = 1): number {
  if (!(waitMs > 0)) return 1;
  return normalTail(Math.log(waitMs / (steps * turnaround.medianMs)) / turnaround.sigma);
}

/** Time within which a share `quantile` of batches is back. */
export function turnaroundQuantileMs(quantile: number, turnaround: Turnaround): number {
  let [low, high] = [-12, 12];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (1 - normalTail(middle) < quantile) low = middle;
    else high = middle;
  }
  return turnaround.medianMs * Math.exp(turnaround.sigma * low);
}

/** Jobs for `records` calls of one model and window; 0 where they are too few for one. A job is never smaller than the minimum. */
export function jobsFor(records: number, rule: BatchRule): number {
  if (records < rule.minimumRecords || records === 0) return 0;
  return rule.maximumRecords === null ? 1 : Math.ceil(records / rule.maximumRecords);
}

/** Where the input tokens of a call go when it moves into a batch that keeps a share of cache reads. Whole tokens, the sum stays. */
export function batchTokens(
  freshTokens: number,
  cachedTokens: number,
  keptShare: number,
  rule: BatchRule,
): { freshTokens: number; cachedTokens: number } {
  const isCached = rule.cachedTokens !== 'not_cached' && rule.cacheKept !== null;
  const kept = isCached ? Math.floor(cachedTokens * Math.min(1, Math.max(0, keptShare))) : 0;
  return { freshTokens: freshTokens + cachedTokens - kept, cachedTokens: kept };
}

export interface ChannelChoice {
  readonly channel: 'standard' | 'batch';
  /** expected cost, with what is made again because it came late */
  readonly costPico: bigint;
  /** of the batch against standard; negative where the batch would cost more, which is why it is not chosen */
  readonly batchSavingPico: bigint;
}

/** The cheaper of both. A call that reads most of its prompt from a cache can be cheaper than the same call in a batch without one. */
export function cheaperChannel(standardPico: bigint, batchPico: bigint, lateShare: number): ChannelChoice {
  const expectedPico = batchPico + shareOfPico(standardPico, lateShare);
  const batchSavingPico = standardPico - expectedPico;
  return batchSavingPico > 0n
    ? { channel: 'batch', costPico: expectedPico, batchSavingPico }
    : { channel: 'standard', costPico: standardPico, batchSavingPico };
}
