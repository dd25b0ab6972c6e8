-- What do calls with each tag cost? (project, feature, customer, environment, whatever your logs carry)
-- The last 28 days. A call with three tags is in three rows, so never add up over tags; calls without tags are in none.
select u.tag as tag, tags[u.tag] as value,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost
from usage cross join unnest(map_keys(tags)) as u(tag)
where day >= current_date - interval '28' day
group by u.tag, tags[u.tag]
order by tag, cost desc nulls last, value
limit 200
