/**
 * Our own JSON Lines, the documented way in for everything else (docs/sources.md). `input_includes_cache` is required with cache counts,
 * because that is the ambiguity that makes every home-grown log wrong.
 */
import { picoFromUsd } from '../money.ts';
import { fromAny } from '../time.ts';
import { newRecord } from '../record.ts';
import type { BillingMode, CallStatus, Format, JsonObject, LineContext, Operation, Outcome, Tier, UsageRecord } from '../record.ts';
import { applySurroundings, applyTag, applyTags, looksSecret } from './evidence.ts';
import { BadField, countAt, optionalCountAt, quantityAt, textAt } from './fields.ts';

export const native: Format = {
  id: 'native',
  sourceKind: 'provider',
  class: 'calls',
  csvHeader: ['timestamp', 'model', 'input_tokens', 'output_tokens'],
  detect: (line) => 'timestamp' in line && typeof line['model'] === 'string' && ('input_tokens' in line || 'prompt' in line) && !('object' in line),
  normalize: (line, context): Outcome => {
    const hasCache = countAt(line, 'cached_tokens') + countAt(line, 'cache_write_5m_tokens') + countAt(line, 'cache_write_1h_tokens') > 0;
    if (hasCache && typeof line['input_includes_cache'] !== 'boolean' && !/^(true|false)$/.test(textAt(line, 'input_includes_cache') ?? '')) {
      return { kind: 'bad', reason: 'input_includes_cache_required', detail: 'cached_tokens or cache writes are given: say input_includes_cache true or false' };
    }
    return { kind: 'usage', records: [nativeRecord(line, context)] };
  },
};

const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^(gpt-|chatgpt|o[134](-|$)|text-embedding|dall-e|whisper|tts-|codex|davinci|babbage)/, 'openai'],
  [/^claude/, 'anthropic'],
  [/^(gemini|gemma|imagen|veo)/, 'google'],
  [/^(anthropic|amazon|meta|us|eu|apac|global)\./, 'bedrock'],
  [/^deepseek/, 'deepseek'],
  [/^grok/, 'xai'],
  [/^(mistral|codestral|ministral|pixtral|magistral)/, 'mistral'],
  [/^(command|embed-|rerank-)/, 'cohere'],
  [/^voyage/, 'voyage'],
];

/** A model's own vendor, told by its name; `unknown` where the name tells nothing. */
export function vendorOf(model: string): string {
  return VENDORS.find(([pattern]) => pattern.test(model))?.[1] ?? 'unknown';
}

const OPERATIONS = new Set(['chat', 'completion', 'embedding', 'image', 'audio', 'rerank', 'moderation', 'other']);
const TIERS = new Set(['standard', 'batch', 'flex', 'priority', 'fast', 'provisioned']);
const STATUSES = new Set(['ok', 'error', 'cancelled', 'partial']);
const MODES = new Set(['on_demand', 'subscription', 'provisioned', 'free_tier', 'unknown']);

function nativeRecord(line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(native, textAt(line, 'provider') ?? vendorOf(model), model);
  const id = textAt(line, 'id');
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.occurredAtMs = fromAny(line['timestamp']);
  if (record.occurredAtMs === null) throw new BadField('timestamp', 'must be ISO 8601 or Unix seconds or milliseconds');
  record.operation = oneOf(line, 'operation', OPERATIONS, 'chat') as Operation;
  record.tier = oneOf(line, 'tier', TIERS, 'standard') as Tier;
  record.status = oneOf(line, 'status', STATUSES, 'ok') as CallStatus;
  record.billingMode = oneOf(line, 'billing_mode', MODES, 'on_demand') as BillingMode;
  readMeters(record, line);
  readWho(record, line);
  const cost = line['cost_usd'];
  if (typeof cost === 'number' || typeof cost === 'string') record.reportedCostPico = picoFromUsd(cost);
  record.latencyMs = optionalCountAt(line, 'latency_ms');
  record.firstTokenMs = optionalCountAt(line, 'first_token_ms');
  record.deadlineSeconds = optionalCountAt(line, 'deadline_seconds');
  readPrompt(record, line);
  applySurroundings(record, context);
  return record;
}

function readMeters(record: UsageRecord, line: JsonObject): void {
  record.cacheReadTokens = countAt(line, 'cached_tokens');
  record.cacheWrite5mTokens = countAt(line, 'cache_write_5m_tokens');
  record.cacheWrite1hTokens = countAt(line, 'cache_write_1h_tokens');
  const input = optionalCountAt(line, 'input_tokens');
  const output = optionalCountAt(line, 'output_tokens');
  const includes = line['input_includes_cache'] === true || line['input_includes_cache'] === 'true';
  const cached = record.cacheReadTokens + record.cacheWrite5mTokens + record.cacheWrite1hTokens;
  const fresh = (input ?? 0) - (includes ? cached : 0);
  record.inputTokens = Math.max(0, fresh);
  if (fresh < 0) record.usageFlag = 'usage_inconsistent';
  record.outputTokens = output ?? 0;
  record.reasoningTokens = Math.min(record.outputTokens, countAt(line, 'reasoning_tokens'));
  record.images = countAt(line, 'images');
  record.audioSeconds = quantityAt(line, 'audio_seconds');
  if (input === null && output === null) record.usageBasis = 'missing';
}

function readWho(record: UsageRecord, line: JsonObject): void {
  const tags = line['tags'];
  applyTags(record, tags);
  for (const name of ['team', 'project', 'application', 'environment', 'feature', 'customer', 'user', 'session'] as const) {
    const value = textAt(line, name);
    if (value === null) continue;
    if (name === 'user') record.userId = looksSecret(value) ? `secret:${value}` : value;
    else if (name === 'session') record.sessionId = value;
    else if (name === 'team') record.evidence.teamTag = value;
    else record.evidence[name] = value;
  }
  const key = textAt(line, 'key');
  if (key !== null) {
    record.keyId = looksSecret(key) || key.length > 40 ? `secret:${key}` : key;
    if (!record.keyId.startsWith('secret:')) record.evidence.keyName = key;
  }
  record.billingAccountId = textAt(line, 'account');
  if (typeof tags === 'string') applyTag(record, tags, 'true');
}

function readPrompt(record: UsageRecord, line: JsonObject): void {
  record.promptText = line['prompt'] ?? null;
  record.responseText = textAt(line, 'response');
  record.promptHash = textAt(line, 'prompt_hash');
  const blocks = line['prompt_blocks'];
  if (Array.isArray(blocks)) {
    if (!blocks.every((b) => typeof b === 'string' || Number.isSafeInteger(b))) throw new BadField('prompt_blocks', 'must be whole numbers or strings');
    record.promptBlocks = blocks as (string | number)[];
  }
  record.blockTokens = optionalCountAt(line, 'block_tokens');
}

function oneOf(line: JsonObject, key: string, valid: ReadonlySet<string>, fallback: string): string {
  const value = textAt(line, key);
  if (value === null) return fallback;
  if (!valid.has(value)) throw new BadField(key, `must be one of ${[...valid].join(', ')}`);
  return value;
}
