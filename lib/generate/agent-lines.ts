/**
 * Calls as coding agents write them into session files. In: the calls of one session, in order. Out: lines, of which several may tell of
 * one call and some of none. Invariant: of the lines of a call exactly one holds its full output. Shapes: formats.md 8.1, 8.2.
 */
import { isoMs, promptSideTokens, uuidOf } from './generated-call.ts';
import type { GeneratedCall } from './generated-call.ts';
import { messageId, messageUsage } from './anthropic-lines.ts';
import type { Random } from './random.ts';

/** Where and by whom a session ran. */
export interface AgentSession {
  readonly sessionId: string;
  readonly startedAtMs: number;
  /** last part of the working directory */
  readonly repository: string;
  readonly branch: string;
}

/** A line of a session file. `call` is set on the line that completes a call; `usage` where a line tells of one at all. */
export interface AgentLine {
  readonly line: string;
  readonly call: GeneratedCall | null;
  readonly hasUsage: boolean;
}

const USER_TEXTS = ['please continue', 'run the tests again', 'now fix the failing one', 'explain this change'];

/** Lines of a Claude Code session: a user line now and then, and one to three growing snapshots per call. */
export function* claudeCodeLines(
  session: AgentSession,
  calls: Iterable<GeneratedCall>,
  random: Random,
): Generator<AgentLine> {
  const base = {
    isSidechain: false,
    userType: 'external',
    cwd: `/home/dev/${session.repository}`,
    sessionId: session.sessionId,
    version: '2.1.63',
    gitBranch: session.branch,
  };
  let parentUuid: string | null = null;
  for (const call of calls) {
    if (parentUuid === null || random.chance(0.25)) {
      const uuid = uuidOf(random.hex(30));
      const message = { role: 'user', content: random.pick(USER_TEXTS) };
      const timestamp = isoMs(call.startedAtMs - 500);
      const line = JSON.stringify({ parentUuid, ...base, type: 'user', uuid, timestamp, message });
      yield { line, call: null, hasUsage: false };
      parentUuid = uuid;
    }
    const snapshots = random.between(1, 3);
    for (let i = 1; i <= snapshots; i++) {
      const uuid = uuidOf(random.hex(30));
      const isLast = i === snapshots;
      const line = JSON.stringify({ parentUuid, ...base, ...snapshot(call, uuid, i, snapshots) });
      yield { line, call: isLast ? call : null, hasUsage: true };
      parentUuid = uuid;
    }
  }
}

/** Snapshot `i` of `n`: all input, and the output written so far. */
function snapshot(call: GeneratedCall, uuid: string, i: number, n: number): object {
  const isLast = i === n;
  const written = isLast ? call.outputTokens : Math.floor((call.outputTokens * i) / (n * 4));
  return {
    type: 'assistant',
    uuid,
    timestamp: isoMs(call.startedAtMs + Math.floor((call.latencyMs * i) / n)),
    message: {
      id: messageId(call),
      type: 'message',
      role: 'assistant',
      model: call.model,
      content: [{ type: 'text', text: isLast ? call.answer : '' }],
      stop_reason: isLast ? 'end_turn' : null,
      usage: messageUsage(call, written),
    },
    requestId: `req_${call.idHex}`,
  };
}

/** Lines of a Codex rollout: header, model, then cumulative counters that are now and then written again, or written empty. */
export function* codexLines(
  session: AgentSession,
  model: string,
  calls: Iterable<GeneratedCall>,
  random: Random,
): Generator<AgentLine> {
  const cwd = `/home/dev/${session.repository}`;
  const git = { branch: session.branch };
  const startedAt = isoMs(session.startedAtMs);
  const meta = {
    id: session.sessionId,
    timestamp: startedAt,
    cwd,
    originator: 'codex_cli',
    cli_version: '0.99.0',
    git,
  };
  yield silent({ timestamp: startedAt, type: 'session_meta', payload: meta });
  yield silent({ timestamp: startedAt, type: 'turn_context', payload: { model, cwd } });
  const total: Counters = [0, 0, 0, 0, 0];
  for (const call of calls) {
    const prompt = promptSideTokens(call);
    const last: Counters = [
      prompt,
      call.cacheReadTokens,
      call.outputTokens,
      call.reasoningTokens,
      prompt + call.outputTokens,
    ];
    last.forEach((count, i) => (total[i] = (total[i] ?? 0) + count));
    const finishedAtMs = call.startedAtMs;
    if (random.chance(0.15)) yield silent(tokenCount(finishedAtMs - 50, null));
    const info = {
      total_token_usage: named(total),
      last_token_usage: named(last),
      model_context_window: 272_000,
    };
    yield { line: JSON.stringify(tokenCount(finishedAtMs, info)), call, hasUsage: true };
    if (random.chance(0.3)) yield silent(tokenCount(finishedAtMs + 200, info));
  }
}

type Counters = [number, number, number, number, number];

function named([input, cached, output, reasoning, total]: Counters): object {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
    total_tokens: total,
  };
}

function tokenCount(atMs: number, info: object | null): object {
  return { timestamp: isoMs(atMs), type: 'event_msg', payload: { type: 'token_count', info, rate_limits: null } };
}

function silent(line: object): AgentLine {
  return { line: JSON.stringify(line), call: null, hasUsage: false };
}
