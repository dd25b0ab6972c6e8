/** Gemini API batch output in file mode: `key` with a response or an error. Source: formats.md 4.4. */
import { newRecord } from '../record.ts';
import type { Format, Outcome } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';
import { geminiRecord, usageMetadata } from './gemini-usage.ts';

export const geminiBatch: Format = {
  id: 'gemini.batch',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'key' in line && !('custom_id' in line) && !('model' in line) && (usageMetadata(objectAt(line, 'response')) !== null || objectAt(line, 'error') !== null),
  normalize(line, context): Outcome {
    const response = objectAt(line, 'response');
    const key = textAt(line, 'key') ?? String(context.line);
    const record = response !== null ? geminiRecord(geminiBatch, response, context) : newRecord(geminiBatch, 'google', 'unknown');
    record.publisher = 'google';
    record.tier = 'batch';
    record.tags['batch_key'] = key;
    record.linkIds.push({ kind: 'natural', value: `gemini.batch|${context.object.key}|${key}` });
    if (response === null) {
      record.status = 'error';
      applySurroundings(record, context);
    }
    return { kind: 'usage', records: [record] };
  },
};
