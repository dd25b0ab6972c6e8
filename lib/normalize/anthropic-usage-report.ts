/**
 * Anthropic's admin usage report: buckets without a request count. Null workspace is also the default workspace and null key also the
 * console, so null tells nothing. Source: formats.md 2.3.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { contextOf, readAnthropicTerms, tierOf } from './anthropic-usage.ts';
import { bucketKey, groupedBy, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, arrayAt, countAt, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';

const DIMENSIONS = ['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window', 'inference_geo', 'speed', 'account_id', 'service_account_id'];

export const anthropicUsageReport: Format = {
  id: 'anthropic.usage',
  sourceKind: 'provider',
  class: 'buckets',
  detect: (line) => {
    const first = arrayAt(line, 'data')[0];
    return isObject(first) && 'starting_at' in first && 'results' in first;
  },
  normalize(line, context): Outcome {
    const buckets = arrayAt(line, 'data').filter(isObject);
    const rows = (bucket: JsonObject): JsonObject[] => arrayAt(bucket, 'results').filter(isObject);
    const grouped = groupedBy(buckets.flatMap(rows), DIMENSIONS);
    const records = buckets.flatMap((bucket) => rows(bucket).map((row) => rowRecord(row, bucket, grouped, context)));
    return records.length === 0 ? { kind: 'skip', reason: 'empty_bucket' } : { kind: 'usage', records };
  },
};

function rowRecord(row: JsonObject, bucket: JsonObject, grouped: readonly string[], context: LineContext): UsageRecord {
  const from = fromIso(bucket['starting_at']);
  const to = fromIso(bucket['ending_at']);
  if (from === null || to === null) throw new BadField('starting_at', 'must be an RFC 3339 time');
  const record = newRecord(anthropicUsageReport, 'anthropic', textAt(row, 'model') ?? 'unknown');
  record.publisher = 'anthropic';
  record.calls = 0;
  record.occurredAtMs = from;
  record.linkIds.push({ kind: 'natural', value: bucketKey('anthropic.usage', String(from), String(to), row, DIMENSIONS) });
  readAnthropicTerms(record, row);
  record.tier = textAt(row, 'speed') === 'fast' ? 'fast' : tierOf(textAt(row, 'service_tier'));
  const creation = objectAt(row, 'cache_creation');
  record.inputTokens = countAt(row, 'uncached_input_tokens');
  record.cacheReadTokens = countAt(row, 'cache_read_input_tokens');
  record.cacheWrite5mTokens = optionalCountAt(creation, 'ephemeral_5m_input_tokens') ?? countAt(row, 'cache_creation_5m_input_tokens');
  record.cacheWrite1hTokens = optionalCountAt(creation, 'ephemeral_1h_input_tokens') ?? countAt(row, 'cache_creation_1h_input_tokens');
  record.outputTokens = countAt(row, 'output_tokens');
  record.contextTokens = contextOf(textAt(row, 'context_window'));
  record.evidence.workspace = textAt(row, 'workspace_id');
  record.keyId = textAt(row, 'api_key_id');
  record.userId = textAt(row, 'account_id');
  record.bucketGrouping = groupingKey(anthropicUsageReport.id, grouped, Math.round((to - from) / 1000));
  applySurroundings(record, context);
  return record;
}
