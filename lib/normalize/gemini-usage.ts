/**
 * Reading Gemini's usageMetadata (family C): prompt contains cached tokens, tool-use prompt tokens are extra input, thoughts are outside the
 * candidates. Camel case on the wire, snake case in Python dumps. Source: formats.md 4.3 (python-genai types of 2026-08-21).
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, LineContext, UsageRecord } from '../record.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, countAt, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';
import { geminiMeters } from './token-semantics.ts';

/** `promptTokenCount` → `prompt_token_count`. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function either(o: JsonObject | null, name: string): JsonValue | undefined {
  return o?.[name] ?? o?.[snake(name)];
}

function count(o: JsonObject | null, name: string): number {
  return optionalCountAt(o, name) ?? countAt(o, snake(name));
}

function text(o: JsonObject | null, name: string): string | null {
  return textAt(o, name) ?? textAt(o, snake(name));
}

/** The usage object of a response in either spelling, or null. */
export function usageMetadata(response: JsonObject | null): JsonObject | null {
  return objectAt(response, 'usageMetadata') ?? objectAt(response, 'usage_metadata');
}

/** One record from a Gemini or Vertex response. */
export function geminiRecord(format: Format, response: JsonObject, context: LineContext): UsageRecord {
  const usage = usageMetadata(response);
  const model = (text(response, 'modelVersion') ?? textAt(objectAt(context.outer, 'request'), 'model') ?? 'unknown').replace(/^.*models\//, '');
  const traffic = text(usage, 'trafficType');
  const record = newRecord(format, traffic !== null ? 'vertex' : 'google', model);
  record.publisher = 'google';
  const id = text(response, 'responseId');
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.occurredAtMs = fromIso(either(response, 'createTime'));
  if (usage === null) record.usageBasis = 'missing';
  else readTokens(record, usage);
  readTier(record, traffic ?? text(usage, 'serviceTier'));
  record.webSearches = groundedSearches(response, model);
  const feedback = objectAt(response, 'promptFeedback') ?? objectAt(response, 'prompt_feedback');
  if (text(feedback, 'blockReason') !== null) record.status = 'error';
  const request = objectAt(context.outer, 'request');
  record.promptText = request?.['contents'] ?? null;
  applyTags(record, request?.['labels']);
  applySurroundings(record, context);
  return record;
}

function readTokens(record: UsageRecord, usage: JsonObject): void {
  const cached = count(usage, 'cachedContentTokenCount');
  const thoughts = count(usage, 'thoughtsTokenCount');
  const candidates = either(usage, 'candidatesTokenCount') === undefined ? count(usage, 'responseTokenCount') : count(usage, 'candidatesTokenCount');
  const meters = geminiMeters({
    ...{ prompt: count(usage, 'promptTokenCount'), candidates, thoughts, cached },
    ...{ toolUse: count(usage, 'toolUsePromptTokenCount'), total: count(usage, 'totalTokenCount') },
  });
  record.inputTokens = meters.input;
  record.cacheReadTokens = cached;
  record.outputTokens = meters.output;
  record.reasoningTokens = Math.min(meters.output, thoughts);
  record.usageFlag = meters.flag;
  record.cachedAudioTokens = Math.min(cached, modality(usage, 'cacheTokensDetails', 'AUDIO'));
  record.audioInputTokens = Math.min(meters.input, Math.max(0, modality(usage, 'promptTokensDetails', 'AUDIO') - record.cachedAudioTokens));
  const images = modality(usage, 'promptTokensDetails', 'IMAGE') - modality(usage, 'cacheTokensDetails', 'IMAGE');
  record.imageInputTokens = Math.min(meters.input - record.audioInputTokens, Math.max(0, images));
  const details = either(usage, 'candidatesTokensDetails') === undefined ? 'responseTokensDetails' : 'candidatesTokensDetails';
  record.audioOutputTokens = Math.min(meters.output, modality(usage, details, 'AUDIO'));
  record.imageOutputTokens = Math.min(meters.output - record.audioOutputTokens, modality(usage, details, 'IMAGE'));
}

function modality(usage: JsonObject, list: string, name: string): number {
  const items = arrayAt(usage, list).length > 0 ? arrayAt(usage, list) : arrayAt(usage, snake(list));
  return items.filter(isObject).reduce((sum, item) => (textAt(item, 'modality') === name ? sum + count(item, 'tokenCount') : sum), 0);
}

/** Vertex says the traffic type, the Gemini API the service tier; each is absent on the other product. */
function readTier(record: UsageRecord, value: string | null): void {
  const tier = value?.toLowerCase() ?? '';
  if (tier.includes('provisioned')) record.tier = 'provisioned';
  else if (tier.endsWith('flex')) record.tier = 'flex';
  else if (tier.endsWith('priority')) record.tier = 'priority';
}

/** Gemini 3 bills unique queries, Gemini 2 each grounded prompt (pitfall 23). */
function groundedSearches(response: JsonObject, model: string): number {
  const queries = new Set<string>();
  let grounded = false;
  for (const candidate of arrayAt(response, 'candidates').filter(isObject)) {
    const grounding = objectAt(candidate, 'groundingMetadata') ?? objectAt(candidate, 'grounding_metadata');
    const list = either(grounding, 'webSearchQueries');
    if (!Array.isArray(list) || list.length === 0) continue;
    grounded = true;
    for (const query of list) if (typeof query === 'string') queries.add(query);
  }
  return /^gemini-[12]\b/.test(model) ? Number(grounded) : queries.size;
}
