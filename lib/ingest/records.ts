/**
 * From an object's bytes to its items: one item for every line, element, document or row, so that lines = usage + skips + rejects
 * can be checked. The layout (JSON Lines, one document, an array, concatenated values, CSV) is told from the beginning of the content.
 */
import type { JsonValue } from '../record.ts';
import { TruncatedContainer, openContainer } from './containers.ts';
import { readCsv } from './csv-rows.ts';
import { readDocuments } from './documents.ts';
import type { ReadLimits } from './limits.ts';
import { readLines } from './lines.ts';

export type { ReadLimits } from './limits.ts';
export { DEFAULT_READ_LIMITS } from './limits.ts';

/** What one line, element or row is. `line` is its 1-based number; entries of an archive are numbered through. */
export type Item =
  | { readonly line: number; readonly value: JsonValue; readonly header: readonly string[] | null }
  | { readonly line: number; readonly bad: string; readonly detail: string }
  | { readonly line: number; readonly skip: string };

type Layout = 'lines' | 'array' | 'documents' | 'csv';

/** Bytes looked at to tell the layout. */
const SNIFF_BYTES = 1 << 20;

/** All items of an object, in batches. Throws `UnreadableObject` where nothing of it can be read. */
export async function* readItems(body: AsyncIterable<Uint8Array>, key: string, limits: ReadLimits): AsyncGenerator<Item[]> {
  let line = 0;
  for await (const content of openContainer(body, key, limits)) {
    const items = content.kind === 'values' ? valueItems(content.values) : byteItems(content.chunks, limits);
    for await (const batch of items) yield batch.map((item) => ({ ...item, line: ++line }));
  }
}

type Unnumbered = { value: JsonValue; header: readonly string[] | null } | { bad: string; detail: string } | { skip: string };

async function* valueItems(values: AsyncIterable<JsonValue[]>): AsyncGenerator<Unnumbered[]> {
  for await (const batch of values) yield batch.map((value) => ({ value, header: null }));
}

async function* byteItems(chunks: AsyncIterable<Uint8Array>, limits: ReadLimits): AsyncGenerator<Unnumbered[]> {
  const guarded = untilBroken(chunks);
  const { head, all } = await sniff(guarded.chunks);
  const layout = layoutOf(head);
  if (layout === 'csv') yield* csvItems(all, limits);
  else if (layout === 'lines') yield* lineItems(all, limits);
  else yield* documentItems(all, layout === 'array', limits);
  const broken = guarded.broken();
  if (broken !== null) yield [{ bad: 'truncated_container', detail: broken }];
}

/** Ends the stream where the container breaks, so that what came before is read to its last complete line. */
function untilBroken(chunks: AsyncIterable<Uint8Array>): { chunks: AsyncIterable<Uint8Array>; broken: () => string | null } {
  let message: string | null = null;
  async function* readable(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      if (!(error instanceof TruncatedContainer)) throw error;
      message = error.message;
    }
  }
  return { chunks: readable(), broken: () => message };
}

async function sniff(chunks: AsyncIterable<Uint8Array>): Promise<{ head: string; all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    held.push(next.value);
    size += next.value.length;
    if (size >= 4096 && held.some((chunk) => chunk.includes(10))) break;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* held;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { head: Buffer.concat(held).subarray(0, SNIFF_BYTES).toString('utf8'), all: all() };
}

/** Tells the layout from the beginning of the text. Exported for tests. */
export function layoutOf(head: string): Layout {
  const text = head.trimStart();
  const lines = text.split('\n', 3).map((line) => line.trim());
  const first = lines[0] ?? '';
  const second = lines[1] ?? '';
  if (text.startsWith('[')) {
    const elementFirst = parses(first);
    return elementFirst && second !== '' ? 'lines' : 'array';
  }
  if (!text.startsWith('{')) return looksLikeHeader(first) ? 'csv' : 'lines';
  if (parses(first)) return 'lines';
  if (/\}\s*\{/.test(first) && !parses(second) && concatenated(first)) return 'documents';
  // a first line that does not parse: broken JSON Lines if the next line is a value of its own, else one document
  return second.startsWith('{') && (parses(second) || second.length > 4000) ? 'lines' : lines.length > 1 ? 'documents' : 'lines';
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** True if the first value of the line ends inside it and another follows. */
function concatenated(line: string): boolean {
  for (let cut = line.indexOf('}'), tries = 0; cut >= 0 && tries < 200; cut = line.indexOf('}', cut + 1), tries++) {
    if (/^\s*\{/.test(line.slice(cut + 1)) && parses(line.slice(0, cut + 1))) return true;
  }
  return false;
}

/** A CSV header: at least two fields, all of them names. */
function looksLikeHeader(line: string): boolean {
  const fields = line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
  return fields.length >= 2 && fields.every((field) => /^[\p{L}_][\p{L}\p{N} _.$()/:-]{0,80}$/u.test(field));
}

async function* lineItems(chunks: AsyncIterable<Uint8Array>, limits: ReadLimits): AsyncGenerator<Unnumbered[]> {
  for await (const lines of readLines(chunks, limits.maxLineBytes)) {
    const items: Unnumbered[] = [];
    for (const line of lines) items.push(itemOf(line, limits));
    yield items;
  }
}

function itemOf(line: string | null, limits: ReadLimits): Unnumbered {
  if (line === null) return { bad: 'line_too_long', detail: `a line may have ${limits.maxLineBytes} bytes (limits.max_line_bytes)` };
  if (line === '' || line.trim() === '') return { skip: 'blank' };
  try {
    return { value: JSON.parse(line) as JsonValue, header: null };
  } catch {
    return { bad: 'not_json', detail: 'the line is not valid JSON' };
  }
}

async function* documentItems(chunks: AsyncIterable<Uint8Array>, array: boolean, limits: ReadLimits): AsyncGenerator<Unnumbered[]> {
  for await (const documents of readDocuments(chunks, array, limits.maxLineBytes)) {
    yield documents.map((document): Unnumbered => {
      if ('text' in document) return itemOf(document.text, limits);
      return document.bad === 'too_long' ? itemOf(null, limits) : { bad: 'truncated_json', detail: 'the JSON ends before it is complete' };
    });
  }
}

async function* csvItems(chunks: AsyncIterable<Uint8Array>, limits: ReadLimits): AsyncGenerator<Unnumbered[]> {
  const { header, rows } = await readCsv(chunks, limits.maxLineBytes);
  yield [{ skip: 'csv_header' }];
  for await (const batch of rows) {
    yield batch.map((item): Unnumbered => {
      if ('row' in item) return { value: item.row, header };
      return { bad: 'broken_csv', detail: `the CSV is broken from here on (${item.bad})` };
    });
  }
}
