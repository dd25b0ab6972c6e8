/**
 * The text of a prompt, whatever shape a log keeps it in: a string, chat messages, content parts, Gemini contents. Text only; images
 * and tool schemas are not text. Invariant: what loggers write instead of a prompt is never taken for one, because counting or
 * hashing it would invent usage and cache hits.
 */
import type { JsonValue } from '../record.ts';

/** Never said by a person: what loggers and masking proxies write where a text was. */
const PLACEHOLDER =
  /^\s*(redacted(-by-[\w-]+)?|[[<(](redacted|masked|filtered|hidden|removed)[\])>]|\*{4,}|x{6,})\s*$/i;
/** May be a person's answer in a long conversation, but is no whole prompt. */
const EMPTY_WORD = /^\s*(none|null|n\/a|nil|undefined|-+|\*+|x{3,})\s*$/i;

/** Deeper than any real prompt; a hostile one must not exhaust the stack. */
const MAX_DEPTH = 32;

/** Places of text in the shapes that are read; anything else in an object is not text the model sees. */
const TEXT_KEYS =
  'system systemInstruction instructions messages contents input prompt text content parts thinking tool_calls function arguments output'.split(
    ' ',
  );

/** Texts of a prompt in order, one per message or part; null where there is none, or where one of them is a placeholder. */
export function promptTexts(prompt: JsonValue | null): string[] | null {
  const texts: string[] = [];
  collect(prompt, texts, 0);
  const said = texts.filter((text) => text.trim() !== '');
  if (said.length === 0 || said.some((text) => PLACEHOLDER.test(text))) return null;
  return said.every((text) => EMPTY_WORD.test(text)) ? null : said;
}

/** A response's text, or null where there is none or a placeholder. */
export function responseText(text: string | null): string | null {
  return text === null || text === '' || PLACEHOLDER.test(text) ? null : text;
}

function collect(value: JsonValue | undefined, texts: string[], depth: number): void {
  if (typeof value === 'string') texts.push(value);
  else if (depth >= MAX_DEPTH || typeof value !== 'object' || value === null) return;
  else if (Array.isArray(value)) for (const item of value) collect(item, texts, depth + 1);
  else for (const key of TEXT_KEYS) if (value[key] !== undefined) collect(value[key], texts, depth + 1);
}

/** What frames a chat message besides its content. */
export interface MessageFrame {
  readonly role: string;
  readonly name: string | null;
}

/** The messages of a chat prompt; empty for plain text, of which nobody says how it was sent. */
export function messageFrames(prompt: JsonValue | null): MessageFrame[] {
  if (Array.isArray(prompt)) return prompt.flatMap((item) => frameOf(item));
  if (typeof prompt !== 'object' || prompt === null) return [];
  const system = prompt['system'] ?? prompt['instructions'] ?? prompt['systemInstruction'];
  const list = prompt['messages'] ?? prompt['input'] ?? prompt['contents'];
  const frames = Array.isArray(list) ? list.flatMap((item) => frameOf(item)) : [];
  return system === undefined || system === null ? frames : [{ role: 'system', name: null }, ...frames];
}

function frameOf(item: JsonValue): MessageFrame[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
  const { role, name } = item;
  return [{ role: typeof role === 'string' ? role : 'user', name: typeof name === 'string' ? name : null }];
}
