/**
 * Usage inside the bodies Bedrock logs, in the native shape of each model family: Anthropic, Converse and Nova, Llama, Titan, OpenAI-shaped
 * models, and the metrics event that ends a raw stream. In: a body (object, list of stream events, or JSON text). Out: counters, exclusive
 * of each other, null where the body does not say. Source: formats.md 3.1–3.3.
 */
import type { JsonObject, JsonValue, UsageRecord } from '../record.ts';
import { setCacheWrites } from './anthropic-usage.ts';
import { arrayAt, countAt, isObject, objectAt, optionalCountAt, textAt } from './fields.ts';

export interface Counters {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
}

/** The body as a list of objects: stream events, or the one response. Text that is no JSON is no body. */
export function bodyOf(value: JsonValue | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (isObject(value)) return [value];
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return [];
  try {
    const parsed = JSON.parse(value) as JsonValue;
    return typeof parsed === 'string' ? [] : bodyOf(parsed);
  } catch {
    return [];
  }
}

/** Counters of a body. Stream counters are cumulative, so the last of each kind counts. */
export function bodyCounters(body: readonly JsonObject[]): Counters {
  let counters: Counters = { input: null, cacheRead: null, cacheWrite: null, output: null };
  for (const event of body) {
    for (const usage of usagesOf(event)) {
      const found = countersOf(usage);
      counters = {
        input: found.input ?? counters.input,
        cacheRead: found.cacheRead ?? counters.cacheRead,
        cacheWrite: found.cacheWrite ?? counters.cacheWrite,
        output: found.output ?? counters.output,
      };
    }
  }
  return counters;
}

/** Where an event keeps its usage; Llama and Titan write it into the body itself, and the metrics event has the last word. */
function usagesOf(event: JsonObject): JsonObject[] {
  const places = [
    event,
    objectAt(event, 'usage'),
    objectAt(objectAt(event, 'message'), 'usage'),
    objectAt(objectAt(event, 'metadata'), 'usage'),
    objectAt(event, 'amazon-bedrock-invocationMetrics'),
  ];
  return places.filter((place) => place !== null);
}

const INPUT = ['input_tokens', 'inputTokens', 'inputTokenCount', 'prompt_token_count', 'inputTextTokenCount'];
const READ = ['cache_read_input_tokens', 'cacheReadInputTokens', 'cacheReadInputTokenCount'];
const WRITE = ['cache_creation_input_tokens', 'cacheWriteInputTokens', 'cacheWriteInputTokenCount'];
const OUTPUT = ['output_tokens', 'outputTokens', 'outputTokenCount', 'generation_token_count', 'completion_tokens'];

function countersOf(usage: JsonObject): Counters {
  const prompt = optionalCountAt(usage, 'prompt_tokens');
  const cached = optionalCountAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens');
  return {
    // OpenAI-shaped models count cached tokens inside the prompt
    input: prompt === null ? firstCount(usage, INPUT) : Math.max(0, prompt - (cached ?? 0)),
    cacheRead: firstCount(usage, READ) ?? cached,
    cacheWrite: firstCount(usage, WRITE),
    output: firstCount(usage, OUTPUT) ?? titanOutput(usage),
  };
}

function firstCount(usage: JsonObject, names: readonly string[]): number | null {
  for (const name of names) {
    const count = optionalCountAt(usage, name);
    if (count !== null) return count;
  }
  return null;
}

/** Titan text: one count per result. */
function titanOutput(body: JsonObject): number | null {
  const results = arrayAt(body, 'results').filter(isObject);
  if (results.length === 0 || !('tokenCount' in (results[0] as JsonObject))) return null;
  return results.reduce((sum, result) => sum + countAt(result, 'tokenCount'), 0);
}

/** Fills a record's meters; false where neither input nor output is known. The split of writes stands only in the body. */
export function readCounters(record: UsageRecord, counters: Counters, body: readonly JsonObject[]): boolean {
  record.inputTokens = counters.input ?? 0;
  record.cacheReadTokens = counters.cacheRead ?? 0;
  record.outputTokens = counters.output ?? 0;
  const { fiveMinutes, oneHour } = counters.cacheWrite === 0 ? NO_WRITES : writeSplit(body);
  setCacheWrites(record, counters.cacheWrite, fiveMinutes, oneHour);
  return counters.input !== null || counters.output !== null;
}

const NO_WRITES = { fiveMinutes: 0, oneHour: 0 };

/** Cache writes by time to live: Anthropic bodies have `cache_creation`, Converse `cacheDetails` of ttl and tokens. */
function writeSplit(body: readonly JsonObject[]): { readonly fiveMinutes: number; readonly oneHour: number } {
  let split = { fiveMinutes: 0, oneHour: 0 };
  for (const event of body) {
    for (const usage of usagesOf(event)) {
      const creation = objectAt(usage, 'cache_creation');
      if (creation !== null) {
        const fiveMinutes = countAt(creation, 'ephemeral_5m_input_tokens');
        split = { fiveMinutes, oneHour: countAt(creation, 'ephemeral_1h_input_tokens') };
      }
      const details = arrayAt(usage, 'cacheDetails').filter(isObject);
      if (details.length > 0) split = { fiveMinutes: ofTtl(details, '5m'), oneHour: ofTtl(details, '1h') };
    }
  }
  return split;
}

function ofTtl(details: readonly JsonObject[], ttl: string): number {
  return details.reduce((sum, detail) => (detail['ttl'] === ttl ? sum + countAt(detail, 'inputTokens') : sum), 0);
}

/** The prompt of a native request body: transient, for counting and fingerprints. Titan writes `inputText`. */
export function requestPrompt(request: JsonObject | null): JsonValue | null {
  if (request === null) return null;
  const messages = request['messages'] ?? request['prompt'] ?? request['inputText'] ?? null;
  return messages === null ? null : { system: request['system'] ?? null, messages };
}

/** The answer's text where its place is plain (Anthropic, Converse, Llama, Titan); needed only where usage is missing. */
export function responseText(body: readonly JsonObject[]): string | null {
  const texts = body.flatMap((event) => {
    const converse = objectAt(objectAt(event, 'output'), 'message');
    const parts = [...arrayAt(event, 'content'), ...arrayAt(converse, 'content'), ...arrayAt(event, 'results')];
    const found = parts.filter(isObject).map((part) => textAt(part, 'text') ?? textAt(part, 'outputText'));
    return [textAt(event, 'generation'), textAt(objectAt(event, 'delta'), 'text'), ...found].filter((t) => t !== null);
  });
  return texts.length === 0 ? null : texts.join('');
}
