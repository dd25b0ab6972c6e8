/**
 * A prompt as bytes of which a prefix is the prefix of the prompt: what a provider's cache would compare. Two logs of one prompt give
 * the same bytes, whatever the order of keys; what moves from turn to turn without being read by the model is left out.
 */
import type { JsonObject, JsonValue } from '../record.ts';

/** Order in which providers read a request: tools, system, messages (Anthropic, "Prompt caching", 2026). Unknown keys come last: they may vary. */
const READING_ORDER = [
  'tools',
  'system',
  'systemInstruction',
  'instructions',
  'messages',
  'contents',
  'input',
  'prompt',
];

/** A marker for the cache itself: clients move it to the newest message. */
const NOT_READ = new Set(['cache_control', 'cachePoint']);

/** Canonical bytes of a prompt. Nothing of them may be stored. */
export function canonicalPrompt(prompt: JsonValue): Buffer {
  const parts: string[] = [];
  if (typeof prompt === 'string') parts.push(prompt);
  else if (Array.isArray(prompt)) addEach(prompt, parts);
  else if (typeof prompt === 'object' && prompt !== null) {
    for (const key of inReadingOrder(prompt)) {
      const value = prompt[key];
      parts.push(`${key}:`);
      if (Array.isArray(value)) addEach(value, parts);
      else addValue(value ?? null, parts);
    }
  }
  return Buffer.from(parts.join(''), 'utf8');
}

/** Members of a list one after the other, each closed, so that a longer conversation begins with the bytes of a shorter one. */
function addEach(list: readonly JsonValue[], parts: string[]): void {
  for (const item of list) {
    addValue(item, parts);
    parts.push('\n');
  }
}

function inReadingOrder(prompt: JsonObject): string[] {
  const known = READING_ORDER.filter((key) => prompt[key] !== undefined && prompt[key] !== null);
  const others = Object.keys(prompt).filter((key) => !READING_ORDER.includes(key) && !NOT_READ.has(key));
  return [...known, ...others.sort()];
}

function addValue(value: JsonValue, parts: string[]): void {
  if (typeof value !== 'object' || value === null) parts.push(JSON.stringify(value));
  else if (Array.isArray(value)) {
    parts.push('[');
    for (const item of value) {
      addValue(item, parts);
      parts.push(',');
    }
    parts.push(']');
  } else addObject(value, parts);
}

function addObject(value: JsonObject, parts: string[]): void {
  parts.push('{');
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined || NOT_READ.has(key)) continue;
    parts.push(JSON.stringify(key), ':');
    // a text and a list of one text are the same to a provider, and clients write one as the other from turn to turn
    addValue(key === 'content' && typeof member === 'string' ? [{ type: 'text', text: member }] : member, parts);
    parts.push(',');
  }
  parts.push('}');
}
