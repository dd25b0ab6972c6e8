/**
 * The formats we read, in the order in which they are tried, and the normalizer that turns a parsed line into an outcome. A line is
 * tried as it is; what nobody recognizes is unwrapped one layer at a time. Adding a format: one file, one line here, one golden sample.
 */
import type { Format, JsonObject, JsonValue, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
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
import { openaiUsageCsv } from './openai-usage-csv.ts';
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
  readonly format: string | null;
  readonly outcome: Outcome;
}

export interface Normalizer {
  /** `header` is given for CSV rows: their format is told by it. */
  normalizeLine(line: JsonValue, context: LineContext, header?: readonly string[] | null): Normalized;
  /** Records that only the end of the object settles. */
  finish(object: ObjectContext): { readonly record: UsageRecord; readonly line: number }[];
}

const MAX_LAYERS = 4;
/** A line of a message array or of plain metadata around records may be wrapped; more records than this in one line are a defect. */
const MAX_INNER = 100_000;

/** One normalizer per object: it remembers which format came last, since neighbors are alike. */
export function createNormalizer(peel: Peel): Normalizer {
  let last: Format = native;
  const used = new Set<Format>();

  const formatOf = (line: JsonObject): Format | null => {
    if (last.detect(line)) return last;
    for (const format of FORMATS) {
      if (format.detect(line)) {
        last = format;
        used.add(format);
        return format;
      }
    }
    return null;
  };
  const byHeader = new Map<readonly string[], Format | null>();
  const csvFormatOf = (header: readonly string[]): Format | null => {
    let format = byHeader.get(header);
    if (format === undefined) {
      format = FORMATS.find((f) => f.csvHeader?.every((name) => header.includes(name))) ?? null;
      byHeader.set(header, format);
      if (format) used.add(format);
    }
    return format;
  };
  const readLine = (line: JsonValue, context: LineContext, layer: number): Normalized => {
    if (!isObject(line)) return { format: null, outcome: { kind: 'bad', reason: 'not_an_object', detail: 'a record must be a JSON object' } };
    const format = formatOf(line);
    if (format !== null) return { format: format.id, outcome: normalizeWith(format, line, context) };
    const peeled = layer < MAX_LAYERS ? peel(line) : null;
    if (peeled === null || peeled.inner.length > MAX_INNER) return { format: null, outcome: unknownFormat(line) };
    const outer = context.outer === null ? peeled.outer : { ...context.outer, ...peeled.outer };
    const inner = peeled.inner.map((value) => readLine(value, { ...context, outer }, layer + 1));
    const first = inner[0] as Normalized;
    if (inner.length === 1) return first.format === null && layer === 0 ? { format: null, outcome: unknownFormat(line) } : first;
    return { format: inner.find((n) => n.format !== null)?.format ?? null, outcome: joined(inner) };
  };

  return {
    normalizeLine(line, context, header) {
      if (!header) return readLine(line, context, 0);
      const format = csvFormatOf(header);
      if (format === null) return { format: null, outcome: isObject(line) ? unknownFormat(line) : { kind: 'bad', reason: 'unknown_format', detail: 'CSV' } };
      return { format: format.id, outcome: normalizeWith(format, line as JsonObject, context) };
    },
    finish(object) {
      return [...used].flatMap((format) => [...(format.finish?.(object) ?? [])]);
    },
  };
}

function normalizeWith(format: Format, line: JsonObject, context: LineContext): Outcome {
  try {
    return format.normalize(line, context);
  } catch (error) {
    if (error instanceof BadField) return { kind: 'bad', reason: 'invalid_field', detail: error.message };
    throw error;
  }
}

/** Several records wrapped in one line: usage if any is, else a reject if any is, else a skip. */
function joined(inner: readonly Normalized[]): Outcome {
  const records = inner.flatMap(({ outcome }) => (outcome.kind === 'usage' ? [...outcome.records] : []));
  const bad = inner.find(({ outcome }) => outcome.kind === 'bad')?.outcome;
  if (bad?.kind === 'bad' && records.length === 0) return bad;
  if (records.length > 0) return bad?.kind === 'bad' ? { kind: 'usage', records, alsoBad: bad } : { kind: 'usage', records };
  return inner[0]?.outcome ?? { kind: 'skip', reason: 'empty_envelope' };
}

function unknownFormat(line: JsonObject): Outcome {
  const names = Object.keys(line)
    .filter((key) => /^[\w.@:$-]{1,64}$/.test(key))
    .slice(0, 12);
  return { kind: 'bad', reason: 'unknown_format', detail: `no reader knows a line with these keys: ${names.join(', ')}` };
}
