-- Everything simulation looks at, copied once: the rows of a period that cost money, each with its prompt's fingerprint where there is one.
-- Reads `usage`, `prompt_fingerprints` and `period` (first_day, last_day). Money as picodollars. `position` is the order within a day:
-- by time, then by arrival in the log.
select
  row_number() over (partition by u.day order by u.occurred_at, u.source_object, u.source_line, u.record_id) as position,
  date_diff('millisecond', timestamp '1970-01-01 00:00:00', u.occurred_at) as time_ms,
  u.record_id, u.grain, u.calls, u.status, u.provider, u.publisher, u.model, u.model_reported, u.operation, u.tier, u.price_region,
  u.team, u.project, u.application, u.key_id, u.session_id, u.billing_account_id, u.tags,
  u.input_tokens, u.cache_read_tokens, u.cache_write_5m_tokens, u.cache_write_1h_tokens, u.output_tokens,
  u.reasoning_tokens, u.audio_input_tokens, u.audio_output_tokens, u.images, u.web_searches,
  u.usage_basis, u.cost_status, cast(u.cost * 1000000000000 as bigint) as cost_pico,
  u.latency_ms, u.first_token_ms, u.deadline_seconds,
  p.hash_key_id, p.prompt_hash, p.blocks, p.block_tokens,
  u.day
from usage u
left join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
where u.day between (select first_day from period) and (select last_day from period)
  and u.billing_mode = 'on_demand'
