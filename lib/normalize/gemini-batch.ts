/**
 * Gemini API batch output. In: a line of file mode (`key` with a response or an error), an inline response (the key in its metadata), or the
 * finished job with all its inline responses. Out: a record per request, at the batch tier; errors have no tokens. Source: formats.md 4.4.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { batchLineKey } from './batch-key.ts';
import { applySurroundings, applyTag } from './evidence.ts';
import { arrayAt, isObject, objectAt, textAt } from './fields.ts';
import { geminiRecord, isBareResponse, usageMetadata } from './gemini-usage.ts';

export const geminiBatch: Format = {
  id: 'gemini.batch',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['response', 'dest', 'key', 'metadata'],
  detect: (line) => inlineResponses(line).length > 0 || isResult(line),
  normalize(line, context): Outcome {
    const inline = inlineResponses(line);
    const results = inline.length > 0 ? inline : [line];
    return { kind: 'usage', records: results.map((result) => resultRecord(result, textAt(line, 'name'), context)) };
  },
};

const RESULT_KEYS = new Set(['key', 'response', 'error', 'metadata']);

/** A result and nothing else, so that an application's own envelope around a response is not taken for a batch. */
function isResult(line: JsonObject): boolean {
  if (keyOf(line) === null || !Object.keys(line).every((name) => RESULT_KEYS.has(name))) return false;
  const response = objectAt(line, 'response');
  return usageMetadata(response) !== null || isBareResponse(response) || objectAt(line, 'error') !== null;
}

function keyOf(line: JsonObject): string | null {
  return textAt(line, 'key') ?? textAt(objectAt(line, 'metadata'), 'key');
}

/** `response.inlinedResponses` of the REST job, `dest.inlined_responses` of the Python SDK; each may nest the list once more. */
function inlineResponses(line: JsonObject): JsonObject[] {
  const holder = objectAt(line, 'response') ?? objectAt(line, 'dest');
  const list = holder?.['inlinedResponses'] ?? holder?.['inlined_responses'];
  if (Array.isArray(list)) return list.filter(isObject);
  return isObject(list) ? arrayAt(list, 'inlinedResponses').filter(isObject) : [];
}

function resultRecord(result: JsonObject, jobId: string | null, context: LineContext): UsageRecord {
  const response = objectAt(result, 'response');
  const record =
    response === null ? newRecord(geminiBatch, 'google', 'unknown') : geminiRecord(geminiBatch, response, context);
  record.publisher = 'google';
  record.tier = 'batch';
  const key = keyOf(result);
  applyTag(record, 'batch_key', key);
  if (record.linkIds.length === 0) {
    record.linkIds.push(batchLineKey(geminiBatch.id, key ?? '', jobId, response ?? result['error'] ?? null));
  }
  if (response === null) {
    record.status = 'error';
    applySurroundings(record, context);
  }
  return record;
}
