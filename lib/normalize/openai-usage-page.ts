/**
 * OpenAI organization usage pages: buckets of aggregates. Input includes cached and cache-write tokens; per-modality fields are parts and
 * never added to totals; null dimensions mean "not grouped". Source: formats.md 1.4 (usage API reference, 2026-08).
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Operation, Outcome, UsageRecord } from '../record.ts';
import { bucketKey, groupedBy, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, arrayAt, countAt, isObject, optionalCountAt, quantityAt, textAt } from './fields.ts';
import { INCONSISTENT } from './token-semantics.ts';

const DIMENSIONS = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier', 'source', 'size'];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  completions: 'chat',
  embeddings: 'embedding',
  moderations: 'moderation',
  images: 'image',
  audio_speeches: 'audio',
  audio_transcriptions: 'audio',
};

export const openaiUsagePage: Format = {
  id: 'openai.usage_page',
  sourceKind: 'provider',
  class: 'buckets',
  detect: (line) => line['object'] === 'page' && isObject(bucketsOf(line)[0]) && 'start_time' in (bucketsOf(line)[0] as JsonObject),
  normalize: normalizePage,
};

function bucketsOf(line: JsonObject): JsonObject[] {
  return arrayAt(line, 'data').filter(isObject);
}

function resultsOf(bucket: JsonObject): JsonObject[] {
  return [...arrayAt(bucket, 'results'), ...arrayAt(bucket, 'result')].filter(isObject);
}

function normalizePage(line: JsonObject, context: LineContext): Outcome {
  const buckets = bucketsOf(line);
  const grouped = groupedBy(buckets.flatMap(resultsOf), DIMENSIONS);
  const records = buckets.flatMap((bucket) => {
    const from = countAt(bucket, 'start_time');
    const seconds = Math.max(0, countAt(bucket, 'end_time') - from);
    return resultsOf(bucket).flatMap((row) => {
      const record = rowRecord(row, from, seconds, context);
      if (record === null) return [];
      record.bucketGrouping = groupingKey(openaiUsagePage.id, grouped, seconds);
      return [record];
    });
  });
  return records.length === 0 ? { kind: 'skip', reason: 'empty_bucket' } : { kind: 'usage', records };
}

function rowRecord(row: JsonObject, from: number, seconds: number, context: LineContext): UsageRecord | null {
  const kind = /^organization\.usage\.(\w+)\.result$/.exec(textAt(row, 'object') ?? '')?.[1] ?? '';
  const operation = OPERATIONS[kind] ?? 'other';
  const record = newRecord(openaiUsagePage, 'openai', textAt(row, 'model') ?? kind);
  record.operation = operation;
  record.occurredAtMs = fromUnixSeconds(from);
  if (record.occurredAtMs === null) throw new BadField('start_time', 'must be Unix seconds');
  record.calls = countAt(row, 'num_model_requests') + countAt(row, 'num_requests');
  record.linkIds.push({ kind: 'natural', value: bucketKey(kind, String(from), String(from + seconds), row, DIMENSIONS) });
  if (!readRowMeters(record, kind, row)) return null;
  const tier = textAt(row, 'service_tier');
  record.tier = row['batch'] === true ? 'batch' : tier === 'flex' || tier === 'priority' ? tier : tier === 'scale' ? 'provisioned' : 'standard';
  record.evidence.project = textAt(row, 'project_id');
  record.keyId = textAt(row, 'api_key_id');
  record.evidence.keyName = record.keyId;
  record.userId = textAt(row, 'user_id');
  applySurroundings(record, context);
  return record;
}

/** False where the row bills something that is not an LLM call (vector stores, code sessions). */
function readRowMeters(record: UsageRecord, kind: string, row: JsonObject): boolean {
  switch (kind) {
    case 'completions':
      readTokens(record, row);
      return true;
    case 'embeddings':
    case 'moderations':
      record.inputTokens = countAt(row, 'input_tokens');
      return true;
    case 'images':
      record.images = countAt(row, 'images');
      record.imageSpec = textAt(row, 'size') === null ? null : `quality=standard;size=${textAt(row, 'size')}`;
      return true;
    case 'audio_speeches':
      record.characters = countAt(row, 'characters');
      return true;
    case 'audio_transcriptions':
      record.audioSeconds = quantityAt(row, 'seconds');
      return true;
    case 'web_searches':
      record.webSearches = countAt(row, 'num_requests');
      return true;
    default:
      return false;
  }
}

/** Token columns shared by the API and the dashboard's CSV. */
export function readTokens(record: UsageRecord, row: JsonObject): void {
  const total = countAt(row, 'input_tokens');
  record.cacheReadTokens = countAt(row, 'input_cached_tokens');
  record.cacheWrite5mTokens = countAt(row, 'input_cache_write_tokens');
  const rest = total - record.cacheReadTokens - record.cacheWrite5mTokens;
  const uncached = optionalCountAt(row, 'input_uncached_tokens');
  record.inputTokens = uncached ?? Math.max(0, rest);
  if (rest < 0 || (uncached !== null && uncached !== rest)) record.usageFlag = INCONSISTENT;
  record.outputTokens = countAt(row, 'output_tokens');
  record.audioInputTokens = Math.min(record.inputTokens, countAt(row, 'input_audio_tokens'));
  record.cachedAudioTokens = Math.min(record.cacheReadTokens, countAt(row, 'input_cached_audio_tokens'));
  record.audioOutputTokens = Math.min(record.outputTokens, countAt(row, 'output_audio_tokens'));
  record.imageInputTokens = Math.min(record.inputTokens - record.audioInputTokens, countAt(row, 'input_image_tokens'));
  record.imageOutputTokens = Math.min(record.outputTokens - record.audioOutputTokens, countAt(row, 'output_image_tokens'));
}
