-- How large a period is and what it was billed, by team, provider, account and model: exact, and never of a sample. It decides whether
-- calls.sql takes all rows, and savings of a sample are brought to this bill. Reads `usage`, `prompt_fingerprints` and `period` (first_day,
-- last_day). `single_calls` are the rows that levers may touch and that a sample is drawn from, and `single_cost` is what they were billed;
-- `cost` is what all rows were. Rows without a price count in `table_rows` and not in `priced_rows`.
--
-- The engines have no function for the length of a list in common but that of a list as JSON.
select u.team, u.provider, u.billing_account_id, u.model,
  count(*) as table_rows,
  cast(sum(u.calls) as bigint) as calls,
  cast(sum(case when u.grain = 'call' then 1 else 0 end) as bigint) as single_calls,
  cast(sum(case when u.cost is null then 0 else 1 end) as bigint) as priced_rows,
  cast(coalesce(sum(json_array_length(cast(p.blocks as json))), 0) as bigint) as block_references,
  cast(coalesce(sum(case when u.grain = 'call' then u.cost end), 0) as decimal(38,12)) as single_cost,
  cast(coalesce(sum(u.cost), 0) as decimal(38,12)) as cost
from usage u
left join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
where u.day between (select first_day from period) and (select last_day from period)
  and u.billing_mode = 'on_demand'
group by u.team, u.provider, u.billing_account_id, u.model
order by u.team, u.provider, u.billing_account_id nulls first, u.model
