-- What stands behind usage that belongs to no team, and which attribution rule would help most?
-- The last 28 days; each row is what a rule in config attribution.rules can match.
select provider, model, source_format, project, key_id, principal, user_id,
  cast(sum(calls) as bigint) as calls,
  cast(sum(tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost
from unallocated_top
where day >= current_date - interval '28' day
group by provider, model, source_format, project, key_id, principal, user_id
order by cost desc nulls last, tokens desc, provider, model, source_format, project, key_id, principal, user_id
limit 20
