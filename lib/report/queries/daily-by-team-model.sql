-- Spend by day, team and model, for the trend. Parameters: first day, last day.
select day, team, provider, model, cast(sum(cost) as decimal(38,12)) as cost
from spend_daily
where day between cast(? as date) and cast(? as date)
group by day, team, provider, model
order by day, team, provider, model
