/**
 * The landing row: everything known of one record after one pass, kept so that sealing can decide without the log and so that
 * prices and rules can be applied again without it; and what lands beside it (prompts, rejects). Rows and their columns, in one list each.
 */
import type { BucketRates, CostParts, CostStatus, UsageRecord } from '../record.ts';
import type { Attribution, Priced } from '../record.ts';
import type { Pico } from '../money.ts';
import type { Scalar } from './encodings.ts';
import type { Profile } from './landing-profile.ts';
import type { ParquetColumn, RowColumn } from './parquet.ts';
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

/**
 * Where a column's values come from: what most columns of a row follow from is decided once per distinct profile, attribution or set of
 * rates; the rest is the row's own (`number`, `text`, `id`, `list`, `map`), laid out by `landing-buffer.ts` under the column's name.
 */
type Source =
  | { readonly from: 'profile'; readonly of: (profile: Profile) => Scalar }
  | { readonly from: 'attribution'; readonly of: (attribution: Attribution) => Scalar }
  | { readonly from: 'rates'; readonly of: (rates: BucketRates) => Scalar }
  | { readonly from: 'number' | 'text' | 'id' | 'list' | 'map' };

export type LandingColumn = ParquetColumn & { readonly source: Source };

const SOURCE_RANK = { provider: 0, gateway: 1, agent: 2, span: 3 } as const;
const BASIS_RANK = { reported: 0, counted: 1, estimated: 2, missing: 3 } as const;

type TypeName = ColumnType | `${ColumnType}?`;

function column(name: string, type: TypeName, source: Source): LandingColumn {
  return { name, type: type.replace('?', '') as ColumnType, nullable: type.endsWith('?'), source };
}

const profile = (name: string, type: TypeName, of: (profile: Profile) => Scalar): LandingColumn =>
  column(name, type, { from: 'profile', of });
const owner = (name: string, type: TypeName, of: (attribution: Attribution) => Scalar): LandingColumn =>
  column(name, type, { from: 'attribution', of });
const rate = (name: string, of: (rates: BucketRates) => bigint): LandingColumn =>
  column(name, 'decimal(18,15)?', { from: 'rates', of });
const number = (name: string, type: TypeName): LandingColumn => column(name, type, { from: 'number' });
const text = (name: string, type: TypeName): LandingColumn => column(name, type, { from: 'text' });

export const LANDING_COLUMNS: readonly LandingColumn[] = [
  column('record_id', 'string', { from: 'id' }),
  column('alt_ids', 'array<string>', { from: 'list' }),
  column('call_id', 'string?', { from: 'id' }),
  profile('identity', 'string', (p) => p.identity),
  text('commit_id', 'string'),
  number('source_line', 'bigint'),
  number('part', 'bigint'),
  profile('grain', 'string', (p) => p.grain),
  number('calls', 'bigint'),
  profile('status', 'string', (p) => p.status),
  profile('source_format', 'string', (p) => p.sourceFormat),
  number('occurred_at', 'timestamp'),
  profile('time_inferred', 'boolean', (p) => p.timeInferred),
  // what sealing ranks twins by
  profile('source_rank', 'bigint', (p) => SOURCE_RANK[p.sourceKind]),
  profile('basis_rank', 'bigint', (p) => BASIS_RANK[p.usageBasis]),
  profile('is_replica', 'boolean', (p) => p.isReplica),
  profile('is_wide', 'boolean', (p) => p.isSession || p.timeInferred),
  profile('grouping_key', 'string?', (p) => p.bucketGrouping),
  // what
  profile('provider', 'string', (p) => p.provider),
  profile('publisher', 'string?', (p) => p.publisher),
  profile('model', 'string', (p) => p.model),
  profile('model_reported', 'string', (p) => p.modelReported),
  profile('operation', 'string', (p) => p.operation),
  profile('tier', 'string', (p) => p.tier),
  profile('price_region', 'string?', (p) => p.priceRegion),
  // who
  owner('team', 'string?', (a) => a.team),
  owner('project', 'string?', (a) => a.project),
  owner('application', 'string?', (a) => a.application),
  owner('environment', 'string?', (a) => a.environment),
  owner('feature', 'string?', (a) => a.feature),
  owner('customer', 'string?', (a) => a.customer),
  owner('attribution', 'string', (a) => a.level),
  owner('attribution_rank', 'bigint', (a) => a.strength),
  column('user_id', 'string?', { from: 'id' }),
  column('key_id', 'string?', { from: 'id' }),
  text('principal', 'string?'),
  column('session_id', 'string?', { from: 'id' }),
  owner('billing_account_id', 'string?', (a) => a.billingAccountId),
  text('sub_account_id', 'string?'),
  column('tags', 'map<string,string>', { from: 'map' }),
  text('evidence', 'string?'),
  // meters
  number('input_tokens', 'bigint'),
  number('cache_read_tokens', 'bigint'),
  number('cache_write_5m_tokens', 'bigint'),
  number('cache_write_1h_tokens', 'bigint'),
  number('output_tokens', 'bigint'),
  number('reasoning_tokens', 'bigint'),
  number('audio_input_tokens', 'bigint'),
  number('audio_output_tokens', 'bigint'),
  number('images', 'bigint'),
  number('web_searches', 'bigint'),
  number('audio_seconds', 'double?'),
  profile('usage_basis', 'string', (p) => p.usageBasis),
  text('extras', 'string?'),
  // money
  owner('billing_mode', 'string', (a) => a.billingMode),
  number('input_cost', 'decimal(18,12)?'),
  number('cache_read_cost', 'decimal(18,12)?'),
  number('cache_write_cost', 'decimal(18,12)?'),
  number('output_cost', 'decimal(18,12)?'),
  number('other_cost', 'decimal(18,12)?'),
  number('list_cost', 'decimal(18,12)?'),
  number('cost', 'decimal(18,12)?'),
  profile('cost_status', 'string', (p) => p.costStatus),
  profile('cost_reason', 'string?', (p) => p.costReason),
  number('reported_cost', 'decimal(18,12)?'),
  profile('price_rows', 'string?', (p) => p.priceRows),
  profile('stamp', 'string', (p) => p.stamp),
  rate('rate_input', (b) => b.input),
  rate('rate_cache_read', (b) => b.cacheRead),
  rate('rate_cache_write_5m', (b) => b.cacheWrite5m),
  rate('rate_cache_write_1h', (b) => b.cacheWrite1h),
  rate('rate_output', (b) => b.output),
  // speed
  number('latency_ms', 'bigint?'),
  number('first_token_ms', 'bigint?'),
  number('deadline_seconds', 'bigint?'),
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
