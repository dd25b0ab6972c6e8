/**
 * How the values of a text lie in it: one a line, as documents over many lines (or an array, or glued together), or as CSV. Told from
 * the beginning of the text, which always has the same length for the same text, so that the answer does not depend on chunks.
 */
import { parse } from 'csv-parse/sync';
import type { ByteReader } from '../byte-reader.ts';
import { createScanner } from './documents.ts';

export type Layout =
  | { readonly kind: 'lines' }
  | { readonly kind: 'documents' }
  | { readonly kind: 'csv'; readonly delimiter: string };

/** Enough for three lines of most logs; where it is not, the longer one is looked at. */
const SHORT_HEAD_BYTES = 1 << 16;
const LONG_HEAD_BYTES = 1 << 20;
const LINES_LOOKED_AT = 3;

/** Looks at the beginning of a text without taking it. */
export async function sniffLayout(reader: ByteReader): Promise<Layout> {
  const short = await reader.peek(SHORT_HEAD_BYTES);
  if (short.length < SHORT_HEAD_BYTES || countLineEnds(short) >= LINES_LOOKED_AT) return layoutOf(short);
  return layoutOf(await reader.peek(LONG_HEAD_BYTES));
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0 && count < LINES_LOOKED_AT; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** The layout of a text that begins with these bytes. */
export function layoutOf(head: Buffer): Layout {
  const lines = head.toString('utf8').trimStart().split('\n', LINES_LOOKED_AT);
  const [first = '', second = '', third = ''] = lines.map((line) => line.trim());
  if (!/^[[{]/.test(first)) return csvLayout(first, second) ?? { kind: 'lines' };
  const isOnePerLine = isObjectText(second) || isObjectText(third);
  if (parses(first)) {
    // a line that is a value; an array that is the whole text is opened, one of many is a line
    return first.startsWith('[') && second === '' && third === '' ? { kind: 'documents' } : { kind: 'lines' };
  }
  const document = firstDocument(head);
  if (document === null) return isOnePerLine ? { kind: 'lines' } : { kind: 'documents' };
  // a value lies in the first line and something is glued to it; if the next lines are values of their own, it is the exception
  const isGlued = first.startsWith(document);
  return isGlued && isOnePerLine ? { kind: 'lines' } : { kind: 'documents' };
}

/** Text of the first value, if it ends within the head and is valid. */
function firstDocument(head: Buffer): string | null {
  const [document] = createScanner(head.length).push(head);
  return document !== undefined && 'text' in document && parses(document.text) ? document.text : null;
}

function isObjectText(text: string): boolean {
  return text.startsWith('{') && parses(text);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** CSV, if the first line names columns and the second is no JSON; the delimiter is the one that gives the most names. */
function csvLayout(first: string, second: string): Layout | null {
  if (/^[[{]/.test(second)) return null;
  let best: { delimiter: string; columns: number } | null = null;
  for (const delimiter of [',', ';', '\t']) {
    const columns = headerColumns(first, delimiter);
    if (columns >= 2 && columns > (best?.columns ?? 0)) best = { delimiter, columns };
  }
  return best === null ? null : { kind: 'csv', delimiter: best.delimiter };
}

/** A column's name: short, begins with a letter, holds what people write into table heads. */
const COLUMN_NAME = /^[\p{L}_][\p{L}\p{N} _.,$()/:%#&+*?'[\]-]{0,80}$/u;

function headerColumns(line: string, delimiter: string): number {
  try {
    const [names = []] = parse(line, { delimiter, trim: true, relax_column_count: true });
    return names.every((name) => COLUMN_NAME.test(name)) ? names.length : 0;
  } catch {
    return 0;
  }
}
