/**
 * Wrappers around a log line: what cloud services, shippers and home-grown loggers put around a provider's response. Peeled one layer
 * at a time; what is around the inner value stays as context (tags, user, time, request). Never called on what is a record itself.
 */
import type { JsonObject, JsonValue } from '../record.ts';

export interface Peeled {
  readonly inner: readonly JsonValue[];
  readonly outer: JsonObject;
}

/** Keys whose value is the wrapped line, as an object or as JSON text; tried in this order. */
const CARRIERS = ['message', '@message', 'Message', 'detail', '_source', 'response', 'body', 'log', 'event', 'payload', 'record', 'data', 'result', 'completion'];

/** One layer off, or null if nothing is wrapped. */
export function peelEnvelope(line: JsonObject): Peeled | null {
  return listOf(line, 'logEvents', (event) => event['message']) ?? listOf(line, 'Records', carriedByNotification) ?? listOf(line, 'records', (r) => r) ?? carried(line);
}

function listOf(line: JsonObject, key: string, pick: (item: JsonObject) => JsonValue | undefined): Peeled | null {
  const list = line[key];
  if (!Array.isArray(list)) return null;
  const inner: JsonValue[] = [];
  for (const item of list) {
    const value = isObject(item) ? parsed(pick(item)) : null;
    if (value !== null) inner.push(value);
  }
  return inner.length === 0 ? null : { inner, outer: without(line, key) };
}

/** SQS and SNS records inside a Lambda event. */
function carriedByNotification(record: JsonObject): JsonValue | undefined {
  const sns = record['Sns'];
  if (isObject(sns)) return sns['Message'];
  return record['body'] ?? record['data'];
}

function carried(line: JsonObject): Peeled | null {
  for (const key of CARRIERS) {
    const value = parsed(line[key]) ?? firehose(line[key]);
    if (value !== null) return { inner: Array.isArray(value) ? value : [value], outer: without(line, key) };
  }
  return null;
}

/** An object, or a list of objects, directly or as JSON text. */
function parsed(value: JsonValue | undefined): JsonValue | null {
  if (isObject(value)) return value;
  if (Array.isArray(value)) return value.length > 0 && value.every(isObject) ? value : null;
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return null;
  try {
    return parsed(JSON.parse(value) as JsonValue);
  } catch {
    return null;
  }
}

/** Firehose hands records on in base64. */
function firehose(value: JsonValue | undefined): JsonValue | null {
  if (typeof value !== 'string' || value.length < 8 || !/^eyJ[A-Za-z0-9+/=\s]+$|^ey[A-Za-z0-9+/]{6,}=*$/.test(value)) return null;
  return parsed(Buffer.from(value, 'base64').toString('utf8'));
}

function without(line: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = line;
  return rest;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
