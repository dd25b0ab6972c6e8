/**
 * Bedrock model invocation logs (S3 or CloudWatch). Counters are exclusive of cache; the TTL split of writes and the latency stand only in
 * the logged body, which may be an object, a list of stream events, or JSON text. Source: formats.md 3.1.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, LineContext, Outcome, UsageRecord } from '../record.ts';
import { bedrockIdentity, bedrockModel } from './bedrock-model.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, countAt, isObject, msFrom, objectAt, optionalCountAt, quantityAt, textAt } from './fields.ts';

export const bedrockInvocation: Format = {
  id: 'bedrock.invocation',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => line['schemaType'] === 'ModelInvocationLog',
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [invocationRecord(line, context)] }),
};

function invocationRecord(line: JsonObject, context: LineContext): UsageRecord {
  const { model, scope, provisioned, publisher } = bedrockModel(textAt(line, 'modelId') ?? 'unknown');
  const record = newRecord(bedrockInvocation, 'bedrock', model);
  record.publisher = publisher;
  record.priceRegion = scope;
  if (provisioned) record.tier = 'provisioned';
  record.occurredAtMs = fromIso(line['timestamp']);
  record.operation = /embed/.test(model) ? 'embedding' : 'chat';
  const input = objectAt(line, 'input');
  const output = objectAt(line, 'output');
  const body = bodyOf(output?.['outputBodyJson']);
  readIds(record, line, body);
  record.inputTokens = countAt(input, 'inputTokenCount');
  record.cacheReadTokens = countAt(input, 'cacheReadInputTokenCount');
  record.outputTokens = countAt(output, 'outputTokenCount');
  readCacheWrites(record, countAt(input, 'cacheWriteInputTokenCount'), body);
  if (line['errorCode'] !== undefined && line['errorCode'] !== null) record.status = 'error';
  else if (optionalCountAt(input, 'inputTokenCount') === null && optionalCountAt(output, 'outputTokenCount') === null) record.usageBasis = 'missing';
  readTier(record, input);
  readSpeed(record, body);
  const { principal, session } = bedrockIdentity(textAt(objectAt(line, 'identity'), 'arn'));
  record.evidence.principal = principal;
  record.userId = session;
  record.billingAccountId = textAt(line, 'accountId');
  applyTags(record, line['requestMetadata']);
  const request = bodyOf(input?.['inputBodyJson'])[0] ?? null;
  record.promptText = request === null ? null : { system: request['system'] ?? null, messages: request['messages'] ?? request['prompt'] ?? null };
  applySurroundings(record, context);
  return record;
}

/** The body as a list of objects: stream events, or the one response. */
function bodyOf(value: JsonValue | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (isObject(value)) return [value];
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return [];
  try {
    return bodyOf(JSON.parse(value) as JsonValue);
  } catch {
    return [];
  }
}

function readIds(record: UsageRecord, line: JsonObject, body: readonly JsonObject[]): void {
  const messageId = body.map((event) => textAt(event, 'id') ?? textAt(objectAt(event, 'message'), 'id')).find((id) => id?.startsWith('msg_'));
  const requestId = textAt(line, 'requestId');
  if (messageId) record.linkIds.push({ kind: 'response', value: messageId });
  if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
  record.callId = messageId ?? requestId;
}

/** 5-minute and 1-hour writes are one counter in the log; the body tells them apart, else they are taken as 5-minute writes and marked. */
function readCacheWrites(record: UsageRecord, total: number, body: readonly JsonObject[]): void {
  record.cacheWrite5mTokens = total;
  if (total === 0) return;
  for (const event of body) {
    const usage = objectAt(event, 'usage') ?? objectAt(objectAt(event, 'message'), 'usage');
    const creation = objectAt(usage, 'cache_creation');
    if (creation !== null) {
      record.cacheWrite1hTokens = Math.min(total, countAt(creation, 'ephemeral_1h_input_tokens'));
      record.cacheWrite5mTokens = total - record.cacheWrite1hTokens;
      return;
    }
    const details = arrayAt(usage, 'cacheDetails').filter(isObject);
    if (details.length > 0) {
      const oneHour = details.filter((d) => textAt(d, 'ttl') === '1h').reduce((sum, d) => sum + countAt(d, 'inputTokens'), 0);
      record.cacheWrite1hTokens = Math.min(total, oneHour);
      record.cacheWrite5mTokens = total - record.cacheWrite1hTokens;
      return;
    }
  }
  record.cacheTtlUnknown = true;
}

/** No log field for the tier is known; the request body's copy is used where it is logged. */
function readTier(record: UsageRecord, input: JsonObject | null): void {
  const request = objectAt(input, 'inputBodyJson');
  const tier = textAt(request, 'serviceTier') ?? textAt(objectAt(request, 'serviceTier'), 'type') ?? textAt(request, 'service_tier');
  if (tier === 'flex' || tier === 'priority') record.tier = tier;
  if (tier === 'reserved') record.tier = 'provisioned';
}

function readSpeed(record: UsageRecord, body: readonly JsonObject[]): void {
  for (const event of body) {
    const metrics = objectAt(event, 'amazon-bedrock-invocationMetrics');
    record.latencyMs ??= msFrom(quantityAt(objectAt(event, 'metrics'), 'latencyMs') ?? quantityAt(metrics, 'invocationLatency'), 1);
    record.firstTokenMs ??= msFrom(quantityAt(metrics, 'firstByteLatency'), 1);
  }
}
