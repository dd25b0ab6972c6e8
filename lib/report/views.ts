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

const USE: readonly ViewColumn[] = [
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
];

const SPEND: readonly ViewColumn[] = [
  ...USE,
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
    name: 'budget_status',
    doc: 'Each budget of a month beside what was spent of it and where the month is going, by the forecast made last.',
    columns: [
      column('period', 'string', 'month, `2026-11`'),
      column('scope', 'string', '`total` or `team`'),
      column('id', 'string', 'the team; empty for the total'),
      column('owner', 'string', 'who answers for it, where config says'),
      column('budget', 'decimal(38,12)', 'USD of the month'),
      column('spent', 'decimal(38,12)', 'USD so far, all days of the month that are in the ledger; null where none is'),
      column('remaining', 'decimal(38,12)', 'budget less what is spent; negative when it is passed'),
      column('made_on', 'date', 'when the last forecast was made; null where there is none, as are the three below'),
      column('low', 'decimal(38,12)', 'USD of the whole month, lower end of the forecast'),
      column('expected', 'decimal(38,12)', 'USD of the whole month as forecast'),
      column('high', 'decimal(38,12)', 'USD of the whole month, upper end of the forecast'),
      column(
        'state',
        'string',
        '`over`, `expected_over` (the forecast is above the budget), `possibly_over` (only its upper end is), `within`',
      ),
    ],
  },
  {
    name: 'savings_latest',
    doc: 'What each lever saves in the week and in the month that were simulated last, all teams together; levers sum to the row `plan`.',
    columns: [
      column('period', 'string', '`2026-W46` or `2026-11`'),
      column('kind', 'string', '`week` or `month`: one period of each, the newest'),
      column('scenario', 'string', 'see savings'),
      column('lever', 'string', 'one of the eight, or `plan`'),
      column('calls', 'bigint', 'see savings'),
      column('baseline_cost', 'decimal(38,12)', 'as billed; the same for every lever, so never add it over levers'),
      column('saving', 'decimal(38,12)', 'USD; levers sum to `plan`; null where the log does not tell'),
      column('cash_saving', 'decimal(38,12)', 'what of it reaches the bank'),
      column('saving_alone', 'decimal(38,12)', 'if this were the only lever; never add it over levers'),
      column('low', 'decimal(38,12)', 'range of `saving`, lower end; null where the log supports none'),
      column('high', 'decimal(38,12)', 'range of `saving`, upper end'),
      column('basis', 'string', 'see savings'),
    ],
  },
  {
    name: 'spend_by_key',
    doc: 'Spend and usage by day, team, provider and key; sums exactly to `usage`.',
    columns: [
      DAY,
      column('team', 'string', 'team; `unallocated` where nothing tells'),
      column('provider', 'string', 'who bills'),
      column('key_id', 'string', 'key name or hash; null where unknown'),
      ...USE,
    ],
  },
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
    name: 'spend_by_user',
    doc: 'Spend and usage by day, team, provider and user; sums exactly to `usage`.',
    columns: [
      DAY,
      column('team', 'string', 'team; `unallocated` where nothing tells'),
      column('provider', 'string', 'who bills'),
      column('user_id', 'string', 'user as config privacy.persons lets it be; null where unknown'),
      ...USE,
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
