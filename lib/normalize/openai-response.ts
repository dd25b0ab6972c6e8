/**
 * OpenAI Responses objects, bare or inside a stream event (`response.completed`, `response.done` of the realtime API). In: a response
 * body. Out: one record. Family A. A failed response has no usage and is an error row without tokens; a background response is logged
 * several times with one id, and only its end has the tokens. Source: formats.md 1.2 (OpenAI API specification of 2026-08-21).
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { CallStatus, Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, objectAt, textAt } from './fields.ts';
import {
  countWebSearches,
  outputText,
  providerOf,
  readPrompt,
  readRequestId,
  readTier,
  responseLinks,
} from './openai-shape.ts';
import { readOpenAiUsage } from './openai-usage.ts';

const STATUS: Readonly<Record<string, CallStatus>> = {
  completed: 'ok',
  incomplete: 'ok', // cut by a limit the caller set, and billed
  failed: 'error',
  cancelled: 'cancelled',
};

const BODIES = new Set<unknown>(['response', 'realtime.response']);

export const openaiResponse: Format = {
  id: 'openai.response',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['object', 'type'],
  detect: (line) =>
    line['object'] === 'response' || (typeof line['type'] === 'string' && line['type'].startsWith('response.')),
  normalize(line, context): Outcome {
    if (line['object'] === 'response') return responseOutcome(line, context);
    const response = objectAt(line, 'response');
    if (response !== null && BODIES.has(response['object'])) return responseOutcome(response, context);
    return { kind: 'skip', reason: 'stream_event' };
  },
};

function responseOutcome(body: JsonObject, context: LineContext): Outcome {
  const status = textAt(body, 'status');
  if (status === 'queued' || status === 'in_progress') return { kind: 'skip', reason: 'response_not_finished' };
  return { kind: 'usage', records: [responseRecord(openaiResponse, body, context)] };
}

/** One record from a Responses body; batch lines hand theirs in too. Throws `BadField` where a count is no count. */
export function responseRecord(format: Format, body: JsonObject, context: LineContext): UsageRecord {
  const model = textAt(body, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(body, model), model);
  record.linkIds = responseLinks(body);
  record.callId = textAt(body, 'id');
  record.occurredAtMs = fromUnixSeconds(body['created_at']);
  record.status = STATUS[textAt(body, 'status') ?? 'completed'] ?? 'ok';
  const usage = objectAt(body, 'usage');
  if (usage !== null) readOpenAiUsage(record, usage);
  else if (record.status !== 'error') record.usageBasis = 'missing';
  readTier(record, body, context);
  record.webSearches = countWebSearches(arrayAt(body, 'output'));
  record.userId = textAt(body, 'safety_identifier') ?? textAt(body, 'user');
  record.sessionId = textAt(objectAt(body, 'conversation'), 'id') ?? textAt(body, 'conversation');
  readLatency(record, body);
  applyTags(record, body['metadata']);
  readPrompt(record, context);
  if (record.usageBasis === 'missing') record.responseText = outputText(arrayAt(body, 'output'));
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}

/** Both times are whole seconds: the latency is known to a second. A background response's queue time is part of it. */
function readLatency(record: UsageRecord, body: JsonObject): void {
  const finishedAtMs = fromUnixSeconds(body['completed_at']);
  if (finishedAtMs === null || record.occurredAtMs === null || finishedAtMs < record.occurredAtMs) return;
  record.latencyMs = finishedAtMs - record.occurredAtMs;
}
