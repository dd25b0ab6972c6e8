-- How large a period is and what it was billed, by team, provider, account and model: exact, and never of a sample. It decides whether
-- calls.sql takes all rows, and savings of a sample are brought to this bill. Reads `usage`, `prompt_fingerprints` and `period` (first_day,
-- last_day). `single_calls` are the rows that levers may touch and that a sample is drawn from, and `single_cost` is what they were billed;
-- `cost` is what all rows were. Rows without a price count in `table_rows` and not in `priced_rows`.
with
parts as (
  select team, provider, billing_account_id, model,
    count(*) as table_rows, sum(calls) as calls,
    sum(case when grain = 'call' then 1 else 0 end) as single_calls,
    sum(case when cost is null then 0 else 1 end) as priced_rows,
    sum(case when grain = 'call' then cost end) as single_cost,
    sum(cost) as cost,
    0 as block_references
  from usage
  where day between (select first_day from period) and (select last_day from period)
    and billing_mode = 'on_demand'
  group by team, provider, billing_account_id, model
  union all
  select u.team, u.provider, u.billing_account_id, u.model, 0, 0, 0, 0, null, null, count(*)
  from usage u
  join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
  cross join unnest(p.blocks) as b(block)
  where u.day between (select first_day from period) and (select last_day from period)
    and u.billing_mode = 'on_demand'
  group by u.team, u.provider, u.billing_account_id, u.model
)
select team, provider, billing_account_id, model,
  cast(sum(table_rows) as bigint) as table_rows,
  cast(sum(calls) as bigint) as calls,
  cast(sum(single_calls) as bigint) as single_calls,
  cast(sum(priced_rows) as bigint) as priced_rows,
  cast(sum(block_references) as bigint) as block_references,
  cast(coalesce(sum(single_cost), 0) as decimal(38,12)) as single_cost,
  cast(coalesce(sum(cost), 0) as decimal(38,12)) as cost
from parts
group by team, provider, billing_account_id, model
order by team, provider, billing_account_id nulls first, model
