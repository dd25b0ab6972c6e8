/**
 * Reading Gemini's responses and their usageMetadata (family C): prompt contains cached tokens, tool-use prompt tokens are extra input,
 * thoughts are outside the candidates. Camel case on the wire, snake case in Python dumps. In: a response. Out: one record of google, or
 * of vertex where the response shows it. Source: formats.md 4.3 (python-genai types of 2026-08-21); pitfalls 4 and 23.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, LineContext, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, countAt, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';
import { geminiMeters } from './token-semantics.ts';

/** `promptTokenCount` → `prompt_token_count`. */
const snakes = new Map<string, string>();
function snake(name: string): string {
  let known = snakes.get(name);
  if (known === undefined) {
    known = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakes.set(name, known);
  }
  return known;
}

function either(o: JsonObject | null, name: string): JsonValue | undefined {
  return o?.[name] ?? o?.[snake(name)];
}

function objectOf(o: JsonObject | null, name: string): JsonObject | null {
  return objectAt(o, name) ?? objectAt(o, snake(name));
}

function listOf(o: JsonObject | null, name: string): JsonObject[] {
  const list = arrayAt(o, name).length > 0 ? arrayAt(o, name) : arrayAt(o, snake(name));
  return list.filter(isObject);
}

function count(o: JsonObject | null, name: string): number {
  return optionalCountAt(o, name) ?? countAt(o, snake(name));
}

function text(o: JsonObject | null, name: string): string | null {
  return textAt(o, name) ?? textAt(o, snake(name));
}

/** The usage object of a response in either spelling, or null. */
export function usageMetadata(response: JsonObject | null): JsonObject | null {
  return objectOf(response, 'usageMetadata');
}

/** True for a response, or a part of a streamed one, that came without its usage. */
export function isBareResponse(response: JsonObject | null): boolean {
  if (response === null || usageMetadata(response) !== null) return false;
  return listOf(response, 'candidates').length > 0 && either(response, 'modelVersion') !== undefined;
}

/**
 * One record from a response, or from the chunks of a streamed one (`chunks`, in order; usage is cumulative, so `response` is the last one
 * that has it). Tier, labels and prompt of the request come from the envelope.
 */
export function geminiRecord(
  format: Format,
  response: JsonObject,
  context: LineContext,
  chunks: readonly JsonObject[] = [response],
): UsageRecord {
  const usage = usageMetadata(response);
  const request = objectAt(context.outer, 'request');
  const path =
    text(response, 'modelVersion') ?? textAt(request, 'model') ?? textAt(context.outer, 'model') ?? 'unknown';
  const model = path.replace(/^.*models\//, '');
  const traffic = text(usage, 'trafficType');
  const isVertex = traffic !== null || /publishers\//.test(path) || objectAt(request, 'labels') !== null;
  const record = newRecord(format, isVertex ? 'vertex' : 'google', model);
  record.publisher = 'google';
  record.priceRegion = isVertex ? locationIn(path) : null;
  const id = text(response, 'responseId');
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.occurredAtMs = fromIso(either(response, 'createTime'));
  if (usage === null || !readTokens(record, usage)) {
    record.usageBasis = 'missing';
    record.responseText = answerText(chunks);
  }
  readTier(record, traffic ?? text(usage, 'serviceTier'));
  record.webSearches = groundedSearches(chunks, model);
  const isBlocked = text(objectOf(response, 'promptFeedback'), 'blockReason') !== null;
  if (isBlocked && !chunks.some((chunk) => listOf(chunk, 'candidates').length > 0)) record.status = 'error';
  record.promptText = requestPrompt(request);
  applySurroundings(record, context);
  return record;
}

/** `us-central1` from `projects/…/locations/us-central1/publishers/…`, or null: regional endpoints cost more (pitfall 13). */
export function locationIn(path: string | null): string | null {
  return /(?:^|\/)locations\/([a-z0-9-]+)/.exec(path ?? '')?.[1] ?? null;
}

/** Fills the meters; false where the object counts nothing. */
function readTokens(record: UsageRecord, usage: JsonObject): boolean {
  const cached = count(usage, 'cachedContentTokenCount');
  const thoughts = count(usage, 'thoughtsTokenCount');
  // the Live API calls candidates the response
  const isLive = either(usage, 'candidatesTokenCount') === undefined;
  const meters = geminiMeters({
    prompt: count(usage, 'promptTokenCount'),
    candidates: count(usage, isLive ? 'responseTokenCount' : 'candidatesTokenCount'),
    thoughts,
    toolUse: count(usage, 'toolUsePromptTokenCount'),
    cached,
    total: count(usage, 'totalTokenCount'),
  });
  record.inputTokens = meters.input;
  record.cacheReadTokens = cached;
  record.outputTokens = meters.output;
  record.reasoningTokens = Math.min(meters.output, thoughts);
  record.usageFlag = meters.flag;
  readModalities(record, usage);
  return either(usage, 'promptTokenCount') !== undefined || either(usage, 'totalTokenCount') !== undefined;
}

/** Modalities are parts of the counts; what is cached of them is part of the cache reads. */
function readModalities(record: UsageRecord, usage: JsonObject): void {
  const fresh = (name: string): number =>
    Math.max(0, modality(usage, 'promptTokensDetails', name) - modality(usage, 'cacheTokensDetails', name)) +
    modality(usage, 'toolUsePromptTokensDetails', name);
  record.cachedAudioTokens = Math.min(record.cacheReadTokens, modality(usage, 'cacheTokensDetails', 'AUDIO'));
  record.audioInputTokens = Math.min(record.inputTokens, fresh('AUDIO'));
  record.imageInputTokens = Math.min(record.inputTokens - record.audioInputTokens, fresh('IMAGE'));
  const answer =
    listOf(usage, 'candidatesTokensDetails').length > 0 ? 'candidatesTokensDetails' : 'responseTokensDetails';
  record.audioOutputTokens = Math.min(record.outputTokens, modality(usage, answer, 'AUDIO'));
  const images = modality(usage, answer, 'IMAGE');
  record.imageOutputTokens = Math.min(record.outputTokens - record.audioOutputTokens, images);
}

/** Tokens of one modality in a list of details; Python dumps write `MediaModality.AUDIO`. */
function modality(usage: JsonObject, list: string, name: string): number {
  return listOf(usage, list).reduce((sum, item) => {
    const isNamed = textAt(item, 'modality')?.split('.').at(-1) === name;
    return isNamed ? sum + count(item, 'tokenCount') : sum;
  }, 0);
}

/** Vertex says the traffic type, the Gemini API the service tier; each is absent on the other product. */
function readTier(record: UsageRecord, value: string | null): void {
  const tier = value?.toLowerCase() ?? '';
  if (tier.includes('provisioned')) record.tier = 'provisioned';
  else if (tier.endsWith('flex')) record.tier = 'flex';
  else if (tier.endsWith('priority')) record.tier = 'priority';
}

/** Gemini 3 and later bill each unique query, Gemini 2 and earlier each grounded prompt (pitfall 23). Empty queries are not billed. */
function groundedSearches(chunks: readonly JsonObject[], model: string): number {
  const queries = new Set<string>();
  for (const chunk of chunks) {
    for (const candidate of listOf(chunk, 'candidates')) {
      const list = either(objectOf(candidate, 'groundingMetadata'), 'webSearchQueries');
      if (!Array.isArray(list)) continue;
      for (const query of list) if (typeof query === 'string' && query.trim() !== '') queries.add(query);
    }
  }
  return /^gemini-[12](?!\d)/.test(model) ? Math.min(1, queries.size) : queries.size;
}

/** The prompt where the envelope holds the request: transient, for counting and fingerprints. */
export function requestPrompt(request: JsonObject | null): JsonValue | null {
  const contents = request?.['contents'] ?? null;
  if (contents === null) return null;
  return { systemInstruction: either(request, 'systemInstruction') ?? null, contents };
}

function answerText(chunks: readonly JsonObject[]): string | null {
  const parts = chunks
    .flatMap((chunk) => listOf(chunk, 'candidates'))
    .flatMap((candidate) => listOf(objectOf(candidate, 'content'), 'parts'))
    .map((part) => textAt(part, 'text'))
    .filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('');
}
