/**
 * Codex CLI rollout files. In: one event of a session. Out: one record where the cumulative counters advanced, else a named skip: totals
 * are written again on every refresh, and forks and sub-agents replay their parent's history with new times. Codex gives no ids, so a
 * call's identity is its counters within the tree of forks. Source: formats.md 8.2 (ccusage source; issues 897, 950, 1288, 1349, 1370).
 */
import { fromIso } from '../time.ts';
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, LinkId, Outcome, UsageRecord } from '../record.ts';
import { execOutcome, isExecEvent } from './codex-exec.ts';
import { advance, passTime, readMeta, readTurn, scopesOf, sessionOf } from './codex-session.ts';
import type { CodexSession } from './codex-session.ts';
import { counterKey, countersOf, readCounters } from './codex-usage.ts';
import { applySurroundings, applyTag } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';

const LINE_TYPES = new Set(['session_meta', 'turn_context', 'event_msg', 'response_item', 'compacted']);

const NO_USAGE: Outcome = { kind: 'skip', reason: 'no_usage' };

export const codexRollout: Format = {
  id: 'codex.rollout',
  sourceKind: 'agent',
  class: 'sessions',
  marks: ['type'],
  detect: (line) => isRolloutLine(line) || isExecEvent(line),
  normalize(line, context): Outcome {
    if (!isRolloutLine(line)) return execOutcome(codexRollout, line, context);
    const payload = objectAt(line, 'payload');
    const atMs = fromIso(line['timestamp']);
    if (line['type'] === 'session_meta') readMeta(context.object, payload, atMs);
    const session = sessionOf(context.object);
    passTime(session, atMs);
    if (line['type'] === 'turn_context') readTurn(session, payload);
    if (line['type'] !== 'event_msg' || textAt(payload, 'type') !== 'token_count') return NO_USAGE;
    return countOutcome(session, payload, atMs, context);
  },
};

function isRolloutLine(line: JsonObject): boolean {
  const type = line['type'];
  return typeof type === 'string' && LINE_TYPES.has(type) && 'payload' in line && 'timestamp' in line;
}

function countOutcome(
  session: CodexSession,
  payload: JsonObject | null,
  atMs: number | null,
  context: LineContext,
): Outcome {
  const info = objectAt(payload, 'info');
  const total = objectAt(info, 'total_token_usage');
  if (total === null) return { kind: 'skip', reason: 'rate_limit_ping' };
  const totals = countersOf(total);
  const before = advance(session, totals);
  if (before === null) return { kind: 'skip', reason: 're_emit' };
  const last = objectAt(info, 'last_token_usage');
  const call = last === null ? totals.map((n, i) => Math.max(0, n - (before[i] ?? 0))) : countersOf(last);
  if (call.every((n) => n === 0)) return NO_USAGE;
  const record = newRecord(codexRollout, session.provider, session.model ?? 'unknown');
  if (session.provider === 'openai') record.publisher = 'openai';
  record.occurredAtMs = atMs;
  readCounters(record, call);
  record.linkIds = linkIds(session, `${counterKey(totals)}|${counterKey(call)}`);
  applySurroundings(record, context);
  readSession(record, session);
  applyTag(record, 'plan_type', objectAt(payload, 'rate_limits')?.['plan_type']);
  return { kind: 'usage', records: [record] };
}

/** The call in each scope that this file knows, so that all copies within the tree of forks share an id. */
function linkIds(session: CodexSession, counters: string): LinkId[] {
  return scopesOf(session).map((scope): LinkId => ({ kind: 'natural', value: `codex|${scope}|${counters}` }));
}

/** Of the working directory only the last folder's name is kept: the path is personal. */
function readSession(record: UsageRecord, session: CodexSession): void {
  record.isReplica = session.isFork && session.isInBurst;
  record.sessionId = session.own ?? record.sessionId;
  record.evidence.project ??= session.cwd?.split(/[/\\]/).findLast((part) => part !== '') ?? null;
  applyTag(record, 'git_branch', session.branch ?? undefined);
  applyTag(record, 'agent', 'codex');
}
