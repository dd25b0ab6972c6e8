/**
 * Streams logged chunk by chunk. In: one chunk per line. Out: one record per stream, when its last chunk (or its usage) is seen. A
 * stream that was cut never gets there; it still happened, so it comes out at the end of the object, with its text to count where no
 * usage was seen. Invariant: what is held is bounded in streams and in text; beyond, the oldest stream is settled as it is.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, isObject, textAt } from './fields.ts';
import { choiceText, providerOf, readPrompt, readRequestId, readTier, responseLinks } from './openai-shape.ts';
import { readOpenAiUsage, usageOf } from './openai-usage.ts';

/** Streams open at one time in one object. */
export const MAX_OPEN = 10_000;
/** Characters of text kept of one stream, and of all open streams together. */
const MAX_TEXT = 1 << 18;
const MAX_ALL_TEXT = 1 << 25;

interface OpenStream {
  readonly record: UsageRecord;
  readonly line: number;
  text: string;
  /** characters this stream holds, its prompt included */
  held: number;
}

interface Late {
  readonly record: UsageRecord;
  readonly line: number;
}

interface State {
  /** in the order in which the streams began */
  readonly open: Map<string, OpenStream>;
  /** streams that are done: their id and the tokens they came to */
  readonly settled: Map<string, number>;
  held: number;
}

export const openaiChunk: Format = {
  id: 'openai.chunk',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['object'],
  detect: (line) => line['object'] === 'chat.completion.chunk',
  normalize: normalizeChunk,
  finish(object): readonly Late[] {
    const state = stateOf(object);
    const late = [...state.open.values()].map(cutStream);
    state.open.clear();
    return late;
  },
};

function stateOf(object: ObjectContext): State {
  let state = object.state.get(openaiChunk.id) as State | undefined;
  if (state === undefined) {
    state = { open: new Map(), settled: new Map(), held: 0 };
    object.state.set(openaiChunk.id, state);
  }
  return state;
}

function normalizeChunk(line: JsonObject, context: LineContext): Outcome {
  const state = stateOf(context.object);
  const id = textAt(line, 'id');
  const usage = usageOf(line);
  if (id === null || (usage !== null && isLast(line))) return lastChunk(state, id, line, usage, context);
  if (state.settled.has(id)) return STREAM_CHUNK;
  const stream = state.open.get(id) ?? openStream(state, id, line, context);
  if (usage !== null) readUsage(stream.record, usage);
  if (isLast(line)) stream.record.status = 'ok'; // ended by itself, without telling its usage
  addText(state, stream, line);
  if (state.open.size <= MAX_OPEN && state.held <= MAX_ALL_TEXT) return STREAM_CHUNK;
  const [oldest] = state.open.keys();
  const overflow = state.open.get(oldest as string) as OpenStream;
  close(state, oldest as string);
  return { kind: 'usage', records: [cutStream(overflow).record] };
}

const STREAM_CHUNK: Outcome = { kind: 'skip', reason: 'stream_chunk' };

/**
 * OpenAI sends usage on a chunk without choices; others on the one that ends the answer; servers with continuous usage on every one,
 * cumulatively, so that only the last counts (formats.md 1.1).
 */
function isLast(line: JsonObject): boolean {
  const choices = arrayAt(line, 'choices');
  return choices.length === 0 || choices.some((choice) => isObject(choice) && textAt(choice, 'finish_reason') !== null);
}

function lastChunk(
  state: State,
  id: string | null,
  line: JsonObject,
  usage: JsonObject | null,
  context: LineContext,
): Outcome {
  if (usage === null) return STREAM_CHUNK;
  const record = chunkRecord(line, context);
  readUsage(record, usage);
  if (id === null) return { kind: 'usage', records: [record] };
  const opened = state.open.get(id);
  if (opened !== undefined) {
    record.promptText = opened.record.promptText;
    record.occurredAtMs ??= opened.record.occurredAtMs;
    close(state, id);
  }
  const tokens = record.inputTokens + record.cacheReadTokens + record.cacheWrite5mTokens + record.outputTokens;
  const settled = state.settled.get(id);
  if (settled !== undefined && settled >= tokens) return STREAM_CHUNK;
  state.settled.delete(id);
  state.settled.set(id, tokens);
  if (state.settled.size > MAX_OPEN) state.settled.delete(state.settled.keys().next().value as string);
  return { kind: 'usage', records: [record] };
}

function chunkRecord(line: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(openaiChunk, providerOf(line, model), model);
  record.linkIds = responseLinks(line);
  record.callId = textAt(line, 'id');
  record.occurredAtMs = fromUnixSeconds(line['created']);
  readTier(record, line, context);
  readPrompt(record, context);
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}

/** Usage on several chunks of a stream is cumulative: the last one replaces what was read before. */
function readUsage(record: UsageRecord, usage: JsonObject): void {
  record.usageBasis = 'reported';
  readOpenAiUsage(record, usage);
}

function openStream(state: State, id: string, line: JsonObject, context: LineContext): OpenStream {
  const record = chunkRecord(line, context);
  record.usageBasis = 'missing';
  record.status = 'partial';
  const held = record.promptText === null ? 0 : JSON.stringify(record.promptText).length;
  const stream: OpenStream = { record, line: context.line, text: '', held };
  state.open.set(id, stream);
  state.held += held;
  return stream;
}

function addText(state: State, stream: OpenStream, line: JsonObject): void {
  if (stream.text.length >= MAX_TEXT) return;
  const text = choiceText(arrayAt(line, 'choices'), 'delta');
  if (text === null) return;
  stream.text += text;
  stream.held += text.length;
  state.held += text.length;
}

function close(state: State, id: string): void {
  state.held -= state.open.get(id)?.held ?? 0;
  state.open.delete(id);
}

function cutStream(stream: OpenStream): Late {
  const { record, line, text } = stream;
  if (record.usageBasis === 'missing' && text !== '') record.responseText = text;
  return { record, line };
}
