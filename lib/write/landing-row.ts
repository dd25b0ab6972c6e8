/**
 * The landing row: everything known of one record after one pass, kept so that sealing can decide without the log and so that
 * prices and rules can be applied again without it. Columns and how each is read from a `LedgerRow`, in one list.
 */
import type { BucketRates, CostParts, CostStatus, Evidence, JsonValue, UsageRecord } from '../record.ts';
import type { Attribution, Priced } from '../record.ts';
import type { Pico } from '../money.ts';
import type { Cell, ParquetColumn, RowColumn } from './parquet.ts';
import type { ColumnType } from '../schema.ts';

/** One record on its way into landing. */
export interface LedgerRow {
  readonly record: UsageRecord;
  readonly recordId: string;
  readonly altIds: readonly string[];
  /** response, request, natural, content or position: content ids get their ordinal at seal */
  readonly identity: string;
  readonly commitId: string;
  readonly line: number;
  readonly part: number;
  readonly occurredAtMs: number;
  readonly timeInferred: boolean;
  readonly priced: Priced;
  readonly attribution: Attribution;
  readonly costStatus: CostStatus;
  readonly costReason: string | null;
  /** contracted cost by meter as billed to this row; null = unknown, zeros where included */
  readonly parts: CostParts | null;
  readonly cost: Pico | null;
  readonly listCost: Pico | null;
  readonly stamp: string;
}

export type LandingColumn = RowColumn<LedgerRow>;

const SOURCE_RANK = { provider: 0, gateway: 1, agent: 2, span: 3 } as const;
const BASIS_RANK = { reported: 0, counted: 1, estimated: 2, missing: 3 } as const;

function column(name: string, type: ColumnType | `${ColumnType}?`, of: (row: LedgerRow) => Cell, unique = false): LandingColumn {
  return { name, type: type.replace('?', '') as ColumnType, nullable: type.endsWith('?'), of, unique };
}

const rate = (pick: (rates: BucketRates) => bigint) => (row: LedgerRow): Cell => {
  const rates = row.priced.bucketRates;
  return rates === null ? null : pick(rates);
};

export const LANDING_COLUMNS: readonly LandingColumn[] = [
  column('record_id', 'string', (r) => r.recordId, true),
  column('alt_ids', 'array<string>', (r) => r.altIds),
  column('call_id', 'string?', (r) => r.record.callId, true),
  column('identity', 'string', (r) => r.identity),
  column('commit_id', 'string', (r) => r.commitId),
  column('source_line', 'bigint', (r) => r.line),
  column('part', 'bigint', (r) => r.part),
  column('grain', 'string', (r) => r.record.grain),
  column('calls', 'bigint', (r) => r.record.calls),
  column('status', 'string', (r) => r.record.status),
  column('source_format', 'string', (r) => r.record.sourceFormat),
  column('occurred_at', 'timestamp', (r) => r.occurredAtMs),
  column('time_inferred', 'boolean', (r) => r.timeInferred),
  // what sealing ranks twins by
  column('source_rank', 'bigint', (r) => SOURCE_RANK[r.record.sourceKind]),
  column('basis_rank', 'bigint', (r) => BASIS_RANK[r.record.usageBasis]),
  column('is_replica', 'boolean', (r) => r.record.isReplica),
  column('is_wide', 'boolean', (r) => r.record.isSession || r.timeInferred),
  column('grouping_key', 'string?', (r) => r.record.bucketGrouping),
  // what
  column('provider', 'string', (r) => r.record.provider),
  column('publisher', 'string?', (r) => r.priced.publisher ?? r.record.publisher),
  column('model', 'string', (r) => r.priced.model),
  column('model_reported', 'string', (r) => r.record.modelReported),
  column('operation', 'string', (r) => r.record.operation),
  column('tier', 'string', (r) => r.record.tier),
  column('price_region', 'string?', (r) => r.record.priceRegion),
  // who
  column('team', 'string?', (r) => r.attribution.team),
  column('project', 'string?', (r) => r.attribution.project),
  column('application', 'string?', (r) => r.attribution.application),
  column('environment', 'string?', (r) => r.attribution.environment),
  column('feature', 'string?', (r) => r.attribution.feature),
  column('customer', 'string?', (r) => r.attribution.customer),
  column('attribution', 'string', (r) => r.attribution.level),
  column('attribution_rank', 'bigint', (r) => r.attribution.strength),
  column('user_id', 'string?', (r) => r.record.userId),
  column('key_id', 'string?', (r) => r.record.keyId),
  column('principal', 'string?', (r) => r.record.evidence.principal),
  column('session_id', 'string?', (r) => r.record.sessionId),
  column('billing_account_id', 'string?', (r) => r.attribution.billingAccountId),
  column('sub_account_id', 'string?', (r) => r.record.subAccountId),
  column('tags', 'map<string,string>', (r) => r.record.tags),
  column('evidence', 'string', (r) => evidenceText(r.record.evidence)),
  // meters
  column('input_tokens', 'bigint', (r) => r.record.inputTokens),
  column('cache_read_tokens', 'bigint', (r) => r.record.cacheReadTokens),
  column('cache_write_5m_tokens', 'bigint', (r) => r.record.cacheWrite5mTokens),
  column('cache_write_1h_tokens', 'bigint', (r) => r.record.cacheWrite1hTokens),
  column('output_tokens', 'bigint', (r) => r.record.outputTokens),
  column('reasoning_tokens', 'bigint', (r) => r.record.reasoningTokens),
  column('audio_input_tokens', 'bigint', (r) => r.record.audioInputTokens),
  column('audio_output_tokens', 'bigint', (r) => r.record.audioOutputTokens),
  column('images', 'bigint', (r) => r.record.images),
  column('web_searches', 'bigint', (r) => r.record.webSearches),
  column('audio_seconds', 'double?', (r) => r.record.audioSeconds),
  column('usage_basis', 'string', (r) => r.record.usageBasis),
  column('extras', 'string?', (r) => extrasText(r.record)),
  // money
  column('billing_mode', 'string', (r) => r.attribution.billingMode),
  column('input_cost', 'decimal(18,12)?', (r) => r.parts?.input ?? null),
  column('cache_read_cost', 'decimal(18,12)?', (r) => r.parts?.cacheRead ?? null),
  column('cache_write_cost', 'decimal(18,12)?', (r) => r.parts?.cacheWrite ?? null),
  column('output_cost', 'decimal(18,12)?', (r) => r.parts?.output ?? null),
  column('other_cost', 'decimal(18,12)?', (r) => r.parts?.other ?? null),
  column('list_cost', 'decimal(18,12)?', (r) => r.listCost),
  column('cost', 'decimal(18,12)?', (r) => r.cost),
  column('cost_status', 'string', (r) => r.costStatus),
  column('cost_reason', 'string?', (r) => r.costReason),
  column('reported_cost', 'decimal(18,12)?', (r) => r.record.reportedCostPico),
  column('price_rows', 'string?', (r) => r.priced.priceRows),
  column('stamp', 'string', (r) => r.stamp),
  column('rate_input', 'decimal(18,15)?', rate((b) => b.input)),
  column('rate_cache_read', 'decimal(18,15)?', rate((b) => b.cacheRead)),
  column('rate_cache_write_5m', 'decimal(18,15)?', rate((b) => b.cacheWrite5m)),
  column('rate_cache_write_1h', 'decimal(18,15)?', rate((b) => b.cacheWrite1h)),
  column('rate_output', 'decimal(18,15)?', rate((b) => b.output)),
  // speed
  column('latency_ms', 'bigint?', (r) => r.record.latencyMs),
  column('first_token_ms', 'bigint?', (r) => r.record.firstTokenMs),
  column('deadline_seconds', 'bigint?', (r) => r.record.deadlineSeconds),
];

/** A prompt's fingerprint on its way into landing. */
export interface PromptRow {
  readonly recordId: string;
  readonly commitId: string;
  readonly line: number;
  readonly part: number;
  readonly occurredAtMs: number;
  readonly sessionId: string | null;
  readonly hashKeyId: string;
  readonly promptHash: string;
  readonly blocks: readonly bigint[];
  readonly blockTokens: number;
}

export const PROMPT_COLUMNS: readonly RowColumn<PromptRow>[] = [
  { name: 'record_id', type: 'string', nullable: false, unique: true, of: (r) => r.recordId },
  { name: 'commit_id', type: 'string', nullable: false, of: (r) => r.commitId },
  { name: 'source_line', type: 'bigint', nullable: false, of: (r) => r.line },
  { name: 'part', type: 'bigint', nullable: false, of: (r) => r.part },
  { name: 'occurred_at', type: 'timestamp', nullable: false, of: (r) => r.occurredAtMs },
  { name: 'session_id', type: 'string', nullable: true, of: (r) => r.sessionId },
  { name: 'hash_key_id', type: 'string', nullable: false, of: (r) => r.hashKeyId },
  { name: 'prompt_hash', type: 'string', nullable: false, unique: true, of: (r) => r.promptHash },
  { name: 'blocks', type: 'array<bigint>', nullable: false, of: (r) => r.blocks },
  { name: 'block_tokens', type: 'bigint', nullable: false, of: (r) => r.blockTokens },
];

/** A line that could not become usage. Names only, never values. */
export interface RejectRow {
  readonly commitId: string;
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly formatGuess: string | null;
  readonly keys: string;
}

export const REJECT_COLUMNS: readonly RowColumn<RejectRow>[] = [
  { name: 'commit_id', type: 'string', nullable: false, of: (r) => r.commitId },
  { name: 'source_line', type: 'bigint', nullable: false, of: (r) => r.line },
  { name: 'reason', type: 'string', nullable: false, of: (r) => r.reason },
  { name: 'detail', type: 'string', nullable: false, of: (r) => r.detail },
  { name: 'format_guess', type: 'string', nullable: true, of: (r) => r.formatGuess },
  { name: 'keys', type: 'string', nullable: false, of: (r) => r.keys },
];

/** Columns as `name → type`, the partition column of the landing folder last. */
export function landingTypes(columns: readonly ParquetColumn[], partition: string): Record<string, ColumnType> {
  const types: Record<string, ColumnType> = {};
  for (const { name, type } of columns) types[name] = type;
  types[partition] = 'date';
  return types;
}

let lastEvidence: Evidence | null = null;
let lastEvidenceText = '{}';

/** Attribution candidates as JSON without the empty ones: what rules are applied to again when they change. */
function evidenceText(evidence: Evidence): string {
  if (evidence === lastEvidence) return lastEvidenceText;
  const given: Record<string, JsonValue> = {};
  for (const key in evidence) {
    const value = evidence[key as keyof Evidence];
    if (value !== null) given[key] = value;
  }
  lastEvidence = evidence;
  lastEvidenceText = JSON.stringify(given);
  return lastEvidenceText;
}

/** Pricing inputs that have no column of their own, as JSON without the neutral ones; null when all are neutral. */
function extrasText(r: UsageRecord): string | null {
  const neutral =
    r.requestedTier === null &&
    r.priceTier === null &&
    r.cachedAudioTokens === 0 &&
    r.imageInputTokens === 0 &&
    r.imageOutputTokens === 0 &&
    r.imageSpec === null &&
    r.characters === 0 &&
    r.contextTokens === null &&
    !r.cacheTtlUnknown &&
    r.usageFlag === null &&
    !r.servedFromCache &&
    r.billingMode === null &&
    r.billingAccountId === null;
  if (neutral) return null;
  const extras: Partial<Record<keyof UsageRecord, JsonValue>> = {};
  for (const key of EXTRA_FIELDS) {
    const value = r[key];
    if (value !== null && value !== 0 && value !== false) extras[key] = value;
  }
  return JSON.stringify(extras);
}

/** Fields kept in `extras`, and read back when a row is priced and attributed again. */
export const EXTRA_FIELDS = [
  'requestedTier',
  'priceTier',
  'cachedAudioTokens',
  'imageInputTokens',
  'imageOutputTokens',
  'imageSpec',
  'characters',
  'contextTokens',
  'cacheTtlUnknown',
  'usageFlag',
  'servedFromCache',
  'billingMode',
  'billingAccountId',
] as const satisfies readonly (keyof UsageRecord)[];
