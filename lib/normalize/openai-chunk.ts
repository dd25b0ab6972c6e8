/**
 * Streams logged chunk by chunk. Usage stands on the last chunk, or cumulatively on every one: the last per id is the call. A stream
 * that was cut never gets usage; it still happened, so it comes out at the end of the object as `missing`, with its text to count.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, firstText, isObject, objectAt, textAt } from './fields.ts';
import { providerOf, readOpenAiUsage, readTier, usageOf } from './openai-usage.ts';

/** Streams open at one time in one object; beyond, the oldest is settled as it is. */
const MAX_OPEN = 10_000;
const MAX_TEXT = 1 << 18;

interface OpenStream {
  readonly record: UsageRecord;
  readonly line: number;
  text: string;
}

interface State {
  readonly open: Map<string, OpenStream>;
  readonly settled: Map<string, true>;
  readonly overflow: { record: UsageRecord; line: number }[];
}

export const openaiChunk: Format = {
  id: 'openai.chunk',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => line['object'] === 'chat.completion.chunk',
  normalize: normalizeChunk,
  finish(object) {
    const { open, overflow } = stateOf(object);
    return [...overflow, ...[...open.values()].map(settle)];
  },
};

function stateOf(object: ObjectContext): State {
  let state = object.state.get(openaiChunk.id) as State | undefined;
  if (state === undefined) {
    state = { open: new Map(), settled: new Map(), overflow: [] };
    object.state.set(openaiChunk.id, state);
  }
  return state;
}

function normalizeChunk(line: JsonObject, context: LineContext): Outcome {
  const id = textAt(line, 'id');
  const state = stateOf(context.object);
  const usage = usageOf(line);
  if (usage === null && id !== null) {
    if (!state.settled.has(id)) remember(state, id, line, context);
    return { kind: 'skip', reason: 'stream_chunk' };
  }
  if (usage === null) return { kind: 'skip', reason: 'stream_chunk' };
  const record = chunkRecord(line, id, context);
  readOpenAiUsage(record, usage);
  if (id !== null) {
    state.open.delete(id);
    state.settled.set(id, true);
    if (state.settled.size > MAX_OPEN) state.settled.delete(state.settled.keys().next().value as string);
  }
  return { kind: 'usage', records: [record] };
}

function chunkRecord(line: JsonObject, id: string | null, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(openaiChunk, providerOf(model, id), model);
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.occurredAtMs = fromUnixSeconds(line['created']);
  readTier(record, textAt(line, 'service_tier'), context);
  applySurroundings(record, context);
  return record;
}

function remember(state: State, id: string, line: JsonObject, context: LineContext): void {
  let stream = state.open.get(id);
  if (stream === undefined) {
    const record = chunkRecord(line, id, context);
    record.usageBasis = 'missing';
    record.status = 'partial';
    record.promptText = objectAt(context.outer, 'request')?.['messages'] ?? null;
    stream = { record, line: context.line, text: '' };
    state.open.set(id, stream);
    if (state.open.size > MAX_OPEN) {
      const oldest = state.open.keys().next().value as string;
      state.overflow.push(settle(state.open.get(oldest) as OpenStream));
      state.open.delete(oldest);
    }
  }
  for (const choice of arrayAt(line, 'choices')) {
    const text = isObject(choice) ? firstText(objectAt(choice, 'delta'), 'content') : null;
    if (text !== null && stream.text.length < MAX_TEXT) stream.text += text;
  }
}

function settle(stream: OpenStream): { record: UsageRecord; line: number } {
  stream.record.responseText = stream.text === '' ? null : stream.text;
  return { record: stream.record, line: stream.line };
}
