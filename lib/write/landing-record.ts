/**
 * A landing row read back: the record it came from, for pricing and attributing it again without the log, and the whole row, for carrying it
 * on unchanged. Rows come as a query returns them or as `landing-reader.ts` reads them. Text is gone for good; ids are hashes by now and
 * stay. Invariant: what is read back and landed again gives the same bytes.
 */
import { compact, picoFromUsd } from '../money.ts';
import type { Pico } from '../money.ts';
import { newRecord } from '../record.ts';
import type { Attribution, BucketRates, CostParts, CostStatus, Evidence, Priced, UsageRecord } from '../record.ts';
import { fromIso } from '../time.ts';
import { EXTRA_FIELDS, evidenceInColumns } from './landing-evidence.ts';
import type { LedgerRow, PromptRow, RejectRow } from './landing-row.ts';

type Row = Readonly<Record<string, unknown>>;
type RowKind = 'calls' | 'sessions' | 'buckets';

const SOURCE_KINDS = ['provider', 'gateway', 'agent', 'span'] as const;

const text = (row: Row, name: string): string | null => {
  const value = row[name];
  return typeof value === 'string' ? value : null;
};
const word = (row: Row, name: string): string => text(row, name) ?? '';
const count = (row: Row, name: string): number => Number(row[name] ?? 0);
const countOrNull = (row: Row, name: string): number | null => (row[name] == null ? null : Number(row[name]));

/** Money as digits of picodollars (a file) or as decimal text (a query). */
function money(row: Row, name: string): Pico | null {
  const value = row[name];
  if (typeof value === 'bigint') return compact(value);
  return typeof value === 'string' ? picoFromUsd(value) : null;
}

function instant(row: Row): number {
  const value = row['occurred_at'];
  return typeof value === 'bigint' ? Number(value) : (fromIso(value) ?? 0);
}

/**
 * The record of a landing row, and the instant of its call. `kind` is the class of the file it lay in; without it, a row of an agent's
 * session whose time is inferred is taken for a call.
 */
export function recordFromLanding(row: Row, kind?: RowKind): { record: UsageRecord; occurredAtMs: number } {
  const isBucket = row['grain'] === 'bucket';
  const isInferred = row['time_inferred'] === true;
  const isSession =
    kind === undefined || kind === 'buckets' ? row['is_wide'] === true && !isInferred : kind === 'sessions';
  const format = {
    id: word(row, 'source_format'),
    sourceKind: SOURCE_KINDS[count(row, 'source_rank')] ?? 'provider',
    class: isBucket ? 'buckets' : isSession ? 'sessions' : 'calls',
  } as const;
  const record = newRecord(format, word(row, 'provider'), word(row, 'model_reported'));
  const occurredAtMs = instant(row);
  record.occurredAtMs = isInferred ? null : occurredAtMs;
  record.isSession = isSession;
  fillFacts(record, row);
  fillMeters(record, row);
  const told = evidenceInColumns(columnsOfOwner(row));
  Object.assign(record.evidence, told, JSON.parse(text(row, 'evidence') ?? '{}') as Partial<Evidence>);
  const extras = JSON.parse(text(row, 'extras') ?? '{}') as Readonly<Record<string, unknown>>;
  for (const field of EXTRA_FIELDS) if (field in extras) Object.assign(record, { [field]: extras[field] });
  return { record, occurredAtMs };
}

function fillFacts(record: UsageRecord, row: Row): void {
  Object.assign(record, {
    callId: text(row, 'call_id'),
    status: row['status'],
    isReplica: row['is_replica'] === true,
    publisher: text(row, 'publisher'),
    operation: row['operation'],
    tier: row['tier'],
    priceRegion: text(row, 'price_region'),
    usageBasis: row['usage_basis'],
    userId: text(row, 'user_id'),
    keyId: text(row, 'key_id'),
    sessionId: text(row, 'session_id'),
    subAccountId: text(row, 'sub_account_id'),
    tags: row['tags'] ?? {},
    bucketGrouping: text(row, 'grouping_key'),
    reportedCostPico: money(row, 'reported_cost'),
    latencyMs: countOrNull(row, 'latency_ms'),
    firstTokenMs: countOrNull(row, 'first_token_ms'),
    deadlineSeconds: countOrNull(row, 'deadline_seconds'),
  });
}

function fillMeters(record: UsageRecord, row: Row): void {
  record.calls = count(row, 'calls');
  record.inputTokens = count(row, 'input_tokens');
  record.cacheReadTokens = count(row, 'cache_read_tokens');
  record.cacheWrite5mTokens = count(row, 'cache_write_5m_tokens');
  record.cacheWrite1hTokens = count(row, 'cache_write_1h_tokens');
  record.outputTokens = count(row, 'output_tokens');
  record.reasoningTokens = count(row, 'reasoning_tokens');
  record.audioInputTokens = count(row, 'audio_input_tokens');
  record.audioOutputTokens = count(row, 'audio_output_tokens');
  record.images = count(row, 'images');
  record.webSearches = count(row, 'web_searches');
  record.audioSeconds = countOrNull(row, 'audio_seconds');
}

function columnsOfOwner(row: Row): Parameters<typeof evidenceInColumns>[0] {
  return {
    team: text(row, 'team'),
    attribution: word(row, 'attribution'),
    project: text(row, 'project'),
    application: text(row, 'application'),
    environment: text(row, 'environment'),
    feature: text(row, 'feature'),
    customer: text(row, 'customer'),
    principal: text(row, 'principal'),
  };
}

/** The whole row of a landing file, decisions included: landed again it gives the same values in every column. */
export function rowFromLanding(row: Row, kind: RowKind): LedgerRow {
  const { record, occurredAtMs } = recordFromLanding(row, kind);
  return {
    record,
    recordId: word(row, 'record_id'),
    altIds: (row['alt_ids'] ?? []) as readonly string[],
    identity: word(row, 'identity'),
    commitId: word(row, 'commit_id'),
    line: count(row, 'source_line'),
    part: count(row, 'part'),
    occurredAtMs,
    timeInferred: row['time_inferred'] === true,
    priced: pricedFromLanding(row),
    attribution: attributionFromLanding(row),
    costStatus: word(row, 'cost_status') as CostStatus,
    costReason: text(row, 'cost_reason'),
    parts: partsFromLanding(row),
    cost: money(row, 'cost'),
    listCost: money(row, 'list_cost'),
    stamp: word(row, 'stamp'),
  };
}

function attributionFromLanding(row: Row): Attribution {
  const { attribution, principal: _principal, ...owner } = columnsOfOwner(row);
  return {
    ...owner,
    level: attribution,
    strength: count(row, 'attribution_rank'),
    billingMode: word(row, 'billing_mode') as Attribution['billingMode'],
    billingAccountId: text(row, 'billing_account_id'),
  };
}

/** What a row keeps of its pricing; list and contracted cost by meter are settled by then and stand in the row's own columns. */
function pricedFromLanding(row: Row): Priced {
  return {
    model: word(row, 'model'),
    publisher: text(row, 'publisher'),
    list: null,
    contracted: null,
    status: word(row, 'cost_status') as CostStatus,
    reason: text(row, 'cost_reason'),
    priceRows: text(row, 'price_rows'),
    bucketRates: ratesFromLanding(row),
  };
}

function partsFromLanding(row: Row): CostParts | null {
  const input = money(row, 'input_cost');
  if (input === null) return null;
  return {
    input,
    cacheRead: money(row, 'cache_read_cost') ?? 0,
    cacheWrite: money(row, 'cache_write_cost') ?? 0,
    output: money(row, 'output_cost') ?? 0,
    other: money(row, 'other_cost') ?? 0,
  };
}

function ratesFromLanding(row: Row): BucketRates | null {
  const rate = (name: string): bigint => (typeof row[name] === 'bigint' ? row[name] : 0n);
  if (row['rate_input'] == null) return null;
  return {
    input: rate('rate_input'),
    cacheRead: rate('rate_cache_read'),
    cacheWrite5m: rate('rate_cache_write_5m'),
    cacheWrite1h: rate('rate_cache_write_1h'),
    output: rate('rate_output'),
  };
}

/** A fingerprint as it lies in its file. */
export function promptFromLanding(row: Row): PromptRow {
  return {
    recordId: word(row, 'record_id'),
    commitId: word(row, 'commit_id'),
    line: count(row, 'source_line'),
    part: count(row, 'part'),
    occurredAtMs: instant(row),
    sessionId: text(row, 'session_id'),
    hashKeyId: word(row, 'hash_key_id'),
    promptHash: word(row, 'prompt_hash'),
    blocks: (row['blocks'] ?? []) as readonly bigint[],
    blockTokens: count(row, 'block_tokens'),
  };
}

/** A rejected line as it lies in its file. */
export function rejectFromLanding(row: Row): RejectRow {
  return {
    commitId: word(row, 'commit_id'),
    line: count(row, 'source_line'),
    reason: word(row, 'reason'),
    detail: word(row, 'detail'),
    formatGuess: text(row, 'format_guess'),
    keys: word(row, 'keys'),
  };
}
