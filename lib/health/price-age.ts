/**
 * How old the price facts are, by provider. In: the price book, the providers the ledger has costs of, the time. Out: findings. A
 * provider's facts are as new as its newest source: the day its file was collected, a date its rows' sources name, the start of a row.
 * Invariant: a date in the future makes nothing newer.
 */
import { bookRows } from '../price/price-book.ts';
import type { PriceBook } from '../price/price-book.ts';
import { MS_PER_DAY, dayOf, fromIso } from '../time.ts';
import { firstPlaces, several } from './finding.ts';
import type { Finding } from './finding.ts';

const OLD_AFTER_DAYS = 60;
const DATE = /\b20\d{2}-\d{2}-\d{2}\b/g;

interface ProviderAge {
  rows: number;
  newestMs: number;
  hasShippedRows: boolean;
}

/** Newest source of every provider in the book. */
function providerAges(book: PriceBook, nowMs: number): Map<string, ProviderAge> {
  const ages = new Map<string, ProviderAge>();
  const ageOf = (provider: string): ProviderAge => {
    const age = ages.get(provider) ?? { rows: 0, newestMs: -Infinity, hasShippedRows: false };
    ages.set(provider, age);
    return age;
  };
  const see = (age: ProviderAge, ms: number | null): void => {
    if (ms !== null && ms <= nowMs) age.newestMs = Math.max(age.newestMs, ms);
  };
  for (const row of bookRows(book)) {
    const age = ageOf(row.provider);
    age.rows++;
    if (!row.price_id.startsWith('own:')) age.hasShippedRows = true;
    see(age, row.valid_from);
    for (const [date] of row.source.matchAll(DATE)) see(age, fromIso(date));
  }
  for (const { name, text } of book.texts) {
    const age = ages.get(name.replace(/\.csv$/, ''));
    if (age === undefined) continue;
    for (const line of headLines(text)) for (const [date] of line.matchAll(DATE)) see(age, fromIso(date));
  }
  return ages;
}

/** The comment lines a file begins with. */
function headLines(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; text[at] === '#';) {
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    lines.push(text.slice(at, end));
    at = end + 1;
  }
  return lines;
}

/** `used` are the providers the ledger has costs of; null looks at all of them. */
export function checkPriceAge(book: PriceBook, used: ReadonlySet<string> | null, nowMs: number): Finding[] {
  const ages = [...providerAges(book, nowMs)].filter(([provider]) => used === null || used.has(provider));
  const rows = ages.reduce((sum, [, age]) => sum + age.rows, 0);
  const ageDays = ({ newestMs }: ProviderAge): number => Math.floor((nowMs - newestMs) / MS_PER_DAY);
  const old = ages.filter(([, age]) => ageDays(age) > OLD_AFTER_DAYS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const shipped = old.filter(([, age]) => age.hasShippedRows);
  const own = old.filter(([, age]) => !age.hasShippedRows);
  const findings: Finding[] = [];
  if (shipped.length > 0)
    findings.push({
      level: 'problem',
      check: 'prices',
      message: `prices of ${several(shipped.length, 'provider')} are older than ${OLD_AFTER_DAYS} days`,
      where: firstPlaces(shipped.map(([provider, age]) => `${provider}: ${newestText(age)}`)),
      todo: 'update inference-ledger, or add rows with prices.overlays (docs/prices.md)',
    });
  if (own.length > 0)
    findings.push({
      level: 'note',
      check: 'prices',
      message: `your own prices of ${several(own.length, 'provider')} are older than ${OLD_AFTER_DAYS} days`,
      where: firstPlaces(own.map(([provider, age]) => `${provider}: ${newestText(age)}`)),
      todo: 'look whether they still hold; a row with a newer valid_from says so',
    });
  if (old.length === 0) {
    const oldest = Math.max(0, ...ages.map(([, age]) => ageDays(age)));
    const message = `${several(rows, 'price row')} of ${several(ages.length, 'provider')}, newest sources at most ${several(oldest, 'day')} old`;
    findings.push({ level: 'ok', check: 'prices', message });
  }
  return findings;
}

function newestText(age: ProviderAge): string {
  return Number.isFinite(age.newestMs) ? `newest source ${dayOf(age.newestMs)}` : 'no dated source';
}
