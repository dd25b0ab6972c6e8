/**
 * Reading Anthropic's usage object: fresh input, cache reads and writes are separate counters (family B); the TTL of writes stands in
 * `cache_creation`. Source: formats.md 2.1 (anthropic-sdk-python types of 2026-08-07).
 */
import type { JsonObject, Tier, UsageRecord } from '../record.ts';
import { countAt, objectAt, optionalCountAt, textAt } from './fields.ts';

/** Fills the token meters. Writes without a TTL split are taken as 5-minute writes and marked. */
export function readAnthropicTokens(record: UsageRecord, usage: JsonObject): void {
  record.inputTokens = countAt(usage, 'input_tokens');
  record.cacheReadTokens = countAt(usage, 'cache_read_input_tokens');
  record.outputTokens = countAt(usage, 'output_tokens');
  record.reasoningTokens = Math.min(record.outputTokens, countAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens'));
  const creation = objectAt(usage, 'cache_creation');
  const fiveMinutes = countAt(creation, 'ephemeral_5m_input_tokens');
  const oneHour = countAt(creation, 'ephemeral_1h_input_tokens');
  const total = optionalCountAt(usage, 'cache_creation_input_tokens') ?? fiveMinutes + oneHour;
  if (creation === null) {
    record.cacheWrite5mTokens = total;
    record.cacheTtlUnknown = total > 0;
    return;
  }
  record.cacheWrite1hTokens = oneHour;
  record.cacheWrite5mTokens = Math.max(fiveMinutes, total - oneHour);
  if (total !== fiveMinutes + oneHour) record.usageFlag = 'usage_inconsistent';
}

const TIERS: Readonly<Record<string, Tier>> = { standard: 'standard', batch: 'batch', priority: 'priority', flex: 'flex', priority_on_demand: 'priority', flex_discount: 'flex' };

/** Tier, data residency and fees that stand beside the tokens. `inference_geo: us` carries a published surcharge (pitfall 13). */
export function readAnthropicTerms(record: UsageRecord, usage: JsonObject): void {
  record.tier = TIERS[textAt(usage, 'service_tier') ?? 'standard'] ?? 'standard';
  if (textAt(usage, 'speed') === 'fast') record.tier = 'fast';
  const geo = textAt(usage, 'inference_geo');
  record.priceRegion = geo === null || geo === 'global' || geo === 'not_available' ? null : geo;
  record.webSearches = countAt(objectAt(usage, 'server_tool_use'), 'web_search_requests');
  if (textAt(objectAt(objectAt(usage, 'fallback_credit'), 'status'), 'type') === 'redeemed') record.usageFlag = 'fallback_credit';
}

/** Tier of a report row; `usage_type` of the console says `message` or `standard`. */
export function tierOf(text: string | null): Tier {
  return TIERS[text ?? 'standard'] ?? 'standard';
}

/** Who bills a message, told by the form of its id. */
export function messageProvider(id: string | null): string {
  if (id?.startsWith('msg_bdrk_')) return 'bedrock';
  return id?.startsWith('msg_vrtx_') ? 'vertex' : 'anthropic';
}

/** Context band of a report row: a long-context window prices above 200k, the other at base. */
export function contextOf(window: string | null): number | null {
  if (window === null) return null;
  return /^(200k-|> ?200k|>200k)/i.test(window.trim()) ? 200_001 : 0;
}
