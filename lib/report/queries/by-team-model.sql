-- Spend and usage by team, provider and model; the rows sum exactly to totals.sql. Parameters: first day, last day.
select team, provider, model,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(input_tokens) as bigint) as input_tokens,
  cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
  cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as cache_write_tokens,
  cast(sum(output_tokens) as bigint) as output_tokens,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(case when cost_status = 'estimated' then cost end) as decimal(38,12)) as estimated_cost,
  cast(sum(case when cost_status = 'included' then calls else 0 end) as bigint) as included_calls,
  cast(sum(case when cost_status = 'included' then list_cost end) as decimal(38,12)) as included_value,
  cast(sum(case when cost_status = 'billing_unknown' then calls else 0 end) as bigint) as billing_unknown_calls,
  cast(sum(case when cost_status = 'billing_unknown' then list_cost end) as decimal(38,12)) as billing_unknown_value,
  cast(sum(case when cost_status = 'unpriced' then calls else 0 end) as bigint) as unpriced_calls,
  cast(sum(case when cost_status = 'unpriced'
    then input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens else 0 end) as bigint) as unpriced_tokens
from spend_daily
where day between cast(? as date) and cast(? as date)
group by team, provider, model
order by cost desc nulls last, tokens desc, team, provider, model
