/**
 * OpenAI chat completions and legacy completions, and servers that speak the same shape (vLLM, xAI, DeepSeek, Groq, OpenRouter). In: a
 * response body, bare or inside an envelope. Out: one record. Family A: prompt contains cached tokens, completion contains reasoning
 * unless the total says otherwise. Source: formats.md 1.1, 9 (OpenAI API specification of 2026-08-21).
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, isObject, textAt } from './fields.ts';
import { choiceText, providerOf, readPrompt, readRequestId, readTier, responseLinks } from './openai-shape.ts';
import { readOpenAiUsage, usageOf } from './openai-usage.ts';

export const openaiChat: Format = {
  id: 'openai.chat',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['object'],
  detect: (line) => line['object'] === 'chat.completion' || line['object'] === 'text_completion',
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [chatRecord(openaiChat, line, context)] }),
};

/** One record from a completion body; batch lines hand theirs in too. Throws `BadField` where a count is no count. */
export function chatRecord(format: Format, line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(line, model), model);
  record.linkIds = responseLinks(line);
  record.callId = textAt(line, 'id');
  record.operation = line['object'] === 'text_completion' ? 'completion' : 'chat';
  record.occurredAtMs = fromUnixSeconds(line['created']);
  const usage = usageOf(line);
  if (usage === null) record.usageBasis = 'missing';
  else readOpenAiUsage(record, usage);
  readTier(record, line, context);
  if (isObject(line['error'])) record.status = 'error';
  applyTags(record, line['metadata']);
  readPrompt(record, context);
  // the answer's text is needed only where its tokens must be counted
  if (record.usageBasis === 'missing') record.responseText = choiceText(arrayAt(line, 'choices'), 'message');
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}
