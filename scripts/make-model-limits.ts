/**
 * Makes the shipped list of model limits (lib/price/limits/model-limits.csv) from the map of models in the Python package litellm:
 *   node scripts/make-model-limits.ts FILE VERSION DAY
 * FILE is the package's model_prices_and_context_window_backup.json, VERSION the package's, DAY that of its release. The output is committed.
 * Invariant: the same inputs and price book give the same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import { loadBook } from '../lib/price/price-book.ts';
import { limitLines } from './model-limits/merge.ts';
import type { MapEntry } from './model-limits/merge.ts';

const [file, version, day] = process.argv.slice(2);
if (file === undefined || version === undefined || !/^\d{4}-\d\d-\d\d$/.test(day ?? ''))
  throw new Error('usage: node scripts/make-model-limits.ts FILE VERSION DAY');

const entries = JSON.parse(readFileSync(file, 'utf8')) as Record<string, MapEntry>;
const lines = limitLines(entries, loadBook(await readShippedBook()));
const columns = ['provider', 'model', 'context_tokens', 'maximum_output_tokens', 'input', 'output', 'tools'] as const;
const text = [
  '# What models take and give: facts from the LiteLLM price map (MIT); an empty cell is not known. Rules and licenses: docs/prices.md.',
  '# Written by scripts/make-model-limits.ts for the models of the price book.',
  `${columns.join(',')},source,date`,
  ...lines.map((line) => `${columns.map((column) => line[column]).join(',')},litellm ${version},${day}`),
].join('\n');
const folder = new URL('../lib/price/limits/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('model-limits.csv', folder), `${text}\n`);
for (const [provider, own] of Map.groupBy(lines, (line) => line.provider))
  console.log(`${provider}: ${own.length} models`);
