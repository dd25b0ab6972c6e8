/**
 * OpenAI batch output lines: `custom_id` and the response of one request. The tier is always batch, whatever the body says; failed lines
 * are error rows without tokens. Source: formats.md 1.3.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';
import { chatRecord } from './openai-chat.ts';
import { embeddingRecord } from './openai-embedding.ts';
import { responseRecord } from './openai-response.ts';

export const openaiBatch: Format = {
  id: 'openai.batch',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'custom_id' in line && 'response' in line && !('body' in line),
  normalize(line, context): Outcome {
    const record = batchRecord(line, context);
    record.tier = 'batch';
    record.priceTier = null;
    const customId = textAt(line, 'custom_id');
    if (customId !== null) record.tags['custom_id'] = customId;
    const id = textAt(line, 'id');
    const requestId = textAt(objectAt(line, 'response'), 'request_id');
    if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
    if (id !== null) record.linkIds.push({ kind: 'natural', value: `openai.batch|${id}` });
    return { kind: 'usage', records: [record] };
  },
};

function batchRecord(line: JsonObject, context: LineContext): UsageRecord {
  const response = objectAt(line, 'response');
  const body = objectAt(response, 'body');
  const status = response?.['status_code'];
  if (body !== null && (typeof status !== 'number' || status < 400) && !('error' in body && body['error'])) {
    if (body['object'] === 'response') return responseRecord(openaiBatch, body, context);
    if (body['object'] === 'list') return embeddingRecord(openaiBatch, body, context);
    return chatRecord(openaiBatch, body, context);
  }
  const record = newRecord(openaiBatch, 'openai', textAt(body, 'model') ?? 'unknown');
  record.status = 'error';
  applySurroundings(record, context);
  return record;
}
