/**
 * Reading Anthropic's usage object: fresh input, cache reads and cache writes are separate counters (family B); the time to live of writes
 * stands in `cache_creation`. In: a usage object or a report row. Out: disjoint meters, tier, region and fees of a record.
 * Invariant: a write whose time to live is not told is a 5-minute write and the record says so.
 * Source: formats.md 2.1 (anthropic-sdk-python types of 2026-08-07).
 */
import type { JsonObject, Tier, UsageRecord } from '../record.ts';
import { countAt, objectAt, optionalCountAt, textAt } from './fields.ts';
import { INCONSISTENT } from './token-semantics.ts';

/** Fills the token meters from a usage object, or from one of its iterations. */
export function readAnthropicTokens(record: UsageRecord, usage: JsonObject): void {
  record.inputTokens = countAt(usage, 'input_tokens');
  record.cacheReadTokens = countAt(usage, 'cache_read_input_tokens');
  record.outputTokens = countAt(usage, 'output_tokens');
  const thinking = countAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens');
  record.reasoningTokens = Math.min(record.outputTokens, thinking);
  const creation = objectAt(usage, 'cache_creation');
  setCacheWrites(
    record,
    optionalCountAt(usage, 'cache_creation_input_tokens'),
    countAt(creation, 'ephemeral_5m_input_tokens'),
    countAt(creation, 'ephemeral_1h_input_tokens'),
  );
}

/**
 * Sets both write meters from an aggregate (null = not given) and its split by time to live. What the split leaves out is taken as 5-minute
 * writes and marked; a split larger than its aggregate stands, and the record is flagged (pitfall 6: the aggregate is the sum of the two).
 */
export function setCacheWrites(record: UsageRecord, total: number | null, fiveMinutes: number, oneHour: number): void {
  const unsplit = (total ?? 0) - fiveMinutes - oneHour;
  record.cacheWrite5mTokens = fiveMinutes + Math.max(0, unsplit);
  record.cacheWrite1hTokens = oneHour;
  record.cacheTtlUnknown = unsplit > 0;
  if (total !== null && total > 0 && unsplit < 0) record.usageFlag ??= INCONSISTENT;
}

/** All tokens of a usage object or iteration: what was read, written and answered. */
export function allTokens(usage: JsonObject): number {
  return (
    countAt(usage, 'input_tokens') +
    countAt(usage, 'output_tokens') +
    countAt(usage, 'cache_read_input_tokens') +
    countAt(usage, 'cache_creation_input_tokens')
  );
}

/** True for a usage object that counts something; interrupted and rewritten logs hold nulls where counts belong. */
export function hasCounts(usage: JsonObject | null): usage is JsonObject {
  return optionalCountAt(usage, 'input_tokens') !== null || optionalCountAt(usage, 'output_tokens') !== null;
}

const TIERS: Readonly<Record<string, Tier>> = {
  standard: 'standard',
  batch: 'batch',
  priority: 'priority',
  priority_on_demand: 'priority',
  flex: 'flex',
  flex_discount: 'flex',
};

/** Tier of a response or a report row; anything that is no tier (`message` in the console's `usage_type`) is standard. */
export function tierOf(name: string | null, speed: string | null): Tier {
  const tier = TIERS[name ?? 'standard'] ?? 'standard';
  return speed === 'fast' && tier !== 'batch' ? 'fast' : tier;
}

/** Data residency as a price region, or null where it costs nothing extra: `us` has a published multiplier (pitfall 13). */
export function geoOf(inferenceGeo: string | null): string | null {
  const geo = inferenceGeo?.toLowerCase() ?? null;
  return geo === 'global' || geo === 'not_available' ? null : geo;
}

/** Tier, region and fees that stand beside the tokens of a response. The region is Anthropic's own: other hosts name theirs elsewhere. */
export function readAnthropicTerms(record: UsageRecord, usage: JsonObject): void {
  record.tier = tierOf(textAt(usage, 'service_tier'), textAt(usage, 'speed'));
  if (record.provider === 'anthropic') record.priceRegion = geoOf(textAt(usage, 'inference_geo'));
  record.webSearches = countAt(objectAt(usage, 'server_tool_use'), 'web_search_requests');
  const creditStatus = objectAt(objectAt(usage, 'fallback_credit'), 'status');
  if (textAt(creditStatus, 'type') === 'redeemed') record.usageFlag = 'fallback_credit';
}

/** Who bills a message: the form of its id tells, and the spelling of its model where a host writes its own. */
export function messageProvider(id: string | null, model: string | null): 'anthropic' | 'bedrock' | 'vertex' {
  if (id?.startsWith('msg_bdrk_') || (model !== null && /^([a-z-]+\.)?anthropic\.claude/.test(model))) return 'bedrock';
  if (id?.startsWith('msg_vrtx_') || (model !== null && /^claude-[\w.-]+@\d{8}$/.test(model))) return 'vertex';
  return 'anthropic';
}

/**
 * Context band of a report row as the smallest token count of the band: `0-200k` and `≤ 200k` are the base band (0), `200k-1M` and
 * `> 200k` start at 200,001. Null where the row is not grouped by it or the text is none we know.
 */
export function contextOf(window: string | null): number | null {
  const text = window?.replace(/[\s,]/g, '').toLowerCase() ?? '';
  if (/^(≤|<=|<|0-|0k-)\d+[km]?$/.test(text)) return 0;
  const lower = /^(?:>|(?=\d+k-\d+[km]$))(\d+)k/.exec(text)?.[1];
  return lower === undefined ? null : Number(lower) * 1000 + 1;
}

/** One message from a stream's events: the start's, with the counters of later deltas, which are cumulative. Null without a start. */
export function foldMessageStream(events: readonly JsonObject[]): JsonObject | null {
  let message: JsonObject | null = null;
  for (const event of events) {
    if (event['type'] === 'message_start') message = objectAt(event, 'message');
    else if (event['type'] === 'message_delta' && message !== null)
      message = withDelta(message, objectAt(event, 'usage'));
  }
  return message;
}

/** A message whose counters are replaced by the delta's where it has some. Never added: input repeats in deltas of newer versions. */
export function withDelta(message: JsonObject, delta: JsonObject | null): JsonObject {
  const usage: JsonObject = { ...objectAt(message, 'usage') };
  for (const key in delta) if (delta[key] !== null && delta[key] !== undefined) usage[key] = delta[key];
  return { ...message, usage };
}
