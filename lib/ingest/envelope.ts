/**
 * Wrappers around a log line: what cloud services, shippers and home-grown loggers put around a provider's response. Peeled one layer
 * at a time; what is around the inner value stays as context (tags, user, time, request). Called for lines that no format recognizes.
 * Invariant: nothing of a line disappears: every part of a list is handed on, and so is every field around it.
 */
import { gunzipSync } from 'node:zlib';
import type { JsonObject, JsonValue } from '../record.ts';
import { isTooDeep } from './line-value.ts';

export interface Peeled {
  readonly inner: readonly JsonValue[];
  readonly outer: JsonObject;
}

/**
 * Lists of wrapped lines: CloudWatch subscriptions, Lambda events (SQS, SNS, Kinesis), Azure Event Hubs, Firehose batches, SQS dumps. Their
 * members go on as they are, because each has a time of its own; the next layer takes the line out of them.
 */
const LISTS = ['logEvents', 'Records', 'records', 'Messages'];

/** Keys whose value is the wrapped line, as an object, as JSON text, or in base64; the first that looks like a response is taken, else the first. */
const CARRIERS =
  'response detail _source body Body message @message Message Sns kinesis awslogs log event payload record data Data result completion responseBody response_body'.split(
    ' ',
  );

const LIST_RANK = new Map(LISTS.map((key, rank) => [key, rank]));
const CARRIER_RANK = new Map(CARRIERS.map((key, rank) => [key, rank]));

/** What responses of the providers have at their top. */
const RESPONSE_KEYS = ['usage', 'usageMetadata', 'usage_metadata', 'choices', 'model', 'modelId', 'schemaType'];
const USAGE_KEYS = ['usage', 'usageMetadata', 'usage_metadata'];

/** A compressed log batch inside a message inflates to no more than this. */
const MAX_INFLATED_BYTES = 64 << 20;

/** One layer off, or null if nothing is wrapped. A line with usage of its own is no wrapper. */
export function peelEnvelope(line: JsonObject): Peeled | null {
  for (const key of keysByRank(line, LIST_RANK)) {
    const list = line[key];
    if (Array.isArray(list) && list.some(isObject)) return { inner: list, outer: without(line, key) };
  }
  let best: { key: string; value: JsonValue } | null = null;
  for (const key of keysByRank(line, CARRIER_RANK)) {
    const value = carried(line[key]);
    if (value === null) continue;
    best ??= { key, value };
    if (!isResponse(value)) continue;
    best = { key, value };
    break;
  }
  if (best === null || (hasUsage(line) && !hasUsage(best.value))) return null;
  return { inner: Array.isArray(best.value) ? best.value : [best.value], outer: without(line, best.key) };
}

/** The keys of a line that have a rank, in its order. A line has few keys, and asking it for each of ours costs more. */
function keysByRank(line: JsonObject, ranks: ReadonlyMap<string, number>): readonly string[] {
  let found: string[] | null = null;
  for (const key in line) if (ranks.has(key)) (found ??= []).push(key);
  if (found === null) return NO_KEYS;
  return found.length === 1 ? found : found.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

const NO_KEYS: readonly string[] = [];

function hasUsage(value: JsonValue): boolean {
  return isObject(value) && USAGE_KEYS.some((key) => isObject(value[key]));
}

function isResponse(value: JsonValue): boolean {
  return isObject(value) && RESPONSE_KEYS.some((key) => key in value);
}

/** An object, or a list of objects: as it is, as JSON text, or in base64 as Kinesis and Firehose write it. */
function carried(value: JsonValue | undefined): JsonValue | null {
  if (isObject(value)) return value;
  if (Array.isArray(value)) return value.length > 0 && value.every(isObject) ? value : null;
  if (typeof value !== 'string') return null;
  return fromText(/^\s*[[{]/.test(value) ? value : decoded(value));
}

function fromText(text: string | null): JsonValue | null {
  if (text === null || isTooDeep(text)) return null;
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'string' ? null : carried(value);
  } catch {
    return null;
  }
}

/** Text of base64 that begins like `{"`, `{ `, `[{` or a gzip member (CloudWatch Logs compresses before it encodes), or null. */
function decoded(text: string): string | null {
  if (!/^(e[yw]|W[3wy]|H4sI)[A-Za-z0-9+/\s]{6,}={0,2}\s*$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  if (!text.startsWith('H4sI')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8');
  } catch {
    return null;
  }
}

function without(line: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = line;
  return rest;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
