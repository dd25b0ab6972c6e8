-- Which calls have no price, why, and since when? They are in no sum of money, so totals are too low by them.
select provider, model, model_reported, cost_reason,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  min(day) as first_day,
  max(day) as last_day
from usage
where cost_status = 'unpriced'
group by provider, model, model_reported, cost_reason
order by tokens desc, provider, model, model_reported, cost_reason
