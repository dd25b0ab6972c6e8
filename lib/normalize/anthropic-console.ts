/**
 * The Anthropic console's token CSV: one bucket per day and dimension. In: a row as an object of strings. Out: one bucket record without a
 * request count. `api_key` is the key's name, never the key. Older files lack the last columns. Source: formats.md 2.6.
 */
import { MS_PER_DAY, fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome } from '../record.ts';
import { contextOf, geoOf, tierOf } from './anthropic-usage.ts';
import { bucketKey, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, countAt, textAt } from './fields.ts';

const DIMENSIONS = [
  'model_version',
  'api_key',
  'workspace',
  'usage_type',
  'context_window',
  'inference_geo',
  'speed',
] as const;

export const anthropicConsole: Format = {
  id: 'anthropic.console',
  sourceKind: 'provider',
  class: 'buckets',
  csvHeader: ['usage_date_utc', 'usage_input_tokens_no_cache'],
  marks: [],
  detect: () => false,
  normalize(row: JsonObject, context: LineContext): Outcome {
    const day = fromIso(row['usage_date_utc']);
    if (day === null) throw new BadField('usage_date_utc', 'must be a day such as 2026-11-01');
    const record = newRecord(anthropicConsole, 'anthropic', textAt(row, 'model_version') ?? 'unknown');
    record.publisher = 'anthropic';
    record.calls = 0;
    record.occurredAtMs = day;
    record.linkIds.push({ kind: 'natural', value: bucketKey(anthropicConsole.id, String(day), '', row, DIMENSIONS) });
    record.inputTokens = countAt(row, 'usage_input_tokens_no_cache');
    record.cacheReadTokens = countAt(row, 'usage_input_tokens_cache_read');
    record.cacheWrite5mTokens = countAt(row, 'usage_input_tokens_cache_write_5m');
    record.cacheWrite1hTokens = countAt(row, 'usage_input_tokens_cache_write_1h');
    record.outputTokens = countAt(row, 'usage_output_tokens');
    record.webSearches = countAt(row, 'web_search_count');
    record.tier = tierOf(textAt(row, 'usage_type'), textAt(row, 'speed'));
    record.priceRegion = geoOf(textAt(row, 'inference_geo'));
    record.contextTokens = contextOf(textAt(row, 'context_window'));
    record.evidence.keyName = textAt(row, 'api_key');
    record.evidence.workspace = textAt(row, 'workspace');
    const grouped = DIMENSIONS.filter((name) => name in row);
    record.bucketGrouping = groupingKey(anthropicConsole.id, grouped, MS_PER_DAY / 1000);
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};
