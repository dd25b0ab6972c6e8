/**
 * OpenAI Responses objects, also inside the `response.completed` stream event. Family A. A failed response has no usage and is an error
 * row; background responses are logged several times with one id, and the terminal one has the tokens. Source: formats.md 1.2.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { CallStatus, Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, objectAt, textAt } from './fields.ts';
import { countToolCalls, providerOf, readOpenAiUsage, readTexts, readTier } from './openai-usage.ts';
import { readRequestId } from './openai-chat.ts';

const STATUS: Readonly<Record<string, CallStatus>> = { completed: 'ok', incomplete: 'ok', failed: 'error', cancelled: 'cancelled' };

export const openaiResponse: Format = {
  id: 'openai.response',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => line['object'] === 'response' || (typeof line['type'] === 'string' && line['type'].startsWith('response.')),
  normalize(line, context): Outcome {
    if (line['object'] === 'response') return responseOutcome(line, context);
    const response = objectAt(line, 'response');
    return response?.['object'] === 'response' ? responseOutcome(response, context) : { kind: 'skip', reason: 'stream_event' };
  },
};

function responseOutcome(line: JsonObject, context: LineContext): Outcome {
  const status = textAt(line, 'status') ?? 'completed';
  if (status === 'queued' || status === 'in_progress') return { kind: 'skip', reason: 'response_not_finished' };
  return { kind: 'usage', records: [responseRecord(openaiResponse, line, context)] };
}

/** One record from a Responses body. */
export function responseRecord(format: Format, line: JsonObject, context: LineContext): UsageRecord {
  const id = textAt(line, 'id');
  const model = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(format, providerOf(model, id), model);
  if (id !== null) record.linkIds.push({ kind: 'response', value: id });
  record.callId = id;
  record.occurredAtMs = fromUnixSeconds(line['created_at']);
  record.status = STATUS[textAt(line, 'status') ?? 'completed'] ?? 'ok';
  const usage = objectAt(line, 'usage');
  if (usage !== null) readOpenAiUsage(record, usage);
  else if (record.status === 'ok') record.usageBasis = 'missing';
  readTier(record, textAt(line, 'service_tier'), context);
  record.webSearches = countToolCalls(arrayAt(line, 'output'));
  record.userId = textAt(line, 'safety_identifier') ?? textAt(line, 'user');
  record.sessionId = textAt(objectAt(line, 'conversation'), 'id') ?? textAt(line, 'conversation');
  const finished = fromUnixSeconds(line['completed_at']);
  if (finished !== null && record.occurredAtMs !== null && finished >= record.occurredAtMs) record.latencyMs = finished - record.occurredAtMs;
  applyTags(record, line['metadata']);
  readTexts(record, context, []);
  applySurroundings(record, context);
  readRequestId(record, context);
  return record;
}
