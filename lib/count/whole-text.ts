/**
 * Whether the texts of a logged request are all of its input: only then do reported tokens belong to them. In: a line of a log as JSON. Out: yes, or no
 * where something else is sent along: tools, answers by schema, images, sound, files, or context that lies at the vendor. Text is never looked
 * into: keys and types decide, wherever in the line they are but in the answer.
 */
import type { JsonValue } from '../record.ts';

/** Keys of what counts as input and is no text of a message; empty ones send nothing. */
const MORE_INPUT = new Set(
  (
    'tools functions tool_config toolConfig tool_calls function_call functionCall functionResponse toolUse toolResult ' +
    'response_format responseSchema response_schema responseJsonSchema json_schema output_config mcp_servers ' +
    'image image_url images inlineData inline_data fileData file_data input_audio audio file video document thinking prediction'
  ).split(' '),
);
/** Names of context that lies at the vendor, or of pictures that lie elsewhere. */
const NAMES = new Set('previous_response_id conversation cachedContent cached_content image_url file_id'.split(' '));
/** What a line says of the answer, or what was counted. */
const ANSWERS = new Set(
  'response responses choices candidates output outputBodyJson modelOutput completion result usage usageMetadata'.split(
    ' ',
  ),
);
/** Where gateways keep a request as JSON within JSON. */
const PACKED = new Set('messages request request_body requestBody body proxy_server_request full_request'.split(' '));
/** Types of messages and parts that are text; anything else in a list is something else. */
const TEXT_TYPES = new Set(['text', 'input_text', 'output_text', 'message']);
const MAX_DEPTH = 32;

/** False also where it nests too deep to tell. */
export function isWholeText(line: JsonValue): boolean {
  return isWhole(line, 0);
}

function isWhole(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isTextPart(item) && isWhole(item, depth + 1));
  return Object.entries(value).every(
    ([key, under]) =>
      ANSWERS.has(key) ||
      (!(NAMES.has(key) && typeof under === 'string' && under !== '') &&
        !(MORE_INPUT.has(key) && isSomething(under)) &&
        isWhole(PACKED.has(key) ? unpacked(under) : (under ?? null), depth + 1)),
  );
}

function unpacked(value: JsonValue | undefined): JsonValue {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value ?? null;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}

/** Of a list: a message, a part with text, or no object. */
function isTextPart(item: JsonValue): boolean {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return true;
  const { type } = item;
  return typeof type !== 'string' || TEXT_TYPES.has(type);
}

/** An object or list with anything in it but the wish for plain text. */
function isSomething(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return Object.keys(value).length > 0 && value['type'] !== 'text' && value['type'] !== 'disabled';
}
