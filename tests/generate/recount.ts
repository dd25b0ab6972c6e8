/**
 * An independent reader of generated logs for tests: JSON.parse and the vendors' counting rules, and none of the product's code. Used to
 * check that the truth a generation claims is what its bytes say.
 */
export interface Recount {
  calls: number;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  lines: number;
  usageLines: number;
  bad: number;
}

/** [input, cache read, cache write, output, reasoning] of one call; null = a whole line without usage. */
type Meters = [number, number, number, number, number];
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads foreign JSON
type Json = Record<string, any>;
type Reader = (line: Json) => Meters;

const ERROR: Meters = [0, 0, 0, 0, 0];

/** OpenAI: the prompt holds cache, the completion holds reasoning. */
const inclusive = (prompt: number, details: Json, completion: number, reasoning: number): Meters => {
  const read = details['cached_tokens'] ?? 0;
  const write = details['cache_write_tokens'] ?? 0;
  return [prompt - read - write, read, write, completion, reasoning];
};
const chat = (body: Json): Meters => {
  const u = body['usage'];
  return inclusive(
    u.prompt_tokens,
    u.prompt_tokens_details,
    u.completion_tokens,
    u.completion_tokens_details.reasoning_tokens,
  );
};
const message = (m: Json): Meters => {
  const u = m['usage'];
  return [u.input_tokens, u.cache_read_input_tokens, u.cache_creation_input_tokens, u.output_tokens, 0];
};
const gateway = (line: Json): Meters => {
  const u = line['metadata'].usage_object;
  const total: number = line['prompt_tokens'];
  const read: number = u.prompt_tokens_details.cached_tokens;
  return [total - read, read, 0, line['completion_tokens'], u.completion_tokens_details.reasoning_tokens];
};

/** How each single-line format counts (formats.md 1 to 5). */
const READERS: Readonly<Record<string, Reader>> = {
  'openai.chat': (line) => chat(line['object'] ? line : line['response']),
  'openai.response': ({ usage: u }) =>
    u === null
      ? ERROR
      : inclusive(u.input_tokens, u.input_tokens_details, u.output_tokens, u.output_tokens_details.reasoning_tokens),
  'openai.batch': (line) => (line['response'] === null ? ERROR : chat(line['response'].body)),
  'anthropic.message': (line) => message(line['response']),
  'anthropic.batch': ({ result }) => (result.type === 'succeeded' ? message(result.message) : ERROR),
  'bedrock.invocation': (line) => {
    if (line['errorCode']) return ERROR;
    const { inputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount } = line['input'];
    return [inputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount, line['output'].outputTokenCount, 0];
  },
  'litellm.spendlog': gateway,
  'litellm.slp': gateway,
  'gemini.response': (line) => {
    const u = line['response'].usageMetadata;
    const read: number = u.cachedContentTokenCount ?? 0;
    const thoughts: number = u.thoughtsTokenCount ?? 0;
    return [u.promptTokenCount - read, read, 0, u.candidatesTokenCount + thoughts, thoughts];
  },
  native: (line) => {
    const write = (line['cache_write_5m_tokens'] ?? 0) + (line['cache_write_1h_tokens'] ?? 0);
    return [
      line['input_tokens'],
      line['cached_tokens'] ?? 0,
      write,
      line['output_tokens'],
      line['reasoning_tokens'] ?? 0,
    ];
  },
};

function parsed(line: string): Json | null {
  try {
    return JSON.parse(line) as Json | null;
  } catch {
    return null;
  }
}

/** Counts the lines of all objects of one format. */
export function recount(format: string, objects: readonly string[]): Recount {
  const sums: Recount = {
    calls: 0,
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
    lines: 0,
    usageLines: 0,
    bad: 0,
  };
  for (const text of objects) {
    const lines = text.split('\n').slice(0, -1);
    sums.lines += lines.length;
    if (format === 'claude_code') addClaudeCode(sums, lines);
    else if (format === 'codex.rollout') addCodex(sums, lines);
    else for (const line of lines) addLine(sums, READERS[format] as Reader, line);
  }
  return sums;
}

function addLine(sums: Recount, read: Reader, text: string): void {
  const line = parsed(text);
  const meters = line === null ? null : read(line);
  if (meters === null || meters.some((n) => !Number.isInteger(n) || n < 0)) {
    sums.bad++;
    return;
  }
  sums.usageLines++;
  add(sums, meters);
}

function add(sums: Recount, [input, cacheRead, cacheWrite, output, reasoning]: Meters): void {
  sums.calls++;
  sums.input += input;
  sums.cacheRead += cacheRead;
  sums.cacheWrite += cacheWrite;
  sums.output += output;
  sums.reasoning += reasoning;
}

/** One call per message id: the snapshot with most output. */
function addClaudeCode(sums: Recount, lines: readonly string[]): void {
  const best = new Map<string, Meters>();
  for (const text of lines) {
    const { message: m } = JSON.parse(text) as Json;
    if (m.usage === undefined) continue;
    sums.usageLines++;
    const meters = message(m);
    const known = best.get(m.id);
    if (known === undefined || meters[3] >= known[3]) best.set(m.id, meters);
  }
  for (const meters of best.values()) add(sums, meters);
}

/** One call per advance of the cumulative counters. */
function addCodex(sums: Recount, lines: readonly string[]): void {
  let before = '';
  for (const text of lines) {
    const info = (JSON.parse(text) as Json)['payload'].info;
    if (!info || JSON.stringify(info.total_token_usage) === before) continue;
    before = JSON.stringify(info.total_token_usage);
    const u = info.last_token_usage;
    sums.usageLines++;
    add(sums, [
      u.input_tokens - u.cached_input_tokens,
      u.cached_input_tokens,
      0,
      u.output_tokens,
      u.reasoning_output_tokens,
    ]);
  }
}
