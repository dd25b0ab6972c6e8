/**
 * OpenAI batch output and error files. In: one line per request, `custom_id` and the response. Out: one record. Invariant: the tier is
 * batch, whatever the body says (it answers `default`); lines without a good response are error rows without tokens.
 * Source: formats.md 1.3.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, applyTag } from './evidence.ts';
import { isObject, objectAt, textAt } from './fields.ts';
import { chatRecord } from './openai-chat.ts';
import { embeddingRecord } from './openai-embedding.ts';
import { responseRecord } from './openai-response.ts';

export const openaiBatch: Format = {
  id: 'openai.batch',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['custom_id'],
  detect: (line) => 'custom_id' in line && 'response' in line && !('body' in line),
  normalize(line, context): Outcome {
    const response = objectAt(line, 'response');
    const record = batchRecord(response, context);
    record.tier = 'batch';
    record.priceTier = null;
    applyTag(record, 'custom_id', line['custom_id']);
    const id = textAt(line, 'id');
    const requestId = textAt(response, 'request_id');
    if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
    if (id !== null) record.linkIds.push({ kind: 'natural', value: `openai.batch|${id}` });
    record.callId ??= requestId ?? id;
    return { kind: 'usage', records: [record] };
  },
};

function batchRecord(response: JsonObject | null, context: LineContext): UsageRecord {
  const body = objectAt(response, 'body');
  const status = response?.['status_code'];
  const isRefused = typeof status === 'number' && status >= 400;
  if (body?.['object'] === 'response' && !isRefused) return responseRecord(openaiBatch, body, context);
  if (body === null || isRefused || isObject(body['error'])) {
    const record = newRecord(openaiBatch, 'openai', textAt(body, 'model') ?? 'unknown');
    record.status = 'error';
    applySurroundings(record, context);
    return record;
  }
  if (body['object'] === 'list') return embeddingRecord(openaiBatch, body, context);
  return chatRecord(openaiBatch, body, context);
}
