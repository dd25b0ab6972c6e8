/**
 * Vertex request-response logging (BigQuery export): the response is an object, a list of stream chunks, or JSON text; the last chunk has the
 * cumulative usage. A sampling rate below 1 is never scaled up. Source: formats.md 4.5.
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, JsonValue, Outcome } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { isObject, msFrom, quantityAt, textAt } from './fields.ts';
import { geminiRecord, usageMetadata } from './gemini-usage.ts';

export const vertexLog: Format = {
  id: 'vertex.log',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => 'logging_time' in line && 'full_response' in line && 'api_method' in line,
  normalize(line, context): Outcome {
    const response = lastChunk(line['full_response']);
    const request = asObject(line['full_request']) ?? {};
    const model = (textAt(line, 'model') ?? 'unknown').replace(/^.*models\//, '');
    const inner = { ...context, outer: { ...context.outer, request } };
    const record = response !== null && usageMetadata(response) !== null ? geminiRecord(vertexLog, response, inner) : newRecord(vertexLog, 'vertex', model);
    if (response === null || usageMetadata(response) === null) {
      record.usageBasis = 'missing';
      applySurroundings(record, inner);
    }
    record.provider = 'vertex';
    record.publisher = 'google';
    if (record.modelReported === 'unknown') record.modelReported = model;
    record.occurredAtMs ??= fromIso(line['logging_time']);
    const requestId = textAt(line, 'request_id');
    if (requestId !== null) record.linkIds.push({ kind: 'request', value: `vertex|${requestId}` });
    record.latencyMs = msFrom(quantityAt(asObject(line['metadata']), 'request_latency'), 1);
    return { kind: 'usage', records: [record] };
  },
};

function lastChunk(value: JsonValue | undefined): JsonObject | null {
  if (Array.isArray(value)) return value.filter(isObject).at(-1) ?? null;
  return asObject(value);
}

function asObject(value: JsonValue | undefined): JsonObject | null {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return null;
  try {
    return lastChunk(JSON.parse(value) as JsonValue);
  } catch {
    return null;
  }
}
