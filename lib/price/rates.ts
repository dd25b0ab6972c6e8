/**
 * The rate of one meter for one situation: tier, region scope, context band, instant. In: a model's rows. Out: an exact rate
 * with the rows it stands on, or null where the book has no price. No multiplier is used unless the vendor publishes it as a
 * row (pitfall 7). Invariant: a rate taken from a row outside its own validity carries a reason and makes the cost an estimate.
 */
import { exactRate, timesRatio, type ExactRate, type PriceRow } from './price-row.ts';
import { rowInForce, rowNotYetSeen, rowsOf, type ModelPrices } from './model-prices.ts';

/** What a call's prices depend on. */
export interface Situation {
  readonly tier: string;
  readonly scope: string;
  readonly multiplierOf: string | null;
  /** the highest context threshold the request exceeds; 0 = none */
  readonly floorTokens: number;
  readonly imageSpec: string | null;
  readonly atMs: number;
}

export interface Rate extends ExactRate {
  /** the price row and, after it, the multiplier rows applied to it */
  readonly rows: readonly PriceRow[];
  /** why this rate is an estimate, or null */
  readonly reason: string | null;
}

interface Found {
  readonly row: PriceRow;
  readonly reason: string | null;
}

export const BEFORE_FIRST_KNOWN = 'price_before_first_known';
export const BAND_UNKNOWN = 'context_band_unknown';

/** Rate of a token meter, or null if the book has none. */
export function tokenRate(model: ModelPrices, meter: string, at: Situation): Rate | null {
  const rate = tierRate(model, meter, at) ?? (meter === 'cache_write_5m' ? tierRate(model, 'cache_write', at) : null);
  if (rate === null || at.multiplierOf === null) return rate;
  const factor = findRow(model, rowsOf(model, 'region_multiplier', 'standard', at.multiplierOf), 0, at.atMs);
  return factor === null ? rate : multiplied(rate, factor);
}

/** Rate of a fee that is not tokens (searches, images, seconds, characters): its own tier and region or the standard ones, then the provider's. */
export function feeRate(model: ModelPrices, meter: string, at: Situation): Rate | null {
  const own = ownFee(model, meter, at);
  if (own !== null && own.reason === null) return rateOf(own);
  const shared = model.wide === null ? null : ownFee(model.wide, meter, { ...at, scope: '' });
  const found = shared !== null && shared.reason === null ? shared : (own ?? shared);
  return found === null ? null : rateOf(found);
}

function ownFee(model: ModelPrices, meter: string, at: Situation): Found | null {
  for (const tier of new Set([at.tier, 'standard'])) {
    for (const scope of new Set([at.scope, '', ...model.scopes])) {
      const rows = rowsOf(model, meter, tier, scope);
      const found = meter === 'image' ? imageRow(model, rows, at) : findRow(model, rows, 0, at.atMs);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Images are priced by quality and size; a model that knows no quality is asked without it. */
function imageRow(model: ModelPrices, rows: readonly PriceRow[], at: Situation): Found | null {
  const spec = at.imageSpec ?? '';
  const size = spec.split(';').find((part) => part.startsWith('size=')) ?? '';
  for (const band of new Set([spec, size, ''])) {
    const row = rowInForce(rows, 0, band, at.atMs) ?? null;
    if (row !== null) return { row, reason: null };
    const later = rowNotYetSeen(model, rows, 0, band, at.atMs);
    if (later !== null) return { row: later, reason: BEFORE_FIRST_KNOWN };
  }
  return null;
}

function findRow(model: ModelPrices, rows: readonly PriceRow[], floor: number, atMs: number): Found | null {
  const row = rowInForce(rows, floor, null, atMs);
  if (row !== null) return { row, reason: null };
  const later = rowNotYetSeen(model, rows, floor, null, atMs);
  return later === null ? null : { row: later, reason: BEFORE_FIRST_KNOWN };
}

function rateOf(found: Found): Rate {
  return { ...exactRate(found.row, found.row.id), rows: [found.row], reason: found.reason };
}

function multiplied(rate: Rate, factor: Found): Rate {
  const product = timesRatio(rate, exactRate(factor.row, factor.row.id));
  return { ...product, rows: [...rate.rows, factor.row], reason: rate.reason ?? factor.reason };
}

/** A tier's own row; else the standard one times the tier's published multiplier; else the tier's first row, not yet seen then. */
function tierRate(model: ModelPrices, meter: string, at: Situation): Rate | null {
  const direct = bandRow(model, meter, at.tier, at);
  if (at.tier === 'standard') return direct === null ? null : rateOf(direct);
  const standard = bandRow(model, meter, 'standard', at);
  const lacksBand = direct !== null && standard !== null && direct.row.floorTokens < standard.row.floorTokens;
  if (direct !== null && direct.reason === null && !lacksBand) return rateOf(direct);
  const factor = tierMultiplier(model, at);
  if (factor !== null && standard !== null && (direct === null || lacksBand || obeys(model, direct.row, factor.row))) {
    return multiplied(rateOf(standard), factor);
  }
  if (direct === null) return null;
  return rateOf(lacksBand ? { row: direct.row, reason: BAND_UNKNOWN } : direct);
}

function tierMultiplier(model: ModelPrices, at: Situation): Found | null {
  const meter = at.tier === 'batch' ? 'batch_multiplier' : 'speed_multiplier';
  const own = findRow(model, rowsOf(model, meter, at.tier, ''), 0, at.atMs);
  return own ?? (model.wide === null ? null : findRow(model.wide, rowsOf(model.wide, meter, at.tier, ''), 0, at.atMs));
}

/** True unless the tier's own first price contradicts the multiplier (GPT-5.4 batch cached input: 0.13, not 0.125). */
function obeys(model: ModelPrices, row: PriceRow, factor: PriceRow): boolean {
  const standard = rowInForce(rowsOf(model, row.meter, 'standard', row.region), row.floorTokens, null, row.fromMs);
  if (standard === null) return false;
  const expected = timesRatio(exactRate(standard, standard.id), exactRate(factor, factor.id));
  const own = exactRate(row, row.id);
  return expected.femto * own.per === own.femto * expected.per;
}

/**
 * The row of the highest context band the request exceeds (pitfall 8, 9): the whole request is priced by it. A meter
 * without a row in a band that the model's input has is unpriced there, not priced by the base band.
 */
function bandRow(model: ModelPrices, meter: string, tier: string, at: Situation): Found | null {
  const rows = rowsOf(model, meter, tier, at.scope);
  const floors = model.thresholds.filter((floor) => floor <= at.floorTokens).toReversed();
  for (const floor of floors) {
    const row = rowInForce(rows, floor, null, at.atMs);
    if (row !== null) return { row, reason: null };
    if (rows.length > 0 && hasBand(model, tier, floor, at)) return findRow(model, rows, floor, at.atMs);
  }
  for (const floor of floors) {
    const later = findRow(model, rows, floor, at.atMs);
    if (later !== null) return later;
  }
  return findRow(model, rows, 0, at.atMs);
}

function hasBand(model: ModelPrices, tier: string, floor: number, at: Situation): boolean {
  const inForce = (meter: string): boolean =>
    rowInForce(rowsOf(model, meter, tier, at.scope), floor, null, at.atMs) !== null;
  return inForce('input') || inForce('output');
}

/** True if exceeding the threshold would change the price of this model at this instant. */
export function isBandInForce(model: ModelPrices, scope: string, floor: number, atMs: number): boolean {
  return ['standard', 'batch'].some((tier) =>
    ['input', 'output'].some((meter) => findRow(model, rowsOf(model, meter, tier, scope), floor, atMs) !== null),
  );
}
