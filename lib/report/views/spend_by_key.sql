-- Spend and usage by day, team, provider and key; sums exactly to usage. Usage without a known key has key_id null and stays.
-- cost is spend; list_cost covers all usage with a list price, also where nothing is billed per token.
select day, team, provider, key_id,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens) as bigint) as input_tokens,
  cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
  cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as cache_write_tokens,
  cast(sum(output_tokens) as bigint) as output_tokens,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(list_cost) as decimal(38,12)) as list_cost,
  cast(sum(case when cost_status in ('included', 'billing_unknown') then list_cost end) as decimal(38,12)) as token_value,
  cast(sum(case when cost_status = 'unpriced' then calls else 0 end) as bigint) as unpriced_calls
from usage
group by day, team, provider, key_id
