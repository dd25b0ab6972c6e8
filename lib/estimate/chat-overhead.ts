/**
 * Tokens that a chat format adds to what the user wrote. In: publisher, number of messages. Out: tokens and who says so. Formula: 3 by message, 1
 * for its role (`user` and `system` are one token each in both encodings), 3 that begin the answer. Source: OpenAI Cookbook, "How to count
 * tokens with Tiktoken", `num_tokens_from_messages` (for gpt-3.5, gpt-4, gpt-4o and gpt-4o-mini; read 2026-11). Nobody else publishes a rule.
 */

const BY_MESSAGE = 4;
const PRIMING = 3;

export function chatOverhead(publisher: string | null, messages: number): { tokens: number; basis: string } {
  const tokens = messages * BY_MESSAGE + PRIMING;
  return {
    tokens,
    basis:
      publisher === 'openai'
        ? `${tokens} tokens of chat format by request (OpenAI Cookbook)`
        : `${tokens} tokens of chat format by request (assumed: OpenAI's rule, as no other is published)`,
  };
}
