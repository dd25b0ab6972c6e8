/**
 * Our own JSON Lines (or CSV with the same names), the documented way in for everything else. In: the fields of DESIGN's native format,
 * documented in docs/sources.md. Out: one record. Invariant: `input_includes_cache` is required with cache counts, because that is the
 * ambiguity that makes every home-grown log wrong.
 */
import { picoFromUsd } from '../money.ts';
import { fromAny } from '../time.ts';
import { newRecord } from '../record.ts';
import type { BillingMode, CallStatus, Format, JsonObject, LineContext, Operation, Outcome, Tier } from '../record.ts';
import type { LinkId, UsageRecord } from '../record.ts';
import { looksSecret } from '../secret.ts';
import { applySurroundings, applyTagList, applyTags } from './evidence.ts';
import { BadField, countAt, isObject, msFrom, optionalCountAt, quantityAt, textAt } from './fields.ts';
import { vendorOf } from './model-vendor.ts';
import { INCONSISTENT } from './token-semantics.ts';

export const native: Format = {
  id: 'native',
  sourceKind: 'provider',
  class: 'calls',
  csvHeader: ['timestamp', 'model', 'input_tokens', 'output_tokens'],
  marks: ['input_tokens', 'prompt'],
  detect: (line) =>
    'timestamp' in line &&
    typeof line['model'] === 'string' &&
    ('input_tokens' in line || typeof line['prompt'] === 'string') &&
    !('object' in line) &&
    !isReportedBody(line['response']),
  normalize(line, context): Outcome {
    if (includesCache(line) === null && CACHE_COUNTS.some((key) => countAt(line, key) > 0)) {
      const detail = 'cached_tokens or cache writes are given: input_includes_cache must say true or false';
      return { kind: 'bad', reason: 'input_includes_cache_required', detail };
    }
    return { kind: 'usage', records: [nativeRecord(line, context)] };
  },
};

const CACHE_COUNTS = ['cached_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'] as const;

/** An application's own line around a provider's response: the response is the better witness. */
function isReportedBody(response: JsonObject[string]): boolean {
  return isObject(response) && ('usage' in response || 'usageMetadata' in response);
}

/** The declared meaning of `input_tokens`; null = not declared. CSV writes it as text. */
function includesCache(line: JsonObject): boolean | null {
  const value = line['input_includes_cache'];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new BadField('input_includes_cache', 'must be true or false');
}

const OPERATIONS = ['chat', 'completion', 'embedding', 'image', 'audio', 'rerank', 'moderation', 'other'] as const;
const TIERS = ['standard', 'batch', 'flex', 'priority', 'fast', 'provisioned'] as const;
const STATUSES = ['ok', 'error', 'cancelled', 'partial'] as const;
const MODES = ['on_demand', 'subscription', 'provisioned', 'free_tier', 'unknown'] as const;

function nativeRecord(line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(native, textAt(line, 'provider') ?? vendorOf(model), model);
  record.occurredAtMs = fromAny(line['timestamp']);
  if (record.occurredAtMs === null) throw new BadField('timestamp', 'must be ISO 8601 or Unix seconds or milliseconds');
  record.callId = textAt(line, 'id');
  record.linkIds = linksOf(record.callId, record.occurredAtMs, model);
  record.operation = oneOf<Operation>(line, 'operation', OPERATIONS) ?? 'chat';
  record.tier = oneOf<Tier>(line, 'tier', TIERS) ?? 'standard';
  record.status = oneOf<CallStatus>(line, 'status', STATUSES) ?? 'ok';
  record.billingMode = oneOf<BillingMode>(line, 'billing_mode', MODES);
  readMeters(record, line);
  readWho(record, line);
  record.reportedCostPico = costOf(line);
  record.latencyMs = msFrom(quantityAt(line, 'latency_ms'), 1);
  record.firstTokenMs = msFrom(quantityAt(line, 'first_token_ms'), 1);
  record.deadlineSeconds = quantityAt(line, 'deadline_seconds');
  readPrompt(record, line);
  applySurroundings(record, context);
  return record;
}

/** Ids that are unique by their making: a provider's response id, a UUID, a long token. */
const UNIQUE_ID = /^(chatcmpl|cmpl|resp|msg|gen|req)[-_]|^\S{16,}$/;

/**
 * A provider's id links the call to its copies in other logs. A short id (`17`, `call-3`) is unique only within its application: with the
 * time and the model it still recognizes its own copies, and never a stranger.
 */
function linksOf(id: string | null, occurredAtMs: number, model: string): LinkId[] {
  if (id === null) return [];
  if (UNIQUE_ID.test(id)) return [{ kind: 'response', value: id }];
  return [{ kind: 'natural', value: `native|${occurredAtMs}|${model}|${id}` }];
}

/** Operations that answer without tokens. */
const NO_OUTPUT: ReadonlySet<Operation> = new Set<Operation>(['embedding', 'image', 'audio', 'rerank', 'moderation']);

function readMeters(record: UsageRecord, line: JsonObject): void {
  record.cacheReadTokens = countAt(line, 'cached_tokens');
  record.cacheWrite5mTokens = countAt(line, 'cache_write_5m_tokens');
  record.cacheWrite1hTokens = countAt(line, 'cache_write_1h_tokens');
  record.images = countAt(line, 'images');
  const input = optionalCountAt(line, 'input_tokens');
  const output = optionalCountAt(line, 'output_tokens');
  const isOk = record.status === 'ok';
  if (input === null && output === null && record.images === 0 && isOk) record.usageBasis = 'missing';
  else if (output === null && isOk && !NO_OUTPUT.has(record.operation))
    throw new BadField('output_tokens', 'is required');
  else if (input === null && isOk && record.images === 0) throw new BadField('input_tokens', 'is required');
  const cached = record.cacheReadTokens + record.cacheWrite5mTokens + record.cacheWrite1hTokens;
  const fresh = (input ?? 0) - (includesCache(line) === true ? cached : 0);
  record.inputTokens = Math.max(0, fresh);
  record.outputTokens = output ?? 0;
  const reasoning = countAt(line, 'reasoning_tokens');
  record.reasoningTokens = Math.min(record.outputTokens, reasoning);
  if (fresh < 0 || reasoning > record.outputTokens) record.usageFlag = INCONSISTENT;
}

function readWho(record: UsageRecord, line: JsonObject): void {
  const evidence = record.evidence;
  evidence.teamTag = textAt(line, 'team');
  evidence.project = textAt(line, 'project');
  evidence.application = textAt(line, 'application');
  evidence.environment = textAt(line, 'environment');
  evidence.feature = textAt(line, 'feature');
  evidence.customer = textAt(line, 'customer');
  record.userId = guarded(textAt(line, 'user'));
  record.sessionId = textAt(line, 'session');
  record.keyId = guarded(textAt(line, 'key'));
  if (record.keyId !== null && !record.keyId.startsWith('secret:')) evidence.keyName = record.keyId;
  record.billingAccountId = textAt(line, 'account');
  const tags = line['tags'];
  applyTags(record, tags);
  applyTagList(record, typeof tags === 'string' && tags !== '' ? tags.split(',') : tags);
}

/** Text that may be a credential is marked, so that only its keyed hash is ever stored. Names of keys are short. */
function guarded(text: string | null): string | null {
  return text !== null && (looksSecret(text) || text.length > 40) ? `secret:${text}` : text;
}

function costOf(line: JsonObject): UsageRecord['reportedCostPico'] {
  const cost = line['cost_usd'];
  if (cost === undefined || cost === null || cost === '') return null;
  const pico = typeof cost === 'number' || typeof cost === 'string' ? picoFromUsd(cost) : null;
  if (pico === null) throw new BadField('cost_usd', 'must be an amount in US dollars');
  return pico;
}

function readPrompt(record: UsageRecord, line: JsonObject): void {
  record.promptText = line['prompt'] ?? null;
  record.responseText = textAt(line, 'response');
  record.promptHash = textAt(line, 'prompt_hash');
  record.blockTokens = optionalCountAt(line, 'block_tokens');
  const blocks = line['prompt_blocks'];
  if (blocks === undefined || blocks === null || blocks === '') return;
  if (!Array.isArray(blocks) || !blocks.every((block) => typeof block === 'string' || Number.isSafeInteger(block))) {
    throw new BadField('prompt_blocks', 'must be a list of whole numbers or strings');
  }
  record.promptBlocks = blocks as (string | number)[];
}

function oneOf<T extends string>(line: JsonObject, key: string, valid: readonly T[]): T | null {
  const value = textAt(line, key);
  if (value === null) return null;
  const found = valid.find((name) => name === value);
  if (found === undefined) throw new BadField(key, `must be one of ${valid.join(', ')}`);
  return found;
}
