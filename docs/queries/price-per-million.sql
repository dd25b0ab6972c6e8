-- What does a million tokens of each model really cost us, with our mix of cached, fresh and written tokens?
-- The last 28 days, calls billed by use only. These are averages to look at; sums of money never go through a division.
with summed as (
  select provider, model,
    cast(sum(calls) as bigint) as calls,
    cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as prompt_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(input_cost + cache_read_cost + cache_write_cost) as decimal(38,12)) as prompt_cost,
    cast(sum(output_cost) as decimal(38,12)) as output_cost,
    cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily
  where cost_status in ('priced', 'estimated') and day >= current_date - interval '28' day
  group by provider, model
)
select provider, model, calls, cost,
  cast(1000000 * cast(prompt_cost as double) / nullif(cast(prompt_tokens as double), 0) as decimal(18,6)) as usd_per_million_prompt,
  cast(1000000 * cast(output_cost as double) / nullif(cast(output_tokens as double), 0) as decimal(18,6)) as usd_per_million_output,
  cast(1000000 * cast(cost as double) / nullif(cast(prompt_tokens + output_tokens as double), 0) as decimal(18,6)) as usd_per_million
from summed
order by cost desc nulls last, provider, model
