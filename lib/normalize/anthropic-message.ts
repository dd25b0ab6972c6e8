/**
 * Anthropic messages, and their stream events where somebody logs those. In: a message body. Out: one record, or one per iteration: with
 * `iterations` each item is a priced request of its own and the top level is ignored, since it leaves out compactions and advisors (the
 * documented example under-bills 9×). Messages carry no time: it comes from the envelope or the object. Source: formats.md 2.1.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
import {
  allTokens,
  hasCounts,
  messageProvider,
  readAnthropicTerms,
  readAnthropicTokens,
  withDelta,
} from './anthropic-usage.ts';
import { bedrockModel } from './bedrock-model.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, isObject, objectAt, textAt } from './fields.ts';
import { readRequestId } from './openai-shape.ts';

const STREAM_EVENTS = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
]);

export const anthropicMessage: Format = {
  id: 'anthropic.message',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['type'],
  detect: (line) => isMessage(line) || isStreamEvent(line),
  normalize(line, context): Outcome {
    if (line['type'] === 'message') {
      return { kind: 'usage', records: messageRecords(anthropicMessage, line, context) };
    }
    return streamOutcome(line, context);
  },
  finish(object) {
    const open = openMessage(object);
    if (open === null || open.isCounted) return [];
    return cutRecords(open).map((record) => ({ record, line: open.context.line }));
  },
};

/** A response, with or without its usage. OpenAI's output items are `message`s too, but name no model. */
function isMessage(line: JsonObject): boolean {
  if (line['type'] !== 'message') return false;
  return isObject(line['usage']) || (line['role'] === 'assistant' && typeof line['model'] === 'string');
}

function isStreamEvent(line: JsonObject): boolean {
  return typeof line['type'] === 'string' && STREAM_EVENTS.has(line['type']);
}

/**
 * Records of one message: one, or one per iteration. The last `message` iteration carries the message's own id, so that gateway and agent
 * copies link to it; the others are `<id>#<index>`. A message that was only compacted so far has no own record yet.
 */
export function messageRecords(format: Format, message: JsonObject, context: LineContext): UsageRecord[] {
  const usage = objectAt(message, 'usage');
  const iterations = usage === null ? [] : iterationsOf(usage);
  if (usage === null || iterations.length === 0) return [messageRecord(format, message, usage, usage, context)];
  const named = namedIteration(iterations);
  const feeBearer = named < 0 ? iterations.length - 1 : named;
  return iterations.map((item, index) => {
    const record = messageRecord(format, message, item, usage, context);
    record.modelReported = modelName(record, textAt(item, 'model')) ?? record.modelReported;
    if (index !== feeBearer) record.webSearches = 0;
    if (index === named) return record;
    record.tags['iteration'] = textAt(item, 'type') ?? String(index);
    record.promptText = null;
    record.linkIds = record.linkIds.slice(0, 1).map((link) => ({ ...link, value: `${link.value}#${index}` }));
    return record;
  });
}

/** The iterations, unless they hold fewer tokens than the top level: then the list is not complete yet (stream snapshots). */
function iterationsOf(usage: JsonObject): JsonObject[] {
  const items = arrayAt(usage, 'iterations').filter(isObject);
  const sum = items.reduce((tokens, item) => tokens + allTokens(item), 0);
  return items.length > 0 && sum < allTokens(usage) ? [] : items;
}

function namedIteration(iterations: readonly JsonObject[]): number {
  const last = iterations.findLastIndex((item) => item['type'] === 'message');
  return last >= 0 ? last : iterations.findLastIndex((item) => item['type'] === 'fallback_message');
}

function messageRecord(
  format: Format,
  message: JsonObject,
  tokens: JsonObject | null,
  terms: JsonObject | null,
  context: LineContext,
): UsageRecord {
  const id = textAt(message, 'id');
  const model = textAt(message, 'model');
  const record = newRecord(format, messageProvider(id, model), 'unknown');
  record.publisher = 'anthropic';
  record.modelReported = modelName(record, model) ?? 'unknown';
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  if (terms !== null) readAnthropicTerms(record, terms);
  if (hasCounts(tokens)) readAnthropicTokens(record, tokens);
  else {
    record.usageBasis = 'missing';
    record.responseText = contentText(message);
  }
  record.requestedTier = textAt(objectAt(context.outer, 'request'), 'service_tier');
  record.promptText = requestPrompt(context);
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}

/** The model as its host's price list spells it; a Bedrock id also tells the region scope. */
function modelName(record: UsageRecord, reported: string | null): string | null {
  if (reported === null || record.provider !== 'bedrock') return reported;
  const { model, geo } = bedrockModel(reported);
  if (geo !== null) record.priceRegion = geo;
  return model;
}

/** The prompt where the envelope holds the request: transient, for fingerprints. */
function requestPrompt(context: LineContext): JsonValue | null {
  const request = objectAt(context.outer, 'request') ?? context.outer;
  if (request === null || !Array.isArray(request['messages'])) return null;
  return { system: request['system'] ?? null, messages: request['messages'] };
}

function contentText(message: JsonObject): string | null {
  const texts = arrayAt(message, 'content').flatMap((part) => (isObject(part) ? (textAt(part, 'text') ?? []) : []));
  return texts.length === 0 ? null : texts.join('\n');
}

/** The message whose events are being read. One at a time: events after the start carry no id. */
interface OpenMessage {
  readonly message: JsonObject;
  readonly context: LineContext;
  readonly isCounted: boolean;
}

function openMessage(object: ObjectContext): OpenMessage | null {
  return (object.state.get(anthropicMessage.id) as OpenMessage | undefined) ?? null;
}

/** `message_start` opens a message; each `message_delta` has cumulative counters, so the one with most tokens is the call. */
function streamOutcome(line: JsonObject, context: LineContext): Outcome {
  const { state } = context.object;
  const open = openMessage(context.object);
  const skip: Outcome = { kind: 'skip', reason: 'stream_event' };
  if (line['type'] === 'message_start') {
    const message = objectAt(line, 'message');
    if (message === null) return skip;
    state.set(anthropicMessage.id, { message, context, isCounted: false } satisfies OpenMessage);
    return open === null || open.isCounted ? skip : { kind: 'usage', records: cutRecords(open) };
  }
  if (line['type'] === 'message_stop') state.delete(anthropicMessage.id);
  const usage = objectAt(line, 'usage');
  if (line['type'] !== 'message_delta' || usage === null || open === null) return skip;
  state.set(anthropicMessage.id, { ...open, isCounted: true } satisfies OpenMessage);
  return { kind: 'usage', records: messageRecords(anthropicMessage, withDelta(open.message, usage), open.context) };
}

/** A stream that was cut: its input was read and is billed, its output is a lower bound. */
function cutRecords(open: OpenMessage): UsageRecord[] {
  const records = messageRecords(anthropicMessage, open.message, open.context);
  for (const record of records) {
    record.status = 'partial';
    record.usageFlag ??= 'stream_cut';
  }
  return records;
}
