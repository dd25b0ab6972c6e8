/** Anthropic message batch results: only what succeeded is billed, at the batch tier. Source: formats.md 2.2. */
import { newRecord } from '../record.ts';
import type { Format, Outcome } from '../record.ts';
import { messageRecords } from './anthropic-message.ts';
import { applySurroundings } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';

export const anthropicBatch: Format = {
  id: 'anthropic.batch',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'custom_id' in line && typeof line['result'] === 'object' && line['result'] !== null && 'type' in line['result'],
  normalize(line, context): Outcome {
    const result = objectAt(line, 'result');
    const type = textAt(result, 'type');
    const customId = textAt(line, 'custom_id');
    const message = objectAt(result, 'message');
    if (type === 'succeeded' && message !== null) {
      const records = messageRecords(anthropicBatch, message, context);
      for (const record of records) {
        record.tier = 'batch';
        if (customId !== null) record.tags['custom_id'] = customId;
      }
      return { kind: 'usage', records };
    }
    const record = newRecord(anthropicBatch, 'anthropic', 'unknown');
    record.publisher = 'anthropic';
    record.tier = 'batch';
    record.status = type === 'canceled' ? 'cancelled' : 'error';
    if (customId !== null) {
      record.tags['custom_id'] = customId;
      record.linkIds.push({ kind: 'natural', value: `anthropic.batch|${context.object.key}|${customId}` });
    }
    applySurroundings(record, context);
    return { kind: 'usage', records: [record] };
  },
};
