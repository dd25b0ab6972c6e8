/**
 * Vertex request-response logging (BigQuery export). In: one row; its response is an object, a list of stream chunks, or JSON text. Out: the
 * records of the answer. A sampling rate below 1 is never scaled up: what was not logged is not invented. Source: formats.md 4.5.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, LinkId, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, timedBy } from './evidence.ts';
import { msFrom, quantityAt, textAt } from './fields.ts';
import { locationIn, requestPrompt } from './gemini-usage.ts';
import { answerRecords, objectsOf } from './vertex-answer.ts';

export const vertexLog: Format = {
  id: 'vertex.log',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['logging_time'],
  detect: (line) => 'logging_time' in line && 'full_response' in line && 'api_method' in line,
  normalize(line, around): Outcome {
    const context = timedBy(around, line['logging_time']);
    const request = objectsOf(line['full_request'])[0] ?? null;
    const answers = answerRecords(vertexLog, objectsOf(line['full_response']), request, context);
    const records = answers.length > 0 ? answers : [unansweredRecord(request, context)];
    for (const record of records) readRow(record, line);
    records.at(-1)?.linkIds.push(rowId(line));
    return { kind: 'usage', records };
  },
};

/** A row whose response was not logged, or in a shape that is not known: a call with unknown usage. */
function unansweredRecord(request: JsonObject | null, context: LineContext): UsageRecord {
  const record = newRecord(vertexLog, 'vertex', 'unknown');
  record.usageBasis = 'missing';
  record.promptText = requestPrompt(request);
  applySurroundings(record, { ...context, outer: { ...context.outer, request: request ?? {} } });
  return record;
}

function readRow(record: UsageRecord, line: JsonObject): void {
  const path = textAt(line, 'model');
  if (record.modelReported === 'unknown') record.modelReported = path?.replace(/^.*models\//, '') ?? 'unknown';
  record.publisher = /publishers\/([^/]+)\//.exec(path ?? '')?.[1] ?? record.publisher;
  record.priceRegion ??= locationIn(textAt(line, 'endpoint')) ?? locationIn(path);
  record.latencyMs ??= msFrom(quantityAt(objectsOf(line['metadata'])[0] ?? null, 'request_latency'), 1);
}

/** The row's request id. As a JSON number it may have lost its last digits; then the time of logging keeps neighbors apart. */
function rowId(line: JsonObject): LinkId {
  const id = textAt(line, 'request_id') ?? '';
  const isExact = typeof line['request_id'] === 'string' || Number.isSafeInteger(line['request_id']);
  if (isExact) return { kind: 'request', value: id };
  return { kind: 'natural', value: `vertex.log|${id}|${textAt(line, 'logging_time') ?? ''}` };
}
