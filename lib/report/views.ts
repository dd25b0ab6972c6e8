/**
 * The views with stable names: what they are for and what their columns mean. Their SQL lies in `lib/report/views/*.sql`, one file per
 * view, named like it, valid on DuckDB and Trino alike. Feeds docs/tables.md; a test compares the columns with what the SQL gives.
 */
import type { ColumnType } from '../schema.ts';

export interface ViewColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly doc: string;
}

export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ViewColumn[];
}

const column = (name: string, type: ColumnType, doc: string): ViewColumn => ({ name, type, doc });

const DAY = column('day', 'date', 'UTC day');

const SPEND: readonly ViewColumn[] = [
  column('calls', 'bigint', 'calls'),
  column('input_tokens', 'bigint', 'fresh input'),
  column('cache_read_tokens', 'bigint', 'input read from a prompt cache'),
  column('cache_write_tokens', 'bigint', 'input written to a prompt cache, both lifetimes'),
  column('output_tokens', 'bigint', 'output, reasoning inside'),
  column('tokens', 'bigint', 'sum of the four above'),
  column('cost', 'decimal(38,12)', 'spend in USD; null where no call has a known cost'),
  column('list_cost', 'decimal(38,12)', 'value at list price, whether billed per token or not'),
  column('token_value', 'decimal(38,12)', 'part of list_cost that is no spend: plans, or billing unproven'),
  column('unpriced_calls', 'bigint', 'calls without a price; they are in no sum'),
  column('complete', 'boolean', 'false while a source that should have reported the day is silent'),
];

const UNALLOCATED_USAGE: readonly ViewColumn[] = [
  column('place', 'bigint', '1 = most expensive of its day'),
  column('provider', 'string', 'who bills'),
  column('model', 'string', 'canonical model'),
  column('source_format', 'string', 'log format'),
  column('project', 'string', 'project, where known'),
  column('key_id', 'string', 'key name or hash, where known'),
  column('principal', 'string', 'role or service account, where known'),
  column('user_id', 'string', 'user, where known'),
  column('billing_account_id', 'string', 'account, where known'),
  column('calls', 'bigint', 'calls'),
  column('tokens', 'bigint', 'all billable tokens'),
  column('cost', 'decimal(38,12)', 'spend in USD'),
  column('list_cost', 'decimal(38,12)', 'value at list price'),
];

export const VIEWS: readonly View[] = [
  {
    name: 'spend_by_model',
    doc: 'Spend and usage by day, provider and model; sums exactly to `spend_daily`.',
    columns: [
      DAY,
      column('provider', 'string', 'who bills'),
      column('publisher', 'string', 'who made the model'),
      column('model', 'string', 'canonical model'),
      ...SPEND,
    ],
  },
  {
    name: 'spend_by_team',
    doc: 'Spend and usage by day, team and provider; sums exactly to `spend_daily`.',
    columns: [
      DAY,
      column('team', 'string', 'team; `unallocated` where nothing tells'),
      column('provider', 'string', 'who bills'),
      ...SPEND,
    ],
  },
  {
    name: 'unallocated_top',
    doc: 'What stands behind usage that belongs to no team, by day: where an attribution rule helps most.',
    columns: [DAY, ...UNALLOCATED_USAGE],
  },
  {
    name: 'usage_tags',
    doc: 'One row per tag of a call, to filter or join `usage` by any tag.',
    columns: [
      DAY,
      column('record_id', 'string', 'row of `usage`'),
      column('tag', 'string', 'name of the tag'),
      column('value', 'string', 'its value'),
    ],
  },
];
