/**
 * What the stage `estimate` asks about a model, from the price book, the list of limits, the rules of caches and batches and the counts of documents. In:
 * a name as a person writes it (`gpt-4o`, `azure/gpt-4o`) and an instant. Out: a `ModelOffer`. The price engine is the one that prices the ledger,
 * so that a plan costs what its calls will cost, the customer's rates included.
 */
import { documentTokens } from './count/document-tokens.ts';
import { exactEncoding } from './count/model-encodings.ts';
import { calibrationOf } from './count/tokenizer-calibration.ts';
import type { CalibrationRow } from './count/tokenizer-calibration.ts';
import { chatOverhead } from './estimate/chat-overhead.ts';
import { NO_TOKENS } from './estimate/direct-sums.ts';
import type { CacheOffer, ModelOffer, PlanTier, RequestCost, RequestTokens } from './estimate/model-offer.ts';
import type { LimitsOf } from './model-limits.ts';
import { priceRecord } from './price/cost.ts';
import type { CustomerRates } from './price/customer-rates.ts';
import { matchModel } from './price/match.ts';
import type { Match } from './price/match.ts';
import type { PriceBook } from './price/price-book.ts';
import { bookProvider } from './price/provider-name.ts';
import { publisherOf } from './price/publisher.ts';
import { newRecord } from './record.ts';
import type { UsageRecord } from './record.ts';
import { batchRulesFor } from './simulate/batch-rules.ts';
import { cacheRulesFor } from './simulate/cache-rules.ts';

export interface OfferSources {
  readonly book: PriceBook;
  readonly customer: CustomerRates;
  readonly limitsOf: LimitsOf;
  /** instant whose prices and rules hold, UTC ms */
  readonly atMs: number;
  /** further tokenizers and the models that are theirs: ids, or beginnings followed by `*` */
  readonly tokenizers: Readonly<Record<string, readonly string[]>>;
  /** what own calls say of tokenizers that are not public, by model; null: not asked for */
  readonly calibration?: readonly CalibrationRow[] | null;
  /** replaces the counts of documents: lengths that are already those of the model */
  readonly tokensOf?: ModelOffer['tokensOf'];
}

export interface NamedOffer {
  readonly offer: ModelOffer;
  /** spellings of it in a ledger */
  readonly spellings: readonly string[];
  /** false: the price book has no model of this name, and the plan will have no price */
  readonly isKnown: boolean;
}

/** The offer of a model. A name without a provider is its maker's, or bought where alone the book has it. */
export function offerNamed(sources: OfferSources, name: string): NamedOffer {
  const { book, customer, limitsOf, atMs } = sources;
  const { record, match } = recordNamed(book, name, atMs);
  const model = match?.prices.model ?? record.modelReported;
  const publisher = match?.prices.publisher ?? publisherOf(record.modelReported);
  const has = match?.prices.has;
  const limits = limitsOf(record.provider, model);
  const isEmbedding = (has?.embedding_input === true && !has.input) || limits?.output?.includes('embedding') === true;
  record.operation = isEmbedding ? 'embedding' : 'chat';
  record.publisher = publisher;
  record.usageBasis = 'counted';

  const priceOf = (tier: PlanTier, tokens: RequestTokens): RequestCost | null => {
    record.tier = tier;
    record.inputTokens = tokens.input;
    record.cacheReadTokens = tokens.cacheRead;
    record.cacheWrite5mTokens = tokens.cacheWrite5m;
    record.cacheWrite1hTokens = tokens.cacheWrite1h;
    record.outputTokens = tokens.output;
    const { contracted } = priceRecord(book, record, atMs, customer);
    if (contracted === null) return null;
    return {
      inputPico: BigInt(contracted.input) + BigInt(contracted.cacheRead) + BigInt(contracted.cacheWrite),
      outputPico: BigInt(contracted.output) + BigInt(contracted.other),
    };
  };

  const tokenizer = tokenizerOf(sources.tokenizers, [model, record.modelReported]);
  const isExact = tokenizer !== null || exactEncoding(publisher, model) !== null;
  const rows = isExact ? null : (sources.calibration ?? null);
  const calibration = rows && calibrationOf(rows, publisher ?? record.provider, model);
  const batch = batchRulesFor(record.provider, model, atMs);
  return {
    isKnown: match !== null,
    spellings: [...new Set([model, record.modelReported])],
    offer: {
      model: name,
      provider: record.provider,
      isEmbedding,
      contextTokens: limits?.contextTokens ?? null,
      maximumOutputTokens: isEmbedding ? null : (limits?.maximumOutputTokens ?? null),
      overheadOf: calibration?.status === 'measured' ? null : (messages) => chatOverhead(publisher, messages),
      tokensOf: sources.tokensOf ?? ((document) => documentTokens(publisher, model, tokenizer, document, calibration)),
      priceOf,
      cache: cacheOffer(record.provider, model, atMs, priceOf),
      batch: batch && {
        deadlineMs: batch.deadlineMs,
        minimumRecords: batch.minimumRecords,
        cacheHits: batch.cachedTokens === 'batch_price' ? batch.cacheKept : null,
      },
    },
  };
}

/** The provider's default lifetime; a written token is billed by a meter of its own where the book has a price for it. */
function cacheOffer(provider: string, model: string, atMs: number, priceOf: ModelOffer['priceOf']): CacheOffer | null {
  const rule = cacheRulesFor(provider, model, atMs);
  if (rule === null) return null;
  const { lifeMs, write } = rule.lifetimes[0];
  const isWritePriced = priceOf('standard', { ...NO_TOKENS, cacheWrite5m: 1 }) !== null;
  return {
    id: rule.id,
    minimumTokens: rule.minimumTokens,
    incrementTokens: rule.incrementTokens,
    write: write !== 'implicit' ? write : isWritePriced ? '5m' : 'input',
    lifeMs,
    isAutomatic: rule.isAutomatic,
    requestsPerMinutePerKey: rule.requestsPerMinutePerKey,
    doubt: rule.doubt,
  };
}

const FORMAT = { id: 'estimate', sourceKind: 'provider', class: 'calls' } as const;

/** Who sells the models of a maker that is no provider by itself, if its name does not say. */
const FIRST_PROVIDERS = ['openai', 'anthropic', 'google', 'mistral', 'deepseek', 'xai', 'cohere', 'voyage'];
const OTHER_PROVIDERS = ['bedrock', 'vertex', 'azure', 'groq', 'together', 'fireworks'];

function recordNamed(book: PriceBook, name: string, atMs: number): { record: UsageRecord; match: Match | null } {
  const cut = name.indexOf('/');
  const named = cut > 0 ? bookProvider(name.slice(0, cut)) : null;
  if (named !== null) return matched(book, named, name.slice(cut + 1), atMs);
  const maker = publisherOf(name);
  const makers = maker === null ? null : bookProvider(maker);
  const order = [...(makers === null ? [] : [makers]), ...FIRST_PROVIDERS, ...OTHER_PROVIDERS];
  for (const provider of new Set(order)) {
    const found = matched(book, provider, name, atMs);
    if (found.match !== null) return found;
  }
  return matched(book, makers ?? '', name, atMs);
}

function matched(
  book: PriceBook,
  provider: string,
  id: string,
  atMs: number,
): { record: UsageRecord; match: Match | null } {
  const record = newRecord(FORMAT, provider, id);
  return { record, match: matchModel(book, record, atMs) };
}

function tokenizerOf(tokenizers: OfferSources['tokenizers'], ids: readonly string[]): string | null {
  const isNamed = (pattern: string): boolean =>
    ids.some((id) => (pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id));
  return Object.entries(tokenizers).find(([, models]) => models.some(isNamed))?.[0] ?? null;
}

/** Words for a plan of lengths that are the model's own. */
export function givenLengths(sources: string): NonNullable<OfferSources['tokensOf']> {
  return ({ tokensO200k }) => ({ low: tokensO200k, expected: tokensO200k, high: tokensO200k, basis: sources });
}
