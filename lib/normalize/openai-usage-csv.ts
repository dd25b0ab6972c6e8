/**
 * The OpenAI dashboard's usage CSV. In: the usage page as rows; every field is text, counts may be written `3.0`. Out: one bucket record
 * per row; rows of empty buckets have only their times. Invariant: which kind of usage a row is, its columns tell.
 * Source: formats.md 1.6.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Operation, Outcome } from '../record.ts';
import { bucketKey, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, countAt, optionalCountAt, textAt } from './fields.ts';
import { setServedTier } from './openai-shape.ts';
import { readBucketMeters } from './openai-usage-page.ts';

const DIMENSIONS = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier', 'source', 'size'];

export const openaiUsageCsv: Format = {
  id: 'openai.usage_csv',
  sourceKind: 'provider',
  class: 'buckets',
  csvHeader: ['start_time', 'end_time_iso', 'num_model_requests'],
  marks: [],
  detect: () => false,
  normalize: normalizeRow,
};

/** The export of a period without any usage has the four time columns only. */
export const openaiUsageCsvEmpty: Format = {
  id: 'openai.usage_csv_empty',
  sourceKind: 'provider',
  class: 'buckets',
  csvHeader: ['start_time', 'end_time', 'start_time_iso', 'end_time_iso'],
  marks: [],
  detect: () => false,
  normalize: () => ({ kind: 'skip', reason: 'empty_bucket' }),
};

function normalizeRow(row: JsonObject, context: LineContext): Outcome {
  const requests = optionalCountAt(row, 'num_model_requests');
  if (requests === null && textAt(row, 'model') === null) return { kind: 'skip', reason: 'empty_bucket' };
  const from = countAt(row, 'start_time');
  const seconds = Math.max(0, countAt(row, 'end_time') - from);
  const { kind, operation } = kindOfRow(row);
  const record = newRecord(openaiUsageCsv, 'openai', textAt(row, 'model') ?? kind);
  record.operation = operation;
  record.occurredAtMs = fromUnixSeconds(from);
  if (record.occurredAtMs === null) throw new BadField('start_time', 'must be Unix seconds');
  record.calls = requests ?? 0;
  // not the page's key: two exports of one period are told apart by their grouping, of which one counts
  const key = bucketKey(kind, String(from), String(from + seconds), row, DIMENSIONS);
  record.linkIds = [{ kind: 'natural', value: `openai.usage_csv|${key}` }];
  readBucketMeters(record, kind, row);
  setServedTier(record, textAt(row, 'service_tier'));
  if (/^true$/i.test(textAt(row, 'batch') ?? '')) setServedTier(record, 'batch');
  record.evidence.project = textAt(row, 'project_name') ?? textAt(row, 'project_id');
  record.keyId = textAt(row, 'api_key_id');
  record.evidence.keyName = textAt(row, 'api_key_name');
  record.userId = textAt(row, 'user_email') ?? textAt(row, 'user_id');
  const grouped = DIMENSIONS.filter((name) => name in row);
  record.bucketGrouping = groupingKey(openaiUsageCsv.id, grouped, seconds);
  applySurroundings(record, context);
  return { kind: 'usage', records: [record] };
}

function kindOfRow(row: JsonObject): { kind: string; operation: Operation } {
  if ('images' in row) return { kind: 'images', operation: 'image' };
  if ('characters' in row) return { kind: 'audio_speeches', operation: 'audio' };
  if ('seconds' in row) return { kind: 'audio_transcriptions', operation: 'audio' };
  if ('output_tokens' in row) return { kind: 'completions', operation: 'chat' };
  const isModeration = /moderation/.test(textAt(row, 'model') ?? '');
  return isModeration
    ? { kind: 'moderations', operation: 'moderation' }
    : { kind: 'embeddings', operation: 'embedding' };
}
