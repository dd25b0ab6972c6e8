-- Which teams and models moved most between the last seven days of the ledger and the seven before?
-- A day counts only if it and the same weekday a week before are complete, so that a silent source does not look like a saving.
with days as (
  select day, bool_and(complete) as is_complete from spend_daily where day >= current_date - interval '28' day group by day
),
compared as (
  select later.day as day, earlier.day as earlier_day
  from days later join days earlier on earlier.day = later.day - interval '7' day
  where later.is_complete and earlier.is_complete and later.day > (select max(day) from days) - interval '7' day
),
amounts as (
  select s.team, s.model, s.cost as now_cost, cast(null as decimal(38,12)) as earlier_cost
  from spend_daily s join compared c on c.day = s.day
  where s.day >= current_date - interval '28' day
  union all
  select s.team, s.model, cast(null as decimal(38,12)) as now_cost, s.cost as earlier_cost
  from spend_daily s join compared c on c.earlier_day = s.day
  where s.day >= current_date - interval '28' day
),
summed as (
  select team, model,
    cast(coalesce(sum(earlier_cost), 0) as decimal(38,12)) as week_before,
    cast(coalesce(sum(now_cost), 0) as decimal(38,12)) as this_week
  from amounts
  group by team, model
)
select team, model, week_before, this_week,
  cast(this_week - week_before as decimal(38,12)) as change,
  (select cast(count(*) as bigint) from compared) as days_compared
from summed
order by abs(this_week - week_before) desc, team, model
limit 20
