/**
 * LiteLLM's S3 logger (StandardLoggingPayload). In: one object per call. Out: one record of a gateway. Source: formats.md 5.1 (LiteLLM
 * source). Invariant: the tier and the usage are the provider's, the cost is only evidence.
 */
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, msFrom, objectAt, quantityAt, textAt } from './fields.ts';
import {
  litellmModel,
  litellmOperation,
  litellmProvider,
  objectColumn,
  promptOf,
  readLitellmCost,
  readLitellmId,
  readLitellmTokens,
  readLitellmUnits,
  readLitellmWho,
} from './litellm-usage.ts';
import { choiceText, setServedTier } from './openai-shape.ts';

export const litellmPayload: Format = {
  id: 'litellm.slp',
  sourceKind: 'gateway',
  class: 'calls',
  marks: ['model_map_information'],
  detect: (line) =>
    'response_cost' in line && 'startTime' in line && 'model_map_information' in line && 'hidden_params' in line,
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [payloadRecord(line, context)] }),
};

function payloadRecord(line: JsonObject, context: LineContext): UsageRecord {
  const metadata = objectAt(line, 'metadata');
  const response = objectColumn(line['response']);
  const reported = textAt(line, 'model') ?? 'unknown';
  const provider = litellmProvider(textAt(line, 'custom_llm_provider'), reported);
  const record = newRecord(litellmPayload, provider, litellmModel(reported));
  record.operation = litellmOperation(textAt(line, 'call_type') ?? '');
  record.occurredAtMs = fromUnixSeconds(line['startTime']);
  readLitellmId(record, textAt(line, 'id'), line['cache_hit']);
  if (textAt(line, 'status') === 'failure') record.status = 'error';
  readUsage(record, line, metadata, response);
  setServedTier(record, textAt(response, 'service_tier'));
  record.requestedTier = textAt(objectAt(line, 'model_parameters'), 'service_tier');
  readLitellmWho(record, metadata, line['request_tags']);
  record.evidence.customer ??= textAt(line, 'end_user') ?? textAt(metadata, 'user_api_key_end_user_id');
  record.sessionId ??= textAt(line, 'trace_id');
  readSpeed(record, line);
  readLitellmCost(record, line['response_cost']);
  record.promptText = promptOf(line['messages']);
  if (record.usageBasis === 'missing') record.responseText = choiceText(arrayAt(response, 'choices'), 'message');
  applySurroundings(record, context);
  return record;
}

function readUsage(
  record: UsageRecord,
  line: JsonObject,
  metadata: JsonObject | null,
  response: JsonObject | null,
): void {
  const details =
    objectAt(metadata, 'usage_object') ??
    objectAt(objectAt(line, 'hidden_params'), 'usage_object') ??
    objectAt(response, 'usage');
  const isCounted = 'prompt_tokens' in line || 'completion_tokens' in line;
  if (isCounted) readLitellmTokens(record, line, details);
  else if (record.status === 'ok') record.usageBasis = 'missing';
  readLitellmUnits(record, line, response);
}

/** Times are Unix seconds with a fraction; the first token is told only of streams. */
function readSpeed(record: UsageRecord, line: JsonObject): void {
  const start = quantityAt(line, 'startTime');
  if (start === null) return;
  const end = quantityAt(line, 'endTime');
  if (end !== null && end >= start) record.latencyMs = msFrom(end - start, 1000);
  const first = quantityAt(line, 'completionStartTime');
  if (line['stream'] === true && first !== null && first >= start) record.firstTokenMs = msFrom(first - start, 1000);
}
