-- Which part of the prompt tokens comes from the provider's cache, by team and model?
-- The last 28 days. Low shares with many prompt tokens are where a prompt cache is worth setting up.
with summed as (
  select team, provider, model,
    cast(sum(input_tokens) as bigint) as fresh_tokens,
    cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as written_tokens,
    cast(sum(cache_read_tokens) as bigint) as read_tokens,
    cast(sum(cost) as decimal(38,12)) as cost
  from spend_daily
  where operation in ('chat', 'completion') and day >= current_date - interval '28' day
  group by team, provider, model
)
select team, provider, model, fresh_tokens, written_tokens, read_tokens,
  cast(100 * cast(read_tokens as double) / nullif(cast(fresh_tokens + written_tokens + read_tokens as double), 0) as decimal(9,2)) as read_percent,
  cost
from summed
order by fresh_tokens + written_tokens + read_tokens desc, team, provider, model
