/**
 * What kind of document a file is: by the sign that its first bytes bear, then by the ending of its name, then by whether its bytes can be text. In:
 * the name and the beginning of the bytes. Out: media type and how it is read, or why not.
 */
import { isUtf8 } from 'node:buffer';
import { byteOrderMark } from './decode-text.ts';
import { magicType, zipType } from './magic.ts';
import { OTHER_TYPES, READ_TYPES, TEXT_TYPES, UNREAD_TYPES } from './media-type-names.ts';

export type Format =
  | 'text'
  | 'html'
  | 'pdf'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'mail'
  | 'csv'
  | 'json_lines'
  | 'parquet'
  | 'zip'
  | 'gzip'
  | 'zstd'
  | 'ole';

export type DocumentType =
  | { readonly mediaType: string; readonly format: Format }
  | { readonly mediaType: string; readonly format: null; readonly reason: string };

/** Bytes of the beginning that are looked at. */
export const HEAD_BYTES = 1 << 16;

const NOT_READ = 'is of a type that is not read';
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0b\x0e-\x1f\x7f]/;
const BY_ENDING = new Map<string, DocumentType>();
const BY_TYPE = new Map<string, DocumentType>();
for (const [names, make] of [
  [TEXT_TYPES, (type: string) => ({ mediaType: type, format: 'text' as const })],
  [OTHER_TYPES, notText],
  [UNREAD_TYPES, notRead],
] as const) {
  for (const line of names.trim().split('\n')) addLine(line, make);
}
for (const line of READ_TYPES.trim().split('\n')) {
  const [format = '', rest = ''] = line.split(/ (.*)/s);
  addLine(rest, (mediaType) => ({ mediaType, format: format as Format }));
}

/** Formats that are zip archives: the ending says which, because the first bytes may not. */
const ZIP_FORMATS = new Set<Format | null>(['docx', 'pptx', 'xlsx', 'zip']);
/** Formats that are text themselves. */
const TEXTUAL = new Set<Format | null>(['text', 'html', 'mail', 'csv', 'json_lines']);

/** Type of a document. `head` is the first `HEAD_BYTES` of it, or all. */
export function documentType(path: string, head: Buffer): DocumentType {
  const named = BY_ENDING.get(ending(path)) ?? null;
  const magic = magicType(head, isPlain(head));
  if (magic === 'application/zip') return zipDocument(named, head);
  if (magic === 'application/x-ole-storage') return { mediaType: named?.mediaType ?? magic, format: 'ole' };
  if (magic !== null) return BY_TYPE.get(magic) ?? notText(magic);
  if (named !== null) {
    return TEXTUAL.has(named.format) && hasNul(head) ? notText('application/octet-stream') : named;
  }
  if (!isPlain(head)) return notText('application/octet-stream');
  const start = head.subarray(0, 512).toString('latin1').trimStart().toLowerCase();
  if (/^<(!doctype html|html)\b/.test(start)) return { mediaType: 'text/html', format: 'html' };
  return { mediaType: start.startsWith('<?xml') ? 'application/xml' : 'text/plain', format: 'text' };
}

function zipDocument(named: DocumentType | null, head: Buffer): DocumentType {
  if (named !== null && ZIP_FORMATS.has(named.format) && named.format !== 'zip') return named;
  const type = zipType(head, (declared) => BY_TYPE.has(declared));
  const known = BY_TYPE.get(type);
  if (known !== undefined && type !== 'application/zip') return known;
  if (named !== null && named.format === null && named.reason.startsWith(NOT_READ)) return named;
  return { mediaType: 'application/zip', format: 'zip' };
}

function addLine(line: string, make: (type: string) => DocumentType): void {
  const [type = '', endings = ''] = line.split(': ');
  const made = make(type);
  BY_TYPE.set(type, made);
  for (const ending of endings.split(' ')) BY_ENDING.set(ending, made);
}

function notText(type: string): DocumentType {
  return { mediaType: type, format: null, reason: `not a document of text: ${type}` };
}

function notRead(type: string): DocumentType {
  return { mediaType: type, format: null, reason: `${NOT_READ}: ${type}` };
}

/** What stands behind the last dot of the name in lower case; of a name without one the whole name (`Makefile`, `LICENSE`). */
function ending(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return name.slice(name.lastIndexOf('.') + 1);
}

function hasNul(head: Buffer): boolean {
  const mark = byteOrderMark(head);
  return (mark === null || mark.encoding === 'utf-8') && head.includes(0);
}

/** Whether the bytes can be text by themselves: valid UTF-8 or UTF-16 behind a mark, without control characters. */
function isPlain(head: Buffer): boolean {
  const mark = byteOrderMark(head);
  if (mark !== null && mark.encoding !== 'utf-8') {
    const even = head.subarray(0, head.length - (head.length % 2));
    return !CONTROLS.test(new TextDecoder(mark.encoding).decode(even));
  }
  for (let cut = 0; cut <= 3; cut++) {
    const whole = head.subarray(0, head.length - cut);
    if (isUtf8(whole)) return !CONTROLS.test(whole.toString('utf8'));
    // a character may be cut in two only where more follows
    if (head.length < HEAD_BYTES) return false;
  }
  return false;
}
