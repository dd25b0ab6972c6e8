/**
 * What the customer negotiated: discounts and own prices, by provider, model, account and date (config `rates`).
 * In: checked rules. Out: the rule that holds for a record. The first rule that matches wins, as in the rest of the config.
 * Invariant: list prices are untouched; a discount is applied to each cost meter exactly and rounded half-even once.
 */
import type { UsageRecord } from '../record.ts';
import type { Pico } from '../money.ts';
import { compact, divideHalfEven, parseDecimal } from '../money.ts';
import { Misconfigured } from '../errors.ts';
import { fromIso } from '../time.ts';
import { METERS, type Meter } from './meters.ts';
import { exactRate, type ExactRate } from './price-row.ts';
import { bookProvider } from './provider-name.ts';

/** One rule as written in the config. Dates are UTC, `to` is excluded; `discount_percent` is decimal text from 0 to 100. */
export interface CustomerRateRule {
  readonly provider: string;
  /** canonical or reported model id; `*` at the end matches any ending */
  readonly model?: string | undefined;
  readonly account?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly discount_percent?: string | undefined;
  /** own prices by meter, USD per million tokens (fees: per thousand requests) */
  readonly prices?: Readonly<Record<string, string>> | undefined;
}

export interface CustomerRate {
  readonly index: number;
  readonly provider: string;
  readonly model: string | null;
  readonly account: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** what remains of list, in 10⁻¹² */
  readonly keep: bigint;
  readonly prices: ReadonlyMap<Meter, ExactRate>;
}

/** Rules ready for use, in order. */
export type CustomerRates = readonly CustomerRate[];

const SCALE = 10n ** 12n;
const FEES: Readonly<Record<string, string>> = {
  web_search: 'per_1k_requests',
  rerank: 'per_1k_requests',
  image: 'per_image',
  audio_duration: 'per_minute',
  tts_characters: 'per_1M_characters',
};

/** Checks and compiles the config's `rates`. Throws `Misconfigured` with the path of what is wrong. */
export function compileCustomerRates(rules: readonly CustomerRateRule[], path = 'rates'): CustomerRates {
  return rules.map((rule, index) => {
    const where = `${path}[${index}]`;
    const percent = parseDecimal(rule.discount_percent ?? '0', 10);
    if (percent === null || percent < 0n || percent > SCALE) {
      throw new Misconfigured(`${where}.discount_percent: must be decimal text from 0 to 100`);
    }
    const prices = new Map<Meter, ExactRate>();
    for (const [meter, value] of Object.entries(rule.prices ?? {})) {
      if (!isMeter(meter)) throw new Misconfigured(`${where}.prices: unknown meter; valid: ${METERS.join(', ')}`);
      prices.set(meter, exactRate({ unit: FEES[meter] ?? 'per_1M_tokens', value }, `${where}.prices.${meter}`));
    }
    return {
      index,
      provider: bookProvider(rule.provider) ?? rule.provider,
      model: rule.model ?? null,
      account: rule.account ?? null,
      fromMs: bound(rule.from, -Infinity, `${where}.from`),
      toMs: bound(rule.to, Infinity, `${where}.to`),
      keep: SCALE - percent,
      prices,
    };
  });
}

function isMeter(name: string): name is Meter {
  return (METERS as readonly string[]).includes(name);
}

function bound(text: string | undefined, open: number, where: string): number {
  if (text === undefined) return open;
  const ms = fromIso(text);
  if (ms === null) throw new Misconfigured(`${where}: must be an ISO date`);
  return ms;
}

/** The rule that holds for a record, or null. */
export function customerRateFor(
  rates: CustomerRates,
  record: UsageRecord,
  model: string,
  atMs: number,
): CustomerRate | null {
  if (rates.length === 0) return null;
  const provider = bookProvider(record.provider) ?? record.provider;
  for (const rate of rates) {
    if (rate.provider !== provider || atMs < rate.fromMs || atMs >= rate.toMs) continue;
    if (rate.account !== null && rate.account !== record.billingAccountId) continue;
    if (rate.model === null || isNamed(rate.model, model) || isNamed(rate.model, record.modelReported)) return rate;
  }
  return null;
}

function isNamed(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id;
}

/** A list amount after the discount, rounded half-even to picodollars. */
export function discounted(list: Pico, rate: CustomerRate): Pico {
  if (rate.keep === SCALE) return list;
  return compact(divideHalfEven(BigInt(list) * rate.keep, SCALE));
}
