/**
 * The formats we read, in the order in which they are tried, and the normalizer that turns a parsed line into an outcome. A line is
 * tried as it is; what nobody recognizes is unwrapped one layer at a time. Adding a format: one file, one line here, one golden sample.
 * Invariant: every line comes to usage, a named skip or a reject, and no message carries a value of the line.
 */
import type { Format, JsonObject, JsonValue, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
import { plainNames } from '../secret.ts';
import { anthropicBatch } from './anthropic-batch.ts';
import { anthropicConsole } from './anthropic-console.ts';
import { anthropicMessage } from './anthropic-message.ts';
import { anthropicUsageReport } from './anthropic-usage-report.ts';
import { bedrockBatch } from './bedrock-batch.ts';
import { bedrockInvocation } from './bedrock-invocation.ts';
import { claudeCode } from './claude-code.ts';
import { codexRollout } from './codex-rollout.ts';
import { BadField, isObject } from './fields.ts';
import { geminiBatch } from './gemini-batch.ts';
import { geminiResponse } from './gemini-response.ts';
import { litellmPayload } from './litellm-payload.ts';
import { litellmSpendlog } from './litellm-spendlog.ts';
import { native } from './native.ts';
import { NOT_USAGE } from './not-usage.ts';
import { openaiBatch } from './openai-batch.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiChunk } from './openai-chunk.ts';
import { openaiEmbedding } from './openai-embedding.ts';
import { openaiImage } from './openai-image.ts';
import { openaiResponse } from './openai-response.ts';
import { openaiUsageCsv, openaiUsageCsvEmpty } from './openai-usage-csv.ts';
import { openaiUsagePage } from './openai-usage-page.ts';
import { vertexBatch } from './vertex-batch.ts';
import { vertexLog } from './vertex-log.ts';

/** First match wins; formats.md 0.4 explains the order. */
export const FORMATS: readonly Format[] = [
  ...NOT_USAGE,
  bedrockInvocation,
  bedrockBatch,
  litellmPayload,
  litellmSpendlog,
  vertexLog,
  vertexBatch,
  geminiBatch,
  geminiResponse,
  openaiBatch,
  anthropicBatch,
  openaiUsagePage,
  openaiUsageCsv,
  openaiUsageCsvEmpty,
  anthropicUsageReport,
  anthropicConsole,
  codexRollout,
  claudeCode,
  anthropicMessage,
  openaiResponse,
  openaiChunk,
  openaiChat,
  openaiEmbedding,
  openaiImage,
  native,
];

/** Takes one wrapper off a line, or returns null. */
export type Peel = (line: JsonObject) => { readonly inner: readonly JsonValue[]; readonly outer: JsonObject } | null;

export interface Normalized {
  /** id of the format that read the line, or null */
  readonly format: string | null;
  readonly outcome: Outcome;
}

export interface Normalizer {
  /** What a line comes to. `header` is given for CSV rows: their format is told by it. Never throws for what a line holds. */
  normalizeLine(line: JsonValue, context: LineContext, header?: readonly string[] | null): Normalized;
  /** Records that only the end of the object settles. */
  finish(object: ObjectContext): { readonly record: UsageRecord; readonly line: number }[];
}

const MAX_LAYERS = 4;
const MAX_FIRST_KEYS = 256;

function firstKey(line: JsonObject): string {
  for (const key in line) return key;
  return '';
}

/** Places in `FORMATS` by the marks that lead to them, and of those that every line is asked about. */
const BY_MARK = new Map<string, number[]>();
const ALWAYS_ASKED: number[] = [];
for (const [place, { marks }] of FORMATS.entries()) {
  if (marks === undefined) ALWAYS_ASKED.push(place);
  for (const mark of marks ?? []) BY_MARK.set(mark, [...(BY_MARK.get(mark) ?? []), place]);
}

/** The formats of which a line with these keys bears a mark, in their order. */
function markedFormats(keys: readonly string[]): readonly Format[] {
  const places = new Set([...ALWAYS_ASKED, ...keys.flatMap((key) => BY_MARK.get(key) ?? [])]);
  return [...places].toSorted((a, b) => a - b).flatMap((place) => FORMATS[place] ?? []);
}

interface Shape {
  readonly keys: readonly string[];
  readonly formats: readonly Format[];
}

/** Whether a line has these keys in this order. */
function hasShape(line: JsonObject, { keys }: Shape): boolean {
  let at = 0;
  for (const key in line) if (key !== keys[at++]) return false;
  return at === keys.length;
}

/** One normalizer per object: it remembers which format came last, since neighbors are alike. `peel` is ingest's `peelEnvelope`. */
export function createNormalizer(peel: Peel): Normalizer {
  let last: Format = native;
  // in a file of several formats, lines that begin with the same key are mostly of one
  const byFirstKey = new Map<string, Format>();
  /** lines in wrappers are asked about again and again, and those that begin with one key are mostly of one shape */
  const shapes = new Map<string, Shape>();
  const used = new Set<Format>();

  const marked = (line: JsonObject, first: string): readonly Format[] => {
    const known = shapes.get(first);
    if (known !== undefined && hasShape(line, known)) return known.formats;
    const keys = Object.keys(line);
    const shape = { keys, formats: markedFormats(keys) };
    if (known !== undefined || shapes.size < MAX_FIRST_KEYS) shapes.set(first, shape);
    return shape.formats;
  };

  const formatOf = (line: JsonObject): Format | null => {
    // paged reports of one vendor look alike and are told apart by the order only; they are few
    const isPage = 'has_more' in line;
    if (!isPage && last.detect(line)) return last;
    const first = firstKey(line);
    const likely = isPage ? undefined : byFirstKey.get(first);
    const format = likely?.detect(line) ? likely : marked(line, first).find((candidate) => candidate.detect(line));
    if (format === undefined) return null;
    if (format !== likely && byFirstKey.size < MAX_FIRST_KEYS) byFirstKey.set(first, format);
    last = format;
    used.add(format);
    return format;
  };

  const readLine = (line: JsonValue, context: LineContext, layer: number): Normalized => {
    if (!isObject(line)) return { format: null, outcome: NOT_AN_OBJECT };
    const format = formatOf(line);
    if (format !== null) return { format: format.id, outcome: normalizeWith(format, line, context) };
    const peeled = layer < MAX_LAYERS ? peel(line) : null;
    if (peeled === null || peeled.inner.length === 0) return { format: null, outcome: unknownFormat(line) };
    const outer = context.outer === null ? peeled.outer : { ...context.outer, ...peeled.outer };
    const inner = peeled.inner.map((value) => readLine(value, { ...context, outer }, layer + 1));
    const found = inner.find((one) => one.format !== null)?.format ?? null;
    // nobody knows what is inside: the line as it came says more about where it is from
    return { format: found, outcome: found === null && layer === 0 ? unknownFormat(line) : joined(inner) };
  };

  const headers = createHeaderIndex();
  return {
    normalizeLine(line, context, header) {
      if (!header) return readLine(line, context, 0);
      if (!isObject(line)) return { format: null, outcome: NOT_AN_OBJECT };
      const table = headers(header);
      if (table === null) return { format: null, outcome: unknownFormat(line) };
      used.add(table.format);
      const row = table.isLowerCased ? lowerCased(line) : line;
      return { format: table.format.id, outcome: normalizeWith(table.format, row, context) };
    },
    finish: (object) => [...used].flatMap((format) => [...(format.finish?.(object) ?? [])]),
  };
}

interface Table {
  readonly format: Format;
  /** the file writes the names in another case */
  readonly isLowerCased: boolean;
}

/** Formats by CSV header, remembered: all rows of a file share one header. Case counts first, then it does not (formats.md 0.3). */
function createHeaderIndex(): (header: readonly string[]) => Table | null {
  const known = new Map<readonly string[], Table | null>();
  return (header) => {
    let table = known.get(header);
    if (table === undefined) {
      table = tableOf(header);
      known.set(header, table);
    }
    return table;
  };
}

function tableOf(header: readonly string[]): Table | null {
  const exact = formatWith(header);
  if (exact !== null) return { format: exact, isLowerCased: false };
  const lower = formatWith(header.map((name) => name.toLowerCase()));
  return lower === null ? null : { format: lower, isLowerCased: true };
}

function formatWith(header: readonly string[]): Format | null {
  const names = new Set(header);
  return FORMATS.find((format) => format.csvHeader?.every((name) => names.has(name))) ?? null;
}

function lowerCased(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value]));
}

function normalizeWith(format: Format, line: JsonObject, context: LineContext): Outcome {
  try {
    return format.normalize(line, context);
  } catch (error) {
    if (error instanceof BadField) return { kind: 'bad', reason: 'invalid_field', detail: error.message };
    throw error;
  }
}

/** Several records wrapped in one line: usage if any is, with what could not be read beside it; else a reject if any is, else a skip. */
function joined(inner: readonly Normalized[]): Outcome {
  const records: UsageRecord[] = [];
  let bad: { readonly reason: string; readonly detail: string } | null = null;
  for (const { outcome } of inner) {
    if (outcome.kind === 'usage') for (const record of outcome.records) records.push(record);
    if (outcome.kind === 'bad') bad ??= { reason: outcome.reason, detail: outcome.detail };
    if (outcome.kind === 'usage' && outcome.alsoBad) bad ??= outcome.alsoBad;
  }
  if (records.length > 0) return bad === null ? { kind: 'usage', records } : { kind: 'usage', records, alsoBad: bad };
  if (bad !== null) return { kind: 'bad', ...bad };
  return inner[0]?.outcome ?? { kind: 'skip', reason: 'empty_envelope' };
}

const NOT_AN_OBJECT: Outcome = { kind: 'bad', reason: 'not_an_object', detail: 'a record must be a JSON object' };

/** Names of keys help to find out what the line is; what does not look like a name may be data and is left out. */
function unknownFormat(line: JsonObject): Outcome {
  const names = plainNames(Object.keys(line), 12);
  const detail = `no reader knows a line with these keys: ${names.join(', ')}`;
  return { kind: 'bad', reason: 'unknown_format', detail };
}
