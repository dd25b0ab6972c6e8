/**
 * Codex CLI rollout files. A call is an advance of the cumulative counters: totals are written again on every refresh, and forks and
 * sub-agents replay their parent's history with new times. The identity of a call is its counters within the tree of forks.
 * Source: formats.md 8.2 (ccusage source and issues 897, 950, 1288, 1349, 1370).
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, ObjectContext, Outcome, UsageRecord } from '../record.ts';
import { applySurroundings } from './evidence.ts';
import { countAt, objectAt, textAt } from './fields.ts';

const LINE_TYPES = new Set(['session_meta', 'turn_context', 'event_msg', 'response_item', 'compacted']);
const COUNTERS = ['input_tokens', 'cached_input_tokens', 'output_tokens', 'reasoning_output_tokens', 'total_tokens'] as const;

/** A fork writes its parent's history within moments of its start; what comes this soon is a replay. */
const REPLAY_MS = 1_000;

interface Session {
  own: string | null;
  /** every session id that the file names: own, parent, and those of replayed session headers */
  known: string[];
  isFork: boolean;
  startedAtMs: number | null;
  model: string | null;
  cwd: string | null;
  branch: string | null;
  total: readonly number[];
}

export const codexRollout: Format = {
  id: 'codex.rollout',
  sourceKind: 'agent',
  class: 'sessions',
  detect: (line) => (typeof line['type'] === 'string' && LINE_TYPES.has(line['type']) && 'payload' in line && 'timestamp' in line) || isExecEvent(line),
  normalize(line, context): Outcome {
    if (isExecEvent(line)) return execOutcome(line, context);
    const session = sessionOf(context.object);
    const payload = objectAt(line, 'payload');
    switch (line['type']) {
      case 'session_meta':
        readMeta(session, payload, line);
        return { kind: 'skip', reason: 'no_usage' };
      case 'turn_context':
        session.model = textAt(payload, 'model') ?? session.model;
        session.cwd = textAt(payload, 'cwd') ?? session.cwd;
        return { kind: 'skip', reason: 'no_usage' };
      case 'event_msg':
        return textAt(payload, 'type') === 'token_count' ? countOutcome(session, line, payload, context) : { kind: 'skip', reason: 'no_usage' };
      default:
        return { kind: 'skip', reason: 'no_usage' };
    }
  },
};

function sessionOf(object: ObjectContext): Session {
  let session = object.state.get(codexRollout.id) as Session | undefined;
  if (session === undefined) {
    session = { own: null, known: [], isFork: false, startedAtMs: null, model: null, cwd: null, branch: null, total: [0, 0, 0, 0, 0] };
    object.state.set(codexRollout.id, session);
  }
  return session;
}

function readMeta(session: Session, payload: JsonObject | null, line: JsonObject): void {
  const id = textAt(payload, 'id');
  const parent = textAt(payload, 'forked_from_id') ?? textAt(objectAt(objectAt(objectAt(payload, 'source'), 'subagent'), 'thread_spawn'), 'parent_thread_id');
  if (session.own === null) {
    session.own = id;
    session.isFork = parent !== null;
    session.startedAtMs = fromIso(line['timestamp']);
    session.cwd = textAt(payload, 'cwd');
    session.branch = textAt(objectAt(payload, 'git'), 'branch');
  }
  for (const known of [id, parent]) if (known !== null && !session.known.includes(known)) session.known.push(known);
}

function countOutcome(session: Session, line: JsonObject, payload: JsonObject | null, context: LineContext): Outcome {
  const info = objectAt(payload, 'info');
  const total = objectAt(info, 'total_token_usage');
  if (info === null || total === null) return { kind: 'skip', reason: 'rate_limit_ping' };
  const totals = COUNTERS.map((name) => countAt(total, name));
  const before = session.total;
  if (totals.every((n, i) => n === before[i])) return { kind: 'skip', reason: 're_emit' };
  session.total = totals;
  const lastUsage = objectAt(info, 'last_token_usage');
  const delta = lastUsage === null ? totals.map((n, i) => Math.max(0, n - (before[i] ?? 0))) : COUNTERS.map((name) => countAt(lastUsage, name));
  if (delta.every((n) => n === 0)) return { kind: 'skip', reason: 'no_usage' };
  const record = newRecord(codexRollout, 'openai', session.model ?? 'unknown');
  record.publisher = 'openai';
  record.occurredAtMs = fromIso(line['timestamp']);
  readDelta(record, delta, countAt(lastUsage, 'cache_write_input_tokens'));
  const key = `${totals.join(',')}|${delta.join(',')}`;
  record.linkIds = scopes(session, context).map((scope) => ({ kind: 'natural', value: `codex|${scope}|${key}` }));
  record.isReplica = session.isFork && record.occurredAtMs !== null && session.startedAtMs !== null && record.occurredAtMs - session.startedAtMs < REPLAY_MS;
  readSession(record, session);
  applySurroundings(record, { ...context, outer: null });
  return { kind: 'usage', records: [record] };
}

/** The tree of forks as far as this file knows it: the oldest ancestor first, then the others, so that copies share an id. */
function scopes(session: Session, context: LineContext): string[] {
  const ancestors = session.known.filter((id) => id !== session.own).toReversed();
  const all = [...ancestors, ...(session.own === null ? [] : [session.own])];
  return all.length > 0 ? all : [context.object.key];
}

/** Input holds cached tokens, output holds reasoning. */
function readDelta(record: UsageRecord, delta: readonly number[], cacheWrite: number): void {
  const [input = 0, cached = 0, output = 0, reasoning = 0] = delta;
  record.inputTokens = Math.max(0, input - cached - cacheWrite);
  record.cacheReadTokens = cached;
  record.cacheWrite5mTokens = cacheWrite;
  record.outputTokens = output;
  record.reasoningTokens = Math.min(output, reasoning);
  if (cached + cacheWrite > input) record.usageFlag = 'usage_inconsistent';
}

function readSession(record: UsageRecord, session: Session): void {
  record.sessionId = session.own;
  record.evidence.project = session.cwd?.split(/[/\\]/).findLast((part) => part !== '') ?? null;
  if (session.branch !== null) record.tags['git_branch'] = session.branch;
  record.tags['agent'] = 'codex';
}

function isExecEvent(line: JsonObject): boolean {
  const type = line['type'];
  return typeof type === 'string' && !('payload' in line) && (/^(thread\.started|turn\.(started|completed|failed))$/.test(type) || (/^item\./.test(type) && 'item' in line));
}

/** `codex exec --json`: usage without model and time. */
function execOutcome(line: JsonObject, context: LineContext): Outcome {
  const state = context.object.state;
  const thread = textAt(line, 'thread_id');
  if (thread !== null) state.set('codex.exec', thread);
  const usage = objectAt(line, 'usage');
  if (line['type'] !== 'turn.completed' || usage === null) return { kind: 'skip', reason: 'no_usage' };
  const turn = ((state.get('codex.exec.turn') as number | undefined) ?? 0) + 1;
  state.set('codex.exec.turn', turn);
  const record = newRecord(codexRollout, 'openai', 'unknown');
  record.publisher = 'openai';
  record.sourceFormat = 'codex.exec';
  readDelta(record, COUNTERS.map((name) => countAt(usage, name)), 0);
  record.sessionId = (state.get('codex.exec') as string | undefined) ?? null;
  if (record.sessionId !== null) record.linkIds.push({ kind: 'natural', value: `codex.exec|${record.sessionId}|${turn}` });
  applySurroundings(record, { ...context, outer: null });
  return { kind: 'usage', records: [record] };
}
