/**
 * Lines we know and that carry no usage of a call: events, manifests, invoices. Recognized so that they are named skips and not
 * rejects; cost reports become evidence for reconciliation in a later version.
 */
import type { Format, JsonObject } from '../record.ts';
import { arrayAt, isObject } from './fields.ts';

function skipped(id: string, reason: string, detect: (line: JsonObject) => boolean, csvHeader?: readonly string[]): Format {
  return { id, sourceKind: 'provider', class: 'calls', detect, normalize: () => ({ kind: 'skip', reason }), ...(csvHeader ? { csvHeader } : {}) };
}

const firstResult = (line: JsonObject): JsonObject | null => {
  for (const bucket of [...arrayAt(line, 'data'), ...arrayAt(line, 'results')]) {
    const result = isObject(bucket) ? [...arrayAt(bucket, 'results'), ...arrayAt(bucket, 'result')][0] : undefined;
    if (isObject(result)) return result;
  }
  return null;
};

export const NOT_USAGE: readonly Format[] = [
  skipped('s3.event', 's3_event', (line) => {
    const record = arrayAt(line, 'Records')[0];
    return (isObject(record) && record['eventSource'] === 'aws:s3') || (line['source'] === 'aws.s3' && 'detail-type' in line) || line['Event'] === 's3:TestEvent';
  }),
  skipped('bedrock.batch.manifest', 'batch_manifest', (line) => 'totalRecordCount' in line && 'processedRecordCount' in line),
  skipped('langfuse.manifest', 'export_manifest', (line) => 'exportSource' in line && 'files' in line && 'window' in line),
  skipped('openai.costs', 'cost_report', (line) => line['object'] === 'page' && firstResult(line)?.['object'] === 'organization.costs.result'),
  skipped('anthropic.cost_report', 'cost_report', (line) => 'has_more' in line && typeof firstResult(line)?.['amount'] === 'string'),
  skipped('anthropic.claude_code_report', 'usage_already_in_usage_report', (line) => {
    const first = arrayAt(line, 'data')[0];
    return 'has_more' in line && isObject(first) && 'actor' in first && 'model_breakdown' in first;
  }),
  skipped('openai.costs_csv', 'cost_report', () => false, ['amount_value', 'amount_currency', 'line_item']),
  skipped('anthropic.console_cost', 'cost_report', () => false, ['usage_date_utc', 'token_type', 'cost_usd']),
  skipped('empty.page', 'empty_page', (line) => 'has_more' in line && Array.isArray(line['data']) && firstResult(line) === null && arrayAt(line, 'data').length === 0),
];
