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

function column(
  name: string,
  type: ColumnType | `${ColumnType}?`,
  of: (row: LedgerRow) => Cell,
  unique = false,
): LandingColumn {
  return { name, type: type.replace('?', '') as ColumnType, nullable: type.endsWith('?'), of, unique };
}

/** Columns that follow from what kind of call it was (`profile`) or from who owns it (`attribution`): decided once per distinct one. */
function grouped(group: 'profile' | 'attribution', ...columns: readonly LandingColumn[]): LandingColumn[] {
  return columns.map((c) => ({ ...c, group }));
}

const rate =
  (pick: (rates: BucketRates) => bigint) =>
  (row: LedgerRow): Cell => {
    const rates = row.priced.bucketRates;
    return rates === null ? null : pick(rates);
  };

export const LANDING_COLUMNS: readonly LandingColumn[] = [
  column('record_id', 'string', (r) => r.recordId, true),
  column('alt_ids', 'array<string>', (r) => r.altIds),
  column('call_id', 'string?', (r) => r.record.callId, true),
  ...grouped(
    'profile',
    column('identity', 'string', (r) => r.identity),
  ),
  column('commit_id', 'string', (r) => r.commitId),
  column('source_line', 'bigint', (r) => r.line),
  column('part', 'bigint', (r) => r.part),
  ...grouped(
    'profile',
    column('grain', 'string', (r) => r.record.grain),
  ),
  column('calls', 'bigint', (r) => r.record.calls),
  ...grouped(
    'profile',
    column('status', 'string', (r) => r.record.status),
  ),
  ...grouped(
    'profile',
    column('source_format', 'string', (r) => r.record.sourceFormat),
  ),
  column('occurred_at', 'timestamp', (r) => r.occurredAtMs),
  ...grouped(
    'profile',
    column('time_inferred', 'boolean', (r) => r.timeInferred),
  ),
  // what sealing ranks twins by
  ...grouped(
    'profile',
    column('source_rank', 'bigint', (r) => SOURCE_RANK[r.record.sourceKind]),
  ),
  ...grouped(
    'profile',
    column('basis_rank', 'bigint', (r) => BASIS_RANK[r.record.usageBasis]),
  ),
  ...grouped(
    'profile',
    column('is_replica', 'boolean', (r) => r.record.isReplica),
  ),
  ...grouped(
    'profile',
    column('is_wide', 'boolean', (r) => r.record.isSession || r.timeInferred),
  ),
  ...grouped(
    'profile',
    column('grouping_key', 'string?', (r) => r.record.bucketGrouping),
  ),
  // what
  ...grouped(
    'profile',
    column('provider', 'string', (r) => r.record.provider),
  ),
  ...grouped(
    'profile',
    column('publisher', 'string?', (r) => r.priced.publisher ?? r.record.publisher),
  ),
  ...grouped(
    'profile',
    column('model', 'string', (r) => r.priced.model),
  ),
  ...grouped(
    'profile',
    column('model_reported', 'string', (r) => r.record.modelReported),
  ),
  ...grouped(
    'profile',
    column('operation', 'string', (r) => r.record.operation),
  ),
  ...grouped(
    'profile',
    column('tier', 'string', (r) => r.record.tier),
  ),
  ...grouped(
    'profile',
    column('price_region', 'string?', (r) => r.record.priceRegion),
  ),
  // who
  ...grouped(
    'attribution',
    column('team', 'string?', (r) => r.attribution.team),
  ),
  ...grouped(
    'attribution',
    column('project', 'string?', (r) => r.attribution.project),
  ),
  ...grouped(
    'attribution',
    column('application', 'string?', (r) => r.attribution.application),
  ),
  ...grouped(
    'attribution',
    column('environment', 'string?', (r) => r.attribution.environment),
  ),
  ...grouped(
    'attribution',
    column('feature', 'string?', (r) => r.attribution.feature),
  ),
  ...grouped(
    'attribution',
    column('customer', 'string?', (r) => r.attribution.customer),
  ),
  ...grouped(
    'attribution',
    column('attribution', 'string', (r) => r.attribution.level),
  ),
  ...grouped(
    'attribution',
    column('attribution_rank', 'bigint', (r) => r.attribution.strength),
  ),
  column('user_id', 'string?', (r) => r.record.userId),
  column('key_id', 'string?', (r) => r.record.keyId),
  column('principal', 'string?', (r) => r.record.evidence.principal),
  column('session_id', 'string?', (r) => r.record.sessionId),
  ...grouped(
    'attribution',
    column('billing_account_id', 'string?', (r) => r.attribution.billingAccountId),
  ),
  column('sub_account_id', 'string?', (r) => r.record.subAccountId),
  column('tags', 'map<string,string>', (r) => r.record.tags),
  column('evidence', 'string?', evidenceText),
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
  ...grouped(
    'profile',
    column('usage_basis', 'string', (r) => r.record.usageBasis),
  ),
  column('extras', 'string?', (r) => extrasText(r.record)),
  // money
  ...grouped(
    'attribution',
    column('billing_mode', 'string', (r) => r.attribution.billingMode),
  ),
  column('input_cost', 'decimal(18,12)?', (r) => r.parts?.input ?? null),
  column('cache_read_cost', 'decimal(18,12)?', (r) => r.parts?.cacheRead ?? null),
  column('cache_write_cost', 'decimal(18,12)?', (r) => r.parts?.cacheWrite ?? null),
  column('output_cost', 'decimal(18,12)?', (r) => r.parts?.output ?? null),
  column('other_cost', 'decimal(18,12)?', (r) => r.parts?.other ?? null),
  column('list_cost', 'decimal(18,12)?', (r) => r.listCost),
  column('cost', 'decimal(18,12)?', (r) => r.cost),
  ...grouped(
    'profile',
    column('cost_status', 'string', (r) => r.costStatus),
  ),
  ...grouped(
    'profile',
    column('cost_reason', 'string?', (r) => r.costReason),
  ),
  column('reported_cost', 'decimal(18,12)?', (r) => r.record.reportedCostPico),
  ...grouped(
    'profile',
    column('price_rows', 'string?', (r) => r.priced.priceRows),
  ),
  ...grouped(
    'profile',
    column('stamp', 'string', (r) => r.stamp),
  ),
  column(
    'rate_input',
    'decimal(18,15)?',
    rate((b) => b.input),
  ),
  column(
    'rate_cache_read',
    'decimal(18,15)?',
    rate((b) => b.cacheRead),
  ),
  column(
    'rate_cache_write_5m',
    'decimal(18,15)?',
    rate((b) => b.cacheWrite5m),
  ),
  column(
    'rate_cache_write_1h',
    'decimal(18,15)?',
    rate((b) => b.cacheWrite1h),
  ),
  column(
    'rate_output',
    'decimal(18,15)?',
    rate((b) => b.output),
  ),
  // speed
  column('latency_ms', 'bigint?', (r) => r.record.latencyMs),
  column('first_token_ms', 'bigint?', (r) => r.record.firstTokenMs),
  column('deadline_seconds', 'bigint?', (r) => r.record.deadlineSeconds),
];

/** What most columns of a row follow from. Interned, so that rows of one kind share one object. */
export interface Profile {
  readonly identity: string;
  readonly timeInferred: boolean;
  readonly record: UsageRecord;
  readonly model: string;
  readonly publisher: string | null;
  readonly priceRows: string | null;
  readonly costStatus: CostStatus;
  readonly costReason: string | null;
}

/** Beyond this many kinds (a hostile log with a model per line) interning starts over. */
const MAX_PROFILES = 20_000;

/** Finds the profile of a row: by its model, then by comparing the few kinds that model has been seen in. */
export function createProfiles(): (row: LedgerRow) => Profile {
  let byModel = new Map<string, Profile[]>();
  let size = 0;
  return (row) => {
    const model = row.record.modelReported;
    let kinds = byModel.get(model);
    if (kinds === undefined) {
      kinds = [];
      byModel.set(model, kinds);
    }
    for (const kind of kinds) if (isKind(kind, row)) return kind;
    if (size++ > MAX_PROFILES) {
      byModel = new Map();
      size = 0;
    }
    const { record, identity, timeInferred, priced, costStatus, costReason } = row;
    const kind: Profile = {
      identity,
      timeInferred,
      record,
      model: priced.model,
      publisher: priced.publisher,
      priceRows: priced.priceRows,
      costStatus,
      costReason,
    };
    kinds.push(kind);
    return kind;
  };
}

function isKind(kind: Profile, row: LedgerRow): boolean {
  const a = kind.record;
  const b = row.record;
  return (
    kind.priceRows === row.priced.priceRows &&
    kind.costStatus === row.costStatus &&
    kind.costReason === row.costReason &&
    kind.identity === row.identity &&
    kind.timeInferred === row.timeInferred &&
    kind.model === row.priced.model &&
    kind.publisher === row.priced.publisher &&
    a.sourceFormat === b.sourceFormat &&
    a.sourceKind === b.sourceKind &&
    a.grain === b.grain &&
    a.status === b.status &&
    a.isReplica === b.isReplica &&
    a.isSession === b.isSession &&
    a.usageBasis === b.usageBasis &&
    a.bucketGrouping === b.bucketGrouping &&
    a.provider === b.provider &&
    a.publisher === b.publisher &&
    a.operation === b.operation &&
    a.tier === b.tier &&
    a.priceRegion === b.priceRegion
  );
}

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

/** The evidence that a row's own columns already tell: rules are applied again to these and to what `evidence` adds or corrects. */
export function evidenceInColumns(row: {
  readonly team: string | null;
  readonly attribution: string;
  readonly project: string | null;
  readonly application: string | null;
  readonly environment: string | null;
  readonly feature: string | null;
  readonly customer: string | null;
  readonly principal: string | null;
}): Evidence {
  return {
    teamTag: row.attribution === 'tag' ? row.team : null,
    gatewayTeam: row.attribution === 'gateway_team' ? row.team : null,
    project: row.project,
    workspace: null,
    keyName: row.attribution === 'key' ? row.team : null,
    principal: row.principal,
    application: row.application,
    environment: row.environment,
    feature: row.feature,
    customer: row.customer,
  };
}

/** Attribution candidates that differ from what the columns tell, as JSON; null for most rows. */
function evidenceText(row: LedgerRow): string | null {
  const e = row.record.evidence;
  const a = row.attribution;
  if (
    e.teamTag === (a.level === 'tag' ? a.team : null) &&
    e.gatewayTeam === (a.level === 'gateway_team' ? a.team : null) &&
    e.keyName === (a.level === 'key' ? a.team : null) &&
    e.workspace === null &&
    e.project === a.project &&
    e.application === a.application &&
    e.environment === a.environment &&
    e.feature === a.feature &&
    e.customer === a.customer
  ) {
    return null;
  }
  const told = evidenceInColumns({ ...a, attribution: a.level, principal: e.principal });
  const given: Record<string, JsonValue> = {};
  for (const key in e) {
    const name = key as keyof Evidence;
    if (e[name] !== told[name]) given[name] = e[name];
  }
  return JSON.stringify(given);
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
