-- Each budget of a month beside what was spent of it and where the month is going, by the forecast made last.
-- state: over, expected_over (the forecast is above the budget), possibly_over (only its upper end is), within.
select b.period, b.scope, b.id, b.owner, b.amount as budget, a.spent,
  cast(b.amount - coalesce(a.spent, cast(0 as decimal(38,12))) as decimal(38,12)) as remaining,
  f.made_on, f.low, f.expected, f.high,
  case when a.spent > b.amount then 'over' when f.expected > b.amount then 'expected_over' when f.high > b.amount then 'possibly_over'
    else 'within' end as state
from budgets b
left join (
  select substr(cast(day as varchar), 1, 7) as period, 'total' as scope, '' as id, cast(sum(cost) as decimal(38,12)) as spent
  from spend_daily
  group by substr(cast(day as varchar), 1, 7)
  union all
  select substr(cast(day as varchar), 1, 7) as period, 'team' as scope, team as id, cast(sum(cost) as decimal(38,12)) as spent
  from spend_daily
  group by substr(cast(day as varchar), 1, 7), team
) a on a.period = b.period and a.scope = b.scope and a.id = b.id
left join (
  select period, scope, id, made_on, low, expected, high,
    row_number() over (partition by period, scope, id order by made_on desc) as place
  from forecasts
) f on f.period = b.period and f.scope = b.scope and f.id = b.id and f.place = 1
