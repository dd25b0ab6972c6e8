-- What keys cost on days on which their team had used them for less than a week, by day, team and model.
-- Parameters: first day, last day of the time in which a key is looked for; first day, last day that is told of.
select cast(u.day as varchar) as day, u.team, u.provider, u.model, cast(sum(u.cost) as decimal(38,12)) as cost
from usage u
join (
  select team, key_id, min(day) as first_day
  from usage
  where day between cast(? as date) and cast(? as date) and cost <> 0 and key_id is not null
  group by team, key_id
) k on k.team = u.team and k.key_id = u.key_id
where u.day between cast(? as date) and cast(? as date) and u.cost <> 0 and date_diff('day', k.first_day, u.day) < 7
group by u.day, u.team, u.provider, u.model
order by u.day, u.team, u.provider, u.model
