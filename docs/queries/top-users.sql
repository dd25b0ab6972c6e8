-- Who are the twenty users with the highest spend of the last 28 days?
-- Names are as config privacy.persons lets them be: as logged, pseudonyms, or none.
select user_id, team,
  cast(sum(calls) as bigint) as calls,
  cast(sum(tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(token_value) as decimal(38,12)) as token_value
from spend_by_user
where user_id is not null and day >= current_date - interval '28' day
group by user_id, team
order by cost desc nulls last, tokens desc, user_id, team
limit 20
