-- How did the forecast of each month move, against its budget, and what did the month come to?
-- `came_to` is what the ledger knows of the month now; it is final once the month is over and all sources have reported.
with monthly as (
  select substr(cast(day as varchar), 1, 7) as period, 'total' as scope, '' as id, cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily
  group by substr(cast(day as varchar), 1, 7)
  union all
  select substr(cast(day as varchar), 1, 7) as period, 'team' as scope, team as id, cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily
  group by substr(cast(day as varchar), 1, 7), team
)
select f.period, f.scope, f.id, f.made_on, f.actual as known_then, f.low, f.expected, f.high, b.amount as budget, m.cost as came_to
from forecasts f
left join budgets b on b.period = f.period and b.scope = f.scope and b.id = f.id
left join monthly m on m.period = f.period and m.scope = f.scope and m.id = f.id
order by f.period desc, f.scope desc, f.id, f.made_on
