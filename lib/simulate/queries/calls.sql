-- Everything simulation looks at, copied once: the rows of a period that cost money, each with its prompt's fingerprint where there is one.
-- Reads `usage`, `prompt_fingerprints`, `period` (first_day, last_day) and `sample` (threshold, family_tokens). Money as picodollars.
-- `position` is the order within a day: by time, then by arrival in the log.
--
-- `threshold` 65536 takes all rows. Below it, units are taken whole, as many of 65,536 as it says: what shares a cache stays together.
-- A unit is a session; without one all prompts with the same block where they reach `family_tokens` tokens; shorter prompts by the whole
-- prompt; without a fingerprint the call alone. Each is put into one of 65,536 parts by four digits of a hash that it has already: that of
-- its prompt or record (of the session's records the one that sorts first; its last digits tell nothing of that), or by its block, which is
-- a hash or a number that a source counted up, hence the product modulo a prime (Lehmer 1949). Rows that are not single calls are in no
-- part: no lever can touch them, and the bill is that of period-size.sql.
with
sessions as (
  select provider, session_id, min(record_id) as first_id
  from usage
  where day between (select first_day from period) and (select last_day from period)
    and billing_mode = 'on_demand' and grain = 'call' and session_id is not null
  group by provider, session_id
)
select
  row_number() over (partition by day order by occurred_at, source_object, source_line, record_id) as position,
  date_diff('millisecond', timestamp '1970-01-01 00:00:00', occurred_at) as time_ms,
  record_id, grain, calls, status, provider, publisher, model, model_reported, operation, tier, price_region,
  team, project, application, key_id, session_id, billing_account_id, tags,
  input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
  reasoning_tokens, audio_input_tokens, audio_output_tokens, images, web_searches,
  usage_basis, cost_status, cast(cost * 1000000000000 as bigint) as cost_pico,
  latency_ms, first_token_ms, deadline_seconds,
  hash_key_id, prompt_hash, blocks, block_tokens,
  day
from (
  select u.*, p.hash_key_id, p.prompt_hash, p.blocks, p.block_tokens, x.threshold,
    case when s.first_id is null then try(p.blocks[cast(ceil(cast(x.family_tokens as double) / p.block_tokens) as bigint)]) end as family,
    case
      when s.first_id is not null then substr(s.first_id, 61, 4)
      when p.prompt_hash is not null then substr(p.prompt_hash, 1, 4)
      else substr(u.record_id, 61, 4)
    end as digits
  from usage u
  cross join sample x
  left join sessions s on s.provider = u.provider and s.session_id = u.session_id
  left join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
  where u.day between (select first_day from period) and (select last_day from period)
    and u.billing_mode = 'on_demand'
) rows_of_units
where case
    when grain <> 'call' then 65535
    when family is not null then mod(abs(mod(mod(family, 2147483647) * 48271, 2147483647)), 65536)
    else 4096 * strpos('123456789abcdef', substr(digits, 1, 1)) + 256 * strpos('123456789abcdef', substr(digits, 2, 1))
      + 16 * strpos('123456789abcdef', substr(digits, 3, 1)) + strpos('123456789abcdef', substr(digits, 4, 1))
  end < threshold
