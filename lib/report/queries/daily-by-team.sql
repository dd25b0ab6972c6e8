-- Spend by day and team, for the daily chart. Parameters: first day, last day.
select day, team, cast(sum(cost) as decimal(38,12)) as cost
from spend_daily
where day between cast(? as date) and cast(? as date)
group by day, team
order by day, team
