/**
 * From an object's bytes to its items: one item for every line, element, document or row, so that lines = usage + skips + rejects
 * can be checked. Bytes in, batches of items out; what cannot be read is an item too, with its reason and never with its text.
 */
import type { JsonValue } from '../record.ts';
import { BrokenContainer } from '../broken-container.ts';
import { createByteReader } from '../byte-reader.ts';
import { openContainer } from './containers.ts';
import { readCsvRows } from './csv-rows.ts';
import type { CsvRow } from './csv-rows.ts';
import { readDocuments } from './documents.ts';
import { sniffLayout } from './layout.ts';
import { lineValue, tooLong } from './line-value.ts';
import type { Unnumbered } from './line-value.ts';
import type { ReadLimits } from './limits.ts';
import { readLines } from './lines.ts';

export type { ReadLimits } from './limits.ts';
export { DEFAULT_READ_LIMITS } from './limits.ts';

/**
 * What one line, element or row is. `line` is its 1-based number (a CSV header is line 1, an array's first element is 1); contents of
 * an archive are numbered through. `header` names the columns of a CSV row, whose value is an object of strings.
 */
export type Item = Unnumbered & { readonly line: number };

/** All items of an object, in batches. Throws `UnreadableObject` where it must not be read, and what the body throws. */
export async function* readItems(
  body: AsyncIterable<Uint8Array>,
  key: string,
  limits: ReadLimits,
): AsyncGenerator<Item[]> {
  let line = 0;
  for await (const content of openContainer(body, key, limits)) {
    const items = content.kind === 'values' ? valueItems(content.values) : textItems(content.chunks, limits);
    for await (const batch of items) {
      yield numbered(batch, line);
      line += batch.length;
    }
  }
}

/** Numbers a batch in place: a copy for each line would be felt. */
function numbered(batch: readonly Unnumbered[], linesBefore: number): Item[] {
  const items = batch as (Unnumbered & { line: number })[];
  for (let i = 0; i < items.length; i++) (items[i] as { line: number }).line = linesBefore + i + 1;
  return items;
}

async function* valueItems(values: AsyncIterable<JsonValue[]>): AsyncGenerator<Unnumbered[]> {
  const guarded = untilBroken(values);
  for await (const batch of guarded.parts) yield batch.map((value) => ({ value, header: null }));
  yield* breakItem(guarded.broken());
}

async function* textItems(chunks: AsyncIterable<Uint8Array>, limits: ReadLimits): AsyncGenerator<Unnumbered[]> {
  const guarded = untilBroken(chunks);
  const reader = createByteReader(guarded.parts);
  const layout = await sniffLayout(reader);
  /** true once the text has ended where it should not: what stands last may be a part of something */
  const isCutShort = (): boolean => (guarded.broken()?.reason ?? 'trailing_bytes') !== 'trailing_bytes';
  if (layout.kind === 'csv') yield* csvItems(reader.rest(), layout.delimiter, limits, isCutShort);
  else if (layout.kind === 'lines') yield* lineItems(reader.rest(), limits, isCutShort);
  else yield* documentItems(reader.rest(), limits, isCutShort);
  yield* breakItem(guarded.broken());
}

/** Ends a stream where its container breaks, so that what came before is read to its last complete line. */
function untilBroken<T>(parts: AsyncIterable<T>): { parts: AsyncIterable<T>; broken: () => BrokenContainer | null } {
  let broken: BrokenContainer | null = null;
  async function* readable(): AsyncGenerator<T> {
    try {
      yield* parts;
    } catch (error) {
      if (!(error instanceof BrokenContainer)) throw error;
      broken = error;
    }
  }
  return { parts: readable(), broken: () => broken };
}

/** The item that stands for everything behind the break. Bytes behind a complete container are passed over by every tool: a skip. */
function* breakItem(broken: BrokenContainer | null): Generator<Unnumbered[]> {
  if (broken === null) return;
  yield [broken.reason === 'trailing_bytes' ? { skip: broken.reason } : { bad: broken.reason, detail: broken.message }];
}

async function* lineItems(
  chunks: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
  isCutShort: () => boolean,
): AsyncGenerator<Unnumbered[]> {
  for await (const { lines, invalid, isUnterminated } of readLines(chunks, limits.maxLineBytes)) {
    for (let from = 0; from < lines.length; from += LINES_PARSED_AHEAD) {
      const items: Unnumbered[] = [];
      for (let i = from; i < lines.length && i < from + LINES_PARSED_AHEAD; i++) {
        items.push(lineValue(lines[i] ?? null, limits.maxLineBytes, invalid !== null && invalid.has(i)));
      }
      const [only] = items;
      if (isUnterminated && isCutShort() && only && !('value' in only)) return; // the item of the break stands for it
      yield items;
    }
  }
}

/** Few, so that a line's value is garbage before the young generation is collected; more than one, so that waiting costs nothing. */
const LINES_PARSED_AHEAD = 32;

async function* documentItems(
  chunks: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
  isCutShort: () => boolean,
): AsyncGenerator<Unnumbered[]> {
  for await (const documents of readDocuments(chunks, limits.maxLineBytes)) {
    const items: Unnumbered[] = [];
    for (const document of documents) {
      if ('text' in document) items.push(lineValue(document.text, limits.maxLineBytes, document.isInvalidUtf8));
      else if (document.bad === 'too_long') items.push(tooLong(limits.maxLineBytes));
      else if (!isCutShort()) items.push({ bad: 'truncated_json', detail: 'the JSON ends before it is complete' });
    }
    yield items;
  }
}

async function* csvItems(
  chunks: AsyncIterable<Uint8Array>,
  delimiter: string,
  limits: ReadLimits,
  isCutShort: () => boolean,
): AsyncGenerator<Unnumbered[]> {
  let header: readonly string[] | null = null;
  for await (const rows of readCsvRows(chunks, { delimiter, maxRecordBytes: limits.maxLineBytes }, isCutShort)) {
    const items: Unnumbered[] = [];
    for (const row of rows) {
      if (header === null && 'fields' in row) {
        header = row.fields.map((name) => name.trim());
        items.push({ skip: 'csv_header' });
      } else items.push(rowItem(row, header ?? []));
    }
    yield items;
  }
}

/** A row by its header. One with too few fields was cut, and one with too many has a delimiter where none should be. */
function rowItem(row: CsvRow, header: readonly string[]): Unnumbered {
  if ('bad' in row) return { bad: 'broken_csv', detail: `the CSV is broken here (${row.bad})` };
  const { fields } = row;
  const isLong = fields.length > header.length && fields.slice(header.length).some((field) => field.trim() !== '');
  if (fields.length < header.length || isLong) {
    return { bad: 'csv_columns', detail: `the row has ${fields.length} fields, the header ${header.length}` };
  }
  return { value: Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ''])), header };
}
