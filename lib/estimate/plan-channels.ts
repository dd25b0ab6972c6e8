/**
 * The modes that a model can be asked in, each with its sums. In: an offer, settings. Out: channels that requests are added to. A mode is there if the
 * price book has a price for it; a cached one is a plan only if something was cached in the end.
 */
import { createCachedSums } from './cached-sums.ts';
import type { CachedSums } from './cached-sums.ts';
import { createDirectSums, NO_TOKENS } from './direct-sums.ts';
import type { PlanSums } from './direct-sums.ts';
import type { EstimateSettings } from './estimate-settings.ts';
import type { ModelOffer, PlanTier } from './model-offer.ts';
import type { Mode, RequestSums } from './plan.ts';
import { batchNotes, cacheNotes, syncNotes } from './plan-notes.ts';

export interface Channel {
  readonly mode: Mode;
  readonly sums: PlanSums;
  /** the same sums, of a mode with a cache; null: of one without */
  readonly cached: CachedSums | null;
  /** of a hundred reads of the cache, how many find it */
  readonly hits: number;
}

export function channelsOf(offer: ModelOffer, settings: EstimateSettings): Channel[] {
  const priced = (tier: PlanTier, meter: 'input' | 'cacheRead'): boolean =>
    offer.priceOf(tier, { ...NO_TOKENS, [meter]: 1 }) !== null;
  const direct = (mode: Mode, tier: PlanTier): Channel => ({
    mode,
    sums: createDirectSums(offer, tier),
    cached: null,
    hits: 0,
  });
  const cached = (mode: Mode, tier: PlanTier, hits: number): Channel[] => {
    if (offer.cache === null || offer.isEmbedding || hits === 0 || !priced(tier, 'cacheRead')) return [];
    const sums = createCachedSums(offer, tier, offer.cache, hits);
    return [{ mode, sums, cached: sums, hits }];
  };
  const hasBatch = priced('batch', 'input');
  return [
    direct(offer.isEmbedding ? 'embedding' : 'sync', 'standard'),
    ...(hasBatch ? [direct('batch', 'batch')] : []),
    ...cached('cached', 'standard', 100),
    ...(hasBatch ? cached('batch+cached', 'batch', batchHits(offer, settings)) : []),
  ];
}

/** None where the provider gives no discount on cached tokens in a batch, or reports no share of hits and none is given. */
function batchHits({ batch }: ModelOffer, { batchCacheHits }: EstimateSettings): number {
  if (batch === null || batch.cacheHits === null) return 0;
  return batchCacheHits ?? Math.round(batch.cacheHits.low * 100);
}

/** Whether it is a plan: without a read from the cache it is one of the others. */
export function isPlan({ cached }: Channel): boolean {
  return cached === null || cached.use('expected').readTokens > 0;
}

/** What a channel takes for granted, and why the modes beside it are no plans. */
export function channelNotes(
  { mode, cached, hits }: Channel,
  all: readonly Channel[],
  offer: ModelOffer,
  settings: EstimateSettings,
  sums: RequestSums,
): string[] {
  const { cache } = offer;
  if (cached !== null && cache !== null) {
    const isBatch = mode === 'batch+cached';
    return [...(isBatch ? batchNotes(offer, sums) : []), ...cacheNotes(cache, cached.use('expected'), hits, isBatch)];
  }
  const beside = (other: Mode): Channel | undefined => all.find((channel) => channel.mode === other);
  if (mode === 'batch') {
    const withCache = beside('batch+cached');
    const isTooDear = withCache?.cached?.couldRead() === true && !isPlan(withCache);
    return [
      ...batchNotes(offer, sums),
      ...(isTooDear ? [`a cache in the batch does not pay where ${withCache.hits} of 100 reads find it`] : []),
    ];
  }
  if (mode !== 'sync') return [];
  const withCache = beside('cached');
  return [
    ...syncNotes(offer),
    ...(beside('batch') === undefined ? ['no batch price is known'] : []),
    ...(withCache !== undefined && isPlan(withCache) ? [] : [uncachedReason(offer, withCache !== undefined, settings)]),
  ];
}

function uncachedReason(
  { cache }: ModelOffer,
  hasPrice: boolean,
  { requestsPerDocument, sharedPromptTokens }: EstimateSettings,
): string {
  if (cache === null) return 'no rule of a prompt cache is known';
  if (!hasPrice) return 'no price of cached input is known';
  if (requestsPerDocument === 1 && sharedPromptTokens === 0) return 'nothing is sent twice that could be cached';
  return `nothing is cached: a beginning of ${cache.minimumTokens} tokens that is sent again, and pays, is needed`;
}
