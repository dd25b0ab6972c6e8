/**
 * Records that came without usage but with text: their tokens are counted and the row says so. What has no text stays `missing`, and
 * a record of which only one side was logged is marked estimated: the other side is unknown, not zero.
 */
import type { UsageRecord } from '../record.ts';
import { messageFrames, promptTexts, responseText } from './message-text.ts';
import type { TextCounter, TextCounters } from './text-counter.ts';

/**
 * Chat framing of OpenAI models: 3 tokens per message, its role, 1 more for a name, and 3 that start the answer.
 * Source: OpenAI cookbook, "How to count tokens with tiktoken", `num_tokens_from_messages` for gpt-4o and gpt-4 (2024).
 */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
const TOKENS_TO_START_ANSWER = 3;

/** Fills the meters of a record whose usage is missing from its text. Returns the method for `cost_reason`, or null if nothing was counted. */
export function countMissing(record: UsageRecord, counters: TextCounters): string | null {
  if (record.usageBasis !== 'missing') return null;
  const prompt = promptTexts(record.promptText);
  const response = responseText(record.responseText);
  if (prompt === null && response === null) return null;
  const counter = counters.for(record.publisher ?? record.provider, record.modelReported);
  if (prompt !== null)
    record.inputTokens = prompt.reduce((sum, text) => sum + counter.count(text), framing(record, counter));
  if (response !== null) record.outputTokens = counter.count(response);
  const unknown = unknownSide(record, prompt !== null, response !== null);
  record.usageBasis = unknown === null ? counter.basis : 'estimated';
  return unknown === null ? counter.method : `${counter.method},${unknown}`;
}

function framing(record: UsageRecord, counter: TextCounter): number {
  if (record.operation !== 'chat' || counter.basis !== 'counted') return 0;
  const frames = messageFrames(record.promptText);
  return frames.reduce(
    (sum, { role, name }) =>
      sum + TOKENS_PER_MESSAGE + counter.count(role) + (name === null ? 0 : TOKENS_PER_NAME + counter.count(name)),
    frames.length === 0 ? 0 : TOKENS_TO_START_ANSWER,
  );
}

/** Which side of the call the log does not show; null where there is none to show. */
function unknownSide(record: UsageRecord, hasPrompt: boolean, hasResponse: boolean): string | null {
  if (!hasPrompt) return 'prompt_not_logged';
  const answers = record.operation === 'chat' || record.operation === 'completion';
  return answers && record.status === 'ok' && !hasResponse ? 'response_not_logged' : null;
}
