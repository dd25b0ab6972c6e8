/**
 * Rules of providers' batch interfaces: deadline, size of jobs, what becomes of cached tokens. In: nothing. Out: dated rows. Prices are not
 * here: the price book has batch prices (half the standard price at all providers below, in November 2026). Which models a provider takes
 * in batches is the price book's knowledge, too: no batch price, no batch.
 */
import type { DatedRule } from './dated-rules.ts';

export interface BatchRule extends DatedRule {
  /** after this time the provider gives up */
  readonly deadlineMs: number;
  /** calls that cannot wait this long are not moved, whatever the turnaround model says; 0: no such limit */
  readonly shortestWaitMs: number;
  readonly minimumRecords: number;
  readonly maximumRecords: number | null;
  readonly maximumFileBytes: number | null;
  /** whether a call that uses tools can be in a batch */
  readonly allowsTools: boolean;
  /**
   * cached tokens in a batch: `batch_price`, read at the batch price of cached input; `cache_price`, at the standard price of cached input,
   * without the discount of batches; `not_cached`, as fresh input
   */
  readonly cachedTokens: 'batch_price' | 'cache_price' | 'not_cached';
  /** share of cached tokens still read from the cache in a batch; null: none */
  readonly cacheKept: { readonly low: number; readonly high: number } | null;
}

const HOUR_MS = 3_600_000;
const MB = 1_000_000;
const ANY = { models: ['*'], fromDay: null, toDay: null } as const;

export const BATCH_RULES: readonly BatchRule[] = [
  {
    ...ANY,
    id: 'openai-batch',
    providers: ['openai', 'azure'],
    deadlineMs: 24 * HOUR_MS,
    shortestWaitMs: 0,
    minimumRecords: 1,
    maximumRecords: 50_000,
    maximumFileBytes: 200 * MB,
    allowsTools: true,
    cachedTokens: 'batch_price',
    cacheKept: { low: 0, high: 0.98 },
    kind: 'fact',
    source: 'OpenAI, Batch API guide and FAQ: unfinished work is cancelled, finished work is charged',
    date: '2026-11',
    doubt:
      'limits per file not verified; no share of cache hits in batches is published: from none to the best seen elsewhere',
  },
  {
    ...ANY,
    id: 'anthropic-batch',
    providers: ['anthropic'],
    deadlineMs: 24 * HOUR_MS,
    shortestWaitMs: 0,
    minimumRecords: 1,
    maximumRecords: 100_000,
    maximumFileBytes: 256 * MB,
    allowsTools: true,
    cachedTokens: 'batch_price',
    cacheKept: { low: 0.3, high: 0.98 },
    kind: 'fact',
    source:
      'Anthropic, Message Batches: mostly below one hour, expired requests are not billed, cache hits are best effort',
    date: '2026-11',
    doubt: null,
  },
  {
    ...ANY,
    id: 'gemini-batch',
    providers: ['google', 'vertex'],
    deadlineMs: 24 * HOUR_MS,
    shortestWaitMs: 0,
    minimumRecords: 1,
    maximumRecords: null,
    maximumFileBytes: null,
    allowsTools: true,
    cachedTokens: 'cache_price',
    cacheKept: { low: 0, high: 0.98 },
    kind: 'fact',
    source:
      'Google, Gemini batch; Vertex AI, batch inference with Gemini: discounts do not stack, that of the cache comes first',
    date: '2026-11',
    doubt:
      '24 hours are a target; no share of cache hits in batches is published: from none to the best seen elsewhere',
  },
  {
    ...ANY,
    id: 'bedrock-batch',
    providers: ['bedrock'],
    deadlineMs: 24 * HOUR_MS,
    shortestWaitMs: 24 * HOUR_MS,
    minimumRecords: 100,
    maximumRecords: 50_000,
    maximumFileBytes: 1000 * MB,
    allowsTools: false,
    cachedTokens: 'not_cached',
    cacheKept: null,
    kind: 'fact',
    source:
      'AWS, Bedrock user guide, batch inference, and default quotas: 100 records per job and model, 1 GB per file',
    date: '2026-11',
    doubt:
      'jobs take hours, no distribution is published: only calls that can wait a day are moved; caching in batches is not documented, none is taken; records per file not verified; tools only outside the Converse form',
  },
];
