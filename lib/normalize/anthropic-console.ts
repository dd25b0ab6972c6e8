/** The Anthropic console's token CSV: one row per day and dimension. `api_key` is the key's name. Source: formats.md 2.6. */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome } from '../record.ts';
import { contextOf, tierOf } from './anthropic-usage.ts';
import { bucketKey, groupingKey } from './bucket-key.ts';
import { applySurroundings } from './evidence.ts';
import { BadField, countAt, textAt } from './fields.ts';

const DIMENSIONS = ['model_version', 'api_key', 'workspace', 'usage_type', 'context_window', 'inference_geo', 'speed'];

export const anthropicConsole: Format = {
  id: 'anthropic.console',
  sourceKind: 'provider',
  class: 'buckets',
  csvHeader: ['usage_date_utc', 'usage_input_tokens_no_cache'],
  detect: () => false,
  normalize(row: JsonObject, context: LineContext): Outcome {
    const day = fromIso(row['usage_date_utc']);
    if (day === null) throw new BadField('usage_date_utc', 'must be a day such as 2026-11-01');
    const record = newRecord(anthropicConsole, 'anthropic', textAt(row, 'model_version') ?? 'unknown');
    record.publisher = 'anthropic';
    record.calls = 0;
    record.occurredAtMs = day;
    record.linkIds.push({ kind: 'natural', value: bucketKey('anthropic.console', String(day), '', row, DIMENSIONS) });
    record.inputTokens = countAt(row, 'usage_input_tokens_no_cache');
    record.cacheReadTokens = countAt(row, 'usage_input_tokens_cache_read');
    record.cacheWrite5mTokens = countAt(row, 'usage_input_tokens_cache_write_5m');
    record.cacheWrite1hTokens = countAt(row, 'usage_input_tokens_cache_write_1h');
    record.outputTokens = countAt(row, 'usage_output_tokens');
    record.webSearches = countAt(row, 'web_search_count');
    record.tier = textAt(row, 'speed') === 'fast' ? 'fast' : tierOf(textAt(row, 'usage_type'));
    const geo = textAt(row, 'inference_geo');
    record.priceRegion = geo === null || geo === 'global' || geo === 'not_available' ? null : geo;
    record.contextTokens = contextOf(textAt(row, 'context_window'));
    record.evidence.keyName = textAt(row, 'api_key');
    record.evidence.workspace = textAt(row, 'workspace');
    record.bucketGrouping = groupingKey(anthropicConsole.id, DIMENSIONS.filter((name) => name in row), 86_400);
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};
