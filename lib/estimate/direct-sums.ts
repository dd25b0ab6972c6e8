/**
 * What requests cost that nothing is cached for: at once, in a batch, or as chunks to embed. In: requests of documents. Out: exact sums. Each request
 * is priced by itself, as the provider does: bands and roundings are those of a single request, never of a sum.
 */
import { mapLevels } from './estimate-settings.ts';
import type { Level } from './estimate-settings.ts';
import type { ModelOffer, PlanTier } from './model-offer.ts';

/** Equal chunks of a document, each sent `requests` times. */
export interface ChunkRequests {
  readonly sharedTokens: number;
  /** of the document, in one chunk */
  readonly documentTokens: number;
  /** chat format and question */
  readonly otherTokens: number;
  readonly outputTokens: number;
  readonly chunks: number;
  readonly requests: number;
}

/** Sums of one mode, picodollars. */
export interface SideCosts {
  readonly inputPico: bigint;
  readonly outputPico: bigint;
}

export interface PlanSums {
  /** Adds the same requests at these levels. */
  add(levels: readonly Level[], requests: ChunkRequests): void;
  /** Null: a request among them has no price. */
  total(level: Level): SideCosts | null;
}

export function createDirectSums(offer: Pick<ModelOffer, 'priceOf'>, tier: PlanTier): PlanSums {
  const sums = mapLevels(() => ({ inputPico: 0n, outputPico: 0n }));
  const unpriced = new Set<Level>();
  return {
    add(levels, { sharedTokens, documentTokens, otherTokens, outputTokens, chunks, requests }) {
      const input = sharedTokens + documentTokens + otherTokens;
      const cost = offer.priceOf(tier, { ...NO_TOKENS, input, output: outputTokens });
      const times = BigInt(chunks * requests);
      for (const level of levels) {
        if (cost === null) unpriced.add(level);
        else {
          sums[level].inputPico += cost.inputPico * times;
          sums[level].outputPico += cost.outputPico * times;
        }
      }
    },
    total: (level) => (unpriced.has(level) ? null : sums[level]),
  };
}

export const NO_TOKENS = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 } as const;
