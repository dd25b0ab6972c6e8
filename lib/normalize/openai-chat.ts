/**
 * OpenAI chat completions and legacy completions, and servers that speak the same shape (vLLM, xAI, DeepSeek, Groq). Family A: prompt
 * contains cached tokens, completion contains reasoning. Source: formats.md 1.1, 9.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, isObject, objectAt, textAt } from './fields.ts';
import { providerOf, readOpenAiUsage, readTexts, readTier, usageOf } from './openai-usage.ts';

export const openaiChat: Format = {
  id: 'openai.chat',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => line['object'] === 'chat.completion' || line['object'] === 'text_completion',
  normalize: (line, context) => ({ kind: 'usage', records: [chatRecord(openaiChat, line, context)] }) satisfies Outcome,
};

/** One record from a completion body; batch lines and gateways hand theirs in too. */
export function chatRecord(format: Format, line: JsonObject, context: LineContext): UsageRecord {
  const id = textAt(line, 'id');
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(model, id), model);
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.operation = line['object'] === 'text_completion' ? 'completion' : 'chat';
  record.occurredAtMs = fromUnixSeconds(line['created']);
  const usage = usageOf(line);
  if (usage === null) record.usageBasis = 'missing';
  else readOpenAiUsage(record, usage);
  readTier(record, textAt(line, 'service_tier'), context);
  if (isObject(line['error'])) record.status = 'error';
  applyTags(record, line['metadata']);
  readTexts(record, context, arrayAt(line, 'choices'));
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}

/** The provider's request id, where the envelope kept the header. */
export function readRequestId(record: UsageRecord, context: LineContext): void {
  const outer = context.outer;
  const headers = objectAt(outer, 'headers') ?? objectAt(outer, 'response_headers');
  const requestId = textAt(outer, 'request_id') ?? textAt(headers, 'x-request-id') ?? textAt(headers, 'request-id');
  if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
}
