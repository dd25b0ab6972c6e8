/**
 * All price rows of one model, indexed for lookup by meter, tier and region, and cut into segments of time within which no row
 * starts or ends. In: rows. Out: the row in force at an instant, or the next one. Invariant: at any instant at most one row of
 * a key is in force; the owner's row wins over a shipped one, a row whose time window holds over one without a window.
 */
import type { UsageRecord } from '../record.ts';
import { METERS, type Meter, type PricedMeters } from './meters.ts';
import type { PriceRow } from './price-row.ts';
import type { RateCard } from './rate-card.ts';
import { publisherOf } from './publisher.ts';
import { compileWindow, type TimeWindow } from './time-window.ts';

export interface ModelPrices {
  readonly provider: string;
  readonly model: string;
  readonly publisher: string | null;
  readonly releasedMs: number | null;
  readonly has: PricedMeters;
  /** region scopes that have rows of their own (multipliers aside) */
  readonly scopes: ReadonlySet<string>;
  /** context thresholds in tokens, ascending */
  readonly thresholds: readonly number[];
  /** prices of the provider that hold for every model, or null */
  readonly wide: ModelPrices | null;
  readonly rows: ReadonlyMap<string, readonly PriceRow[]>;
  /** instants at which some row starts or ends or the model came out, ascending */
  readonly boundaries: readonly number[];
  readonly windows: readonly TimeWindow[];
  /** resolved rate cards; grows with the dimensions met, not with records */
  readonly cards: Map<string, RateCard>;
  /** the cards used lately and what they were resolved for: neighbors in a log are alike */
  readonly recent: {
    card: RateCard;
    tier: string;
    region: string | null;
    spec: string | null;
    floor: number;
    fromMs: number;
    toMs: number;
    mask: number;
  }[];
}

/** Indexes one model's rows. `wide` are the provider's rows for every model. */
export function indexModel(
  provider: string,
  model: string,
  rows: readonly PriceRow[],
  facts: { readonly releasedMs: number | null },
  wide: ModelPrices | null,
): ModelPrices {
  const index = new Map<string, PriceRow[]>();
  const meters = new Set<string>();
  const times = new Set<number>(wide?.boundaries);
  if (facts.releasedMs !== null) times.add(facts.releasedMs);
  for (const row of rows) {
    const key = rowKey(row.meter, row.tier, row.region);
    const list = index.get(key);
    if (list) list.push(row);
    else index.set(key, [row]);
    meters.add(row.meter);
    for (const ms of [row.fromMs, row.toMs]) if (Number.isFinite(ms)) times.add(ms);
  }
  if (meters.has('cache_write')) meters.add('cache_write_5m');
  const has = Object.fromEntries(METERS.map((meter) => [meter, meters.has(meter)])) as Record<Meter, boolean>;
  const windows = [...new Set(rows.map((row) => row.window))].filter((text) => text !== '').map(windowOf);
  return {
    provider,
    model,
    publisher: publisherOf(model),
    releasedMs: facts.releasedMs,
    has,
    scopes: new Set(rows.filter((row) => !row.meter.endsWith('_multiplier')).map((row) => row.region)),
    thresholds: [...new Set(rows.map((row) => row.floorTokens))].filter((n) => n > 0).toSorted((a, b) => a - b),
    wide,
    rows: index,
    boundaries: [...times].toSorted((a, b) => a - b),
    windows,
    cards: new Map(),
    recent: [],
  };
}

function rowKey(meter: string, tier: string, region: string): string {
  return `${meter}|${tier}|${region}`;
}

/** Rows of one meter, tier and region scope, any band and time. */
export function rowsOf(model: ModelPrices, meter: string, tier: string, region: string): readonly PriceRow[] {
  return model.rows.get(rowKey(meter, tier, region)) ?? [];
}

/** The row in force at an instant among rows of one key, for one band (`floor` tokens, or an exact band text). */
export function rowInForce(
  rows: readonly PriceRow[],
  floor: number,
  band: string | null,
  atMs: number,
): PriceRow | null {
  let best: PriceRow | null = null;
  let bestRank = -1;
  for (const row of rows) {
    if (!isBand(row, floor, band) || atMs < row.fromMs || atMs >= row.toMs) continue;
    if (row.window !== '' && !windowOf(row.window)(atMs)) continue;
    const rank = (row.isOwners ? 2 : 0) + (row.window === '' ? 0 : 1);
    if (rank > bestRank) [best, bestRank] = [row, rank];
  }
  return best;
}

/**
 * The earliest row that starts after an instant, if its start is only an upper bound: catalogues notice a meter days to months
 * after the vendor sells it (docs/prices.md). Null where the start is a dated fact or lies before the release.
 */
export function rowNotYetSeen(
  model: ModelPrices,
  rows: readonly PriceRow[],
  floor: number,
  band: string | null,
  atMs: number,
): PriceRow | null {
  if (model.releasedMs !== null && atMs < model.releasedMs) return null;
  let next: PriceRow | null = null;
  for (const row of rows) {
    if (!isBand(row, floor, band) || row.fromMs <= atMs) continue;
    if (row.window !== '' && !windowOf(row.window)(atMs)) continue;
    if (next === null || row.fromMs < next.fromMs) next = row;
  }
  return next !== null && isUpperBound(next.basis) ? next : null;
}

function isBand(row: PriceRow, floor: number, band: string | null): boolean {
  return band === null ? row.floorTokens === floor && (floor > 0 || row.band === '') : row.band === band;
}

function isUpperBound(basis: string): boolean {
  return basis !== 'announced' && basis !== 'dated' && basis !== 'owner';
}

/** Which of the model's windows hold at an instant, as bits; 0 for a model without windows. */
export function windowMask(model: ModelPrices, atMs: number): number {
  let mask = 0;
  for (let i = 0; i < model.windows.length; i++) if (model.windows[i]?.(atMs) === true) mask |= 1 << i;
  return mask;
}

/** The segment of time around an instant: [from, to) without any row's start or end inside. */
export function segmentAround(model: ModelPrices, atMs: number): { fromMs: number; toMs: number } {
  const edges = model.boundaries;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return { fromMs: edges[low - 1] ?? -Infinity, toMs: edges[low] ?? Infinity };
}

/** Tier as the book names it: a finer one if the source told, else the served one; provisioned capacity is valued at list price. */
export function bookTier(record: UsageRecord): string {
  return record.priceTier ?? (record.tier === 'provisioned' ? 'standard' : record.tier);
}

const compiled = new Map<string, TimeWindow>();

function windowOf(text: string): TimeWindow {
  let window = compiled.get(text);
  if (window === undefined) {
    window = compileWindow(text);
    compiled.set(text, window);
  }
  return window;
}
