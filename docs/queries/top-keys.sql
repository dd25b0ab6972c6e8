-- Which keys spend most, of which team, and when was each last used?
-- The last 28 days. A key that is still used and belongs to nobody is worth a look.
select key_id, team, provider,
  cast(sum(calls) as bigint) as calls,
  cast(sum(tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost,
  max(day) as last_used
from spend_by_key
where key_id is not null and day >= current_date - interval '28' day
group by key_id, team, provider
order by cost desc nulls last, tokens desc, key_id, team, provider
limit 20
