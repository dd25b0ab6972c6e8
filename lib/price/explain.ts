/**
 * Why a record costs what it costs: tokens × rate = cost per meter, each line with its price rows, validity and source, and the
 * tier, region, band and window chosen. In: what `priceRecord` takes. Out: lines whose list costs sum to the record's list
 * cost, exactly. Invariant: it decides nothing; the same functions that price a record are asked.
 */
import type { Priced, UsageRecord } from '../record.ts';
import { addPico, compact, decimalText, divideHalfEven, type Pico } from '../money.ts';
import { priceRecord } from './cost.ts';
import type { CustomerRates } from './customer-rates.ts';
import { matchModel } from './match.ts';
import { COLUMN_OF, fillQuantities, METERS, type Meter } from './meters.ts';
import { bookVersion, type PriceBook } from './price-book.ts';
import type { ExactRate } from './price-row.ts';
import { bandTokens, cardFor, isManyCalls, rateAt, type RateCard } from './rate-card.ts';

export interface ExplainedLine {
  readonly meter: Meter;
  readonly costColumn: 'input' | 'cache_read' | 'cache_write' | 'output' | 'other';
  readonly quantity: number;
  /** unit of the rate as the book states it */
  readonly unit: string;
  /** list price per unit after published multipliers, decimal text */
  readonly rateUsd: string;
  readonly costPico: Pico;
  /** ids of the price row and the multiplier rows applied, joined by a space */
  readonly priceRowId: string;
  readonly validFromMs: number | null;
  readonly validToMs: number | null;
  readonly source: string;
  readonly confidence: string;
}

/** One dimension of the price: what was chosen and why. */
export interface Choice {
  readonly value: string;
  readonly why: string;
}

export interface PriceExplanation {
  readonly priced: Priced;
  readonly bookVersion: string;
  readonly lines: readonly ExplainedLine[];
  readonly totalPico: Pico | null;
  readonly model: Choice;
  readonly tier: Choice;
  readonly region: Choice;
  readonly band: Choice;
  readonly window: Choice;
}

const COLUMNS = ['input', 'cache_read', 'cache_write', 'output', 'other'] as const;
const PER_UNIT: Readonly<Record<string, bigint>> = {
  per_1M_tokens: 1_000_000n,
  per_1M_characters: 1_000_000n,
  per_1k_requests: 1000n,
  per_image: 1n,
  per_second: 1_000_000n,
  per_minute: 60_000_000n,
  per_hour: 3_600_000_000n,
};

/** Explains the price of one record at the instant of its call. Lines sum to the list cost; an unpriced record has none. */
export function explainPrice(
  book: PriceBook,
  record: UsageRecord,
  occurredAtMs: number,
  customer?: CustomerRates,
): PriceExplanation {
  const priced = priceRecord(book, record, occurredAtMs, customer);
  const match = matchModel(book, record, occurredAtMs);
  const none: Choice = { value: '', why: priced.reason ?? '' };
  const base = { priced, bookVersion: bookVersion(book) };
  if (match === null)
    return { ...base, lines: [], totalPico: null, model: none, tier: none, region: none, band: none, window: none };
  const quantities = new Float64Array(METERS.length);
  fillQuantities(record, match.prices.has, quantities);
  const card = cardFor(match.prices, record, record.priceRegion ?? match.region, occurredAtMs);
  const lines = priced.list === null || priced.status === 'free' ? [] : linesOf(card, quantities);
  return {
    ...base,
    lines,
    totalPico: priced.list === null ? null : lines.reduce<Pico>((sum, line) => addPico(sum, line.costPico), 0),
    model: { value: match.prices.model, why: match.how },
    tier: tierChoice(record, card),
    region: { value: card.situation.multiplierOf ?? card.situation.scope, why: card.region.why },
    band: bandChoice(record, card, lines),
    window: windowChoice(card, lines, quantities),
  };
}

/** Lines of one cost column are rounded together: each line takes what its addition changed in the rounded sum. */
function linesOf(card: RateCard, quantities: Float64Array): ExplainedLine[] {
  const lines: ExplainedLine[] = [];
  const exact: ExactRate[] = COLUMNS.map(() => ({ femto: 0n, per: 1n }));
  const rounded: bigint[] = COLUMNS.map(() => 0n);
  for (let meter = 0; meter < METERS.length; meter++) {
    const quantity = quantities[meter] ?? 0;
    const rate = quantity === 0 ? null : rateAt(card, meter);
    if (rate === null) continue;
    const column = COLUMN_OF[meter] ?? 4;
    const before = exact[column] ?? { femto: 0n, per: 1n };
    const sum = {
      femto: before.femto * rate.per + BigInt(quantity) * rate.femto * before.per,
      per: before.per * rate.per,
    };
    const total = divideHalfEven(sum.femto, sum.per * 1000n);
    const row = rate.rows[0];
    lines.push({
      meter: METERS[meter] ?? 'input',
      costColumn: COLUMNS[column] ?? 'other',
      quantity,
      unit: row?.unit ?? '',
      rateUsd: rateText(rate, row?.unit ?? ''),
      costPico: compact(total - (rounded[column] ?? 0n)),
      priceRowId: rate.rows.map((used) => used.id).join(' '),
      validFromMs: row !== undefined && Number.isFinite(row.fromMs) ? row.fromMs : null,
      validToMs: row !== undefined && Number.isFinite(row.toMs) ? row.toMs : null,
      source: rate.rows.map((used) => used.source).join(' × '),
      confidence: row?.confidence ?? '',
    });
    exact[column] = sum;
    rounded[column] = total;
  }
  return lines;
}

/** A rate in the unit of its row, as decimal text with at most 18 decimals. */
function rateText(rate: ExactRate, unit: string): string {
  const perUnit = PER_UNIT[unit] ?? 1n;
  return decimalText(divideHalfEven(rate.femto * perUnit * 1000n, rate.per), 18);
}

function tierChoice(record: UsageRecord, card: RateCard): Choice {
  const asked = record.requestedTier === null ? '' : `; requested ${record.requestedTier}`;
  return { value: card.situation.tier, why: `as served${asked}` };
}

function bandChoice(record: UsageRecord, card: RateCard, lines: readonly ExplainedLine[]): Choice {
  if (card.model.thresholds.length === 0) return { value: 'base', why: 'the model has one context band' };
  if (isManyCalls(record))
    return { value: 'base', why: 'a bucket of many calls: its sum says nothing about one context' };
  const usedFloor = /\/>(\d+)/.exec(lines.map((line) => line.priceRowId).join(' '))?.[1];
  const tokens = bandTokens(record);
  if (usedFloor !== undefined)
    return { value: `>${usedFloor}`, why: `${tokens} input-side tokens exceed ${usedFloor}` };
  return { value: 'base', why: `${tokens} input-side tokens exceed no band in force` };
}

function windowChoice(card: RateCard, lines: readonly ExplainedLine[], quantities: Float64Array): Choice {
  if (lines.length === 0) return { value: '', why: '' };
  for (let meter = 0; meter < METERS.length; meter++) {
    const window = (quantities[meter] ?? 0) === 0 ? '' : (rateAt(card, meter)?.rows[0]?.window ?? '');
    if (window !== '') return { value: window, why: 'the call falls into this window' };
  }
  return {
    value: 'any time',
    why: card.model.windows.length === 0 ? 'the model costs the same all day' : 'no window in force then',
  };
}
