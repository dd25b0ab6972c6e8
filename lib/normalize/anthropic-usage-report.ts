/**
 * Anthropic's admin usage report. In: one page of buckets. Out: a bucket record per result, without a request count. Null workspace is also
 * the default workspace and null key also the console, so null tells nothing. Source: formats.md 2.3.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { contextOf, geoOf, setCacheWrites, tierOf } from './anthropic-usage.ts';
import { bucketKey, groupedBy, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, arrayAt, countAt, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';

const DIMENSIONS = [
  'api_key_id',
  'workspace_id',
  'model',
  'service_tier',
  'context_window',
  'inference_geo',
  'speed',
  'account_id',
  'service_account_id',
];

export const anthropicUsageReport: Format = {
  id: 'anthropic.usage',
  sourceKind: 'provider',
  class: 'buckets',
  marks: ['data'],
  detect: (line) => {
    const first = arrayAt(line, 'data')[0];
    return isObject(first) && 'starting_at' in first && Array.isArray(first['results']);
  },
  normalize(line, context): Outcome {
    const buckets = arrayAt(line, 'data').filter(isObject);
    const grouped = groupedBy(buckets.flatMap(resultsOf), DIMENSIONS);
    const records = buckets.flatMap((bucket) =>
      resultsOf(bucket).map((row) => rowRecord(row, bucket, grouped, context)),
    );
    return records.length === 0 ? { kind: 'skip', reason: 'empty_bucket' } : { kind: 'usage', records };
  },
};

function resultsOf(bucket: JsonObject): JsonObject[] {
  return arrayAt(bucket, 'results').filter(isObject);
}

function rowRecord(row: JsonObject, bucket: JsonObject, grouped: readonly string[], context: LineContext): UsageRecord {
  const fromMs = bucketEdge(bucket, 'starting_at');
  const toMs = bucketEdge(bucket, 'ending_at');
  const record = newRecord(anthropicUsageReport, 'anthropic', textAt(row, 'model') ?? 'unknown');
  const key = bucketKey(anthropicUsageReport.id, String(fromMs), String(toMs), row, DIMENSIONS);
  record.publisher = 'anthropic';
  record.calls = 0;
  record.occurredAtMs = fromMs;
  record.linkIds.push({ kind: 'natural', value: key });
  readMeters(record, row);
  record.tier = tierOf(textAt(row, 'service_tier'), textAt(row, 'speed'));
  record.priceRegion = geoOf(textAt(row, 'inference_geo'));
  record.contextTokens = contextOf(textAt(row, 'context_window'));
  record.evidence.workspace = textAt(row, 'workspace_id');
  record.evidence.principal = textAt(row, 'service_account_id');
  record.keyId = textAt(row, 'api_key_id');
  record.userId = textAt(row, 'account_id');
  record.bucketGrouping = groupingKey(anthropicUsageReport.id, grouped, Math.round((toMs - fromMs) / 1000));
  applySurroundings(record, context);
  return record;
}

function bucketEdge(bucket: JsonObject, key: string): number {
  const ms = fromIso(bucket[key]);
  if (ms === null) throw new BadField(key, 'must be an RFC 3339 time');
  return ms;
}

/** Some clients flatten the write counters to `cache_creation_5m_input_tokens`. */
function readMeters(record: UsageRecord, row: JsonObject): void {
  const fresh = optionalCountAt(row, 'uncached_input_tokens');
  if (fresh === null) throw new BadField('uncached_input_tokens', 'is missing');
  const creation = objectAt(row, 'cache_creation');
  const fiveMinutes =
    optionalCountAt(creation, 'ephemeral_5m_input_tokens') ?? countAt(row, 'cache_creation_5m_input_tokens');
  const oneHour =
    optionalCountAt(creation, 'ephemeral_1h_input_tokens') ?? countAt(row, 'cache_creation_1h_input_tokens');
  record.inputTokens = fresh;
  record.cacheReadTokens = countAt(row, 'cache_read_input_tokens');
  setCacheWrites(record, optionalCountAt(row, 'cache_creation_input_tokens'), fiveMinutes, oneHour);
  record.outputTokens = countAt(row, 'output_tokens');
  record.webSearches = countAt(objectAt(row, 'server_tool_use'), 'web_search_requests');
}
