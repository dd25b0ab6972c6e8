/**
 * Lines we know and that carry no usage of a call: events, manifests, invoices, requests, bare errors. In: a line. Out: always a named
 * skip, so that they are neither rejects nor usage; cost reports become evidence for reconciliation in a later version.
 */
import type { Format, JsonObject } from '../record.ts';
import { arrayAt, isObject } from './fields.ts';

function skipped(id: string, reason: string, marks: readonly string[], detect: (line: JsonObject) => boolean): Format {
  return { id, sourceKind: 'provider', class: 'calls', marks, detect, normalize: () => ({ kind: 'skip', reason }) };
}

function skippedCsv(id: string, csvHeader: readonly string[]): Format {
  return { ...skipped(id, COST_REPORT, [], () => false), csvHeader };
}

const COST_REPORT = 'cost_report_not_usage';

/** First row of a paged report, in whichever bucket it lies, or null. */
function firstResult(line: JsonObject): JsonObject | null {
  for (const bucket of arrayAt(line, 'data')) {
    if (!isObject(bucket)) continue;
    const result = arrayAt(bucket, 'results')[0] ?? arrayAt(bucket, 'result')[0];
    if (isObject(result)) return result;
  }
  return null;
}

function isS3Event(line: JsonObject): boolean {
  if (line['source'] === 'aws.s3') return 'detail-type' in line;
  if (line['Event'] === 's3:TestEvent') return true;
  const record = arrayAt(line, 'Records')[0];
  return isObject(record) && record['eventSource'] === 'aws:s3';
}

/** An error body and nothing else around it: no id, no time, no usage. With a `request_id` of its own it still tells no usage. */
function isErrorBody(line: JsonObject): boolean {
  const error = line['error'];
  if (!isObject(error) || typeof error['message'] !== 'string') return false;
  for (const key in line) if (!ERROR_KEYS.has(key)) return false;
  return true;
}

const ERROR_KEYS = new Set(['error', 'type', 'request_id', 'status', 'status_code', 'code']);

/** Input files of batch jobs: what was asked, not what it cost. */
function isBatchRequest(line: JsonObject): boolean {
  if ('recordId' in line) return 'modelInput' in line && !('modelOutput' in line) && !('error' in line); // Bedrock
  if (!('custom_id' in line)) return false;
  return ('method' in line && 'body' in line) || ('params' in line && !('result' in line)); // OpenAI, Anthropic
}

/** Known lines without usage, in the order of formats.md 0.4. CSV files are told by their header. */
export const NOT_USAGE: readonly Format[] = [
  skipped('s3.event', 's3_event', ['source', 'Event', 'Records'], isS3Event),
  skipped(
    'bedrock.batch.manifest',
    'batch_manifest',
    ['totalRecordCount'],
    (line) => 'totalRecordCount' in line && 'processedRecordCount' in line,
  ),
  skipped(
    'langfuse.manifest',
    'export_manifest',
    ['exportSource'],
    (line) => 'exportSource' in line && 'files' in line && 'window' in line,
  ),
  skipped('batch.request', 'batch_request', ['recordId', 'custom_id'], isBatchRequest),
  skipped(
    'openai.batch_object',
    'batch_object',
    ['request_counts'],
    (line) => line['object'] === 'batch' && 'request_counts' in line,
  ),
  skipped('error.body', 'error_response', ['error'], isErrorBody),
  skipped(
    'openai.costs',
    COST_REPORT,
    ['data'],
    (line) => line['object'] === 'page' && firstResult(line)?.['object'] === 'organization.costs.result',
  ),
  skipped(
    'anthropic.cost_report',
    COST_REPORT,
    ['has_more'],
    (line) => 'has_more' in line && typeof firstResult(line)?.['amount'] === 'string',
  ),
  skipped('anthropic.claude_code_report', COST_REPORT, ['has_more'], (line) => {
    const first = arrayAt(line, 'data')[0];
    return 'has_more' in line && isObject(first) && 'actor' in first && 'model_breakdown' in first;
  }),
  skipped(
    'empty.page',
    'empty_page',
    ['has_more'],
    (line) => 'has_more' in line && Array.isArray(line['data']) && line['data'].length === 0,
  ),
  skippedCsv('openai.costs_csv', ['amount_value', 'amount_currency', 'line_item']),
  skippedCsv('anthropic.console_cost', ['usage_date_utc', 'token_type', 'cost_usd']),
  skippedCsv('focus', ['BilledCost', 'ChargePeriodStart', 'BillingCurrency']),
  skippedCsv('aws.cur', ['line_item_usage_type', 'line_item_usage_amount']),
  skippedCsv('litellm.ui_csv', ['Date', 'Spend ($)', 'Requests']),
];
