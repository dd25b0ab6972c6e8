/**
 * Synthetic usage logs of any size in many formats, with their exact truth. In: how many calls, a seed, a share of broken lines. Out: an
 * inbox as a stream of chunks, in key order of writing. Invariant: the same options give the same bytes; memory does not grow with the
 * number of calls; every call is in exactly one object.
 */
import { gzipSync } from 'node:zlib';
import { Misconfigured } from '../errors.ts';
import { MS_PER_DAY, dayNumber, daysBetween, isoDay } from '../time.ts';
import { claudeCodeLines, codexLines } from './agent-lines.ts';
import type { AgentLine, AgentSession } from './agent-lines.ts';
import { createIds, uuidOf } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { GENERATED_FORMATS, drawCall, isSessionFormat, lineOf } from './line-formats.ts';
import type { GeneratedFormat, LineFormat, SessionFormat } from './line-formats.ts';
import { createRandom, seedFor } from './random.ts';
import type { Random } from './random.ts';
import { breakLine } from './broken-lines.ts';
import { createTruth } from './truth.ts';
import type { GenerationTruth, WrittenLine } from './truth.ts';

export interface GenerateOptions {
  /** calls to write, also counting those whose line is then broken */
  readonly calls: number;
  readonly seed: number;
  /** share of lines that are broken, 0 to 1; lines of session files are never broken. Default 0.0005 */
  readonly badShare?: number;
  /** characters of prompt and answer text per line. Default 0 */
  readonly bodyChars?: number;
  readonly formats?: readonly GeneratedFormat[];
  /** first day (UTC), default 2026-10-01, and number of days, default 30 */
  readonly firstDay?: string;
  readonly days?: number;
  /** write every object as multi-member gzip */
  readonly gzip?: boolean;
}

/** A part of an object. Chunks of one object come one after the other. */
interface GeneratedChunk {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A line as written, and what it stands for. `call` is null on lines that repeat a call or tell of none. */
export interface GeneratedLine extends WrittenLine {
  readonly key: string;
  readonly format: GeneratedFormat;
  readonly line: string;
}

/** A generation under way: consume `chunks` to its end, then ask for the truth. */
export interface Generation {
  readonly chunks: Generator<GeneratedChunk, void>;
  /** what the chunks taken so far hold */
  truth(): GenerationTruth;
}

const CHUNK_CHARS = 256 * 1024;

/** An inbox as chunks. Throws `Misconfigured` for options that make no sense. */
export function generateInbox(options: GenerateOptions): Generation {
  checkOptions(options);
  const truth = createTruth(options.seed);
  const encode = (text: string): Uint8Array => (options.gzip === true ? gzipSync(text) : Buffer.from(text, 'utf8'));
  function* chunks(): Generator<GeneratedChunk, void> {
    let key = '';
    let buffer: string[] = [];
    let chars = 0;
    for (const line of generateUsage(options)) {
      if ((line.key !== key || chars >= CHUNK_CHARS) && buffer.length > 0) {
        yield { key, bytes: encode(buffer.join('')) };
        buffer = [];
        chars = 0;
      }
      if (line.key !== key) truth.object();
      key = line.key;
      truth.add(line);
      buffer.push(line.line, '\n');
      chars += line.line.length;
    }
    if (buffer.length > 0) yield { key, bytes: encode(buffer.join('')) };
  }
  return { chunks: chunks(), truth: () => truth.result() };
}

/** The same as lines, object after object. */
export function* generateUsage(options: GenerateOptions): Generator<GeneratedLine, void> {
  checkOptions(options);
  const formats = options.formats ?? GENERATED_FORMATS;
  const first = dayNumber(options.firstDay ?? FIRST_DAY);
  const days = daysBetween(isoDay(first), isoDay(first + (options.days ?? DAYS) - 1));
  const cells = formats.flatMap((format) => days.map((day) => ({ format, day })));
  const nextId = createIds(createRandom(seedFor(options.seed, 'ids')));
  for (const [i, { format, day }] of cells.entries()) {
    // cell i holds the calls between its two shares of the whole: the cells sum to `calls` exactly
    const count = portion(options.calls, i + 1, cells.length) - portion(options.calls, i, cells.length);
    if (count === 0) continue;
    const cell: Cell = { day, count, options, nextId, random: createRandom(seedFor(options.seed, `${format} ${day}`)) };
    yield* isSessionFormat(format) ? sessionLines(format, cell) : logLines(format, cell);
  }
}

const FIRST_DAY = '2026-10-01';
const DAYS = 30;

function portion(calls: number, cells: number, of: number): number {
  return Math.floor((calls * cells) / of);
}

/** One day of one format. */
interface Cell {
  readonly day: string;
  readonly count: number;
  readonly options: GenerateOptions;
  readonly nextId: () => string;
  readonly random: Random;
}

/** Call `i` of a cell, the cell's calls spread over the day in order. */
function cellCall(format: GeneratedFormat, cell: Cell, i: number): GeneratedCall {
  const { random, count } = cell;
  const startedAtMs = dayNumber(cell.day) * MS_PER_DAY + Math.floor(((i + random.next()) * MS_PER_DAY) / count);
  return drawCall(random, format, { idHex: cell.nextId(), startedAtMs, bodyChars: cell.options.bodyChars ?? 0 });
}

function* logLines(format: LineFormat, cell: Cell): Generator<GeneratedLine, void> {
  const { random, options } = cell;
  const key = withSuffix(LOG_KEYS[format](cell.day), options);
  for (let i = 0; i < cell.count; i++) {
    const call = cellCall(format, cell, i);
    yield { key, format, ...writtenLine(format, call, random, options.badShare ?? DEFAULT_BAD_SHARE) };
  }
}

const DEFAULT_BAD_SHARE = 0.0005;

/** Calls in mixed formats, line by line and in no order of time: what one shared log file of many programs looks like. */
export function* generateMixed(
  options: GenerateOptions & { readonly formats: readonly LineFormat[] },
): Generator<Omit<GeneratedLine, 'key'>, void> {
  checkOptions(options);
  const random = createRandom(seedFor(options.seed, 'mixed'));
  const nextId = createIds(random);
  const fromMs = dayNumber(options.firstDay ?? FIRST_DAY) * MS_PER_DAY;
  const spanMs = (options.days ?? DAYS) * MS_PER_DAY;
  for (let i = 0; i < options.calls; i++) {
    const format = random.pick(options.formats);
    const startedAtMs = fromMs + random.below(spanMs);
    const call = drawCall(random, format, { idHex: nextId(), startedAtMs, bodyChars: options.bodyChars ?? 0 });
    yield { format, ...writtenLine(format, call, random, options.badShare ?? DEFAULT_BAD_SHARE) };
  }
}

function writtenLine(
  format: LineFormat,
  call: GeneratedCall,
  random: Random,
  badShare: number,
): Omit<GeneratedLine, 'key' | 'format'> {
  const line = lineOf(format, call);
  if (badShare > 0 && random.chance(badShare))
    return { line: breakLine(random, line), call: null, hasUsage: false, isBad: true };
  return { line, call, hasUsage: true, isBad: false };
}

/** Sessions of a day; few and long rather than many and short, so that the number of objects does not grow with the calls. */
const SESSIONS_A_DAY = 4;

function* sessionLines(format: SessionFormat, cell: Cell): Generator<GeneratedLine, void> {
  const { random, count, options } = cell;
  const sessions = Math.min(SESSIONS_A_DAY, count);
  for (let n = 0; n < sessions; n++) {
    const from = portion(count, n, sessions);
    const to = portion(count, n + 1, sessions);
    const calls = sessionCalls(format, cell, from, to);
    const session: AgentSession = {
      sessionId: uuidOf(random.hex(30)),
      startedAtMs: dayNumber(cell.day) * MS_PER_DAY + portion(MS_PER_DAY, from, count),
      repository: `repository-${random.below(20)}`,
      branch: 'main',
    };
    const key = withSuffix(sessionKey(format, cell.day, session), options);
    const lines: Iterable<AgentLine> =
      format === 'claude_code'
        ? claudeCodeLines(session, calls, random)
        : codexLines(session, 'gpt-5.3-codex', calls, random);
    for (const { line, call, hasUsage } of lines) yield { key, format, line, call, hasUsage, isBad: false };
  }
}

function* sessionCalls(format: SessionFormat, cell: Cell, from: number, to: number): Generator<GeneratedCall, void> {
  for (let i = from; i < to; i++) yield cellCall(format, cell, i);
}

const LOG_KEYS: Readonly<Record<LineFormat, (day: string) => string>> = {
  'openai.chat': (day) => `openai/${day}.jsonl`,
  'openai.response': (day) => `openai-responses/${day}.jsonl`,
  'openai.batch': (day) => `openai-batches/${day}_output.jsonl`,
  'anthropic.message': (day) => `anthropic/${day}.jsonl`,
  'anthropic.batch': (day) => `anthropic-batches/${day}_results.jsonl`,
  'bedrock.invocation': (day) =>
    `bedrock/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/${day.replaceAll('-', '/')}/00/log.json`,
  'litellm.spendlog': (day) => `litellm/date=${day}/spend-logs.jsonl`,
  'litellm.slp': (day) => `litellm-s3/${day}/payloads.jsonl`,
  'gemini.response': (day) => `gemini/${day}.jsonl`,
  native: (day) => `native/${day}.jsonl`,
};

/** Where agents keep a session, below the folder a team syncs. */
export function sessionKey(format: SessionFormat, day: string, session: AgentSession): string {
  if (format === 'claude_code')
    return `claude-code/${day}/projects/-home-dev-${session.repository}/${session.sessionId}.jsonl`;
  const stamp = new Date(session.startedAtMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return `codex/sessions/${day.replaceAll('-', '/')}/rollout-${stamp}-${session.sessionId}.jsonl`;
}

function withSuffix(key: string, options: GenerateOptions): string {
  return options.gzip === true ? `${key}.gz` : key;
}

function checkOptions(options: GenerateOptions): void {
  const share = options.badShare ?? DEFAULT_BAD_SHARE;
  const day = options.firstDay ?? FIRST_DAY;
  const whole = (n: number, name: string): void => {
    if (!Number.isSafeInteger(n) || n < 0) throw new Misconfigured(`${name} must be a whole number of at least 0`);
  };
  whole(options.calls, '--calls');
  whole(options.bodyChars ?? 0, 'bodyChars');
  if (!Number.isSafeInteger(options.seed)) throw new Misconfigured('--seed must be a whole number');
  if (!(share >= 0 && share <= 1)) throw new Misconfigured('--bad must be a share between 0 and 1');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !Number.isFinite(dayNumber(day)))
    throw new Misconfigured('firstDay must be a day such as 2026-10-01');
  if (!Number.isSafeInteger(options.days ?? DAYS) || (options.days ?? DAYS) < 1)
    throw new Misconfigured('days must be at least 1');
  if (options.formats?.length === 0) throw new Misconfigured('formats must name at least one format');
}
