-- Everything in a period. `cost` is spend; token value of included or unproven usage stands apart and is never added to it.
-- Parameters: first day, last day. One row, also when the period is empty.
select
  cast(coalesce(sum(calls), 0) as bigint) as calls,
  cast(coalesce(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens), 0) as bigint) as tokens,
  cast(coalesce(sum(input_tokens), 0) as bigint) as input_tokens,
  cast(coalesce(sum(cache_read_tokens), 0) as bigint) as cache_read_tokens,
  cast(coalesce(sum(cache_write_5m_tokens + cache_write_1h_tokens), 0) as bigint) as cache_write_tokens,
  cast(coalesce(sum(output_tokens), 0) as bigint) as output_tokens,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(case when cost_status = 'estimated' then cost end) as decimal(38,12)) as estimated_cost,
  cast(coalesce(sum(case when cost_status = 'included' then calls else 0 end), 0) as bigint) as included_calls,
  cast(sum(case when cost_status = 'included' then list_cost end) as decimal(38,12)) as included_value,
  cast(coalesce(sum(case when cost_status = 'billing_unknown' then calls else 0 end), 0) as bigint) as billing_unknown_calls,
  cast(sum(case when cost_status = 'billing_unknown' then list_cost end) as decimal(38,12)) as billing_unknown_value,
  cast(coalesce(sum(case when cost_status = 'unpriced' then calls else 0 end), 0) as bigint) as unpriced_calls,
  cast(coalesce(sum(case when cost_status = 'unpriced'
    then input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens else 0 end), 0) as bigint) as unpriced_tokens
from spend_daily
where day between cast(? as date) and cast(? as date)
