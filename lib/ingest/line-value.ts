/**
 * What one line of text is: a JSON value, a named skip, or a defect. Never throws; a defect names what is wrong, never the text.
 * Numbers, duplicate keys (the last one counts) and lone surrogates are as `JSON.parse` gives them.
 */
import type { JsonValue } from '../record.ts';
import { createScanner } from './documents.ts';

/** An item before it gets its number: `line` is there and 0, because adding a field to each item would be felt. */
export type Unnumbered = { line?: number } & (
  | {
      readonly value: JsonValue;
      /** columns of a CSV row, else null */
      readonly header: readonly string[] | null;
      /** present and true where bytes were no UTF-8 and were replaced by U+FFFD */
      readonly isInvalidUtf8?: true;
    }
  | { readonly bad: string; readonly detail: string }
  | { readonly skip: string }
);

/** Deeper than any log; beyond it, code that walks a value could exhaust its stack. */
const MAX_DEPTH = 200;
/** Byte order mark (of a file joined to another) and record separator (RFC 7464). */
const MARKS = ['\uFEFF', '\u001E'];
/** Below this length a line cannot nest dangerously deep, and most lines of usage logs are shorter. */
const DEPTH_CHECK_FROM_CHARS = 1024;

/** The value of a line; null stands for one that was longer than the limit. */
export function lineValue(line: string | null, maxLineBytes: number, isInvalidUtf8: boolean): Unnumbered {
  if (line === null) return tooLong(maxLineBytes);
  if (!startsLikeJson(line) && line.trim() === '') return { skip: 'blank' };
  if (isTooDeep(line)) {
    return { bad: 'too_deep', detail: `the JSON is nested more than ${MAX_DEPTH} levels deep` };
  }
  const value = parsed(line) ?? unusualValue(line);
  if (value === null) return { bad: 'not_json', detail: 'the line is not valid JSON' };
  const records = Array.isArray(value.json) && isObjects(value.json) ? { records: value.json } : value.json;
  return isInvalidUtf8
    ? { value: records, header: null, line: 0, isInvalidUtf8 }
    : { value: records, header: null, line: 0 };
}

function startsLikeJson(line: string): boolean {
  const first = line.charCodeAt(0);
  return first === 123 || first === 91;
}

/** A JSON value in a box, because null is one. */
function parsed(text: string): { readonly json: JsonValue } | null {
  try {
    return { json: JSON.parse(text) as JsonValue };
  } catch {
    return null;
  }
}

/** The reject for a line of more bytes than allowed. */
export function tooLong(maxLineBytes: number): Unnumbered {
  return { bad: 'line_too_long', detail: `a line may have ${maxLineBytes} bytes (limits.max_line_bytes)` };
}

/**
 * A line that is no JSON value as it stands. A mark that joined files or RFC 7464 leave in front is taken off, and so is a comma behind
 * it; several values that were written without a line end between them become one envelope of records: a line stays one line.
 */
function unusualValue(line: string): { readonly json: JsonValue } | null {
  let start = 0;
  while (MARKS.includes(line.charAt(start))) start++;
  const bare = line.slice(start).trimEnd();
  const text = /\}\s*,$/.test(bare) ? bare.slice(0, -1) : bare;
  return (text === line ? null : parsed(text)) ?? (/\}\s*\{/.test(text) ? gluedValues(text) : null);
}

/** All values of a line, if it is nothing but objects one after the other. */
function gluedValues(line: string): { readonly json: JsonValue } | null {
  const scanner = createScanner(Number.MAX_SAFE_INTEGER);
  const values: JsonValue[] = [];
  for (const document of [...scanner.push(Buffer.from(line, 'utf8')), ...scanner.finish()]) {
    const value = 'text' in document ? parsed(document.text) : null;
    if (value === null) return null;
    values.push(value.json);
  }
  return isObjects(values) ? { json: values } : null;
}

function isObjects(values: readonly JsonValue[]): boolean {
  return (
    values.length > 0 && values.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  );
}

/** Whether JSON text is nested too deep. Brackets are counted first, which is cheap; only with many of them the true depth is read. */
export function isTooDeep(line: string): boolean {
  if (line.length < DEPTH_CHECK_FROM_CHARS) return false;
  return countOf(line, '{') + countOf(line, '[') > MAX_DEPTH && depthOf(line) > MAX_DEPTH;
}

function countOf(line: string, bracket: string): number {
  let count = 0;
  for (let at = line.indexOf(bracket); at >= 0 && count <= MAX_DEPTH; at = line.indexOf(bracket, at + 1)) count++;
  return count;
}

function depthOf(line: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (isInString) {
      if (code === 92) i++;
      else if (code === 34) isInString = false;
    } else if (code === 34) isInString = true;
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth);
    else if (code === 125 || code === 93) depth--;
  }
  return deepest;
}
