/**
 * The text of a prompt, whatever shape a log keeps it in: a string, chat messages, content parts, Gemini contents. Text only; images
 * and tool schemas are not text. Placeholders that loggers write instead of a prompt are no text at all.
 */
import type { JsonValue } from '../record.ts';

/** What loggers write where a prompt was: counting or hashing it would invent usage and cache hits. */
const PLACEHOLDER = /^\s*(redacted(-by-[\w-]+)?|\[redacted\]|<redacted>|\*{3,}|x{3,}|<masked>|\[masked\]|\[filtered\]|none|null|n\/a)\s*$/i;

/** Deeper than any real prompt; a hostile one must not exhaust the stack. */
const MAX_DEPTH = 32;

/** Texts of a prompt in order, one per message or part, or null where there is no usable text. */
export function promptTexts(prompt: JsonValue | null): string[] | null {
  const texts: string[] = [];
  collect(prompt, texts, 0);
  const real = texts.filter((text) => text !== '' && !PLACEHOLDER.test(text));
  return real.length === 0 || real.length < texts.filter((text) => text !== '').length ? null : real;
}

function collect(value: JsonValue | undefined, texts: string[], depth: number): void {
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) {
    if (depth < MAX_DEPTH) for (const item of value) collect(item, texts, depth + 1);
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    for (const key of ['system', 'systemInstruction', 'instructions', 'messages', 'contents', 'input', 'prompt', 'text', 'content', 'parts', 'thinking', 'arguments']) {
      if (value[key] !== undefined) collect(value[key], texts, depth + 1);
    }
  }
}

/** Number of chat messages in a prompt: OpenAI's rule adds tokens for each. */
export function messageCount(prompt: JsonValue | null): number {
  if (Array.isArray(prompt)) return prompt.filter((item) => typeof item === 'object' && item !== null).length;
  if (typeof prompt === 'object' && prompt !== null) {
    const list = prompt['messages'] ?? prompt['contents'];
    return Array.isArray(list) ? list.length : 0;
  }
  return 0;
}
