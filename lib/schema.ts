/**
 * The lake's columns, once: names, types, meaning. The public tables (DESIGN §2) are a contract; SQL that users wrote keeps working.
 * This file feeds the DuckDB views, the sealing statements, docs/tables.md and the tests that compare every Parquet file with it.
 */
import { columns } from './schema-columns.ts';
import type { Column, ColumnType, Table } from './schema-columns.ts';
import { CORPUS_COSTS, DOCUMENTS } from './schema-corpora.ts';
import { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS } from './schema-report.ts';

export { ANOMALIES, BUDGETS, CHANGE_DRIVERS, FORECASTS } from './schema-report.ts';
export { CORPUS_COSTS, DOCUMENTS } from './schema-corpora.ts';
export type { ColumnType, Table } from './schema-columns.ts';

const TOKEN_METERS = 'input_tokens cache_read_tokens cache_write_5m_tokens cache_write_1h_tokens output_tokens';
const COSTS = 'input_cost cache_read_cost cache_write_cost output_cost other_cost';

const IDENTITY = columns([
  ['record_id', 'string', 'sha256 of the strongest identity of the call; stable over formats, files and runs'],
  ['alt_ids', 'array<string>', 'weaker identities of the same call, hashed the same way'],
  ['call_id', 'string?', "the provider's own response id"],
  ['grain', 'string', '`call`, or `bucket` where only an aggregate exists'],
  ['calls', 'bigint', 'calls in this row; 0 where a bucket does not tell'],
  ['status', 'string', '`ok`, `error`, `cancelled`, `partial`'],
  ['source_format', 'string', 'log format the row was read from (docs/sources.md)'],
]);

const WHAT = columns([
  ['provider', 'string', 'who bills: openai, anthropic, bedrock, vertex, azure, google …'],
  ['publisher', 'string?', 'who made the model'],
  ['model', 'string', 'canonical model id; as reported where unknown'],
  ['model_reported', 'string', 'model as the source wrote it'],
  ['operation', 'string', 'chat, completion, embedding, image, audio, rerank, moderation, other'],
  ['tier', 'string', 'tier served: standard, batch, flex, priority, fast, provisioned'],
  ['price_region', 'string?', 'region scope that priced the call'],
]);

const WHO = columns([
  ['team', 'string', 'who pays inside the company; `unallocated` where nothing tells'],
  ['project application environment feature customer', 'string?', 'finer attribution, by rule or evidence'],
  [
    'user_id key_id principal session_id',
    'string?',
    'caller as the source names it (privacy.persons applies); keys never in clear',
  ],
  ['billing_account_id sub_account_id', 'string?', "the provider's account; null = its one account"],
  ['attribution', 'string', 'rule id or evidence level that decided the team'],
  ['tags', 'map<string,string>', 'tags of the call, merged from all its copies'],
]);

const METERS = columns([
  [TOKEN_METERS, 'bigint', 'billable tokens; the five are disjoint (output includes reasoning)'],
  ['reasoning_tokens audio_input_tokens audio_output_tokens', 'bigint', 'memo: part of the meters above'],
  ['images web_searches', 'bigint', 'units billed per piece'],
  ['audio_seconds', 'double?', 'seconds of audio where billed by time'],
  ['usage_basis', 'string', '`reported`, `counted` (our tokenizer), `estimated` (a ratio), `missing`'],
]);

const MONEY = columns([
  ['billing_mode', 'string', 'on_demand, subscription, provisioned, free_tier, unknown'],
  [COSTS, 'decimal(18,12)?', 'cost by meter in USD; the five sum to `cost`'],
  ['list_cost', 'decimal(18,12)?', 'at list price (FOCUS ListCost); token value for included usage'],
  ['cost', 'decimal(18,12)?', "after the customer's rates (FOCUS ContractedCost); null = unknown, never 0 for unknown"],
  ['cost_status', 'string', 'priced, estimated, unpriced, free, included, billing_unknown'],
  ['cost_reason', 'string?', 'why it is not simply priced'],
  ['reported_cost', 'decimal(18,12)?', "the source's own figure: evidence, never the truth"],
  ['price_rows', 'string?', 'ids of the price rows used (table `prices`)'],
  ['stamp', 'string', 'version of price book and rules that priced and attributed the row'],
]);

const SPEED = columns([
  ['latency_ms first_token_ms deadline_seconds', 'bigint?', 'speed, and the slack a caller declared'],
  ['ingested_at', 'timestamp', 'when the object was read'],
]);

const USAGE_COLUMNS: readonly Column[] = [
  ...IDENTITY,
  ...columns([
    ['source_object', 'string', 'object the row was read from'],
    ['source_line', 'bigint', 'line (or element) in it, 1-based'],
    ['occurred_at', 'timestamp', 'UTC, milliseconds'],
    ['time_basis', 'string', '`reported` by the source or `inferred` from key or upload time'],
  ]),
  ...WHAT,
  ...WHO,
  ...METERS,
  ...MONEY,
  ...SPEED,
];

const BY_DAY = { name: 'day', type: 'date' } as const;

export const USAGE: Table = {
  name: 'usage',
  partition: BY_DAY,
  columns: USAGE_COLUMNS,
  doc: 'One billed call, or one provider bucket (or its remainder) where only aggregates exist; each call once.',
};

export const USAGE_EXCLUDED: Table = {
  name: 'usage_excluded',
  partition: BY_DAY,
  columns: [
    ...USAGE_COLUMNS,
    ...columns([
      [
        'excluded_reason',
        'string',
        '`duplicate`, `covered_by_calls`, `other_grouping` (another report of the same window counts), `retracted`',
      ],
      ['kept_record_id', 'string?', 'the row of `usage` that stands for it'],
    ]),
  ],
  doc: 'Rows that were read and do not count, each with its reason. `usage` + `usage_excluded` = everything that landed.',
};

export const SPEND_DAILY: Table = {
  name: 'spend_daily',
  partition: BY_DAY,
  columns: columns([
    ['team', 'string', 'see usage'],
    ['project application environment billing_account_id', 'string?', 'see usage'],
    ['provider', 'string', 'see usage'],
    ['publisher', 'string?', 'see usage'],
    ['model operation tier billing_mode cost_status usage_basis status', 'string', 'see usage'],
    [`calls ${TOKEN_METERS}`, 'bigint', 'sums'],
    ['reasoning_tokens audio_input_tokens audio_output_tokens images web_searches', 'bigint', 'sums'],
    ['audio_seconds', 'double?', 'sum'],
    [`${COSTS} list_cost cost reported_cost`, 'decimal(38,12)?', 'sums over rows that have a value; null if none has'],
    ['complete', 'boolean', 'false while a source known to report this day is silent'],
  ]),
  doc: 'Spend and usage by day and every dimension; sums exactly to `usage`.',
};

export const SHOWBACK_MONTHLY: Table = {
  name: 'showback_monthly',
  partition: { name: 'month', type: 'string' },
  columns: columns([
    ['team', 'string', 'team charged; `unallocated` stays visible'],
    ['cost_kind', 'string', '`direct`, `shared` (split by rule) or `unallocated`'],
    ['provider', 'string', 'who bills'],
    ['cost', 'decimal(38,12)', 'USD; sums exactly to the month'],
  ]),
  doc: 'What each team is charged per month, shared costs split by rule.',
};

export const REJECTS: Table = {
  name: 'rejects',
  partition: { name: 'ingested_day', type: 'date' },
  columns: columns([
    ['source_object', 'string', 'object'],
    ['source_line', 'bigint', 'line in it'],
    ['reason detail', 'string', 'what was wrong, with key names only'],
    ['format_guess', 'string?', 'format the line looked like'],
    ['keys', 'string', 'key names of the line'],
  ]),
  doc: 'Lines that could not become usage. Never a value, only names.',
};

export const INGESTED_OBJECTS: Table = {
  name: 'ingested_objects',
  partition: { name: 'ingested_day', type: 'date' },
  columns: columns([
    ['object version etag', 'string', 'what was read: key, version, sha256 of the bytes'],
    ['bytes lines usage_lines records skipped rejected', 'bigint', 'lines = usage_lines + skipped + rejected'],
    ['formats skips', 'map<string,string>', 'lines by format, and skipped lines by reason'],
    ['first_at last_at', 'timestamp?', 'first and last call'],
    ['input_tokens output_tokens', 'bigint', 'totals of what landed'],
    ['cost', 'decimal(38,12)?', 'priced cost of what landed, before duplicates are taken out'],
    [
      'reader stamp outcome',
      'string',
      'reader version; price and rule version; landed, superseded, duplicate_object, too_large, failed, retracted',
    ],
    ['detail', 'string?', 'why, where it was not landed'],
    ['ingested_at', 'timestamp', 'when'],
  ]),
  doc: 'Every object version that was read, with its counts.',
};

const SOURCE = columns([
  ['source_format', 'string', 'log format (docs/sources.md); `any` where config `sources` names a folder without one'],
  ['billing_account_id', 'string?', 'account its calls name or config `accounts` gives them; null where nothing does'],
]);

export const SOURCES: Table = {
  name: 'sources',
  partition: null,
  columns: [
    ...SOURCE,
    ...columns([
      ['prefix', 'string', 'top folder of the inbox, or the prefix config `sources` names; empty at the top'],
      ['first_event_at last_event_at', 'timestamp?', 'its first and last call; null = it never came'],
      ['last_object_at', 'timestamp?', 'when its newest object was written'],
      [
        'usual_gap_hours',
        'double?',
        'gap that nine of ten stay within, or as config says; null before it has a rhythm',
      ],
      [
        'missing_days',
        'array<string>',
        'days (`2026-11-01`) it should have reported and has not; they are not complete',
      ],
      ['status', 'string', '`ok`, `late` (owes something by now), `silent` (has for long, or never came)'],
    ]),
  ],
  doc: 'Where calls come from, how often, and what is missing, as of the last run.',
};

export const SOURCE_DAYS: Table = {
  name: 'source_days',
  partition: BY_DAY,
  columns: [
    ...SOURCE,
    ...columns([
      ['folder', 'string', 'top folder, or the longest prefix of config `sources` that holds the object'],
      ['provider grain', 'string', 'see usage'],
      ['landed_rows calls', 'bigint', 'rows and calls that landed, duplicates included'],
      ['list_cost', 'decimal(38,12)?', 'their value at list price, duplicates included: evidence, not spend'],
      ['first_at last_at', 'timestamp', 'first and last call of the day'],
      ['last_object_at', 'timestamp', 'when the newest object with rows of the day was written'],
    ]),
  ],
  doc: 'What each source brought on each day; `sources` follows from it.',
};

export const PROMPT_FINGERPRINTS: Table = {
  name: 'prompt_fingerprints',
  partition: BY_DAY,
  columns: columns([
    ['record_id', 'string', 'row of `usage`'],
    ['hash_key_id', 'string', 'which key made the hashes; hashes are comparable within one'],
    ['prompt_hash', 'string', 'keyed hash of the whole prompt'],
    ['blocks', 'array<bigint>', 'prefix-chained block hashes'],
    ['block_tokens', 'bigint', 'tokens per block'],
  ]),
  doc: 'Keyed hashes of prompts, for cache simulation; no text.',
};

export const PRICES: Table = {
  name: 'prices',
  partition: null,
  columns: columns([
    ['price_id provider', 'string', 'row id; who bills'],
    ['publisher', 'string?', 'who made the model'],
    ['model', 'string', 'canonical model'],
    ['region_scope', 'string?', 'region scope, null = default endpoint'],
    ['meter service_tier', 'string', 'what is priced, at which tier'],
    ['context_band time_window', 'string?', 'context band and hours the row holds for'],
    ['currency unit value', 'string', 'price as decimal text in its unit'],
    ['valid_from valid_to', 'timestamp?', 'half-open validity, UTC'],
    ['source confidence', 'string', 'where the fact is from'],
    ['note', 'string?', 'remark'],
  ]),
  doc: 'The price book in force.',
};

export const RECONCILIATION: Table = {
  name: 'reconciliation',
  partition: { name: 'period', type: 'string' },
  columns: columns([
    ['provider', 'string', 'who bills'],
    ['account', 'string?', "the provider's account; null = its one account"],
    ['model', 'string', 'canonical model'],
    ['computed', 'decimal(38,12)', "cost of `usage` on the days of the provider's report: calls and remainders"],
    ['reported', 'decimal(38,12)', "cost of the report's buckets that count"],
    ['difference', 'decimal(38,12)', 'computed - reported'],
    ['explained', 'decimal(38,12)', 'the part that prices explain: both sides show the same tokens'],
    [
      'why',
      'string',
      '`equal`, `priced_otherwise`, `some_unpriced`, `not_in_report`, `more_than_report` (calls that no bucket shows), `day_beside` (calls shown in a neighboring month)',
    ],
  ]),
  doc: "The ledger beside the provider's own usage report, by month.",
};

export const SAVINGS: Table = {
  name: 'savings',
  partition: { name: 'period', type: 'string' },
  columns: columns([
    ['scenario', 'string', '`measured`: the calls as they were'],
    ['lever', 'string', 'one of the eight of docs/simulation.md, or `plan`: what the best set of them saves together'],
    [
      'team model',
      'string?',
      'whose calls; both null in the one row of each lever that speaks of all calls together: of `low`, `high` and `evidence`',
    ],
    ['calls', 'bigint?', 'of `plan`: calls looked at; of a lever: those it changes when it is the only one'],
    ['baseline_cost', 'decimal(38,12)?', 'as billed; the same for every lever, so never add it over levers'],
    [
      'saving',
      'decimal(38,12)?',
      'Shapley share of the plan, may be negative: levers sum to `plan`, for every team and model',
    ],
    ['cash_saving', 'decimal(38,12)?', 'what of `saving` reaches the bank (config `commitments`); sums like it'],
    [
      'saving_alone',
      'decimal(38,12)?',
      'if this were the only lever: more than it adds to others, so never add it over levers',
    ],
    ['saving_last', 'decimal(38,12)?', 'what the plan loses without it'],
    ['low high', 'decimal(38,12)?', 'range of the sum of `saving` over all teams; null where the log supports none'],
    ['blocked_by', 'string?', 'ids of commitments that keep a part of `saving` from the bank'],
    [
      'basis',
      'string',
      '`measured` from the log, `modelled` as config says, `illustrative`, `not_identifiable`: the log does not tell, amounts are null',
    ],
    ['assumptions', 'string', 'JSON: list of what is taken for granted'],
    [
      'evidence',
      'string?',
      'JSON: numbers it rests on, why nothing is known or saved, what to log to know; in rows without a team',
    ],
  ]),
  doc: 'What each lever would have saved in a week or month, by team and model, as of the last `simulate` of that period; each call is saved at most once.',
};

export const PUBLIC_TABLES: readonly Table[] = [
  USAGE,
  USAGE_EXCLUDED,
  SPEND_DAILY,
  SHOWBACK_MONTHLY,
  REJECTS,
  INGESTED_OBJECTS,
  SOURCES,
  SOURCE_DAYS,
  PROMPT_FINGERPRINTS,
  RECONCILIATION,
  SAVINGS,
  BUDGETS,
  FORECASTS,
  ANOMALIES,
  CHANGE_DRIVERS,
  DOCUMENTS,
  CORPUS_COSTS,
  PRICES,
];

/** Columns as `name → type`, the partition column last. */
export function columnTypes(table: Table): Record<string, ColumnType> {
  const types: Record<string, ColumnType> = {};
  for (const column of table.columns) types[column.name] = column.type;
  if (table.partition) types[table.partition.name] = table.partition.type;
  return types;
}
