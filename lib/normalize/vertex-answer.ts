/**
 * Whatever a model on Vertex answered, told by its shape: Gemini, or Anthropic's own body. In: the response as logged (an object, a list of
 * stream chunks, or JSON text) and its request. Out: records billed by Vertex, or none where the shape is unknown or nothing is there.
 */
import type { Format, JsonObject, JsonValue, LineContext, UsageRecord } from '../record.ts';
import { messageRecords } from './anthropic-message.ts';
import { foldMessageStream } from './anthropic-usage.ts';
import { isObject } from './fields.ts';
import { geminiRecord, isBareResponse, usageMetadata } from './gemini-usage.ts';

/** A JSON value as a list of objects: text is parsed once; text that is no JSON is nothing. */
export function objectsOf(value: JsonValue | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  if (isObject(value)) return [value];
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return [];
  try {
    const parsed = JSON.parse(value) as JsonValue;
    return typeof parsed === 'string' ? [] : objectsOf(parsed);
  } catch {
    return [];
  }
}

/** Records of an answer; `request` stands for the envelope's request. Empty where no answer was found. */
export function answerRecords(
  format: Format,
  chunks: readonly JsonObject[],
  request: JsonObject | null,
  context: LineContext,
): UsageRecord[] {
  const inner = { ...context, outer: { ...context.outer, request: request ?? {} } };
  const records = shapeRecords(format, chunks, inner);
  for (const record of records) record.provider = 'vertex';
  return records;
}

function shapeRecords(format: Format, chunks: readonly JsonObject[], context: LineContext): UsageRecord[] {
  const gemini = chunks.findLast((chunk) => usageMetadata(chunk) !== null) ?? chunks.findLast(isBareResponse);
  if (gemini !== undefined) return [geminiRecord(format, gemini, context, chunks)];
  const message = chunks.find((chunk) => chunk['type'] === 'message') ?? foldMessageStream(chunks);
  return message === null ? [] : messageRecords(format, message, context);
}
