/**
 * The event stream of `codex exec --json`. In: one event. Out: a record per completed turn, without model and time: the format writes
 * neither, so both come from the surroundings or stay unknown. Source: formats.md 8.2.
 */
import { newRecord } from '../record.ts';
import type { Format, JsonObject, LineContext, Outcome } from '../record.ts';
import { counterKey, countersOf, readCounters } from './codex-usage.ts';
import { applySurroundings, applyTag } from './evidence.ts';
import { objectAt, textAt } from './fields.ts';

const THREAD = 'codex.exec.thread';

/** True for an event of the stream. */
export function isExecEvent(line: JsonObject): boolean {
  const type = line['type'];
  if (typeof type !== 'string' || 'payload' in line) return false;
  return (
    /^(thread\.started|turn\.(started|completed|failed))$/.test(type) || (type.startsWith('item.') && 'item' in line)
  );
}

/** A turn's usage, or a skip. The turn is recognized by its thread and counters, since resumed threads number turns anew. */
export function execOutcome(format: Format, line: JsonObject, context: LineContext): Outcome {
  const { state } = context.object;
  const thread = textAt(line, 'thread_id');
  if (thread !== null) state.set(THREAD, thread);
  const usage = objectAt(line, 'usage');
  if (line['type'] !== 'turn.completed' || usage === null) return { kind: 'skip', reason: 'no_usage' };
  const record = newRecord(format, 'openai', 'unknown');
  const counters = countersOf(usage);
  record.sourceFormat = 'codex.exec';
  record.publisher = 'openai';
  readCounters(record, counters);
  record.sessionId = (state.get(THREAD) as string | undefined) ?? null;
  if (record.sessionId !== null) {
    record.linkIds.push({ kind: 'natural', value: `codex.exec|${record.sessionId}|${counterKey(counters)}` });
  }
  applyTag(record, 'agent', 'codex');
  applySurroundings(record, context);
  return { kind: 'usage', records: [record] };
}
