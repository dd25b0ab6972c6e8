/**
 * Anthropic messages. They carry no time: it comes from the envelope or the object. With `iterations` each item is a priced request of its
 * own and the top level is ignored (it leaves out compactions; the documented example under-bills 9×). Source: formats.md 2.1.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { messageProvider, readAnthropicTerms, readAnthropicTokens } from './anthropic-usage.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, isObject, objectAt, textAt } from './fields.ts';
import { readRequestId } from './openai-shape.ts';

const STREAM_EVENTS = new Set(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop', 'ping']);

export const anthropicMessage: Format = {
  id: 'anthropic.message',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => (line['type'] === 'message' && isObject(line['usage'])) || (typeof line['type'] === 'string' && STREAM_EVENTS.has(line['type'])),
  normalize(line, context): Outcome {
    if (line['type'] !== 'message') return streamEvent(line, context);
    return { kind: 'usage', records: messageRecords(anthropicMessage, line, context) };
  },
};

/** Records of one message: one, or one per iteration. */
export function messageRecords(format: Format, message: JsonObject, context: LineContext): UsageRecord[] {
  const usage = objectAt(message, 'usage') ?? {};
  const iterations = arrayAt(usage, 'iterations').filter(isObject);
  if (iterations.length === 0) return [messageRecord(format, message, usage, usage, context)];
  const lastMessage = iterations.findLastIndex((item) => textAt(item, 'type') === 'message');
  const named = lastMessage < 0 ? iterations.length - 1 : lastMessage;
  return iterations.map((item, index) => {
    const record = messageRecord(format, message, item, usage, context);
    record.modelReported = textAt(item, 'model') ?? record.modelReported;
    record.tags['iteration'] = textAt(item, 'type') ?? String(index);
    if (index !== named) {
      record.webSearches = 0;
      record.linkIds = record.linkIds.slice(0, 1).map((link) => ({ ...link, value: `${link.value}#${index}` }));
    }
    return record;
  });
}

function messageRecord(format: Format, message: JsonObject, tokens: JsonObject, terms: JsonObject, context: LineContext): UsageRecord {
  const id = textAt(message, 'id');
  const record = newRecord(format, messageProvider(id), textAt(message, 'model') ?? 'unknown');
  record.publisher = 'anthropic';
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  readAnthropicTerms(record, terms);
  readAnthropicTokens(record, tokens);
  const request = objectAt(context.outer, 'request');
  record.promptText = request === null ? null : { system: request['system'] ?? null, messages: request['messages'] ?? null };
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}

interface OpenMessage {
  message: JsonObject;
  line: number;
}

/** Stream events: `message_start` opens a message, `message_delta` has cumulative counters, the last one is the call. */
function streamEvent(line: JsonObject, context: LineContext): Outcome {
  const state = context.object.state;
  const open = state.get('anthropic.stream') as OpenMessage | undefined;
  const start = line['type'] === 'message_start' ? objectAt(line, 'message') : null;
  if (start !== null) {
    state.set('anthropic.stream', { message: start, line: context.line } satisfies OpenMessage);
    return { kind: 'skip', reason: 'stream_event' };
  }
  const usage = objectAt(line, 'usage');
  if (line['type'] !== 'message_delta' || usage === null || open === undefined) return { kind: 'skip', reason: 'stream_event' };
  const message = { ...open.message, usage: { ...objectAt(open.message, 'usage'), ...usage } };
  return { kind: 'usage', records: messageRecords(anthropicMessage, message, context) };
}
