/** LiteLLM SpendLogs rows (database dump, `/spend/logs`): JSON columns may be text. Source: formats.md 5.2 (schema.prisma). */
import { picoFromUsd } from '../money.ts';
import { fromAny } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, LineContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { firstText, isObject, objectAt, textAt } from './fields.ts';
import { jsonColumn, litellmModel, litellmOperation, litellmProvider, promptOf, readCacheHit, readLitellmTokens, readLitellmWho } from './litellm-usage.ts';

export const litellmSpendlog: Format = {
  id: 'litellm.spendlog',
  sourceKind: 'gateway',
  class: 'calls',
  csvHeader: ['request_id', 'call_type', 'spend', 'startTime'],
  detect: (line) => 'request_id' in line && 'call_type' in line && 'startTime' in line && ('spend' in line || 'custom_llm_provider' in line),
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [spendRecord(line, context)] }),
};

function spendRecord(line: JsonObject, context: LineContext): UsageRecord {
  const metadata = asObject(jsonColumn(line['metadata']));
  const reported = textAt(line, 'model') ?? 'unknown';
  const record = newRecord(litellmSpendlog, litellmProvider(textAt(line, 'custom_llm_provider'), reported), litellmModel(reported));
  record.operation = litellmOperation(textAt(line, 'call_type') ?? '');
  record.occurredAtMs = fromAny(line['startTime']);
  const id = textAt(line, 'request_id');
  record.callId = id;
  readCacheHit(record, id, line['cache_hit'], String(line['startTime']));
  readLitellmTokens(record, line, objectAt(metadata, 'usage_object') ?? objectAt(metadata, 'additional_usage_values'));
  if (textAt(line, 'status') === 'failure') record.status = 'error';
  readLitellmWho(record, metadata, jsonColumn(line['request_tags']) ?? undefined);
  const key = textAt(line, 'api_key');
  if (key !== null) record.keyId = `secret:${key}`;
  record.evidence.gatewayTeam ??= textAt(line, 'team_id');
  record.userId ??= textAt(line, 'user');
  record.evidence.customer = textAt(line, 'end_user');
  record.subAccountId ??= textAt(line, 'organization_id');
  record.sessionId = firstText(line, 'session_id');
  readSpeed(record, line);
  const spend = line['spend'];
  if ((typeof spend === 'number' && spend > 0) || (typeof spend === 'string' && Number(spend) > 0)) record.reportedCostPico = picoFromUsd(spend);
  record.promptText = promptOf(line['messages']);
  applySurroundings(record, context);
  return record;
}

function readSpeed(record: UsageRecord, line: JsonObject): void {
  const end = fromAny(line['endTime']);
  const first = fromAny(line['completionStartTime']);
  const start = record.occurredAtMs;
  if (start === null) return;
  if (end !== null && end >= start) record.latencyMs = end - start;
  if (first !== null && first >= start && first !== end) record.firstTokenMs = first - start;
}

function asObject(value: JsonValue | null): JsonObject | null {
  return isObject(value ?? undefined) ? (value as JsonObject) : null;
}
