/** LiteLLM's S3 logger (StandardLoggingPayload): one object per call. Source: formats.md 5.1 (LiteLLM source). */
import { picoFromUsd } from '../money.ts';
import { fromUnixSeconds } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, isObject, msFrom, objectAt, quantityAt, textAt } from './fields.ts';
import { litellmModel, litellmOperation, litellmProvider, promptOf, readCacheHit, readLitellmTokens, readLitellmWho } from './litellm-usage.ts';

export const litellmPayload: Format = {
  id: 'litellm.slp',
  sourceKind: 'gateway',
  class: 'calls',
  detect: (line) => 'response_cost' in line && 'startTime' in line && 'model_map_information' in line && 'hidden_params' in line,
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [payloadRecord(line, context)] }),
};

function payloadRecord(line: JsonObject, context: LineContext): UsageRecord {
  const metadata = objectAt(line, 'metadata');
  const reported = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(litellmPayload, litellmProvider(textAt(line, 'custom_llm_provider'), reported), litellmModel(reported));
  record.operation = litellmOperation(textAt(line, 'call_type') ?? '');
  record.occurredAtMs = fromUnixSeconds(line['startTime']);
  const id = textAt(line, 'id');
  record.callId = id;
  readCacheHit(record, id, line['cache_hit'], String(line['startTime']));
  const response = objectAt(line, 'response');
  const hidden = objectAt(line, 'hidden_params');
  readLitellmTokens(record, line, objectAt(metadata, 'usage_object') ?? objectAt(hidden, 'usage_object') ?? objectAt(response, 'usage'));
  if (textAt(line, 'status') === 'failure') record.status = 'error';
  const tier = textAt(response, 'service_tier');
  if (tier === 'flex' || tier === 'priority' || tier === 'batch') record.tier = tier;
  readLitellmWho(record, metadata, line['request_tags']);
  record.evidence.customer = textAt(line, 'end_user') ?? textAt(metadata, 'user_api_key_end_user_id');
  record.sessionId = textAt(line, 'trace_id');
  readSpeed(record, line);
  const cost = line['response_cost'];
  if ((typeof cost === 'number' && cost > 0) || typeof cost === 'string') record.reportedCostPico = picoFromUsd(cost);
  record.promptText = promptOf(line['messages']);
  if (record.status === 'ok' && record.inputTokens + record.outputTokens + record.cacheReadTokens === 0 && !('prompt_tokens' in line)) record.usageBasis = 'missing';
  const choice = arrayAt(response, 'choices')[0];
  if (record.usageBasis === 'missing' && isObject(choice)) record.responseText = textAt(objectAt(choice, 'message'), 'content');
  applySurroundings(record, context);
  return record;
}

/** `response_time` is the time to the first token when streaming, else the whole latency. */
function readSpeed(record: UsageRecord, line: JsonObject): void {
  const start = quantityAt(line, 'startTime');
  const end = quantityAt(line, 'endTime');
  if (start !== null && end !== null && end >= start) record.latencyMs = msFrom(end - start, 1000);
  const first = quantityAt(line, 'completionStartTime');
  if (line['stream'] === true && start !== null && first !== null && first >= start) record.firstTokenMs = msFrom(first - start, 1000);
}
