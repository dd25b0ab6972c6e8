/**
 * OpenAI organization usage pages. In: one page, buckets of aggregates by the dimensions asked for. Out: one bucket record per result.
 * Input includes cached and cache-write tokens; per-modality fields are parts and never added to totals; null dimensions mean "not
 * grouped". Source: formats.md 1.4 (usage API reference, 2026-08). Invariant: a result of an unknown kind rejects its page.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Operation, Outcome, UsageRecord } from '../record.ts';
import { bucketKey, groupedBy, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, arrayAt, countAt, isObject, optionalCountAt, quantityAt, textAt } from './fields.ts';
import { setServedTier } from './openai-shape.ts';
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

/** Kinds of results that are billed by other things than a model's calls. */
const NOT_CALLS = new Set(['vector_stores', 'code_interpreter_sessions', 'file_searches']);

export const openaiUsagePage: Format = {
  id: 'openai.usage_page',
  sourceKind: 'provider',
  class: 'buckets',
  marks: ['data'],
  detect(line) {
    if (line['object'] !== 'page') return false;
    const buckets = arrayAt(line, 'data');
    const first = buckets[0];
    if (!isObject(first) || !('start_time' in first)) return false;
    const filled = buckets.find((bucket) => isObject(bucket) && resultsOf(bucket).length > 0);
    return filled === undefined || kindOf(resultsOf(filled as JsonObject)[0] as JsonObject) !== null;
  },
  normalize: normalizePage,
};

/** Newer pages call the array `results`, older dumps `result`. */
function resultsOf(bucket: JsonObject): JsonObject[] {
  return [...arrayAt(bucket, 'results'), ...arrayAt(bucket, 'result')].filter(isObject);
}

function kindOf(row: JsonObject): string | null {
  return /^organization\.usage\.(\w+)\.result$/.exec(textAt(row, 'object') ?? '')?.[1] ?? null;
}

function normalizePage(line: JsonObject, context: LineContext): Outcome {
  const buckets = arrayAt(line, 'data').filter(isObject);
  const grouped = groupedBy(buckets.flatMap(resultsOf), DIMENSIONS);
  const records: UsageRecord[] = [];
  let isOther = false;
  for (const bucket of buckets) {
    const from = countAt(bucket, 'start_time');
    const seconds = Math.max(0, countAt(bucket, 'end_time') - from);
    for (const row of resultsOf(bucket)) {
      const kind = kindOf(row);
      if (kind !== null && NOT_CALLS.has(kind)) {
        isOther = true;
        continue;
      }
      const record = rowRecord(kind, row, from, seconds, context);
      record.bucketGrouping = groupingKey(openaiUsagePage.id, grouped, seconds);
      records.push(record);
    }
  }
  if (records.length > 0) return { kind: 'usage', records };
  return { kind: 'skip', reason: isOther ? 'no_model_usage' : 'empty_bucket' };
}

function rowRecord(
  kind: string | null,
  row: JsonObject,
  from: number,
  seconds: number,
  context: LineContext,
): UsageRecord {
  const record = newRecord(openaiUsagePage, 'openai', textAt(row, 'model') ?? kind ?? 'unknown');
  record.operation = OPERATIONS[kind ?? ''] ?? 'other';
  record.occurredAtMs = fromUnixSeconds(from);
  if (record.occurredAtMs === null) throw new BadField('start_time', 'must be Unix seconds');
  record.calls = countAt(row, 'num_model_requests');
  const key = bucketKey(kind ?? '', String(from), String(from + seconds), row, DIMENSIONS);
  record.linkIds = [{ kind: 'natural', value: `openai.usage|${key}` }];
  readBucketMeters(record, kind, row);
  setServedTier(record, textAt(row, 'service_tier'));
  if (row['batch'] === true) setServedTier(record, 'batch');
  record.evidence.project = textAt(row, 'project_id');
  record.keyId = textAt(row, 'api_key_id');
  record.userId = textAt(row, 'user_id');
  applySurroundings(record, context);
  return record;
}

/** Fills the meters of a bucket of one kind. Throws `BadField` for a kind that this version does not know. */
export function readBucketMeters(record: UsageRecord, kind: string | null, row: JsonObject): void {
  switch (kind) {
    case 'completions':
      readBucketTokens(record, row);
      break;
    case 'embeddings':
    case 'moderations':
      record.inputTokens = countAt(row, 'input_tokens');
      break;
    case 'images':
      record.images = countAt(row, 'images');
      // the quality is not reported: a model priced by quality stays unpriced
      record.imageSpec = textAt(row, 'size') === null ? null : `size=${textAt(row, 'size')}`;
      break;
    case 'audio_speeches':
      record.characters = countAt(row, 'characters');
      break;
    case 'audio_transcriptions':
      record.audioSeconds = quantityAt(row, 'seconds');
      break;
    case 'web_searches':
      record.webSearches = countAt(row, 'num_requests');
      break;
    default:
      throw new BadField('results.object', 'is a kind of usage that this version does not know');
  }
}

/** Token columns shared by the API and the dashboard's CSV. Source: usage API reference, 2026-08 (`input_uncached_tokens` excludes cache writes). */
function readBucketTokens(record: UsageRecord, row: JsonObject): void {
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
  const notAudio = record.inputTokens - record.audioInputTokens;
  record.imageInputTokens = Math.min(notAudio, countAt(row, 'input_image_tokens'));
  record.imageOutputTokens = Math.min(
    record.outputTokens - record.audioOutputTokens,
    countAt(row, 'output_image_tokens'),
  );
}
