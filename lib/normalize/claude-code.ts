/**
 * Claude Code session files. In: one line of a session. Out: the records of the message it holds, or a named skip. One call is written
 * several times (a line per content block and stream snapshot) and copied on resume, fork and side chains: every line is a witness of
 * `message.id`, and sealing keeps the one with most tokens. Source: formats.md 8.1; pitfall 21.
 */
import { picoFromUsd } from '../money.ts';
import { fromIso } from '../time.ts';
import type { Format, JsonObject, LineContext, Outcome, UsageRecord } from '../record.ts';
import { messageRecords } from './anthropic-message.ts';
import { allTokens, hasCounts } from './anthropic-usage.ts';
import { applyTag } from './evidence.ts';
import { arrayAt, objectAt, textAt } from './fields.ts';

/** Lines that Claude Code writes between messages; they carry no usage and, some of them, no session. */
const OTHER_LINES = new Set([
  'user',
  'system',
  'progress',
  'summary',
  'attachment',
  'file-history-snapshot',
  'queue-operation',
  'custom-title',
  'ai-title',
  'agent-name',
  'last-prompt',
  'permission-mode',
  'pr-link',
  'tag',
]);

export const claudeCode: Format = {
  id: 'claude_code',
  sourceKind: 'agent',
  class: 'sessions',
  marks: ['sessionId', 'leafUuid', 'snapshot'],
  detect: (line) => isSessionLine(line) || isSessionless(line),
  normalize(line, context): Outcome {
    const message = messageOf(line);
    const usage = objectAt(message, 'usage');
    if (message === null || !hasCounts(usage)) return { kind: 'skip', reason: 'no_usage' };
    if (line['isApiErrorMessage'] === true) return { kind: 'skip', reason: 'api_error_message' };
    if (textAt(message, 'model') === '<synthetic>') return { kind: 'skip', reason: 'synthetic_message' };
    const records = messageRecords(claudeCode, message, context);
    for (const record of records) readSession(record, line);
    readCall(records, line, message, usage, context);
    return { kind: 'usage', records };
  },
};

/** A line of a session: told by the tree it hangs in, by its kind, or by an Anthropic usage object. */
function isSessionLine(line: JsonObject): boolean {
  if (typeof line['sessionId'] !== 'string' || Array.isArray(line['messages'])) return false;
  // an application's own line around a response or a usage object
  if ('response' in line || 'usage' in line) return false;
  if ('parentUuid' in line || 'leafUuid' in line) return true;
  if (typeof line['type'] === 'string' && OTHER_LINES.has(line['type'])) return true;
  const usage = objectAt(messageOf(line), 'usage');
  return usage !== null && 'input_tokens' in usage;
}

/** Two kinds of lines name no session. */
function isSessionless(line: JsonObject): boolean {
  return (
    (line['type'] === 'summary' && 'leafUuid' in line) ||
    (line['type'] === 'file-history-snapshot' && 'snapshot' in line)
  );
}

/** The message of a line; progress lines of sub-agents nest it. */
function messageOf(line: JsonObject): JsonObject | null {
  const direct = objectAt(line, 'message');
  if (objectAt(direct, 'usage') !== null) return direct;
  return objectAt(objectAt(objectAt(line, 'data'), 'message'), 'message') ?? direct;
}

/** What holds for every record of the line. Of the working directory only the last folder's name is kept: the path is personal. */
function readSession(record: UsageRecord, line: JsonObject): void {
  const nested = objectAt(objectAt(line, 'data'), 'message');
  record.occurredAtMs = fromIso(line['timestamp']) ?? fromIso(nested?.['timestamp']) ?? record.occurredAtMs;
  record.isReplica = line['isSidechain'] === true;
  record.sessionId = textAt(line, 'sessionId');
  record.evidence.project ??=
    textAt(line, 'cwd')
      ?.split(/[/\\]/)
      .findLast((part) => part !== '') ?? null;
  applyTag(record, 'git_branch', line['gitBranch']);
  applyTag(record, 'agent', 'claude-code');
  // a call that Bedrock or Vertex answered is billed by them: no subscription covers it
  if (record.provider !== 'anthropic') record.billingMode = 'on_demand';
}

/** What the call has once, however many iterations it took: the request id and, in old files, its cost. */
function readCall(
  records: readonly UsageRecord[],
  line: JsonObject,
  message: JsonObject,
  usage: JsonObject,
  context: LineContext,
): void {
  const id = textAt(message, 'id');
  const call = id === null ? records[0] : records.find((record) => record.linkIds[0]?.value === id);
  if (call === undefined) return;
  const requestId = textAt(line, 'requestId');
  // a side chain copies its parent's message under a request id of its own
  if (requestId !== null && !call.isReplica) call.linkIds.push({ kind: 'request', value: requestId });
  if (call.linkIds.length === 0) call.linkIds.push({ kind: 'natural', value: lineKey(line, context) });
  const cost = line['costUSD'];
  const isKnown = typeof cost === 'number' && cost >= 0 && (cost > 0 || allTokens(usage) === 0);
  if (isKnown && arrayAt(usage, 'iterations').length <= 1) call.reportedCostPico = picoFromUsd(cost);
}

function lineKey(line: JsonObject, context: LineContext): string {
  return `claude_code|${textAt(line, 'sessionId') ?? ''}|${textAt(line, 'uuid') ?? `${context.object.key}:${context.line}`}`;
}
