/** Reading OpenAI's usage objects (chat and responses spelling) and what its response objects share: tier, text, provider, built-in tools. */
import { picoFromUsd } from '../money.ts';
import type { JsonObject, JsonValue, LineContext, Tier, UsageRecord } from '../record.ts';
import { countAt, firstText, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';
import { inclusiveMeters } from './token-semantics.ts';

/** 10¹⁰ ticks are one dollar (xAI `cost_in_usd_ticks`; sub2api issue 5771). */
const PICO_PER_TICK = 100;

/** Fills the meters from a usage object of either spelling. Source: OpenAI openapi.json of 2026-08-21. */
export function readOpenAiUsage(record: UsageRecord, usage: JsonObject): void {
  const inputDetails = objectAt(usage, 'prompt_tokens_details') ?? objectAt(usage, 'input_tokens_details') ?? objectAt(usage, 'input_token_details');
  const outputDetails = objectAt(usage, 'completion_tokens_details') ?? objectAt(usage, 'output_tokens_details');
  const cacheRead = optionalCountAt(inputDetails, 'cached_tokens') ?? countAt(usage, 'prompt_cache_hit_tokens');
  const cacheWrite = countAt(inputDetails, 'cache_write_tokens');
  const reasoning = countAt(outputDetails, 'reasoning_tokens');
  const prompt = optionalCountAt(usage, 'prompt_tokens') ?? countAt(usage, 'input_tokens');
  const completion = optionalCountAt(usage, 'completion_tokens') ?? countAt(usage, 'output_tokens');
  const meters = inclusiveMeters({ prompt, completion, total: countAt(usage, 'total_tokens'), cacheRead, cacheWrite, reasoning });
  record.inputTokens = meters.input;
  record.cacheReadTokens = cacheRead;
  record.cacheWrite5mTokens = cacheWrite;
  record.outputTokens = meters.output;
  record.reasoningTokens = reasoning;
  record.usageFlag = meters.flag;
  readModalities(record, inputDetails, outputDetails);
  const ticks = optionalCountAt(usage, 'cost_in_usd_ticks');
  if (ticks !== null) record.reportedCostPico = ticks * PICO_PER_TICK;
  const cost = usage['cost'];
  if (typeof cost === 'number' && cost > 0) record.reportedCostPico = picoFromUsd(cost);
}

/** Audio and image parts lie inside the totals. Cached ones are parts of the cache reads. */
function readModalities(record: UsageRecord, input: JsonObject | null, output: JsonObject | null): void {
  const cached = objectAt(input, 'cached_tokens_details');
  const cachedAudio = Math.min(countAt(cached, 'audio_tokens'), record.cacheReadTokens);
  record.cachedAudioTokens = cachedAudio;
  record.audioInputTokens = Math.min(record.inputTokens, Math.max(0, countAt(input, 'audio_tokens') - cachedAudio));
  const cachedImages = countAt(cached, 'image_tokens');
  record.imageInputTokens = Math.min(record.inputTokens - record.audioInputTokens, Math.max(0, countAt(input, 'image_tokens') - cachedImages));
  record.audioOutputTokens = Math.min(record.outputTokens, countAt(output, 'audio_tokens'));
  record.imageOutputTokens = Math.min(record.outputTokens - record.audioOutputTokens, countAt(output, 'image_tokens'));
}

const TIERS: Readonly<Record<string, Tier>> = {
  default: 'standard',
  standard: 'standard',
  auto: 'standard',
  flex: 'flex',
  priority: 'priority',
  fast: 'priority',
  ultrafast: 'fast',
  batch: 'batch',
  scale: 'provisioned',
};

/** The served tier of the response prices the call; the requested one is kept beside it. */
export function readTier(record: UsageRecord, served: string | null, context: LineContext): void {
  if (served !== null) {
    record.tier = TIERS[served] ?? 'standard';
    if (served === 'ultrafast') record.priceTier = 'ultrafast';
  }
  record.requestedTier = textAt(objectAt(context.outer, 'request'), 'service_tier');
}

/** Who bills an OpenAI-shaped response, told only where the model or the id is certain. */
export function providerOf(model: string, id: string | null): string {
  if (/^deepseek-/.test(model)) return 'deepseek';
  if (/^grok-/.test(model)) return 'xai';
  if (/^(mistral|codestral|ministral|pixtral|magistral)-/.test(model)) return 'mistral';
  if (id?.startsWith('gen-')) return 'openrouter';
  return 'openai';
}

/** Request messages where the envelope holds them, and the answer's text: transient, for counting and fingerprints. */
export function readTexts(record: UsageRecord, context: LineContext, choices: readonly JsonValue[]): void {
  const request = objectAt(context.outer, 'request');
  record.promptText = request?.['messages'] ?? request?.['input'] ?? request?.['prompt'] ?? context.outer?.['messages'] ?? null;
  if (record.usageBasis === 'missing') record.responseText = answerText(choices);
}

function answerText(choices: readonly JsonValue[]): string | null {
  const texts = choices.flatMap((choice) => {
    if (!isObject(choice)) return [];
    const text = firstText(objectAt(choice, 'message'), 'content') ?? textAt(choice, 'text');
    return text === null ? [] : [text];
  });
  return texts.length === 0 ? null : texts.join('\n');
}

/** Calls of built-in tools that are billed per call. */
export function countToolCalls(output: readonly JsonValue[]): number {
  return output.filter((item) => isObject(item) && item['type'] === 'web_search_call').length;
}

/** The usage of a response; Groq puts it elsewhere on streams. */
export function usageOf(line: JsonObject): JsonObject | null {
  return objectAt(line, 'usage') ?? objectAt(objectAt(line, 'x_groq'), 'usage');
}
