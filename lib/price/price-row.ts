/**
 * A price row: one dated fact of the book, shipped or the owner's. In: one line of a book file. Out: a row with a stable,
 * readable id and its value as an exact rate. Invariant: a value is never rounded on the way in; a row that would need it is refused.
 */
import { Misconfigured } from '../errors.ts';
import { fromIso } from '../time.ts';
import { parseDecimal } from '../money.ts';

export interface PriceRow {
  /** `provider/model/meter/tier[/region][/band][/window]@start`; no spaces, so that ids can be joined by one */
  readonly id: string;
  readonly provider: string;
  /** canonical model id, or `*` for every model of the provider */
  readonly model: string;
  /** region scope; empty = the provider's default endpoint */
  readonly region: string;
  readonly meter: string;
  readonly tier: string;
  /** `>200000` (whole request above so many input-side tokens), an image spec, or empty */
  readonly band: string;
  /** the number in `>200000`; 0 = the base band */
  readonly floorTokens: number;
  readonly window: string;
  readonly unit: string;
  /** decimal text as published */
  readonly value: string;
  /** validity [from, to) in UTC ms; ∓Infinity = not known / still valid */
  readonly fromMs: number;
  readonly toMs: number;
  /** where the start comes from: announced, dated, release, seen, verified, changed after …, unknown, owner */
  readonly basis: string;
  readonly source: string;
  readonly confidence: string;
  readonly note: string;
  /** true for rows of the owner's overlay: they win over shipped ones while they are valid */
  readonly isOwners: boolean;
}

/** What a row needs to be built; missing text is empty. */
export type RowDraft = Readonly<Record<'provider' | 'model' | 'meter' | 'value', string>> &
  Readonly<
    Partial<
      Record<
        'region' | 'tier' | 'band' | 'window' | 'unit' | 'from' | 'to' | 'basis' | 'source' | 'confidence' | 'note',
        string
      >
    >
  >;

/** How a unit's price becomes femtodollars per counted thing: value × 10^digits ÷ per. Durations are counted in microseconds. */
const UNITS: Readonly<Record<string, { readonly digits: number; readonly per: bigint }>> = {
  per_1M_tokens: { digits: 9, per: 1n },
  per_1M_characters: { digits: 9, per: 1n },
  per_1k_requests: { digits: 12, per: 1n },
  per_image: { digits: 15, per: 1n },
  per_second: { digits: 15, per: 1_000_000n },
  per_minute: { digits: 15, per: 60_000_000n },
  per_hour: { digits: 15, per: 3_600_000_000n },
  ratio: { digits: 6, per: 1_000_000n },
};

export const UNIT_NAMES = Object.keys(UNITS);

/** Builds a row; throws `Misconfigured` naming `where` when a date, unit or value cannot be what it must be. */
export function priceRow(draft: RowDraft, where: string, isOwners: boolean): PriceRow {
  const tier = draft.tier || 'standard';
  const region = draft.region ?? '';
  const band = draft.band ?? '';
  const window = draft.window ?? '';
  const unit = draft.unit || 'per_1M_tokens';
  const floor = /^>(\d+)$/.exec(band);
  const start = draft.from === undefined || draft.from === '' ? 'open' : draft.from;
  const parts = [draft.provider, draft.model, draft.meter, tier, region, band, window].filter(
    (part, i) => i < 4 || part !== '',
  );
  const row: PriceRow = {
    id: `${isOwners ? 'own:' : ''}${parts.join('/').replaceAll(' ', '_')}@${start}`,
    provider: draft.provider,
    model: draft.model,
    region,
    meter: draft.meter,
    tier,
    band,
    floorTokens: floor ? Number(floor[1]) : 0,
    window,
    unit,
    value: draft.value,
    fromMs: instant(draft.from, -Infinity, `${where}.from`),
    toMs: instant(draft.to, Infinity, `${where}.to`),
    basis: draft.basis || 'unknown',
    source: draft.source ?? '',
    confidence: draft.confidence || 'medium',
    note: draft.note ?? '',
    isOwners,
  };
  if (row.toMs <= row.fromMs) throw new Misconfigured(`${where}.to: must be after from`);
  exactRate(row, where);
  return row;
}

function instant(text: string | undefined, open: number, where: string): number {
  if (text === undefined || text === '') return open;
  const ms = fromIso(text);
  if (ms === null) throw new Misconfigured(`${where}: must be an ISO date or time (2026-11-01, 2026-08-16T16:00Z)`);
  return ms;
}

/** An exact unit price: femtodollars ÷ `per`, per token, request, image, character or microsecond. */
export interface ExactRate {
  readonly femto: bigint;
  readonly per: bigint;
}

/** The row's value as an exact rate (for multipliers: millionths over a million). Throws `Misconfigured` for an unknown unit or too many decimals. */
export function exactRate(row: Pick<PriceRow, 'unit' | 'value'>, where: string): ExactRate {
  const unit = UNITS[row.unit];
  if (unit === undefined) throw new Misconfigured(`${where}.unit: unknown; valid: ${UNIT_NAMES.join(', ')}`);
  const femto = parseDecimal(row.value, unit.digits);
  const fine = parseDecimal(row.value, unit.digits + 18);
  if (femto === null || femto < 0n || fine !== femto * 10n ** 18n) {
    throw new Misconfigured(
      `${where}.value: must be a decimal number, not negative, with at most ${unit.digits} decimals`,
    );
  }
  return reduced(femto, unit.per);
}

/** Product of two exact rates, the second one a ratio. */
export function timesRatio(rate: ExactRate, ratio: ExactRate): ExactRate {
  return reduced(rate.femto * ratio.femto, rate.per * ratio.per);
}

function reduced(femto: bigint, per: bigint): ExactRate {
  let [a, b] = [femto < 0n ? -femto : femto, per];
  while (b !== 0n) [a, b] = [b, a % b];
  return a <= 1n ? { femto, per } : { femto: femto / a, per: per / a };
}
