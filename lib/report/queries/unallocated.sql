-- What stands behind the spend that belongs to no team: where a rule would help most. Parameters: first day, last day.
select provider, model, source_format, key_id, principal,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost
from usage
where team = 'unallocated' and day between cast(? as date) and cast(? as date)
group by provider, model, source_format, key_id, principal
order by cost desc nulls last, tokens desc, provider, model, source_format, key_id, principal
limit 20
