/**
 * Rate cards: the resolved prices of one model in one situation (tier, region, context band, image spec, segment of time), so
 * that records after the first cost a lookup. In: a record and its instant. Out: its card. Invariant: a card is the same
 * whoever asks first; nothing in it depends on the record's quantities.
 */
import { inputSideTokens, type BucketRates, type UsageRecord } from '../record.ts';
import { divideHalfEven } from '../money.ts';
import { M, METERS, TOKEN_METERS } from './meters.ts';
import { bookTier, segmentAround, windowMask, type ModelPrices } from './model-prices.ts';
import { feeRate, tokenRate, type Rate, type Situation } from './rates.ts';
import { regionScope, type RegionScope } from './region-scope.ts';

export interface RateCard {
  readonly model: ModelPrices;
  readonly situation: Situation;
  readonly region: RegionScope;
  /** by meter: undefined = not asked yet, null = the book has no price */
  readonly rates: (Rate | null | undefined)[];
  /** whole picodollars per unit where the rate is such, else -1 (and -2 = not asked yet): the hot path's copy of `rates` */
  readonly pico: Float64Array;
  /** by set of meters used (bits): joined row ids and reason */
  readonly uses: Map<number, CardUse>;
}

export interface CardUse {
  readonly priceRows: string;
  readonly reason: string | null;
}

/** A bucket's context band is not known: its tokens are those of many calls (pitfall 10). */
export function isManyCalls(record: UsageRecord): boolean {
  return record.grain === 'bucket' && record.calls !== 1 && record.contextTokens === null;
}

/** The tokens that decide the context band: fresh, cached and written ones, or what the source says. */
export function bandTokens(record: UsageRecord): number {
  return record.contextTokens ?? inputSideTokens(record);
}

/** The card that prices a record of this model, served in `region` (null = default endpoint), at an instant. */
export function cardFor(model: ModelPrices, record: UsageRecord, region: string | null, atMs: number): RateCard {
  const tier = bookTier(record);
  const spec = record.images > 0 ? record.imageSpec : null;
  const floor = model.thresholds.length === 0 || isManyCalls(record) ? 0 : floorOf(model, bandTokens(record));
  const mask = model.windows.length === 0 ? 0 : windowMask(model, atMs);
  for (const lately of model.recent) {
    if (
      atMs >= lately.fromMs &&
      atMs < lately.toMs &&
      lately.tier === tier &&
      lately.floor === floor &&
      lately.mask === mask &&
      lately.region === region &&
      lately.spec === spec
    ) {
      return lately.card;
    }
  }
  const { fromMs, toMs } = segmentAround(model, atMs);
  const key = `${fromMs}|${tier}|${floor}|${mask}|${region ?? ''}|${spec ?? ''}`;
  let card = model.cards.get(key);
  if (card === undefined) {
    card = newCard(model, { tier, region, spec, floor, atMs });
    if (model.cards.size >= MAX_CARDS) model.cards.clear();
    model.cards.set(key, card);
  }
  if (model.recent.length >= MAX_RECENT) model.recent.shift();
  model.recent.push({ card, tier, region, spec, floor, fromMs, toMs, mask });
  return card;
}

/** A model is met in a few situations by turns. */
const MAX_RECENT = 6;

/** Regions and image specs are text from logs: a hostile log must not grow the cache without end. */
const MAX_CARDS = 4096;

function floorOf(model: ModelPrices, tokens: number): number {
  let floor = 0;
  for (const threshold of model.thresholds) if (tokens > threshold) floor = threshold;
  return floor;
}

function newCard(
  model: ModelPrices,
  asked: { tier: string; region: string | null; spec: string | null; floor: number; atMs: number },
): RateCard {
  const region = regionScope(model, asked.region);
  return {
    model,
    region,
    situation: {
      tier: asked.tier,
      scope: region.scope,
      multiplierOf: region.multiplierOf,
      floorTokens: asked.floor,
      imageSpec: asked.spec,
      atMs: asked.atMs,
    },
    rates: METERS.map(() => undefined),
    pico: new Float64Array(METERS.length).fill(-2),
    uses: new Map(),
  };
}

/** The card's rate for a meter (its position in `METERS`), or null. */
export function rateAt(card: RateCard, meter: number): Rate | null {
  const known = card.rates[meter];
  if (known !== undefined) return known;
  const name = METERS[meter] ?? 'input';
  const rate =
    meter < TOKEN_METERS ? tokenRate(card.model, name, card.situation) : feeRate(card.model, name, card.situation);
  card.rates[meter] = rate;
  card.pico[meter] = rate !== null && rate.per === 1n && rate.femto % 1000n === 0n ? Number(rate.femto / 1000n) : -1;
  return rate;
}

/** Row ids and reason for the meters used (bits by position in `METERS`). */
export function useOf(card: RateCard, mask: number): CardUse {
  let use = card.uses.get(mask);
  if (use === undefined) {
    const ids = new Set<string>();
    const reasons = new Set<string>(card.region.isGuess ? ['region_price_unknown'] : []);
    for (let meter = 0; meter < METERS.length; meter++) {
      const rate = (mask & (1 << meter)) === 0 ? null : rateAt(card, meter);
      for (const row of rate?.rows ?? []) ids.add(row.id);
      if (rate?.reason) reasons.add(rate.reason);
    }
    use = { priceRows: [...ids].join(' '), reason: reasons.size === 0 ? null : [...reasons].join(';') };
    card.uses.set(mask, use);
  }
  return use;
}

/** Unit prices of a bucket in femtodollars per token (half-even where a multiplier leaves a fraction); a meter without a price is 0. */
export function bucketRatesOf(card: RateCard): BucketRates {
  const femto = (meter: number): bigint => {
    const rate = rateAt(card, meter);
    return rate === null ? 0n : divideHalfEven(rate.femto, rate.per);
  };
  const usesEmbedding = !card.model.has.input && card.model.has.embedding_input;
  return {
    input: femto(usesEmbedding ? M.embedding : M.input),
    cacheRead: femto(M.cachedInput),
    cacheWrite5m: femto(M.write5m),
    cacheWrite1h: femto(M.write1h),
    output: femto(M.output),
  };
}
