-- What would the usage that plans cover cost at list price, and how much usage is there whose billing nobody has proven?
-- By month and team. list_cost is value, not spend: it is never added to cost.
select substr(cast(day as varchar), 1, 7) as month, team, provider, billing_mode, cost_status,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(list_cost) as decimal(38,12)) as list_cost
from spend_daily
where cost_status in ('included', 'billing_unknown')
group by substr(cast(day as varchar), 1, 7), team, provider, billing_mode, cost_status
order by month desc, list_cost desc nulls last, team, provider, billing_mode, cost_status
