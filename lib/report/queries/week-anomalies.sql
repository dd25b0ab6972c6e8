-- Days on which a team spent far from its own usual on a model. Parameters: first day, last day.
select day, team, provider, model, expected, actual, cause, state
from anomalies
where day between cast(? as date) and cast(? as date)
order by day, team, provider, model
