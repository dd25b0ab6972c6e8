-- Daily sums of a new generation's usage rows, by every dimension people group by. Given: usage, completeness (day, complete).
select
  team, project, application, environment, billing_account_id, provider, publisher, model, operation, tier, billing_mode, cost_status,
  usage_basis, status,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens) as bigint) as input_tokens,
  cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
  cast(sum(cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
  cast(sum(cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
  cast(sum(output_tokens) as bigint) as output_tokens,
  cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
  cast(sum(audio_input_tokens) as bigint) as audio_input_tokens,
  cast(sum(audio_output_tokens) as bigint) as audio_output_tokens,
  cast(sum(images) as bigint) as images,
  cast(sum(web_searches) as bigint) as web_searches,
  sum(audio_seconds) as audio_seconds,
  cast(sum(input_cost) as decimal(38,12)) as input_cost,
  cast(sum(cache_read_cost) as decimal(38,12)) as cache_read_cost,
  cast(sum(cache_write_cost) as decimal(38,12)) as cache_write_cost,
  cast(sum(output_cost) as decimal(38,12)) as output_cost,
  cast(sum(other_cost) as decimal(38,12)) as other_cost,
  cast(sum(list_cost) as decimal(38,12)) as list_cost,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(reported_cost) as decimal(38,12)) as reported_cost,
  c.complete,
  usage.day
from usage join completeness c on c.day = usage.day
group by team, project, application, environment, billing_account_id, provider, publisher, model, operation, tier, billing_mode,
  cost_status, usage_basis, status, c.complete, usage.day
