/**
 * Anthropic message batch results: only what succeeded is billed, at the batch tier. In: one result line. Out: the message's records, or
 * one record without tokens for a line that failed. Lines have no time and no batch id; both come from the object. Source: formats.md 2.2.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { messageRecords } from './anthropic-message.ts';
import { batchLineKey } from './batch-key.ts';
import { applySurroundings, applyTag } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';

export const anthropicBatch: Format = {
  id: 'anthropic.batch',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['custom_id'],
  detect: (line) => 'custom_id' in line && typeof objectAt(line, 'result')?.['type'] === 'string',
  normalize(line, context): Outcome {
    const result = objectAt(line, 'result');
    const message = objectAt(result, 'message');
    const records =
      textAt(result, 'type') === 'succeeded' && message !== null
        ? messageRecords(anthropicBatch, message, context)
        : [unbilledRecord(line, result, context)];
    for (const record of records) {
      record.tier = 'batch';
      applyTag(record, 'custom_id', line['custom_id']);
    }
    return { kind: 'usage', records };
  },
};

function unbilledRecord(line: JsonObject, result: JsonObject | null, context: LineContext): UsageRecord {
  const record = newRecord(anthropicBatch, 'anthropic', 'unknown');
  record.publisher = 'anthropic';
  record.status = textAt(result, 'type') === 'canceled' ? 'cancelled' : 'error';
  const requestId = textAt(objectAt(result, 'error'), 'request_id');
  if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
  const batchId = /msgbatch_[A-Za-z0-9]+/.exec(context.object.key)?.[0] ?? null;
  record.linkIds.push(batchLineKey(anthropicBatch.id, textAt(line, 'custom_id') ?? '', batchId, result));
  applySurroundings(record, context);
  return record;
}
