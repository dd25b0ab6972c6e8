/**
 * Records that came without usage but with text: their tokens are counted and the row says so. What has neither stays `missing`.
 */
import type { UsageRecord } from '../record.ts';
import { messageCount, promptTexts } from './message-text.ts';
import { counterFor } from './text-counter.ts';

/** Chat framing of OpenAI models: 3 tokens per message and 3 that start the answer (OpenAI cookbook, "How to count tokens with tiktoken", 2024). */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_TO_START_ANSWER = 3;

/** Fills the meters of a record whose usage is missing from its text. Returns the method, or null if nothing was counted. */
export function countMissing(record: UsageRecord): string | null {
  if (record.usageBasis !== 'missing') return null;
  const prompt = promptTexts(record.promptText);
  if (prompt === null && record.responseText === null) return null;
  const counter = counterFor(record.publisher ?? record.provider, record.modelReported);
  const messages = messageCount(record.promptText);
  const framing = messages === 0 ? 0 : messages * TOKENS_PER_MESSAGE + TOKENS_TO_START_ANSWER;
  if (prompt !== null) record.inputTokens = prompt.reduce((sum, text) => sum + counter.count(text), framing);
  if (record.responseText !== null) record.outputTokens = counter.count(record.responseText);
  record.usageBasis = counter.basis;
  return counter.method;
}
