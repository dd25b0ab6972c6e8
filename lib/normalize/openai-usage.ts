/**
 * Reading OpenAI's usage objects (chat, responses and realtime spelling) and those of gateways and servers that copy them. In: the
 * counts and their details. Out: the meters of a record. Invariant: parts (reasoning, audio, images) never exceed their whole.
 */
import { compact, picoFromUsd } from '../money.ts';
import type { JsonObject, UsageRecord } from '../record.ts';
import { countAt, objectAt, optionalCountAt } from './fields.ts';
import { gatewayMeters, inclusiveMeters } from './token-semantics.ts';

/** 10¹⁰ ticks are one dollar (xAI `cost_in_usd_ticks`; sub2api issue 5771). */
const PICO_PER_TICK = 100n;

/**
 * Fills the meters from a usage object of either spelling, and the cost where the server reports one. Without prompt and completion
 * counts the usage is `missing`. Source: OpenAI API specification of 2026-08-21; xAI, DeepSeek, Moonshot as their own shapes say.
 */
export function readOpenAiUsage(record: UsageRecord, usage: JsonObject): void {
  const prompt = optionalCountAt(usage, 'prompt_tokens') ?? optionalCountAt(usage, 'input_tokens');
  const completion = optionalCountAt(usage, 'completion_tokens') ?? optionalCountAt(usage, 'output_tokens');
  if (prompt === null && completion === null) {
    record.usageBasis = 'missing';
    return;
  }
  const totals = { prompt: prompt ?? 0, completion: completion ?? 0, total: countAt(usage, 'total_tokens') };
  // Anthropic's counters inside OpenAI's shape are a gateway's work: then the numbers vote
  const isGateway = 'cache_read_input_tokens' in usage || 'cache_creation_input_tokens' in usage;
  readCounts(record, totals, usage, isGateway);
  const ticks = optionalCountAt(usage, 'cost_in_usd_ticks');
  if (ticks !== null) record.reportedCostPico = compact(BigInt(ticks) * PICO_PER_TICK);
  const cost = usage['cost'];
  if (typeof cost === 'number' && cost > 0) record.reportedCostPico = picoFromUsd(cost);
}

/** Prompt, completion and total as the source writes them, in tokens; total 0 = not given. */
export interface Totals {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
}

/**
 * Fills the meters from totals and the object that holds the details, in every spelling seen. With `isGateway` the counts may be
 * inclusive or exclusive and are told apart by the numbers. A detail that is spelled twice counts once, the larger one.
 */
export function readCounts(record: UsageRecord, totals: Totals, details: JsonObject | null, isGateway: boolean): void {
  const input =
    objectAt(details, 'prompt_tokens_details') ??
    objectAt(details, 'input_tokens_details') ??
    objectAt(details, 'input_token_details');
  const output =
    objectAt(details, 'completion_tokens_details') ??
    objectAt(details, 'output_tokens_details') ??
    objectAt(details, 'output_token_details');
  const cacheRead = Math.max(
    countAt(input, 'cached_tokens'),
    countAt(details, 'prompt_cache_hit_tokens'), // DeepSeek
    countAt(details, 'cached_tokens'), // Moonshot
    countAt(details, 'cache_read_input_tokens'), // Anthropic, through a gateway
  );
  const created = Math.max(countAt(input, 'cache_creation_tokens'), countAt(details, 'cache_creation_input_tokens'));
  const cacheWrite = Math.max(countAt(input, 'cache_write_tokens'), created);
  const reasoning = countAt(output, 'reasoning_tokens');
  const counts = { ...totals, cacheRead, cacheWrite, reasoning };
  const meters = isGateway ? gatewayMeters(counts) : inclusiveMeters(counts);
  record.inputTokens = meters.input;
  record.cacheReadTokens = cacheRead;
  record.outputTokens = meters.output;
  record.reasoningTokens = Math.min(reasoning, meters.output);
  record.usageFlag = meters.flag;
  if (cacheWrite > 0) readWrites(record, cacheWrite, created, details, input);
  readModalities(record, input, output);
}

/** Cache writes by lifetime where the source splits them. OpenAI's own writes have one price and need no split. */
function readWrites(
  record: UsageRecord,
  cacheWrite: number,
  created: number,
  details: JsonObject | null,
  input: JsonObject | null,
): void {
  const split = objectAt(details, 'cache_creation') ?? objectAt(input, 'cache_creation_token_details');
  const oneHour = Math.min(cacheWrite, countAt(split, 'ephemeral_1h_input_tokens'));
  record.cacheWrite1hTokens = oneHour;
  record.cacheWrite5mTokens = cacheWrite - oneHour;
  record.cacheTtlUnknown = created > 0 && split === null && record.provider !== 'openai' && record.provider !== 'azure';
}

/** Audio and image parts lie inside the totals; cached ones are parts of the cache reads (pitfall 24). */
function readModalities(record: UsageRecord, input: JsonObject | null, output: JsonObject | null): void {
  const audio = countAt(input, 'audio_tokens');
  const image = countAt(input, 'image_tokens');
  if (audio > 0 || image > 0) {
    const cached = objectAt(input, 'cached_tokens_details');
    const cachedAudio = Math.min(countAt(cached, 'audio_tokens'), record.cacheReadTokens);
    const cachedImage = countAt(cached, 'image_tokens');
    record.cachedAudioTokens = cachedAudio;
    record.audioInputTokens = part(audio - cachedAudio, record.inputTokens);
    record.imageInputTokens = part(image - cachedImage, record.inputTokens - record.audioInputTokens);
  }
  record.audioOutputTokens = part(countAt(output, 'audio_tokens'), record.outputTokens);
  record.imageOutputTokens = part(countAt(output, 'image_tokens'), record.outputTokens - record.audioOutputTokens);
}

function part(count: number, whole: number): number {
  return Math.min(Math.max(0, count), whole);
}

/** The usage of a response, or null; Groq puts it elsewhere on streams. */
export function usageOf(line: JsonObject): JsonObject | null {
  return objectAt(line, 'usage') ?? objectAt(objectAt(line, 'x_groq'), 'usage');
}
