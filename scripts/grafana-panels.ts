/**
 * The panels of the Grafana dashboard: what each asks and how it is drawn. `make-grafana-dashboard.ts` gives them their frames. Money is cast to
 * double at the very end, for drawing alone: the data source takes a decimal for a text. Every statement reads DuckDB and Trino alike, once the
 * macros of the plugin and the variables are replaced.
 */

/** What the table of a panel is drawn as, in Grafana's own names. */
export type PanelType = 'stat' | 'timeseries' | 'table' | 'barchart';

export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly type: PanelType;
  readonly width: number;
  readonly height: number;
  readonly unit: 'currencyUSD' | 'percent' | 'short';
  readonly sql: string;
  /** the text column whose values name the series of a timeseries */
  readonly series?: string;
  readonly isStacked?: boolean;
  /** units of single columns that are not the panel's */
  readonly units?: Readonly<Record<string, string>>;
}

const CHOSEN = 'team in (${team:sqlstring}) and provider in (${provider:sqlstring})';
const IN_RANGE = `$__dateFilter(day) and ${CHOSEN}`;

/** A share of two sums in percent, null where the whole is zero. */
const percent = (part: string, whole: string, type: 'bigint' | 'decimal(38,12)'): string =>
  `100 * cast(cast(sum(${part}) as ${type}) as double) / nullif(cast(cast(sum(${whole}) as ${type}) as double), 0)`;

const usd = (amount: string): string => `cast(${amount} as double)`;
const sumUsd = (amount: string): string => usd(`cast(sum(${amount}) as decimal(38,12))`);

const daily = (series: string): string => `select day as time, ${series}, ${sumUsd('cost')} as cost
from spend_daily
where ${IN_RANGE}
group by day, ${series}
order by day, ${series}`;

const STATS: readonly Panel[] = [
  {
    title: 'Spend',
    about: 'What is billed by use, in the time range. Token value of plans is not spend and is not in it.',
    type: 'stat',
    width: 6,
    height: 4,
    unit: 'currencyUSD',
    sql: `select ${sumUsd('cost')} as cost\nfrom spend_daily\nwhere ${IN_RANGE}`,
  },
  {
    title: 'Calls without a price',
    about: 'They are in no sum of money: the spend beside is too low by them.',
    type: 'stat',
    width: 6,
    height: 4,
    unit: 'percent',
    sql: `select ${percent("case when cost_status = 'unpriced' then calls else 0 end", 'calls', 'bigint')} as unpriced_percent
from spend_daily
where ${IN_RANGE}`,
  },
  {
    title: 'Spend of no team',
    about: 'Share of the spend that no attribution rule gives to a team. All teams, whatever is chosen above.',
    type: 'stat',
    width: 6,
    height: 4,
    unit: 'percent',
    sql: `select ${percent("case when team = 'unallocated' then cost else 0 end", 'cost', 'decimal(38,12)')} as unallocated_percent
from spend_daily
where $__dateFilter(day) and provider in (\${provider:sqlstring})`,
  },
  {
    title: 'Prompt tokens from cache',
    about: "Share of the prompt tokens that the provider's cache served.",
    type: 'stat',
    width: 6,
    height: 4,
    unit: 'percent',
    sql: `select ${percent(
      'cache_read_tokens',
      'input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens',
      'bigint',
    )} as cached_percent
from spend_daily
where ${IN_RANGE}`,
  },
];

const TRENDS: readonly Panel[] = [
  {
    title: 'Spend by team and day',
    about: 'UTC days; days whose sources have not all reported are too low (column complete of spend_daily).',
    type: 'timeseries',
    width: 12,
    height: 9,
    unit: 'currencyUSD',
    series: 'team',
    isStacked: true,
    sql: daily('team'),
  },
  {
    title: 'Spend by model and day',
    about: 'UTC days.',
    type: 'timeseries',
    width: 12,
    height: 9,
    unit: 'currencyUSD',
    series: 'model',
    isStacked: true,
    sql: daily('model'),
  },
];

const PLANS: readonly Panel[] = [
  {
    title: 'Budgets',
    about: 'Months that begin in the time range; the states are explained in docs/tables.md, view budget_status.',
    type: 'table',
    width: 12,
    height: 8,
    unit: 'currencyUSD',
    sql: `select period, scope, id, owner, state, ${usd('budget')} as budget, ${usd('spent')} as spent, ${usd('remaining')} as remaining,
  ${usd('expected')} as expected
from (select b.*, cast(period || '-01' as date) as first_day from budget_status b) months
where $__dateFilter(first_day) and (scope = 'total' or id in (\${team:sqlstring}))
order by period desc, scope desc, id`,
  },
  {
    title: 'Forecast of the month',
    about: 'What the month in total was expected to come to, by the day the forecast was made, with its range.',
    type: 'timeseries',
    width: 12,
    height: 8,
    unit: 'currencyUSD',
    sql: `select made_on as time, ${usd('low')} as low, ${usd('expected')} as expected, ${usd('high')} as high
from forecasts
where scope = 'total' and period = substr(cast(made_on - interval '1' day as varchar), 1, 7) and $__dateFilter(made_on)
order by made_on`,
  },
  {
    title: 'Why weeks changed',
    about:
      'Drivers of each week against the week before; they sum exactly to its change. `week` is the last day of the week.',
    type: 'barchart',
    width: 12,
    height: 8,
    unit: 'currencyUSD',
    isStacked: true,
    sql: `select week,
  ${['price', 'volume', 'mix', 'tokens_per_call', 'new_model', 'gone_model', 'new_key', 'gone_key']
    .map((driver) => `${sumUsd(`case when driver = '${driver}' then amount else 0 end`)} as ${driver}`)
    .join(',\n  ')}
from (select d.*, cast(week as date) as last_day from change_drivers d) weeks
where $__dateFilter(last_day) and team in (\${team:sqlstring})
group by week
order by week`,
  },
  {
    title: 'Anomalies',
    about: 'Days on which a team spent far more on a model than its days before let expect.',
    type: 'table',
    width: 12,
    height: 8,
    unit: 'currencyUSD',
    sql: `select day, team, model, ${usd('expected')} as expected, ${usd('actual')} as actual, cause, state
from anomalies
where ${IN_RANGE}
order by day desc, team, model`,
  },
  {
    title: 'Savings, as simulated last',
    about:
      'What each lever would have saved in the newest month and week, all teams together. Levers sum to the plan; null: the log does not tell.',
    type: 'table',
    width: 12,
    height: 9,
    unit: 'currencyUSD',
    sql: `select kind, period, lever, ${usd('saving')} as saving, ${usd('cash_saving')} as cash_saving, ${usd('low')} as low, ${usd('high')} as high, basis
from savings_latest
order by kind, case when lever = 'plan' then 0 else 1 end, saving desc nulls last, lever`,
  },
  {
    title: 'Keys that spend most',
    about: 'The twenty of the time range.',
    type: 'table',
    width: 12,
    height: 9,
    unit: 'currencyUSD',
    units: { calls: 'short', tokens: 'short' },
    sql: `select key_id, team, provider, cast(sum(calls) as bigint) as calls, cast(sum(tokens) as bigint) as tokens, ${sumUsd('cost')} as cost
from spend_by_key
where ${IN_RANGE} and key_id is not null
group by key_id, team, provider
order by cost desc nulls last, key_id, team, provider
limit 20`,
  },
];

export const PANELS: readonly Panel[] = [...STATS, ...TRENDS, ...PLANS];

/** Variables that people choose from; what `sql` gives, and all of it at first. */
export const CHOICES = [
  {
    name: 'team',
    label: 'Team',
    sql: "select distinct team from spend_daily where day >= current_date - interval '400' day order by team",
  },
  {
    name: 'provider',
    label: 'Provider',
    sql: "select distinct provider from spend_daily where day >= current_date - interval '400' day order by provider",
  },
] as const;

/** Anomalies as marks over the trends. */
export const MARKS_SQL = `select day as time, team || ' on ' || model || ': ' || cause as text, team as tags
from anomalies
where ${IN_RANGE} and state = 'new'
order by day, team, model`;
