/**
 * What LiteLLM's two logs share: tokens under the gateway's vote, provider names, who called, own-cache hits. LiteLLM's cost is evidence
 * only: its caching arithmetic was wrong in several versions (issues 9812, 11364, 11789, 40006).
 */
import type { JsonObject, JsonValue, Operation, UsageRecord } from '../record.ts';
import { applyTagList, applyTags } from './evidence.ts';
import { countAt, firstText, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';
import { gatewayMeters } from './token-semantics.ts';

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

/** Who bills, from LiteLLM's provider name; the model's prefix where the name is missing. */
export function litellmProvider(name: string | null, model: string): string {
  if (name !== null) return PROVIDERS[name] ?? name;
  const prefix = model.includes('/') ? model.slice(0, model.indexOf('/')) : null;
  if (prefix !== null) return PROVIDERS[prefix] ?? prefix;
  return /^claude/.test(model) ? 'anthropic' : /^gemini/.test(model) ? 'google' : 'openai';
}

/** `openai/gpt-4o` → `gpt-4o`; regional Bedrock prefixes stay, they price the call. */
export function litellmModel(model: string): string {
  const cut = model.indexOf('/');
  return cut > 0 && PREFIXES.has(model.slice(0, cut)) ? model.slice(cut + 1).replace(/^converse\//, '') : model;
}

const PREFIXES = new Set([...Object.keys(PROVIDERS), 'openai', 'anthropic', 'mistral', 'groq', 'xai', 'deepseek', 'cohere', 'voyage']);

/** Operation from LiteLLM's call type (`acompletion`, `aembedding`, …). */
export function litellmOperation(callType: string): Operation {
  if (/embedding/.test(callType)) return 'embedding';
  if (/image/.test(callType)) return 'image';
  if (/transcription|speech|realtime/.test(callType)) return 'audio';
  if (/rerank/.test(callType)) return 'rerank';
  if (/moderation/.test(callType)) return 'moderation';
  return /text_completion/.test(callType) ? 'completion' : 'chat';
}

/** Meters from the top-level counts and the details in one of the usage objects. Zero at the top is zero, whatever the details say. */
export function readLitellmTokens(record: UsageRecord, line: JsonObject, details: JsonObject | null): void {
  const prompt = countAt(line, 'prompt_tokens');
  const completion = countAt(line, 'completion_tokens');
  const total = countAt(line, 'total_tokens');
  if (prompt + completion + total === 0) return;
  const input = objectAt(details, 'prompt_tokens_details') ?? objectAt(details, 'input_tokens_details');
  const output = objectAt(details, 'completion_tokens_details') ?? objectAt(details, 'output_tokens_details');
  const creation = objectAt(details, 'cache_creation') ?? objectAt(input, 'cache_creation_token_details');
  const cacheRead = optionalCountAt(details, 'cache_read_input_tokens') ?? countAt(input, 'cached_tokens');
  const cacheWrite = optionalCountAt(details, 'cache_creation_input_tokens') ?? optionalCountAt(input, 'cache_creation_tokens') ?? countAt(input, 'cache_write_tokens');
  const oneHour = Math.min(cacheWrite, countAt(creation, 'ephemeral_1h_input_tokens'));
  const reasoning = countAt(output, 'reasoning_tokens');
  const meters = gatewayMeters({ prompt, completion, total, cacheRead, cacheWrite, reasoning });
  record.inputTokens = meters.input;
  record.outputTokens = meters.output;
  record.usageFlag = meters.flag;
  record.cacheReadTokens = cacheRead;
  record.cacheWrite1hTokens = oneHour;
  record.cacheWrite5mTokens = cacheWrite - oneHour;
  record.cacheTtlUnknown = cacheWrite > 0 && creation === null && record.provider !== 'openai' && record.provider !== 'azure';
  record.reasoningTokens = Math.min(reasoning, meters.output);
  record.audioInputTokens = Math.min(meters.input, countAt(input, 'audio_tokens'));
  record.audioOutputTokens = Math.min(meters.output, countAt(output, 'audio_tokens'));
}

/** Who called, from LiteLLM's key metadata and tags. The key's hash is a secret; its alias is a name. */
export function readLitellmWho(record: UsageRecord, metadata: JsonObject | null, tags: JsonValue | undefined): void {
  applyTagList(record, tags);
  applyTags(record, metadata?.['spend_logs_metadata']);
  applyTags(record, metadata?.['requester_metadata']);
  applyTagList(record, metadata?.['tags']);
  record.evidence.gatewayTeam = firstText(metadata, 'user_api_key_team_alias', 'user_api_key_team_id');
  record.evidence.keyName = textAt(metadata, 'user_api_key_alias');
  const key = textAt(metadata, 'user_api_key_hash') ?? textAt(metadata, 'user_api_key');
  if (key !== null) record.keyId = `secret:${key}`;
  record.userId ??= firstText(metadata, 'user_api_key_user_email', 'user_api_key_user_id');
  record.subAccountId = textAt(metadata, 'user_api_key_org_id');
}

/** A JSON column that a CSV or database dump holds as text. */
export function jsonColumn(value: JsonValue | undefined): JsonValue | null {
  if (typeof value !== 'string') return value ?? null;
  if (!/^\s*[[{]/.test(value)) return null;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return null;
  }
}

/** Marks a hit in LiteLLM's own response cache: the provider was not called, the cost is a known zero. */
export function readCacheHit(record: UsageRecord, id: string | null, hit: JsonValue | undefined, startedAt: string): void {
  record.servedFromCache = hit === true || (typeof hit === 'string' && hit.toLowerCase() === 'true');
  if (id === null) return;
  record.linkIds.push({ kind: 'response', value: record.servedFromCache ? `${id}@${startedAt}` : id });
}

/** Messages that a logger replaced by a placeholder are no prompt. */
export function promptOf(messages: JsonValue | undefined): JsonValue | null {
  if (messages === undefined || messages === null || messages === '') return null;
  if (isObject(messages) && Object.keys(messages).length === 0) return null;
  return jsonColumn(messages) ?? messages;
}
