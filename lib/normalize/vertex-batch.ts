/**
 * Vertex batch prediction output. In: one line with the request and the response. Out: a record at the batch tier; a non-empty status is a
 * failure and not billed, a line with only its request was never processed. Source: formats.md 4.4.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { batchLineKey } from './batch-key.ts';
import { applySurroundings, timedBy } from './evidence.ts';
import { isObject, objectAt, textAt } from './fields.ts';
import { answerRecords, objectsOf } from './vertex-answer.ts';

export const vertexBatch: Format = {
  id: 'vertex.batch',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['request'],
  detect: (line) => isObject(line['request']) && ('processed_time' in line || isUnprocessed(line)),
  normalize(line, around): Outcome {
    if (isUnprocessed(line)) return { kind: 'skip', reason: 'not_processed' };
    const context = timedBy(around, line['processed_time']);
    const request = objectAt(line, 'request');
    const answered = textAt(line, 'status') === null ? objectsOf(line['response']) : [];
    const answers = answerRecords(vertexBatch, answered, request, context);
    const records = answers.length > 0 ? answers : [failedRecord(line, request, context)];
    for (const record of records) record.tier = 'batch';
    return { kind: 'usage', records };
  },
};

const REQUEST_KEYS = new Set(['request', 'status', 'processed_time']);

/** What a cancelled job leaves of the requests it did not reach. */
function isUnprocessed(line: JsonObject): boolean {
  const contents = objectAt(line, 'request')?.['contents'];
  if (!Array.isArray(contents) || textAt(line, 'status') !== null) return false;
  return Object.keys(line).every((name) => REQUEST_KEYS.has(name));
}

function failedRecord(line: JsonObject, request: JsonObject | null, context: LineContext): UsageRecord {
  const record = newRecord(vertexBatch, 'vertex', 'unknown');
  record.status = 'error';
  const time = textAt(line, 'processed_time') ?? '';
  record.linkIds.push(batchLineKey(vertexBatch.id, time, null, [line['status'] ?? null, request]));
  applySurroundings(record, { ...context, outer: { ...context.outer, request: request ?? {} } });
  return record;
}
