-- How the tokens are known: reported by the source, counted by our tokenizer, estimated by a ratio, or missing. Parameters: first day, last day.
select usage_basis,
  cast(sum(calls) as bigint) as calls,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
  cast(sum(cost) as decimal(38,12)) as cost
from spend_daily
where day between cast(? as date) and cast(? as date)
group by usage_basis
order by usage_basis
