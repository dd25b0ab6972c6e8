/**
 * Bedrock model invocation logs (S3 or CloudWatch). In: one event. Out: one record. The event's counters exclude cache; the split of cache
 * writes, the latency and the message id stand only in the logged body. No cost is logged, and failed calls are not billed.
 * Source: formats.md 3.1.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Operation, Outcome, UsageRecord } from '../record.ts';
import { bedrockIdentity, bedrockModel } from './bedrock-model.ts';
import { bodyCounters, bodyOf, readCounters, requestPrompt, responseText } from './bedrock-usage.ts';
import type { Counters } from './bedrock-usage.ts';
import { applySurroundings, applyTags } from './evidence.ts';
import { arrayAt, countAt, msFrom, objectAt, optionalCountAt, quantityAt, textAt } from './fields.ts';

export const bedrockInvocation: Format = {
  id: 'bedrock.invocation',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['schemaType'],
  detect: (line) => line['schemaType'] === 'ModelInvocationLog',
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [invocationRecord(line, context)] }),
};

function invocationRecord(line: JsonObject, context: LineContext): UsageRecord {
  const { model, scope, isProvisioned, publisher } = bedrockModel(
    textAt(line, 'modelId') ?? 'unknown',
    textAt(line, 'region'),
  );
  const record = newRecord(bedrockInvocation, 'bedrock', model);
  const input = objectAt(line, 'input');
  const output = objectAt(line, 'output');
  const body = bodyOf(output?.['outputBodyJson']);
  const request = bodyOf(input?.['inputBodyJson'])[0] ?? null;
  record.publisher = publisher;
  record.priceRegion = scope;
  record.occurredAtMs = fromIso(line['timestamp']);
  readIds(record, line, body);
  if (line['errorCode'] !== undefined && line['errorCode'] !== null) record.status = 'error';
  record.promptText = requestPrompt(request);
  readUsage(record, input, output, body);
  record.operation = operationOf(model, body);
  if (record.operation === 'image') record.images = countAt(output, 'outputImageCount') || imageCount(body);
  readTier(record, request, body, isProvisioned);
  readSpeed(record, body);
  const { principal, session } = bedrockIdentity(textAt(objectAt(line, 'identity'), 'arn'));
  record.evidence.principal = principal;
  record.userId = session;
  record.billingAccountId = textAt(line, 'accountId');
  applyTags(record, line['requestMetadata']);
  applySurroundings(record, context);
  return record;
}

/** The message id links to the application's and the agent's copies, the request id to a second log of the same call. */
function readIds(record: UsageRecord, line: JsonObject, body: readonly JsonObject[]): void {
  const ids = body.map((event) => textAt(objectAt(event, 'message'), 'id') ?? textAt(event, 'id'));
  const responseId = ids.find((id) => id !== null && /^(msg_|chatcmpl-|resp_)/.test(id)) ?? null;
  const requestId = textAt(line, 'requestId');
  if (responseId !== null) record.linkIds.push({ kind: 'response', value: responseId });
  if (requestId !== null) record.linkIds.push({ kind: 'request', value: requestId });
  record.callId = responseId ?? requestId;
}

/** The event's own counters; where it lacks one, the body's. Neither: missing, with the text to count. */
function readUsage(
  record: UsageRecord,
  input: JsonObject | null,
  output: JsonObject | null,
  body: readonly JsonObject[],
): void {
  const told: Counters = {
    input: optionalCountAt(input, 'inputTokenCount'),
    cacheRead: optionalCountAt(input, 'cacheReadInputTokenCount'),
    cacheWrite: optionalCountAt(input, 'cacheWriteInputTokenCount'),
    output: optionalCountAt(output, 'outputTokenCount'),
  };
  const isComplete = told.input !== null && told.cacheRead !== null && told.cacheWrite !== null && told.output !== null;
  const counters = isComplete ? told : completed(told, bodyCounters(body));
  if (readCounters(record, counters, body) || record.status === 'error') return;
  record.usageBasis = 'missing';
  record.responseText = responseText(body);
}

function completed(told: Counters, inBody: Counters): Counters {
  return {
    input: told.input ?? inBody.input,
    cacheRead: told.cacheRead ?? inBody.cacheRead,
    cacheWrite: told.cacheWrite ?? inBody.cacheWrite,
    output: told.output ?? inBody.output,
  };
}

function operationOf(model: string, body: readonly JsonObject[]): Operation {
  if (model.includes('embed')) return 'embedding';
  if (model.includes('rerank')) return 'rerank';
  return imageCount(body) > 0 ? 'image' : 'chat';
}

/** Image models answer with base64 texts under `images` (Titan, Nova Canvas, Stability). */
function imageCount(body: readonly JsonObject[]): number {
  return body.reduce((sum, event) => sum + arrayAt(event, 'images').length, 0);
}

/** The event has no field for the tier: the served one stands in the body, else the request's copy is the best witness. */
function readTier(
  record: UsageRecord,
  request: JsonObject | null,
  body: readonly JsonObject[],
  isProvisioned: boolean,
): void {
  record.requestedTier = tierText(request);
  const served = body.map((event) => tierText(event)).findLast((tier) => tier !== null) ?? record.requestedTier;
  if (served === 'flex' || served === 'priority') record.tier = served;
  if (served === 'reserved' || isProvisioned) record.tier = 'provisioned';
  // latency-optimized inference has rates of its own, which the book does not hold
  if (textAt(objectAt(request, 'performanceConfig'), 'latency') === 'optimized')
    record.usageFlag ??= 'latency_optimized';
}

function tierText(body: JsonObject | null): string | null {
  return (
    textAt(objectAt(body, 'serviceTier'), 'type') ?? textAt(body, 'serviceTier') ?? textAt(body, 'service_tier') ?? null
  );
}

function readSpeed(record: UsageRecord, body: readonly JsonObject[]): void {
  for (const event of body) {
    const metrics = objectAt(event, 'amazon-bedrock-invocationMetrics');
    const converseMs = quantityAt(objectAt(event, 'metrics'), 'latencyMs');
    record.latencyMs ??= msFrom(converseMs ?? quantityAt(metrics, 'invocationLatency'), 1);
    record.firstTokenMs ??= msFrom(quantityAt(metrics, 'firstByteLatency'), 1);
  }
}
