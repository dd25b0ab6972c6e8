-- What each team spent on each model, by day, with the calls and tokens that cost it. Parameters: first day, last day.
-- Rows without a known cost, and those that cost nothing, are left out.
select day, team, provider, model,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost
from spend_daily
where day between cast(? as date) and cast(? as date) and cost <> 0
group by day, team, provider, model
order by day, team, provider, model
