/** OpenAI embeddings: a list with usage, without id and time. Without an envelope that tells the time it is known by its position only. */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { isObject, textAt } from './fields.ts';
import { readRequestId } from './openai-chat.ts';
import { providerOf, readOpenAiUsage } from './openai-usage.ts';

export const openaiEmbedding: Format = {
  id: 'openai.embedding',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => line['object'] === 'list' && isObject(line['usage']),
  normalize: (line, context) => ({ kind: 'usage', records: [embeddingRecord(openaiEmbedding, line, context)] }),
};

/** One record from an embeddings body; the vectors themselves are never looked at. */
export function embeddingRecord(format: Format, line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(model, null), model);
  record.operation = 'embedding';
  readOpenAiUsage(record, line['usage'] as JsonObject);
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}
