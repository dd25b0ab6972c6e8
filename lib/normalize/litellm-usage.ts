/**
 * What LiteLLM's two logs share: tokens under the gateway's vote, provider names, who called, own-cache hits. In: a payload or a row. Out:
 * fields of a record. LiteLLM's cost is evidence only: its caching arithmetic was wrong in several versions (issues 9812, 11364, 11789,
 * 40006). Invariant: the hash of a virtual key leaves as `secret:…`, never plainly.
 */
import { picoFromUsd } from '../money.ts';
import type { JsonObject, JsonValue, Operation, UsageRecord } from '../record.ts';
import { looksSecret } from '../secret.ts';
import { applyTagList, applyTags } from './evidence.ts';
import { countAt, firstText, isObject, quantityAt, textAt } from './fields.ts';
import { imageSpecOf } from './openai-image.ts';
import { readCounts } from './openai-usage.ts';

const PROVIDERS: Readonly<Record<string, string>> = {
  vertex_ai: 'vertex',
  vertex_ai_beta: 'vertex',
  bedrock: 'bedrock',
  bedrock_converse: 'bedrock',
  azure: 'azure',
  azure_ai: 'azure',
  gemini: 'google',
  text_completion_openai: 'openai',
  together_ai: 'together',
  fireworks_ai: 'fireworks',
};

const PREFIXES = new Set([
  ...Object.keys(PROVIDERS),
  'openai',
  'anthropic',
  'mistral',
  'groq',
  'xai',
  'deepseek',
  'cohere',
  'voyage',
]);

/** Who bills, from LiteLLM's provider name; the model's prefix or its name where the provider is missing. */
export function litellmProvider(name: string | null, model: string): string {
  if (name !== null) return PROVIDERS[name] ?? name;
  const cut = model.indexOf('/');
  if (cut > 0) return PROVIDERS[model.slice(0, cut)] ?? model.slice(0, cut);
  if (model.startsWith('claude-')) return 'anthropic';
  return model.startsWith('gemini-') ? 'google' : 'openai';
}

/** `openai/gpt-4o` → `gpt-4o`; regional Bedrock prefixes stay, they price the call. */
export function litellmModel(model: string): string {
  const cut = model.indexOf('/');
  return cut > 0 && PREFIXES.has(model.slice(0, cut)) ? model.slice(cut + 1).replace(/^converse\//, '') : model;
}

/** Operation from LiteLLM's call type (`acompletion`, `aembedding`, …). */
export function litellmOperation(callType: string): Operation {
  if (callType.includes('embedding')) return 'embedding';
  if (callType.includes('image')) return 'image';
  if (/transcription|speech|realtime/.test(callType)) return 'audio';
  if (callType.includes('rerank')) return 'rerank';
  if (callType.includes('moderation')) return 'moderation';
  return callType.includes('text_completion') ? 'completion' : 'chat';
}

/**
 * Meters from the top-level counts and the details in one of the usage objects. Zero at the top is zero, whatever the details say: a
 * failure keeps a usage object it was not billed for.
 */
export function readLitellmTokens(record: UsageRecord, line: JsonObject, details: JsonObject | null): void {
  const prompt = countAt(line, 'prompt_tokens');
  const completion = countAt(line, 'completion_tokens');
  const total = countAt(line, 'total_tokens');
  if (prompt + completion + total === 0) return;
  readCounts(record, { prompt, completion, total }, details, true);
}

/** Images, seconds and characters, where LiteLLM logs them; a call billed by such units that were not logged is `missing`. */
export function readLitellmUnits(record: UsageRecord, line: JsonObject, response: JsonObject | null): void {
  if (record.status !== 'ok' || record.servedFromCache || record.inputTokens + record.outputTokens > 0) return;
  const parameters = objectColumn(line['model_parameters']);
  const hidden = objectColumn(line['hidden_params']);
  if (record.operation === 'image') {
    const data = response?.['data'];
    record.images = Array.isArray(data) ? data.length : countAt(parameters, 'n');
    record.imageSpec = imageSpecOf(record.modelReported, response, parameters);
    if (record.images === 0) record.usageBasis = 'missing';
  } else if (record.operation === 'audio') {
    record.audioSeconds = quantityAt(hidden, 'audio_transcription_duration') ?? quantityAt(response, 'duration');
    if (record.audioSeconds === null) record.usageBasis = 'missing';
  }
}

/** Who called, from LiteLLM's key metadata and tags. The key's hash is a secret; its alias is a name. */
export function readLitellmWho(record: UsageRecord, metadata: JsonObject | null, tags: JsonValue | undefined): void {
  applyTagList(record, tags);
  applyTags(record, metadata?.['spend_logs_metadata']);
  applyTags(record, metadata?.['requester_metadata']);
  applyTagList(record, metadata?.['tags']);
  record.evidence.gatewayTeam = firstText(metadata, 'user_api_key_team_alias', 'user_api_key_team_id');
  const alias = textAt(metadata, 'user_api_key_alias');
  record.evidence.keyName = alias === null || looksSecret(alias) ? null : alias;
  const key = firstText(metadata, 'user_api_key_hash', 'user_api_key');
  if (key !== null) record.keyId = `secret:${key}`;
  record.userId = firstText(metadata, 'user_api_key_user_email', 'user_api_key_user_id') ?? record.userId;
  record.subAccountId = textAt(metadata, 'user_api_key_org_id');
}

/** LiteLLM's cost in USD as evidence; zero and unreadable mean that it did not know. */
export function readLitellmCost(record: UsageRecord, cost: JsonValue | undefined): void {
  if (typeof cost !== 'number' && typeof cost !== 'string') return;
  const pico = picoFromUsd(cost);
  if (pico !== null && pico > 0) record.reportedCostPico = pico;
}

/** A JSON column that a CSV or database dump holds as text. Unreadable text is null. */
export function jsonColumn(value: JsonValue | undefined): JsonValue | null {
  if (typeof value !== 'string') return value ?? null;
  if (!/^\s*[[{]/.test(value)) return null;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return null;
  }
}

/** A column that holds an object, as it is or as text, or null. */
export function objectColumn(value: JsonValue | undefined): JsonObject | null {
  const parsed = jsonColumn(value);
  return parsed !== null && isObject(parsed) ? parsed : null;
}

/**
 * The provider's response id is the identity. A hit in LiteLLM's own response cache repeats an old id without calling the provider: it is
 * a call of its own, told apart by its start, and costs a known zero. Both logs give the start to the millisecond.
 */
export function readLitellmId(record: UsageRecord, id: string | null, hit: JsonValue | undefined): void {
  record.servedFromCache = hit === true || (typeof hit === 'string' && hit.toLowerCase() === 'true');
  record.callId = id;
  if (id === null) return;
  const value = record.servedFromCache ? `${id}@${record.occurredAtMs ?? ''}` : id;
  record.linkIds = [{ kind: 'response', value }];
}

/** Messages as logged. Transient. Empty objects and redacted prompts, as LiteLLM writes them, are no prompt. */
export function promptOf(messages: JsonValue | undefined): JsonValue | null {
  const prompt = jsonColumn(messages) ?? messages ?? null;
  if (prompt === null || prompt === '' || prompt === 'redacted-by-litellm') return null;
  if (Array.isArray(prompt)) return prompt.length === 0 ? null : prompt;
  return isObject(prompt) && Object.keys(prompt).length === 0 ? null : prompt;
}
