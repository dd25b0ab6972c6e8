-- Rows that were read and do not count, by reason; list_cost is what they would have added. Parameters: first day, last day.
select excluded_reason,
  cast(count(*) as bigint) as excluded_rows,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(list_cost) as decimal(38,12)) as list_cost
from usage_excluded
where day between cast(? as date) and cast(? as date)
group by excluded_reason
order by excluded_rows desc, excluded_reason
