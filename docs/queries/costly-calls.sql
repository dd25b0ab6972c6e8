-- Which single calls of the last 28 days were the most expensive?
-- `inference-ledger explain` takes the record_id and shows how the cost came about.
select record_id, day, team, user_id, provider, model,
  input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens as prompt_tokens, output_tokens, reasoning_tokens, cost
from usage
where grain = 'call' and cost is not null and day >= current_date - interval '28' day
order by cost desc, record_id
limit 20
