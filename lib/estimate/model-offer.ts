/**
 * What the plan asks of the rest of the product about one model: price, tokens of a document, limits, rules of prompt caches and batches. The
 * composition (`lib/estimation.ts`) fills it in; this stage knows neither price book nor tokenizers.
 */
import type { PlannedDocument, Range } from './estimate-settings.ts';

export type PlanTier = 'standard' | 'batch';

/** Tokens of one request, disjoint and billable. */
export interface RequestTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
}

/** What one request costs, picodollars; the input side has cache reads and writes in it. */
export interface RequestCost {
  readonly inputPico: bigint;
  readonly outputPico: bigint;
}

/** How a provider caches prompts of this model. */
export interface CacheOffer {
  readonly minimumTokens: number;
  /** cached lengths are multiples of this */
  readonly incrementTokens: number;
  /** meter that a written token is billed by; `input`: writing costs what reading afresh costs */
  readonly write: 'input' | '5m' | '1h';
  readonly lifeMs: number;
  readonly isAutomatic: boolean;
  readonly requestsPerMinutePerKey: number | null;
  readonly id: string;
  readonly doubt: string | null;
}

export interface BatchOffer {
  readonly deadlineMs: number;
  readonly minimumRecords: number;
  /** of a hundred reads of a cache within a batch, the fewest that are reported to find it; null: cached tokens are not discounted there */
  readonly cacheHits: { readonly low: number; readonly high: number } | null;
}

export interface TokenEstimate extends Range<number> {
  /** tokenizer, or how it is estimated; of one model there are few, as all of them stand in the plan */
  readonly basis: string;
}

export interface ModelOffer {
  /** as it was asked for; names the plan */
  readonly model: string;
  readonly provider: string;
  readonly isEmbedding: boolean;
  /** prompt and answer together; null: not known */
  readonly contextTokens: number | null;
  readonly maximumOutputTokens: number | null;
  /** what a chat format adds to a request of so many messages, and who says so; null: it is in the tokens of a document, by a ratio measured on calls */
  readonly overheadOf: ((messages: number) => { readonly tokens: number; readonly basis: string }) | null;
  readonly tokensOf: (document: PlannedDocument) => TokenEstimate;
  /** Null: the price book has no price for it. */
  readonly priceOf: (tier: PlanTier, tokens: RequestTokens) => RequestCost | null;
  /** null: no rule of this provider is known */
  readonly cache: CacheOffer | null;
  readonly batch: BatchOffer | null;
}
