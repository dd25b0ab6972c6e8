/**
 * Landing rows while they wait to be written: all rows of all days in a few flat arrays, so that a row costs stores and no objects. Rows in;
 * `landing-pages.ts` takes the rows of one file out. Numbers lie row by row in the order of `NUMBERS`, texts as codes in that of `TEXTS`.
 * Invariant: NaN is null; a money value past 2⁵³ is Infinity here and exact in `wide`.
 */
import type { Pico } from '../money.ts';
import type { Attribution, BucketRates } from '../record.ts';
import { createByteTexts } from './byte-texts.ts';
import type { ByteTexts } from './byte-texts.ts';
import { evidenceText, extrasText } from './landing-evidence.ts';
import { createProfiles } from './landing-profile.ts';
import type { Profiles } from './landing-profile.ts';
import type { LedgerRow } from './landing-row.ts';
import { createTextTable } from './text-table.ts';
import type { TextTable } from './text-table.ts';

/** Columns of `numbers`, in the order in which `putNumbers` stores them. */
export const NUMBERS = (
  'source_line part calls occurred_at input_tokens cache_read_tokens cache_write_5m_tokens cache_write_1h_tokens output_tokens ' +
  'reasoning_tokens audio_input_tokens audio_output_tokens images web_searches audio_seconds input_cost cache_read_cost ' +
  'cache_write_cost output_cost other_cost list_cost cost reported_cost latency_ms first_token_ms deadline_seconds'
).split(' ');

/** Columns of `texts`, in the order in which `putTexts` stores them. */
export const TEXTS = 'commit_id principal sub_account_id evidence extras'.split(' ');

/** Things that many rows share, by code; code 0 stands for none. */
export interface Interned<T extends object> {
  readonly things: (T | null)[];
  readonly codes: Map<T, number>;
}

/** Texts of the rows of one file that hardly repeat, or repeat so that compression finds it, in their order and by column. */
export interface FileIds {
  readonly record_id: ByteTexts;
  readonly call_id: ByteTexts;
  readonly user_id: ByteTexts;
  readonly key_id: ByteTexts;
  readonly session_id: ByteTexts;
}

export interface LandingBuffer {
  rows: number;
  /** which file a row goes to */
  files: Uint32Array;
  numbers: Float64Array;
  texts: Uint32Array;
  profileCodes: Uint32Array;
  attributionCodes: Uint32Array;
  rateCodes: Uint32Array;
  /** where a row's tags end in `tagTexts`, which holds key and value by turns */
  tagEnds: Uint32Array;
  tagTexts: Uint32Array;
  tagCount: number;
  readonly altIds: (readonly string[])[];
  readonly wide: Map<number, bigint>;
  /** the tag names that came first */
  readonly tagNames: { readonly name: string; readonly code: number }[];
  lastCommit: string | null;
  lastCommitCode: number;
  /** by file */
  readonly ids: FileIds[];
  /** room of files that were written */
  readonly spareIds: FileIds[];
  readonly table: TextTable;
  readonly profiles: Profiles;
  readonly attributions: Interned<Attribution>;
  readonly rates: Interned<BucketRates>;
}

const FIRST_ROWS = 128;

export function createLandingBuffer(): LandingBuffer {
  const buffer: LandingBuffer = {
    rows: 0,
    files: new Uint32Array(0),
    numbers: new Float64Array(0),
    texts: new Uint32Array(0),
    profileCodes: new Uint32Array(0),
    attributionCodes: new Uint32Array(0),
    rateCodes: new Uint32Array(0),
    tagEnds: new Uint32Array(0),
    tagTexts: new Uint32Array(FIRST_ROWS),
    tagCount: 0,
    altIds: [],
    wide: new Map(),
    tagNames: [],
    lastCommit: null,
    lastCommitCode: 0,
    ids: [],
    spareIds: [],
    table: createTextTable(),
    profiles: createProfiles(),
    attributions: { things: [null], codes: new Map() },
    rates: { things: [null], codes: new Map() },
  };
  reserve(buffer, FIRST_ROWS);
  return buffer;
}

/** Adds one row that goes to file number `file`. */
export function appendRow(buffer: LandingBuffer, row: LedgerRow, file: number): void {
  const at = buffer.rows;
  if (at >= buffer.files.length) reserve(buffer, at * 2);
  buffer.files[at] = file;
  putNumbers(buffer, row, at * NUMBERS.length);
  putTexts(buffer, row, at * TEXTS.length);
  putTags(buffer, row.record.tags, at);
  buffer.profileCodes[at] = buffer.profiles.codeOf(row);
  buffer.attributionCodes[at] = intern(buffer.attributions, row.attribution);
  buffer.rateCodes[at] = row.priced.bucketRates === null ? 0 : intern(buffer.rates, row.priced.bucketRates);
  buffer.altIds.push(row.altIds);
  let ids = buffer.ids[file];
  if (ids === undefined) {
    ids = buffer.spareIds.pop() ?? newFileIds();
    buffer.ids[file] = ids;
  }
  ids.record_id.push(row.recordId);
  ids.call_id.push(row.record.callId);
  ids.user_id.push(row.record.userId);
  ids.key_id.push(row.record.keyId);
  ids.session_id.push(row.record.sessionId);
  buffer.rows = at + 1;
}

function newFileIds(): FileIds {
  return {
    record_id: createByteTexts(),
    call_id: createByteTexts(),
    user_id: createByteTexts(),
    key_id: createByteTexts(),
    session_id: createByteTexts(),
  };
}

/** Forgets all rows; the room they took is kept for the next ones. Pages made before are void. */
export function clearBuffer(buffer: LandingBuffer): void {
  buffer.rows = 0;
  buffer.tagCount = 0;
  buffer.altIds.length = 0;
  buffer.wide.clear();
  buffer.tagNames.length = 0;
  buffer.lastCommit = null;
  // only the room of the last files is kept, and in their order: the next ones are mostly of the same days
  buffer.spareIds.length = 0;
  while (buffer.ids.length > 0) {
    const ids = buffer.ids.pop() as FileIds;
    for (const texts of textsOf(ids)) texts.clear();
    buffer.spareIds.push(ids);
  }
  buffer.table.clear();
  buffer.profiles.trim();
  for (const { things, codes } of [buffer.attributions, buffer.rates]) {
    things.length = 1;
    codes.clear();
  }
}

/** Frees the room at once instead of at some later collection: what comes after landing needs it. No row can be added afterwards. */
export function releaseBuffer(buffer: LandingBuffer): void {
  clearBuffer(buffer);
  for (const array of Object.values(buffer) as unknown[]) {
    if (ArrayBuffer.isView(array)) (array.buffer as ArrayBuffer).transfer(0);
  }
  for (const ids of buffer.spareIds) for (const texts of textsOf(ids)) texts.release();
  buffer.spareIds.length = 0;
}

function textsOf(ids: FileIds): readonly ByteTexts[] {
  return Object.values(ids) as ByteTexts[];
}

function putNumbers({ numbers, wide }: LandingBuffer, row: LedgerRow, at: number): void {
  const { record, parts } = row;
  numbers[at] = row.line;
  numbers[at + 1] = row.part;
  numbers[at + 2] = record.calls;
  numbers[at + 3] = row.occurredAtMs;
  numbers[at + 4] = record.inputTokens;
  numbers[at + 5] = record.cacheReadTokens;
  numbers[at + 6] = record.cacheWrite5mTokens;
  numbers[at + 7] = record.cacheWrite1hTokens;
  numbers[at + 8] = record.outputTokens;
  numbers[at + 9] = record.reasoningTokens;
  numbers[at + 10] = record.audioInputTokens;
  numbers[at + 11] = record.audioOutputTokens;
  numbers[at + 12] = record.images;
  numbers[at + 13] = record.webSearches;
  numbers[at + 14] = record.audioSeconds ?? NaN;
  numbers[at + 15] = parts === null ? NaN : money(parts.input, at + 15, wide);
  numbers[at + 16] = parts === null ? NaN : money(parts.cacheRead, at + 16, wide);
  numbers[at + 17] = parts === null ? NaN : money(parts.cacheWrite, at + 17, wide);
  numbers[at + 18] = parts === null ? NaN : money(parts.output, at + 18, wide);
  numbers[at + 19] = parts === null ? NaN : money(parts.other, at + 19, wide);
  numbers[at + 20] = money(row.listCost, at + 20, wide);
  numbers[at + 21] = money(row.cost, at + 21, wide);
  numbers[at + 22] = money(record.reportedCostPico, at + 22, wide);
  numbers[at + 23] = record.latencyMs ?? NaN;
  numbers[at + 24] = record.firstTokenMs ?? NaN;
  numbers[at + 25] = record.deadlineSeconds ?? NaN;
}

function money(pico: Pico | null, at: number, wide: Map<number, bigint>): number {
  if (typeof pico === 'number') return pico;
  if (pico === null) return NaN;
  wide.set(at, pico);
  return Infinity;
}

function putTexts(buffer: LandingBuffer, row: LedgerRow, at: number): void {
  const { texts, table } = buffer;
  const { record } = row;
  texts[at] = codeOfCommit(buffer, row.commitId);
  texts[at + 1] = table.codeOf(record.evidence.principal);
  texts[at + 2] = table.codeOf(record.subAccountId);
  texts[at + 3] = table.codeOf(evidenceText(record.evidence, row.attribution));
  texts[at + 4] = table.codeOf(extrasText(record));
}

/** Rows come object by object. */
function codeOfCommit(buffer: LandingBuffer, commitId: string): number {
  if (commitId !== buffer.lastCommit) {
    buffer.lastCommit = commitId;
    buffer.lastCommitCode = buffer.table.codeOf(commitId);
  }
  return buffer.lastCommitCode;
}

function putTags(buffer: LandingBuffer, tags: Readonly<Record<string, string>>, row: number): void {
  const { table } = buffer;
  for (const key in tags) {
    if (buffer.tagCount + 2 > buffer.tagTexts.length) buffer.tagTexts = grown(buffer.tagTexts, buffer.tagCount * 2);
    buffer.tagTexts[buffer.tagCount++] = codeOfTagName(buffer, key);
    buffer.tagTexts[buffer.tagCount++] = table.codeOf(tags[key] ?? '');
  }
  buffer.tagEnds[row] = buffer.tagCount;
}

const TAG_NAMES_COMPARED = 8;

/** Names of tags are few and come again and again: comparing some is cheaper than looking them up. */
function codeOfTagName({ tagNames, table }: LandingBuffer, name: string): number {
  for (const known of tagNames) if (known.name === name) return known.code;
  const code = table.codeOf(name);
  if (tagNames.length < TAG_NAMES_COMPARED) tagNames.push({ name, code });
  return code;
}

function intern<T extends object>({ things, codes }: Interned<T>, thing: T): number {
  let code = codes.get(thing);
  if (code === undefined) {
    code = things.length;
    things.push(thing);
    codes.set(thing, code);
  }
  return code;
}

function reserve(buffer: LandingBuffer, rows: number): void {
  buffer.files = grown(buffer.files, rows);
  const numbers = new Float64Array(rows * NUMBERS.length);
  numbers.set(buffer.numbers);
  buffer.numbers = numbers;
  buffer.texts = grown(buffer.texts, rows * TEXTS.length);
  buffer.profileCodes = grown(buffer.profileCodes, rows);
  buffer.attributionCodes = grown(buffer.attributionCodes, rows);
  buffer.rateCodes = grown(buffer.rateCodes, rows);
  buffer.tagEnds = grown(buffer.tagEnds, rows);
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
