/**
 * Gemini API and Vertex responses as an application logs them. In: a response, or a chunk of a streamed one. Out: one record; chunks carry
 * cumulative counts under one response id, so the largest is the call. A chunk without counts is a named skip unless it ends an answer.
 */
import type { Format, JsonObject, Outcome } from '../record.ts';
import { arrayAt, isObject } from './fields.ts';
import { geminiRecord, isBareResponse, usageMetadata } from './gemini-usage.ts';

export const geminiResponse: Format = {
  id: 'gemini.response',
  sourceKind: 'provider',
  class: 'calls',
  marks: ['usageMetadata', 'usage_metadata', 'candidates'],
  detect: (line) => usageMetadata(line) !== null || isBareResponse(line),
  normalize(line, context): Outcome {
    if (usageMetadata(line) === null && !isFinished(line)) return { kind: 'skip', reason: 'stream_chunk' };
    return { kind: 'usage', records: [geminiRecord(geminiResponse, line, context)] };
  },
};

function isFinished(response: JsonObject): boolean {
  return arrayAt(response, 'candidates').some((c) => isObject(c) && Boolean(c['finishReason'] ?? c['finish_reason']));
}
