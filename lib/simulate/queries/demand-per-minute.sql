-- How uneven demand is, by provider, model and day: sums of the day and the busiest minute of each measure. A day has 1,440 minutes, so the
-- mean follows; `minutes` are those with any call. Reads `usage` and `period` (first_day, last_day). Single calls that did not fail: what a
-- fleet would have had to serve (evidence.ts). Input is all of it, cached or not.
with
minutes as (
  select provider, model, day, date_trunc('minute', occurred_at) as minute,
    count(*) as calls,
    sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens) as input_tokens,
    sum(output_tokens) as output_tokens
  from usage
  where day between (select first_day from period) and (select last_day from period)
    and billing_mode = 'on_demand' and grain = 'call' and status <> 'error'
  group by provider, model, day, date_trunc('minute', occurred_at)
)
select provider, model, day,
  count(*) as minutes,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens) as bigint) as input_tokens,
  cast(sum(output_tokens) as bigint) as output_tokens,
  cast(max(calls) as bigint) as peak_calls,
  cast(max(input_tokens) as bigint) as peak_input_tokens,
  cast(max(output_tokens) as bigint) as peak_output_tokens
from minutes
group by provider, model, day
order by provider, model, day
