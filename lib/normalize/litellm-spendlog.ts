/**
 * LiteLLM SpendLogs rows (database dump, `/spend/logs`). In: one row per call, as JSON or CSV; JSON columns may be text. Out: one record
 * of a gateway. Source: formats.md 5.2 (schema.prisma). Invariant: the same call in the S3 log gives the same identity and meters.
 */
import { fromAny } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { arrayAt, objectAt, optionalCountAt, textAt } from './fields.ts';
import {
  jsonColumn,
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

export const litellmSpendlog: Format = {
  id: 'litellm.spendlog',
  sourceKind: 'gateway',
  class: 'calls',
  csvHeader: ['request_id', 'call_type', 'spend', 'startTime'],
  marks: ['call_type'],
  detect: (line) =>
    'request_id' in line &&
    'call_type' in line &&
    'startTime' in line &&
    ('spend' in line || 'custom_llm_provider' in line),
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [spendRecord(line, context)] }),
};

function spendRecord(line: JsonObject, context: LineContext): UsageRecord {
  const metadata = objectColumn(line['metadata']);
  const response = objectColumn(line['response']);
  const reported = textAt(line, 'model') ?? 'unknown';
  const provider = litellmProvider(textAt(line, 'custom_llm_provider'), reported);
  const record = newRecord(litellmSpendlog, provider, litellmModel(reported));
  record.operation = litellmOperation(textAt(line, 'call_type') ?? '');
  record.occurredAtMs = fromAny(line['startTime']);
  readLitellmId(record, textAt(line, 'request_id'), line['cache_hit']);
  if (textAt(line, 'status') === 'failure') record.status = 'error';
  const details =
    objectAt(metadata, 'usage_object') ?? objectAt(response, 'usage') ?? objectAt(metadata, 'additional_usage_values');
  readLitellmTokens(record, line, details);
  readLitellmUnits(record, line, response);
  setServedTier(record, textAt(response, 'service_tier'));
  readWho(record, line, metadata);
  readSpeed(record, line);
  readLitellmCost(record, line['spend']);
  record.promptText = promptOf(line['messages']);
  if (record.usageBasis === 'missing') record.responseText = choiceText(arrayAt(response, 'choices'), 'message');
  applySurroundings(record, context);
  return record;
}

/** Columns of the row stand in for what the metadata does not say. */
function readWho(record: UsageRecord, line: JsonObject, metadata: JsonObject | null): void {
  readLitellmWho(record, metadata, jsonColumn(line['request_tags']) ?? undefined);
  const key = textAt(line, 'api_key');
  if (key !== null) record.keyId = `secret:${key}`;
  record.evidence.gatewayTeam ??= textAt(line, 'team_id');
  record.evidence.customer ??= textAt(line, 'end_user');
  record.userId ??= textAt(line, 'user');
  record.subAccountId ??= textAt(line, 'organization_id');
  record.sessionId ??= textAt(line, 'session_id');
}

function readSpeed(record: UsageRecord, line: JsonObject): void {
  const start = record.occurredAtMs;
  const end = fromAny(line['endTime']);
  const first = fromAny(line['completionStartTime']);
  if (start !== null && end !== null && end >= start) record.latencyMs = end - start;
  else record.latencyMs = optionalCountAt(line, 'request_duration_ms');
  // without streaming LiteLLM writes the end as the first token
  if (start !== null && first !== null && first >= start && first !== end) record.firstTokenMs = first - start;
}
