/**
 * What OpenAI's response objects share besides usage: provider, served tier, ids, texts, built-in tools. Used by the chat, chunk,
 * responses, embedding and batch readers. Invariant: nothing is guessed that the line does not show for certain.
 */
import type { JsonObject, JsonValue, LineContext, LinkId, Tier, UsageRecord } from '../record.ts';
import { isObject, objectAt, textAt } from './fields.ts';

const TIERS: Readonly<Record<string, Tier>> = {
  default: 'standard',
  standard: 'standard',
  auto: 'standard',
  flex: 'flex',
  priority: 'priority',
  fast: 'priority', // asked as `fast`, answered as `priority` (formats.md 1.1)
  ultrafast: 'fast',
  batch: 'batch',
  scale: 'provisioned',
};

/** Sets the tier that served the call, as OpenAI names it; unknown names and null are the standard tier. */
export function setServedTier(record: UsageRecord, served: string | null): void {
  record.tier = (served === null ? undefined : TIERS[served]) ?? 'standard';
  record.priceTier = served === 'ultrafast' ? 'ultrafast' : null;
}

/** The served tier of the response prices the call (pitfall 12); the requested one is kept beside it. */
export function readTier(record: UsageRecord, line: JsonObject, context: LineContext): void {
  setServedTier(record, textAt(line, 'service_tier'));
  record.requestedTier = textAt(objectAt(context.outer, 'request'), 'service_tier');
}

const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'xai'],
  [/^(mistral|codestral|ministral|pixtral|magistral|devstral)-/, 'mistral'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'google'],
  [/^(kimi|moonshot)-/, 'moonshot'],
];

const vendors = new Map<string, string>();
/** A hostile log has a model per line. */
const MAX_VENDORS = 4096;

function vendorOf(model: string): string {
  let vendor = vendors.get(model);
  if (vendor === undefined) {
    vendor = VENDORS.find(([pattern]) => pattern.test(model))?.[1] ?? 'openai';
    if (vendors.size >= MAX_VENDORS) vendors.clear();
    vendors.set(model, vendor);
  }
  return vendor;
}

/** Who bills an OpenAI-shaped response, told only where the model or the line's marks are certain; else `openai`. */
export function providerOf(line: JsonObject, model: string): string {
  if (isObject(line['x_groq'])) return 'groq';
  const id = line['id'];
  if (typeof id === 'string' && id.startsWith('gen-')) return 'openrouter';
  return vendorOf(model);
}

/**
 * The response id as an identity. Ollama numbers its answers at random below 1,000 (`chatcmpl-730` under `fp_ollama`): two calls of one
 * day would be taken for one, so such ids identify nothing.
 */
export function responseLinks(line: JsonObject): LinkId[] {
  const id = textAt(line, 'id');
  if (id === null || (line['system_fingerprint'] === 'fp_ollama' && /^(chatcmpl|cmpl)-\d{1,4}$/.test(id))) return [];
  return [{ kind: 'response', value: id }];
}

/** Request ids of OpenAI and Anthropic look like this; other ids in an envelope may be an application's, shared by several calls. */
const REQUEST_ID = /^req_\w{6,}$/;

/** Adds the provider's request id, where the envelope kept the header. */
export function readRequestId(record: UsageRecord, context: LineContext): void {
  const outer = context.outer;
  if (outer === null) return;
  for (const holder of [outer, objectAt(outer, 'headers'), objectAt(outer, 'response_headers')]) {
    const id = textAt(holder, 'x-request-id') ?? textAt(holder, 'request-id') ?? textAt(holder, 'request_id');
    if (id === null || !REQUEST_ID.test(id)) continue;
    record.linkIds.push({ kind: 'request', value: id });
    return;
  }
}

/** The prompt where the envelope holds the request: messages, or instructions and input. Transient, never stored. */
export function readPrompt(record: UsageRecord, context: LineContext): void {
  if (context.outer === null) return;
  const request = objectAt(context.outer, 'request') ?? context.outer;
  const prompt = request['messages'] ?? request['input'] ?? request['prompt'];
  const instructions = request['instructions'];
  if (prompt === undefined || prompt === null || isEmptyObject(prompt)) return;
  record.promptText = typeof instructions === 'string' ? { instructions, input: prompt } : prompt;
}

function isEmptyObject(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** The answer's text of chat and completion choices, with reasoning and tool arguments; null if there is none. Transient. */
export function choiceText(choices: readonly JsonValue[], under: 'message' | 'delta'): string | null {
  let text = '';
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const message = objectAt(choice, under);
    for (const piece of [message?.['content'], message?.['reasoning_content'], message?.['refusal'], choice['text']]) {
      if (typeof piece === 'string') text += piece;
    }
    const tools = message?.['tool_calls'];
    if (!Array.isArray(tools)) continue;
    for (const tool of tools) if (isObject(tool)) text += textAt(objectAt(tool, 'function'), 'arguments') ?? '';
  }
  return text === '' ? null : text;
}

/** The answer's text of a Responses `output`; null if there is none. Transient. */
export function outputText(output: readonly JsonValue[]): string | null {
  let text = '';
  for (const item of output) {
    if (!isObject(item)) continue;
    const content = item['content'];
    if (Array.isArray(content)) for (const part of content) if (isObject(part)) text += textAt(part, 'text') ?? '';
    text += textAt(item, 'arguments') ?? '';
  }
  return text === '' ? null : text;
}

/** Web searches that are billed: opening a page or finding in it is not (OpenAI web search guide, 2026-10: search actions cost). */
export function countWebSearches(output: readonly JsonValue[]): number {
  let searches = 0;
  for (const item of output) {
    if (!isObject(item) || item['type'] !== 'web_search_call') continue;
    const action = textAt(objectAt(item, 'action'), 'type');
    if (action === null || action === 'search') searches++;
  }
  return searches;
}
