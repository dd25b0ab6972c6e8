/**
 * The price of a record: quantities × rates, exactly. In: the book, a normalized record, the instant of the call, the
 * customer's rates. Out: `Priced`: list and contracted cost by meter, status, reason, row ids. A record without a price is
 * `unpriced`, never zero. Invariant: each cost meter is one integer sum of products, rounded at most once, half-even.
 */
import type { BucketRates, CostParts, Priced, UsageRecord } from '../record.ts';
import { compact, divideHalfEven, type Pico } from '../money.ts';
import { customerRateFor, discounted, type CustomerRate, type CustomerRates } from './customer-rates.ts';
import { matchModel, type Match } from './match.ts';
import { COLUMN_OF, fillQuantities, METERS } from './meters.ts';
import type { PriceBook } from './price-book.ts';
import type { ExactRate } from './price-row.ts';
import { publisherOf } from './publisher.ts';
import { bandTokens, bucketRatesOf, cardFor, isManyCalls, rateAt, useOf, type RateCard } from './rate-card.ts';
import { BAND_UNKNOWN, isBandInForce } from './rates.ts';

const NOTHING: CostParts = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, other: 0 };

/** Scratch space of the hot path: a record is priced before the next one comes. */
const quantities = new Float64Array(METERS.length);
const sums = new Float64Array(5);

/**
 * Prices one record at the instant of its call (UTC ms). Never throws: what has no price says so in `status` and `reason`.
 * Rules and their sources: docs/prices.md.
 */
export function priceRecord(
  book: PriceBook,
  record: UsageRecord,
  occurredAtMs: number,
  customer?: CustomerRates,
): Priced {
  const match = matchModel(book, record, occurredAtMs);
  const early = decidedWithoutPrice(record, match);
  if (early !== null) return early;
  if (match === null) return unpriced(record, null, 'unknown_model');
  const isConsistent = fillQuantities(record, match.prices.has, quantities);
  const card = cardFor(match.prices, record, record.priceRegion ?? match.region, occurredAtMs);
  const used = usedMeters(card);
  if (used < 0) return unpriced(record, match, `no_price:${METERS[~used]}`);
  const list = costParts(card, used);
  const use = useOf(card, used);
  const reason = estimateReason(record, match, card, isConsistent, use.reason, occurredAtMs);
  const rate = customer === undefined ? null : customerRateFor(customer, record, match.prices.model, occurredAtMs);
  return {
    model: match.prices.model,
    publisher: publisherFor(record, match),
    list,
    contracted: rate === null ? list : contractedParts(card, used, list, rate),
    status: reason === null ? 'priced' : 'estimated',
    reason,
    priceRows: use.priceRows,
    bucketRates: record.grain === 'bucket' ? bucketRates(card) : null,
  };
}

/** Known zeros and unknown usage are settled before any price is looked for. */
function decidedWithoutPrice(record: UsageRecord, match: Match | null): Priced | null {
  if (record.servedFromCache) return free(record, match, 'served_from_cache');
  if (isAllZero(record)) {
    if (record.status === 'error') return free(record, match, 'failed_call');
    return record.usageBasis === 'missing' ? unpriced(record, match, 'usage_missing') : free(record, match, 'no_usage');
  }
  return record.usageBasis === 'missing' ? unpriced(record, match, 'usage_missing') : null;
}

function isAllZero(r: UsageRecord): boolean {
  const tokens = r.inputTokens + r.cacheReadTokens + r.cacheWrite5mTokens + r.cacheWrite1hTokens + r.outputTokens;
  return (
    tokens === 0 &&
    r.images === 0 &&
    r.webSearches === 0 &&
    r.characters === 0 &&
    (r.audioSeconds ?? 0) === 0 &&
    !isRerank(r)
  );
}

/** Rerank is billed per search, and its records carry no count of anything else. */
function isRerank(r: UsageRecord): boolean {
  return r.operation === 'rerank' && r.status !== 'error' && r.calls > 0;
}

function free(record: UsageRecord, match: Match | null, reason: string): Priced {
  return {
    model: match?.prices.model ?? record.modelReported,
    publisher: publisherFor(record, match),
    list: NOTHING,
    contracted: NOTHING,
    status: 'free',
    reason,
    priceRows: null,
    bucketRates: null,
  };
}

function unpriced(record: UsageRecord, match: Match | null, reason: string): Priced {
  return {
    model: match?.prices.model ?? record.modelReported,
    publisher: publisherFor(record, match),
    list: null,
    contracted: null,
    status: 'unpriced',
    reason,
    priceRows: null,
    bucketRates: null,
  };
}

function publisherFor(record: UsageRecord, match: Match | null): string | null {
  if (record.publisher !== null) return record.publisher;
  return match === null
    ? publisherOf(record.modelReported)
    : (match.prices.publisher ?? publisherOf(record.modelReported));
}

/** Bits of the meters with a quantity; the complement of the first one without a price, if any. */
function usedMeters(card: RateCard): number {
  let used = 0;
  for (let meter = 0; meter < quantities.length; meter++) {
    if (quantities[meter] === 0) continue;
    if (rateAt(card, meter) === null) return ~meter;
    used |= 1 << meter;
  }
  return used;
}

function costParts(card: RateCard, used: number): CostParts {
  return fastCostParts(card, used) ?? partsFrom((column) => exactColumn(column, used, (meter) => rateAt(card, meter)));
}

/** Costs in `number` arithmetic, where every rate is a whole number of picodollars and every sum a safe integer; else null. */
function fastCostParts(card: RateCard, used: number): CostParts | null {
  sums.fill(0);
  for (let meter = 0; meter < quantities.length; meter++) {
    if ((used & (1 << meter)) === 0) continue;
    const pico = card.pico[meter] ?? -1;
    if (pico < 0) return null;
    const column = COLUMN_OF[meter] ?? 4;
    const sum = (sums[column] ?? 0) + (quantities[meter] ?? 0) * pico;
    if (!(sum <= Number.MAX_SAFE_INTEGER)) return null;
    sums[column] = sum;
  }
  return {
    input: sums[0] ?? 0,
    cacheRead: sums[1] ?? 0,
    cacheWrite: sums[2] ?? 0,
    output: sums[3] ?? 0,
    other: sums[4] ?? 0,
  };
}

/** Cost parts from a function of the cost column (0 input … 4 other). */
function partsFrom(columnCost: (column: number) => Pico): CostParts {
  return {
    input: columnCost(0),
    cacheRead: columnCost(1),
    cacheWrite: columnCost(2),
    output: columnCost(3),
    other: columnCost(4),
  };
}

/** One cost column as an exact fraction, rounded once. */
function exactColumn(column: number, used: number, rateOf: (meter: number) => ExactRate | null): Pico {
  let numerator = 0n;
  let denominator = 1n;
  for (let meter = 0; meter < quantities.length; meter++) {
    if ((used & (1 << meter)) === 0 || COLUMN_OF[meter] !== column) continue;
    const rate = rateOf(meter);
    if (rate === null) continue;
    const product = BigInt(quantities[meter] ?? 0) * rate.femto;
    numerator = numerator * rate.per + product * denominator;
    denominator *= rate.per;
  }
  return compact(divideHalfEven(numerator, denominator * 1000n));
}

/** Contracted cost: own prices where the customer has them for a meter, else list less the discount. */
function contractedParts(card: RateCard, used: number, list: CostParts, rate: CustomerRate): CostParts {
  if (rate.prices.size === 0) {
    const columns = [list.input, list.cacheRead, list.cacheWrite, list.output, list.other];
    return partsFrom((column) => discounted(columns[column] ?? 0, rate));
  }
  return partsFrom((column) => exactColumn(column, used, (meter) => customerRateAt(card, meter, rate)));
}

/** The customer's rate for a meter: the negotiated price, or list times what the discount leaves. */
function customerRateAt(card: RateCard, meter: number, rate: CustomerRate): ExactRate | null {
  const own = rate.prices.get(METERS[meter] ?? 'input');
  if (own !== undefined) return own;
  const list = rateAt(card, meter);
  return list === null ? null : { femto: list.femto * rate.keep, per: list.per * 10n ** 12n };
}

/** Why a cost is an estimate, or null; several reasons are joined by `;`. */
function estimateReason(
  record: UsageRecord,
  match: Match,
  card: RateCard,
  isConsistent: boolean,
  rateReason: string | null,
  atMs: number,
): string | null {
  let reason = rateReason;
  const add = (why: string): void => {
    reason = reason === null ? why : `${reason};${why}`;
  };
  if (record.cacheTtlUnknown && record.cacheWrite5mTokens > 0) add('cache_write_ttl_unknown');
  if (record.usageBasis !== 'reported') add(`usage_${record.usageBasis}`);
  if (record.usageFlag !== null) add(record.usageFlag);
  if (!isConsistent) add('parts_exceed_whole');
  if (match.isRelayed) add('list_price_of_vendor');
  if (match.prices.thresholds.length > 0 && isManyCalls(record) && mayExceedBand(record, card, atMs)) add(BAND_UNKNOWN);
  return reason;
}

/** A bucket of many calls whose tokens exceed a threshold: some call may have; it is priced by the base band (pitfall 10). */
function mayExceedBand(record: UsageRecord, card: RateCard, atMs: number): boolean {
  const tokens = bandTokens(record);
  return card.model.thresholds.some(
    (floor) => tokens > floor && isBandInForce(card.model, card.situation.scope, floor, atMs),
  );
}

const bucketRatesByCard = new WeakMap<RateCard, BucketRates>();

function bucketRates(card: RateCard): BucketRates {
  let rates = bucketRatesByCard.get(card);
  if (rates === undefined) {
    rates = bucketRatesOf(card);
    bucketRatesByCard.set(card, rates);
  }
  return rates;
}
