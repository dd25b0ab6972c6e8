/** Vertex batch prediction output: request and response per line; a non-empty status is a failure. Source: formats.md 4.4. */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, Outcome } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';
import { geminiRecord, usageMetadata } from './gemini-usage.ts';

export const vertexBatch: Format = {
  id: 'vertex.batch',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'processed_time' in line && 'request' in line,
  normalize(line, context): Outcome {
    const response = objectAt(line, 'response');
    const outer = { ...context.outer, request: objectAt(line, 'request') ?? {} };
    const isOk = textAt(line, 'status') === null && usageMetadata(response) !== null;
    const record = isOk && response ? geminiRecord(vertexBatch, response, { ...context, outer }) : newRecord(vertexBatch, 'vertex', 'unknown');
    record.provider = 'vertex';
    record.publisher = 'google';
    record.tier = 'batch';
    record.occurredAtMs ??= fromIso(line['processed_time']);
    if (!isOk) {
      record.status = response === null ? 'cancelled' : 'error';
      record.linkIds.push({ kind: 'natural', value: `vertex.batch|${context.object.key}|${context.line}` });
      applySurroundings(record, { ...context, outer });
    }
    return { kind: 'usage', records: [record] };
  },
};
