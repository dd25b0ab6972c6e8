-- What did each team spend, month by month, and what share of the month is that?
-- Spend only: what a plan pays has cost 0, and calls without a known price are counted in unpriced_calls and are in no sum.
with monthly as (
  select substr(cast(day as varchar), 1, 7) as month, team,
    cast(sum(calls) as bigint) as calls,
    cast(sum(cost) as decimal(38,12)) as cost,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls
  from spend_by_team
  group by substr(cast(day as varchar), 1, 7), team
)
select month, team, calls, cost,
  cast(100 * cast(cost as double) / nullif(cast(sum(cost) over (partition by month) as double), 0) as decimal(9,2)) as share_percent,
  unpriced_calls
from monthly
order by month desc, cost desc nulls last, team
