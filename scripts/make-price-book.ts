/**
 * Makes the shipped price book (lib/price/book/*.csv) from a folder of collected price facts:
 *   node scripts/make-price-book.ts FOLDER
 * FOLDER holds price-facts.csv and models.csv; the curated corrections lie beside this script. The outputs are committed.
 * Invariant: the same inputs give the same bytes.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanRows } from './price-book/clean.ts';
import { readModelFacts, readPriceFacts, type DraftRow } from './price-book/facts.ts';
import { mergeSnapshots, type AliasLine, type ModelLine } from './price-book/snapshots.ts';

const BOOK = new URL('../lib/price/book/', import.meta.url);
const HEADER = [
  '# List prices in USD without tax, discount or credits: facts collected 2026-11-22 from public catalogues and announcements.',
  '# Sources are named per row: LiteLLM price map (MIT), genai-prices (MIT), models.dev (MIT), tokencost (MIT), public announcements.',
  '# Written by scripts/make-price-book.ts; rules and licenses: docs/prices.md. Rows are added, never edited.',
].join('\n');
const ROW_COLUMNS = 'model,region,meter,tier,band,window,unit,value,from,to,basis,source,confidence,note'.split(
  ',',
) as (keyof DraftRow)[];

/** One CSV cell; quoted only where it must be. */
function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText<T>(columns: readonly (keyof T & string)[], rows: readonly T[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(String(row[column]))).join(','));
  return `${HEADER}\n${columns.join(',')}\n${lines.join('\n')}\n`;
}

/** Defaults are left empty so that a line stays readable: standard tier, price per million tokens. */
function brief(row: DraftRow): DraftRow {
  const note = row.note.replace(
    /^(genai-prices canonical id|only in genai-prices under this id|start date not recorded.*)$/,
    '',
  );
  return {
    ...row,
    tier: row.tier === 'standard' ? '' : row.tier,
    unit: row.unit === 'per_1M_tokens' ? '' : row.unit,
    note,
  };
}

function byText<T>(...keys: ((item: T) => string)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  };
}

function main(folder: string): void {
  const { rows, skipped } = readPriceFacts(readFileSync(join(folder, 'price-facts.csv'), 'utf8'));
  const corrections = readFileSync(new URL('price-book/corrections.csv', import.meta.url), 'utf8');
  const facts = readModelFacts(readFileSync(join(folder, 'models.csv'), 'utf8'));
  const merged = mergeSnapshots(cleanRows(rows, corrections), facts);
  mkdirSync(BOOK, { recursive: true });
  for (const old of readdirSync(BOOK)) if (old.endsWith('.csv')) rmSync(new URL(old, BOOK));
  const providers = [...new Set(merged.rows.map((row) => row.provider))].toSorted();
  for (const provider of providers) {
    const own = merged.rows
      .filter((row) => row.provider === provider)
      .toSorted(
        byText(
          (r) => r.model,
          (r) => r.region,
          (r) => r.meter,
          (r) => r.tier,
          (r) => r.band,
          (r) => r.window,
          (r) => r.from,
        ),
      );
    writeFileSync(new URL(`${provider}.csv`, BOOK), csvText(ROW_COLUMNS, own.map(brief)));
    console.log(`${provider}: ${own.length} rows, ${new Set(own.map((row) => row.model)).size} models`);
  }
  const models = merged.models.toSorted(
    byText(
      (m) => m.provider,
      (m) => m.model,
    ),
  );
  const aliases = merged.aliases.toSorted(
    byText(
      (a) => a.provider,
      (a) => a.alias,
    ),
  );
  writeFileSync(new URL('models.csv', BOOK), csvText<ModelLine>(['provider', 'model', 'released', 'dated'], models));
  writeFileSync(new URL('aliases.csv', BOOK), csvText<AliasLine>(['provider', 'alias', 'model', 'source'], aliases));
  console.log(`${aliases.length} aliases; left out: ${[...skipped].map(([what, n]) => `${what} ${n}`).join(', ')}`);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/make-price-book.ts FOLDER');
main(folder);
