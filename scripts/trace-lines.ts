/**
 * Open traces of real LLM traffic as native lines of the ledger. In: one session or row of a trace in its publisher's form. Out: objects to
 * write as JSON Lines. Invariant: calls, token counts and block ids are those of the trace; block ids of one session never equal another's.
 * Columns and licenses: tests/traces/README.md.
 */

/** A line of our native format. Input is the whole prompt: the traces do not say what was read from a cache. */
export interface NativeTraceLine {
  readonly timestamp: string;
  readonly id?: string;
  readonly model: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly session?: string;
  readonly latency_ms?: number;
  readonly first_token_ms?: number;
  readonly prompt_blocks?: readonly number[];
  readonly block_tokens?: number;
}

/** A call of an agent session, or the mark of a sub-agent whose own times count from it. Times are seconds. */
export interface AgentRequest {
  readonly t: number;
  readonly type: string;
  readonly model?: string;
  readonly in?: number;
  readonly out?: number;
  readonly hash_ids?: readonly number[];
  readonly api_time?: number;
  readonly ttft?: number;
  readonly requests?: readonly AgentRequest[];
}

export interface AgentTraceSession {
  readonly id: string;
  readonly block_size: number;
  readonly requests: readonly AgentRequest[];
}

/** Sessions begin this far apart: the trace gives no common clock. */
const SESSION_GAP_MS = 600_000;
/** Block ids are local to a session; the largest in the trace is 42,179. */
const IDS_A_SESSION = 1_000_000;

/**
 * Lines of agent session number `index` (file order, from 0), which starts `index` × 600 s after `baseMs`. Throws if the session is not of
 * the known form, because a silently dropped call would falsify every total.
 */
export function* agentTraceLines(
  session: AgentTraceSession,
  index: number,
  baseMs: number,
): Generator<NativeTraceLine> {
  const startMs = baseMs + index * SESSION_GAP_MS;
  let ordinal = 0;
  for (const { request, atSeconds } of flattened(session.requests, 0)) {
    const { model, in: input, out: output, hash_ids: blocks } = request;
    if (model === undefined || input === undefined || output === undefined || blocks === undefined) {
      throw new Error(`session ${session.id}: request ${ordinal} lacks model, in, out or hash_ids`);
    }
    yield {
      timestamp: new Date(startMs + Math.round(atSeconds * 1e3)).toISOString(),
      id: `${session.id}:${ordinal}`,
      model,
      input_tokens: input,
      output_tokens: output,
      session: session.id,
      ...(request.api_time !== undefined && { latency_ms: Math.round(request.api_time * 1e3) }),
      ...(request.ttft !== undefined && { first_token_ms: Math.round(request.ttft * 1e3) }),
      prompt_blocks: blocks.map((id) => globalBlock(session.id, index, id)),
      block_tokens: session.block_size,
    };
    ordinal++;
  }
}

function* flattened(
  requests: readonly AgentRequest[],
  fromSeconds: number,
): Generator<{ request: AgentRequest; atSeconds: number }> {
  for (const request of requests) {
    const atSeconds = fromSeconds + request.t;
    if (request.type === 'subagent') yield* flattened(request.requests ?? [], atSeconds);
    else yield { request, atSeconds };
  }
}

function globalBlock(sessionId: string, index: number, id: number): number {
  if (!Number.isSafeInteger(id) || id < 0 || id >= IDS_A_SESSION)
    throw new Error(`session ${sessionId}: block id out of range`);
  return index * IDS_A_SESSION + id;
}

/** A row of the Mooncake trace: milliseconds from the start, blocks of 512 tokens, ids global to the file. */
export interface MooncakeRow {
  readonly timestamp: number;
  readonly input_length: number;
  readonly output_length: number;
  readonly hash_ids: readonly number[];
}

const MOONCAKE_BLOCK_TOKENS = 512;

/** Row number `index` of the Mooncake trace. The trace names no model: the caller does. */
export function mooncakeLine(row: MooncakeRow, index: number, baseMs: number, model: string): NativeTraceLine {
  return {
    timestamp: new Date(baseMs + row.timestamp).toISOString(),
    id: `mooncake:${index}`,
    model,
    input_tokens: row.input_length,
    output_tokens: row.output_length,
    prompt_blocks: row.hash_ids,
    block_tokens: MOONCAKE_BLOCK_TOKENS,
  };
}

const AZURE_ROW = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?,(\d+),(\d+)$/;

/**
 * A row of Azure's code trace, `2023-11-16 18:17:03.9799600,4808,10`; null for the header and empty lines. It has no ids and no content:
 * repeats cannot be found. Times keep their day; digits below the millisecond are dropped. Throws for any other text.
 */
export function azureLine(row: string, model: string): NativeTraceLine | null {
  const text = row.trim();
  if (text === '' || text.startsWith('TIMESTAMP,')) return null;
  const m = AZURE_ROW.exec(text);
  if (!m) throw new Error('a row of the Azure trace is not TIMESTAMP,ContextTokens,GeneratedTokens');
  const [, day, time, fraction = ''] = m;
  const timestamp = `${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  return { timestamp, model, input_tokens: Number(m[4]), output_tokens: Number(m[5]) };
}
