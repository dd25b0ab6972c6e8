-- What has no price, and why. Parameters: first day, last day.
select provider, model, cost_reason,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens
from usage
where cost_status = 'unpriced' and day between cast(? as date) and cast(? as date)
group by provider, model, cost_reason
order by tokens desc, calls desc, provider, model, cost_reason
limit 20
