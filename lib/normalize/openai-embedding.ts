/**
 * OpenAI embeddings and servers that speak the same shape. In: a list with usage, without id and time. Out: one record; unless an
 * envelope tells its time it is known by its position only. Invariant: the vectors are never looked at. Source: formats.md 1.1.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { isObject, objectAt, textAt } from './fields.ts';
import { providerOf, readRequestId } from './openai-shape.ts';
import { readOpenAiUsage } from './openai-usage.ts';

export const openaiEmbedding: Format = {
  id: 'openai.embedding',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['object'],
  detect: (line) => line['object'] === 'list' && isObject(line['usage']),
  normalize: (line, context): Outcome => ({
    kind: 'usage',
    records: [embeddingRecord(openaiEmbedding, line, context)],
  }),
};

/** One record from an embeddings body; batch lines hand theirs in too. Throws `BadField` where a count is no count. */
export function embeddingRecord(format: Format, line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(line, model), model);
  record.operation = 'embedding';
  const usage = objectAt(line, 'usage');
  if (usage === null) record.usageBasis = 'missing';
  else readOpenAiUsage(record, usage);
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}
