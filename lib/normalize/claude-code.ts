/**
 * Claude Code session files. One call is written several times (a line per content block and stream snapshot) and copied on resume, fork
 * and side chains: every line is a witness of `message.id`, and sealing keeps the one with most tokens. Source: formats.md 8.1.
 */
import { picoFromUsd } from '../money.ts';
import { fromIso } from '../time.ts';
import type { Format, JsonObject, Outcome, UsageRecord } from '../record.ts';
import { messageRecords } from './anthropic-message.ts';
import { objectAt, textAt } from './fields.ts';

export const claudeCode: Format = {
  id: 'claude_code',
  sourceKind: 'agent',
  class: 'sessions',
  detect: (line) => typeof line['sessionId'] === 'string' && !('messages' in line) && ('uuid' in line || 'parentUuid' in line || 'message' in line || 'leafUuid' in line || 'snapshot' in line),
  normalize(line, context): Outcome {
    const message = messageOf(line);
    const usage = objectAt(message, 'usage');
    if (message === null || usage === null) return { kind: 'skip', reason: 'no_usage' };
    if (line['isApiErrorMessage'] === true) return { kind: 'skip', reason: 'api_error_message' };
    if (textAt(message, 'model') === '<synthetic>') return { kind: 'skip', reason: 'synthetic_message' };
    const records = messageRecords(claudeCode, message, { ...context, outer: null });
    for (const record of records) readSession(record, line);
    return { kind: 'usage', records };
  },
};

/** The message of a line; progress lines of sub-agents nest it. */
function messageOf(line: JsonObject): JsonObject | null {
  const direct = objectAt(line, 'message');
  if (objectAt(direct, 'usage') !== null) return direct;
  return objectAt(objectAt(objectAt(line, 'data'), 'message'), 'message') ?? direct;
}

function readSession(record: UsageRecord, line: JsonObject): void {
  record.occurredAtMs = fromIso(line['timestamp']) ?? fromIso(objectAt(objectAt(line, 'data'), 'message')?.['timestamp']);
  const requestId = textAt(line, 'requestId');
  record.isReplica = line['isSidechain'] === true;
  // a side chain copies its parent's message under a new request id, which must not tie other calls together
  if (requestId !== null && !record.isReplica) record.linkIds.push({ kind: 'request', value: requestId });
  record.sessionId = textAt(line, 'sessionId');
  const cwd = textAt(line, 'cwd');
  record.evidence.project ??= cwd?.split(/[/\\]/).findLast((part) => part !== '') ?? null;
  const branch = textAt(line, 'gitBranch');
  if (branch !== null) record.tags['git_branch'] = branch;
  record.tags['agent'] = 'claude-code';
  const cost = line['costUSD'];
  if (typeof cost === 'number' && cost > 0) record.reportedCostPico = picoFromUsd(cost);
}
