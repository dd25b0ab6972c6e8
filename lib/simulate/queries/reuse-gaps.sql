-- How much of the prompts a cache would have found again, for lifetimes that providers offer: every block with the time since its last use
-- (by `lag`), summed by provider and model. One row for each lifetime in seconds, null being for ever; a use renews the life.
-- Reads `usage`, `prompt_fingerprints` and `period` (first_day, last_day). Which calls, and what shares a cache: as in evidence.ts and
-- call-log.ts (single calls that did not fail; model, hash key, provider, account and project, else key). Exactly the radix rule of
-- prefix-replay.ts without minimum: a hit is the leading blocks that are live, and never more than the input.
--
-- Numbers instead of names go through the window, because there it is as many rows as blocks. A block twice in one prompt is found by its
-- second place the moment it was used by its first, a gap of nothing: right where the first place is a hit, and else not asked for.
with
scopes as (
  select provider, model, account, place, row_number() over (order by provider, model, account, place) as scope
  from (
    select distinct provider, model, coalesce('account ' || billing_account_id, '') as account,
      coalesce('project ' || project, key_id, '') as place
    from usage
    where day between (select first_day from period) and (select last_day from period)
      and billing_mode = 'on_demand' and grain = 'call'
  ) names
),
prompts as (
  select s.scope, p.hash_key_id, p.blocks, p.block_tokens, u.day,
    u.input_tokens + u.cache_read_tokens + u.cache_write_5m_tokens + u.cache_write_1h_tokens as input_tokens,
    date_diff('millisecond', timestamp '1970-01-01 00:00:00', u.occurred_at) as time_ms,
    row_number() over (partition by u.day order by u.occurred_at, u.source_object, u.source_line, u.record_id) as position
  from usage u
  join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
  join scopes s on s.provider = u.provider and s.model = u.model
    and s.account = coalesce('account ' || u.billing_account_id, '')
    and s.place = coalesce('project ' || u.project, u.key_id, '')
  where u.day between (select first_day from period) and (select last_day from period)
    and u.billing_mode = 'on_demand' and u.grain = 'call' and u.status <> 'error'
),
-- A prompt without blocks is one row with none, in a window of its own.
uses as (
  select scope, day, position, input_tokens, block_tokens, block, place_in_prompt,
    time_ms - lag(time_ms) over (
      partition by scope, hash_key_id, block, case when block is null then position end order by time_ms, position, place_in_prompt
    ) as gap_ms
  from prompts
  left join unnest(blocks) with ordinality as u(block, place_in_prompt) on true
),
-- Blocks before the first that is not live.
leads as (
  select scope, input_tokens, block_tokens, count(block) as blocks,
    coalesce(min(case when gap_ms <= 60000 then null else place_in_prompt end) - 1, count(block)) as lead_60,
    coalesce(min(case when gap_ms <= 300000 then null else place_in_prompt end) - 1, count(block)) as lead_300,
    coalesce(min(case when gap_ms <= 1800000 then null else place_in_prompt end) - 1, count(block)) as lead_1800,
    coalesce(min(case when gap_ms <= 3600000 then null else place_in_prompt end) - 1, count(block)) as lead_3600,
    coalesce(min(case when gap_ms <= 86400000 then null else place_in_prompt end) - 1, count(block)) as lead_86400,
    coalesce(min(case when gap_ms is not null then null else place_in_prompt end) - 1, count(block)) as lead_ever
  from uses
  group by scope, day, position, input_tokens, block_tokens
),
sums as (
  select scope, count(*) as requests, sum(input_tokens) as input_tokens, sum(blocks) as blocks,
    sum(lead_60) as blocks_60, sum(least(lead_60 * block_tokens, input_tokens)) as tokens_60,
    sum(lead_300) as blocks_300, sum(least(lead_300 * block_tokens, input_tokens)) as tokens_300,
    sum(lead_1800) as blocks_1800, sum(least(lead_1800 * block_tokens, input_tokens)) as tokens_1800,
    sum(lead_3600) as blocks_3600, sum(least(lead_3600 * block_tokens, input_tokens)) as tokens_3600,
    sum(lead_86400) as blocks_86400, sum(least(lead_86400 * block_tokens, input_tokens)) as tokens_86400,
    sum(lead_ever) as blocks_ever, sum(least(lead_ever * block_tokens, input_tokens)) as tokens_ever
  from leads
  group by scope
)
select s.provider, s.model, cast(l.ttl_seconds as bigint) as ttl_seconds,
  cast(sum(t.requests) as bigint) as requests,
  cast(sum(t.input_tokens) as bigint) as input_tokens,
  cast(sum(t.blocks) as bigint) as block_references,
  cast(sum(case l.ttl_seconds when 60 then t.blocks_60 when 300 then t.blocks_300 when 1800 then t.blocks_1800
    when 3600 then t.blocks_3600 when 86400 then t.blocks_86400 else t.blocks_ever end) as bigint) as hit_blocks,
  cast(sum(case l.ttl_seconds when 60 then t.tokens_60 when 300 then t.tokens_300 when 1800 then t.tokens_1800
    when 3600 then t.tokens_3600 when 86400 then t.tokens_86400 else t.tokens_ever end) as bigint) as hit_tokens
from sums t
join scopes s on s.scope = t.scope
cross join (values (60), (300), (1800), (3600), (86400), (cast(null as integer))) as l(ttl_seconds)
group by s.provider, s.model, l.ttl_seconds
order by s.provider, s.model, l.ttl_seconds nulls last
