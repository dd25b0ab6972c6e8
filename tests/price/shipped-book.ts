/**
 * Shared by the price tests: the shipped book, records with only what a test says, costs as text. No expectation lives here.
 */
import { readShippedBook } from '../../lib/adapters/local/book-files.ts';
import { addPico, usdText, type Pico } from '../../lib/money.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { loadBook, type PriceBook } from '../../lib/price/price-book.ts';
import { newRecord, type CostParts, type Priced, type UsageRecord } from '../../lib/record.ts';

const CALLS = { id: 'test', sourceKind: 'provider', class: 'calls' } as const;
const BUCKETS = { id: 'test', sourceKind: 'provider', class: 'buckets' } as const;

export const texts = await readShippedBook();
export const book = loadBook(texts);

/** A book of a few lines, for rules that should not hang on real prices. Rows as in the CSV files, without the header. */
export function smallBook(files: Readonly<Record<string, string>>, models = '', aliases = ''): PriceBook {
  const header = 'model,region,meter,tier,band,window,unit,value,from,to,basis,source,confidence,note\n';
  const providers = Object.entries(files).map(([name, rows]) => ({ name: `${name}.csv`, text: header + rows }));
  return loadBook([
    ...providers,
    { name: 'models.csv', text: `provider,model,released,dated\n${models}` },
    { name: 'aliases.csv', text: `provider,alias,model,source\n${aliases}` },
  ]);
}

export function call(provider: string, model: string, fields: Partial<UsageRecord> = {}): UsageRecord {
  return Object.assign(newRecord(CALLS, provider, model), fields);
}

export function bucket(provider: string, model: string, fields: Partial<UsageRecord> = {}): UsageRecord {
  return Object.assign(newRecord(BUCKETS, provider, model), fields);
}

export function at(iso: string): number {
  return Date.parse(iso.length === 10 ? `${iso}T00:00:00Z` : iso);
}

export function sumOf(parts: CostParts): Pico {
  return [parts.input, parts.cacheRead, parts.cacheWrite, parts.output, parts.other].reduce<Pico>(addPico, 0);
}

/** List cost in USD, or `null`. */
export function usd(priced: Priced): string | null {
  return priced.list === null ? null : usdText(sumOf(priced.list));
}

/** Price of one call from the shipped book. */
export function price(provider: string, model: string, iso: string, fields: Partial<UsageRecord>): Priced {
  return priceRecord(book, call(provider, model, fields), at(iso));
}
