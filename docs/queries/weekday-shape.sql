-- How does spend follow the week: what does an average Monday, Tuesday … cost?
-- Complete days only, those without any spend left out; days are UTC days, and 1 January 2024 was a Monday.
with daily as (
  select day, cast(sum(calls) as bigint) as calls, cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily
  group by day
  having bool_and(complete) and sum(cost) > 0
),
named as (
  select 1 + mod(date_diff('day', date '2024-01-01', day), 7) as weekday, calls, cost from daily
)
select weekday,
  case weekday when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday' when 5 then 'Friday'
    when 6 then 'Saturday' else 'Sunday' end as name,
  cast(count(*) as bigint) as days,
  cast(cast(sum(calls) as double) / count(*) as decimal(18,2)) as calls_a_day,
  cast(cast(sum(cost) as double) / count(*) as decimal(18,6)) as cost_a_day
from named
group by weekday
order by weekday
