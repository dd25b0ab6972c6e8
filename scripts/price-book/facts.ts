/**
 * Reads the collected price facts (price-facts.csv, models.csv) into draft rows of the price book: the meters the engine
 * can express, providers under the names that usage records carry, times as ISO instants. In: CSV text. Out: `DraftRow`s.
 * Invariant: no value is computed here; a row is taken over as it is or left out with a reason that the script prints.
 */
import { parse } from 'csv-parse/sync';

/** A row on its way into the book; all text, empty = default. */
export interface DraftRow {
  provider: string;
  model: string;
  region: string;
  meter: string;
  tier: string;
  band: string;
  window: string;
  unit: string;
  value: string;
  from: string;
  to: string;
  basis: string;
  source: string;
  confidence: string;
  note: string;
}

/** One line of models.csv. */
export interface ModelFact {
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  readonly released: string;
}

type CsvRow = Readonly<Record<string, string>>;

const PROVIDERS: Readonly<Record<string, string>> = {
  'aws-bedrock': 'bedrock',
  'azure-openai': 'azure',
  'azure-foundry': 'azure',
  'google-vertex': 'vertex',
  'google-gemini-api': 'google',
};

/** Meters that a usage record can express today, by their unit in the facts; others (video, pages, storage, seats) are left out. */
const METERS: Readonly<Record<string, string>> = {
  'input per_1M_tokens': 'input',
  'cached_input per_1M_tokens': 'cached_input',
  'cache_write per_1M_tokens': 'cache_write',
  'cache_write_5m per_1M_tokens': 'cache_write_5m',
  'cache_write_1h per_1M_tokens': 'cache_write_1h',
  'output per_1M_tokens': 'output',
  'reasoning per_1M_tokens': 'reasoning',
  'embedding_input per_1M_tokens': 'embedding_input',
  'audio_in per_1M_tokens': 'audio_in',
  'cached_audio_in per_1M_tokens': 'cached_audio_in',
  'audio_out per_1M_tokens': 'audio_out',
  'image_in per_1M_tokens': 'image_in',
  'image_out per_1M_tokens': 'image_out',
  'image_out per_image': 'image',
  'audio_in per_minute': 'audio_duration',
  'audio_in per_hour': 'audio_duration',
  'tts_characters per_1M_characters': 'tts_characters',
  'rerank per_1k_requests': 'rerank',
  'web_search per_1k_requests': 'web_search',
  'region_multiplier ratio': 'region_multiplier',
  'speed_multiplier ratio': 'speed_multiplier',
  'batch_multiplier ratio': 'batch_multiplier',
};

/** Time windows of the facts in the grammar of lib/price/time-window.ts. */
const WINDOWS: readonly (readonly [RegExp, string])[] = [
  [/^$/, ''],
  [/^off-peak UTC 16:30-00:30 daily$/, '16:30-00:30 daily'],
  [/^peak UTC 01:00-04:00 and 06:00-10:00 daily$/, '01:00-04:00,06:00-10:00 daily'],
  [/^off-peak: every other hour UTC$/, '!01:00-04:00,06:00-10:00 daily'],
  [/^peak UTC 01:00-04:00 and 06:00-10:00 Mon-Fri/, '01:00-04:00,06:00-10:00 mon-fri +08:00'],
  [/^off-peak: every other hour UTC, all Sat\/Sun/, '!01:00-04:00,06:00-10:00 mon-fri +08:00'],
  [/^off-peak UTC \[/, '00:00-01:00,04:00-06:00,10:00-00:00 mon-fri;00:00-00:00 sat-sun'],
];

/** Reads price-facts.csv. `skipped` counts the meters left out. */
export function readPriceFacts(csv: string): { rows: DraftRow[]; skipped: Map<string, number> } {
  const rows: DraftRow[] = [];
  const skipped = new Map<string, number>();
  const facts = parse<CsvRow>(csv, { columns: true });
  const azureOpenAi = new Set(facts.filter((fact) => fact['provider'] === 'azure-openai').map((fact) => fact['model']));
  for (const fact of facts) {
    // two catalogues of one seller: where both list a model, the Azure OpenAI one knows regions
    if (fact['provider'] === 'azure-foundry' && azureOpenAi.has(fact['model'])) continue;
    const draft = draftOf(fact);
    if (draft !== null) rows.push(draft);
    else {
      const what = `${fact['provider'] === 'midjourney' ? 'midjourney ' : ''}${fact['meter']} ${fact['unit']}`;
      skipped.set(what, (skipped.get(what) ?? 0) + 1);
    }
  }
  return { rows, skipped };
}

function draftOf(fact: CsvRow): DraftRow | null {
  const of = (key: string): string => fact[key] ?? '';
  const meter = METERS[`${of('meter')} ${of('unit')}`];
  if (meter === undefined || of('provider') === 'midjourney' || of('currency') !== 'USD') return null;
  const isScope = meter === 'region_multiplier';
  return {
    provider: PROVIDERS[of('provider')] ?? of('provider'),
    model: of('model'),
    region: isScope ? of('service_tier') : of('region_scope'),
    meter,
    tier: isScope ? 'standard' : of('service_tier'),
    band: of('context_tier'),
    window: windowOf(of('time_window')),
    unit: of('unit'),
    value: of('value'),
    from: of('effective_from'),
    to: of('effective_to'),
    basis: basisOf(of('effective_from_basis')),
    source: of('source'),
    confidence: of('confidence'),
    note: of('note'),
  };
}

function windowOf(text: string): string {
  const known = WINDOWS.find(([pattern]) => pattern.test(text));
  if (known === undefined) throw new Error(`time window without a translation: ${text}`);
  return known[1];
}

/** Short words for where a start date comes from; docs/prices.md explains them. */
function basisOf(text: string): string {
  if (text === 'announced') return 'announced';
  if (text.startsWith('dated by')) return 'dated';
  if (text.startsWith('model release')) return 'release';
  if (text.startsWith('first seen')) return 'seen';
  if (text.startsWith('verified-from')) return 'verified';
  const change = /^catalogue change seen between (\S+) and/.exec(text);
  if (change) return `changed after ${change[1]}`;
  return 'unknown';
}

/** Reads models.csv. */
export function readModelFacts(csv: string): ModelFact[] {
  return parse<CsvRow>(csv, { columns: true }).map((fact) => ({
    provider: PROVIDERS[fact['provider'] ?? ''] ?? fact['provider'] ?? '',
    model: fact['model'] ?? '',
    aliases: (fact['aliases'] ?? '').split('|').filter((alias) => alias !== ''),
    released: fact['release_date'] ?? '',
  }));
}
