/**
 * A landing row read back as the record it came from: what pricing and attribution need, without the log. Text is gone for good; ids
 * are hashes by now, so identity is not part of it.
 */
import { picoFromUsd } from '../money.ts';
import { newRecord } from '../record.ts';
import type { Evidence, UsageRecord } from '../record.ts';
import { fromIso } from '../time.ts';
import { EXTRA_FIELDS, evidenceInColumns } from './landing-evidence.ts';

type Row = Readonly<Record<string, unknown>>;

const SOURCE_KINDS = ['provider', 'gateway', 'agent', 'span'] as const;

const text = (row: Row, name: string): string | null => {
  const value = row[name];
  return typeof value === 'string' ? value : null;
};
const count = (row: Row, name: string): number => Number(row[name] ?? 0);

/** The record of a landing row as a query returns it, and the instant of its call. */
export function recordFromLanding(row: Row): { record: UsageRecord; occurredAtMs: number } {
  const isBucket = row['grain'] === 'bucket';
  const sourceKind = SOURCE_KINDS[count(row, 'source_rank')] ?? 'provider';
  const isSession = row['is_wide'] === true && row['time_inferred'] !== true;
  const format = {
    id: text(row, 'source_format') ?? '',
    sourceKind,
    class: isBucket ? 'buckets' : isSession ? 'sessions' : 'calls',
  } as const;
  const record = newRecord(format, text(row, 'provider') ?? '', text(row, 'model_reported') ?? '');
  const occurredAtMs = fromIso(text(row, 'occurred_at')) ?? 0;
  Object.assign(record, {
    callId: text(row, 'call_id'),
    calls: count(row, 'calls'),
    status: row['status'],
    isReplica: row['is_replica'] === true,
    occurredAtMs: row['time_inferred'] === true ? null : occurredAtMs,
    publisher: text(row, 'publisher'),
    operation: row['operation'],
    tier: row['tier'],
    priceRegion: text(row, 'price_region'),
    inputTokens: count(row, 'input_tokens'),
    cacheReadTokens: count(row, 'cache_read_tokens'),
    cacheWrite5mTokens: count(row, 'cache_write_5m_tokens'),
    cacheWrite1hTokens: count(row, 'cache_write_1h_tokens'),
    outputTokens: count(row, 'output_tokens'),
    reasoningTokens: count(row, 'reasoning_tokens'),
    audioInputTokens: count(row, 'audio_input_tokens'),
    audioOutputTokens: count(row, 'audio_output_tokens'),
    images: count(row, 'images'),
    webSearches: count(row, 'web_searches'),
    audioSeconds: row['audio_seconds'] ?? null,
    usageBasis: row['usage_basis'],
    userId: text(row, 'user_id'),
    keyId: text(row, 'key_id'),
    sessionId: text(row, 'session_id'),
    subAccountId: text(row, 'sub_account_id'),
    tags: row['tags'] ?? {},
    bucketGrouping: text(row, 'grouping_key'),
    latencyMs: row['latency_ms'] === null ? null : count(row, 'latency_ms'),
  });
  const reported = text(row, 'reported_cost');
  record.reportedCostPico = reported === null ? null : picoFromUsd(reported);
  const told = evidenceInColumns({
    team: text(row, 'team'),
    attribution: text(row, 'attribution') ?? '',
    project: text(row, 'project'),
    application: text(row, 'application'),
    environment: text(row, 'environment'),
    feature: text(row, 'feature'),
    customer: text(row, 'customer'),
    principal: text(row, 'principal'),
  });
  Object.assign(record.evidence, told, JSON.parse(text(row, 'evidence') ?? '{}') as Partial<Evidence>);
  const extras = JSON.parse(text(row, 'extras') ?? '{}') as Readonly<Record<string, unknown>>;
  for (const field of EXTRA_FIELDS) if (field in extras) Object.assign(record, { [field]: extras[field] });
  return { record, occurredAtMs };
}
