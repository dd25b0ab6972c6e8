-- On which days did a team spend far more than usual on a model, and what moved?
-- The last 28 days.
select day, team, provider, model, expected, actual, cast(actual - expected as decimal(38,12)) as difference, cause, state
from anomalies
where day >= current_date - interval '28' day
order by day desc, abs(actual - expected) desc, team, provider, model
