-- Whole prompts that came again, for lifetimes in seconds (null being for ever; a use renews the life), by provider and model.
-- Reads `usage`, `prompt_fingerprints` and `period` (first_day, last_day). Counts as exact-repeats.ts does: single calls that succeeded,
-- within model, hash key, provider, account and project, else key; calls without a fingerprint apart, for nothing is known of them. Of images
-- none: seeds are not logged, and the same prompt again asks for another picture.
with
asked as (
  select u.provider, u.model, p.prompt_hash,
    u.input_tokens + u.cache_read_tokens + u.cache_write_5m_tokens + u.cache_write_1h_tokens as input_tokens,
    case when p.prompt_hash is null then null else
      date_diff('millisecond',
        lag(u.occurred_at) over (
          partition by u.provider, u.model, u.billing_account_id, coalesce('project ' || u.project, u.key_id, ''), p.hash_key_id, p.prompt_hash,
            case when p.prompt_hash is null then u.record_id end
          order by u.occurred_at, u.source_object, u.source_line, u.record_id
        ),
        u.occurred_at)
    end as gap_ms
  from usage u
  left join prompt_fingerprints p on p.record_id = u.record_id and p.day = u.day
  where u.day between (select first_day from period) and (select last_day from period)
    and u.billing_mode = 'on_demand' and u.grain = 'call' and u.status = 'ok'
    and u.operation <> 'image' and coalesce(u.images, 0) = 0
)
select a.provider, a.model, cast(l.ttl_seconds as bigint) as ttl_seconds,
  cast(sum(case when a.prompt_hash is null then 0 else 1 end) as bigint) as requests,
  cast(sum(case when a.prompt_hash is null then 1 else 0 end) as bigint) as without_fingerprint,
  cast(sum(case when a.gap_ms <= coalesce(l.ttl_seconds * 1000, a.gap_ms) then 1 else 0 end) as bigint) as hits,
  cast(sum(case when a.gap_ms <= coalesce(l.ttl_seconds * 1000, a.gap_ms) then a.input_tokens else 0 end) as bigint) as hit_input_tokens
from asked a
cross join (values (60), (300), (1800), (3600), (86400), (cast(null as integer))) as l(ttl_seconds)
group by a.provider, a.model, l.ttl_seconds
order by a.provider, a.model, l.ttl_seconds nulls last
