-- Sealing: landing rows of live commits -> rows of usage and usage_excluded for the days in `dirty`, in one statement.
--
-- Tables given: landing (rows of all days within reach), commits (live ones only: commit_id, source_object, ingested_at),
-- dirty (day), settings (wide_days). Only tables that stay small (repeats, links, twins, buckets) are joined to the wide rows,
-- and the wide rows are read once, at the end.
with
-- Lines without an id but with a time: equal lines of one object are told apart by their ordinal.
repeats as (
  select commit_id, source_line, part, record_id || '-' || cast(n as varchar) as record_id
  from (
    select l.commit_id, l.source_line, l.part, l.record_id,
      row_number() over (partition by l.commit_id, l.record_id order by l.source_line, l.part) as n
    from landing l join commits c on c.commit_id = l.commit_id
    where l.identity = 'content'
  ) numbered
  where n > 1
),
-- One narrow row per landed row.
landed as (
  select l.commit_id, l.source_line, l.part, l.day, l.is_wide, coalesce(r.record_id, l.record_id) as record_id
  from landing l
  join commits c on c.commit_id = l.commit_id
  left join repeats r on r.commit_id = l.commit_id and r.source_line = l.source_line and r.part = l.part
),
-- Records link by record_id, then once by alt_ids: all records that share a key take the smallest record_id among them.
alternatives as (
  select distinct l.record_id, u.alt as key
  from landing l join commits c on c.commit_id = l.commit_id cross join unnest(l.alt_ids) as u(alt)
),
keys as (
  select record_id, key from alternatives
  union
  select a.record_id, a.record_id as key from alternatives a
  union
  select r.record_id, r.record_id as key from landed r join (select distinct key from alternatives) k on k.key = r.record_id
),
shared_keys as (
  select key, min(record_id) as leader from keys group by key having min(record_id) <> max(record_id)
),
first_links as (
  select k.record_id, min(s.leader) as link from keys k join shared_keys s on s.key = k.key group by k.record_id
),
links as (
  select k.record_id, min(f.link) as link
  from keys k join shared_keys s on s.key = k.key
  join keys other on other.key = s.key
  join first_links f on f.record_id = other.record_id
  group by k.record_id
),
linked as (
  select l.*, coalesce(k.link, l.record_id) as link from landed l left join links k on k.record_id = l.record_id
),
repeated_links as (
  select link from linked group by link having count(*) > 1
),
-- Twins: rows that share a link, in the order of a total order that never looks at arrival.
twins as (
  select n.link, n.record_id as linked_id, l.*, c.source_object, l.input_tokens + l.cache_read_tokens + l.cache_write_5m_tokens
      + l.cache_write_1h_tokens + l.output_tokens as all_tokens
  from linked n
  join repeated_links r on r.link = n.link
  join landing l on l.commit_id = n.commit_id and l.source_line = n.source_line and l.part = n.part
  join commits c on c.commit_id = l.commit_id
),
ranked as (
  select t.*,
    row_number() over (
      partition by link
      order by case when grain = 'call' then 0 else 1 end, basis_rank, case when time_inferred then 1 else 0 end, source_rank,
        case when is_replica then 1 else 0 end, all_tokens desc, occurred_at, input_tokens desc, output_tokens desc,
        cache_read_tokens desc, model_reported, tier, source_format, evidence, attribution_rank, extras,
        length(source_object), source_object, source_line, part
    ) as place
  from twins t
),
-- Within a day the best twin stands for all; between days it must be within reach.
heads as (
  select link, day, min(place) as place, bool_or(is_wide) as is_wide from ranked group by link, day
),
beaten as (
  select a.link, a.day, min(b.place) as by_place
  from heads a
  join heads b on b.link = a.link and b.place < a.place
  cross join settings s
  where abs(date_diff('day', a.day, b.day)) <= case when a.is_wide or b.is_wide then s.wide_days else 1 end
  group by a.link, a.day
),
keepers as (
  select h.link, h.day, coalesce(again.by_place, b.by_place, h.place) as keeper_place, b.by_place is null as is_kept
  from heads h
  left join beaten b on b.link = h.link and b.day = h.day
  left join ranked better on better.link = b.link and better.place = b.by_place
  left join beaten again on again.link = better.link and again.day = better.day
),
decided as (
  select r.commit_id, r.source_line, r.part, r.link, r.place, k.keeper_place,
    case when k.is_kept and r.place = k.keeper_place then 1 else 0 end as kept, kept_row.linked_id as keeper_id
  from ranked r
  join keepers k on k.link = r.link and k.day = r.day
  join ranked kept_row on kept_row.link = k.link and kept_row.place = k.keeper_place
),
-- What a kept row lacks it takes from its twins; the team from the strongest evidence.
completed as (
  select d.link, d.keeper_place,
    min_by(r.team, r.attribution_rank * 1000000 + r.place) filter (where r.team is not null) as team,
    min_by(r.attribution, r.attribution_rank * 1000000 + r.place) filter (where r.team is not null) as attribution,
    min_by(r.project, r.place) filter (where r.project is not null) as project,
    min_by(r.application, r.place) filter (where r.application is not null) as application,
    min_by(r.environment, r.place) filter (where r.environment is not null) as environment,
    min_by(r.feature, r.place) filter (where r.feature is not null) as feature,
    min_by(r.customer, r.place) filter (where r.customer is not null) as customer,
    min_by(r.call_id, r.place) filter (where r.call_id is not null) as call_id,
    min_by(r.user_id, r.place) filter (where r.user_id is not null) as user_id,
    min_by(r.key_id, r.place) filter (where r.key_id is not null) as key_id,
    min_by(r.principal, r.place) filter (where r.principal is not null) as principal,
    min_by(r.session_id, r.place) filter (where r.session_id is not null) as session_id,
    min_by(r.billing_account_id, r.place) filter (where r.billing_account_id is not null) as billing_account_id,
    min_by(r.sub_account_id, r.place) filter (where r.sub_account_id is not null) as sub_account_id,
    min_by(r.latency_ms, r.place) filter (where r.latency_ms is not null) as latency_ms,
    min_by(r.first_token_ms, r.place) filter (where r.first_token_ms is not null) as first_token_ms,
    min_by(r.deadline_seconds, r.place) filter (where r.deadline_seconds is not null) as deadline_seconds,
    min_by(r.reported_cost, r.place) filter (where r.reported_cost is not null) as reported_cost,
    min_by(r.tags, r.place) filter (where cardinality(r.tags) > 0) as tags
  from decided d
  join ranked r on r.link = d.link and r.place = d.place
  group by d.link, d.keeper_place
),
-- Buckets: reports of one day grouped in different ways show the same usage, so one grouping counts (the fullest, then the
-- finest), and of it what the account's own calls do not cover.
buckets as (
  select l.commit_id, l.source_line, l.part, l.day, l.provider, l.model, coalesce(l.billing_account_id, '') as account, l.record_id,
    coalesce(l.grouping_key, '') as grouping_key, l.operation, l.tier, l.calls, l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens,
    l.cache_write_1h_tokens, l.output_tokens, l.images, l.web_searches
  from landing l
  join commits c on c.commit_id = l.commit_id
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  where l.grain = 'bucket' and coalesce(d.kept, 1) = 1
),
groupings as (
  select day, provider, account, operation, grouping_key
  from (
    select day, provider, account, operation, grouping_key,
      row_number() over (partition by day, provider, account, operation order by amount desc, grouping_key desc) as choice
    from (
      select day, provider, account, operation, grouping_key,
        sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens + images + web_searches) as amount
      from buckets
      group by day, provider, account, operation, grouping_key
    ) summed
  ) numbered
  where choice = 1
),
counted_buckets as (
  select b.* from buckets b
  join groupings g on g.day = b.day and g.provider = b.provider and g.account = b.account and g.operation = b.operation
    and g.grouping_key = b.grouping_key
),
scopes as (
  select distinct day, provider, account, model from counted_buckets
),
covering as (
  select s.day, s.provider, s.account, s.model, cast(sum(l.calls) as bigint) as calls, cast(sum(l.input_tokens) as bigint) as input_tokens,
    cast(sum(l.cache_read_tokens) as bigint) as cache_read_tokens, cast(sum(l.cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(l.cache_write_1h_tokens) as bigint) as cache_write_1h_tokens, cast(sum(l.output_tokens) as bigint) as output_tokens, cast(sum(l.images) as bigint) as images,
    cast(sum(l.web_searches) as bigint) as web_searches
  from scopes s
  join landing l on l.day = s.day and l.provider = s.provider and l.model = s.model
    and coalesce(l.billing_account_id, '') = s.account
  join commits c on c.commit_id = l.commit_id
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  where l.grain = 'call' and l.billing_mode = 'on_demand' and coalesce(d.kept, 1) = 1
    -- what a gateway answered from its own cache never reached the provider, so it covers nothing there
    and coalesce(l.cost_reason, '') <> 'served_from_cache'
  group by s.day, s.provider, s.account, s.model
),
before as (
  select b.commit_id, b.source_line, b.part, b.calls, b.input_tokens, b.cache_read_tokens, b.cache_write_5m_tokens,
    b.cache_write_1h_tokens, b.output_tokens, b.images, b.web_searches,
    cast(sum(b.calls) over w - b.calls as bigint) as calls_before,
    cast(sum(b.input_tokens) over w - b.input_tokens as bigint) as input_before,
    cast(sum(b.cache_read_tokens) over w - b.cache_read_tokens as bigint) as read_before,
    cast(sum(b.cache_write_5m_tokens) over w - b.cache_write_5m_tokens as bigint) as write_5m_before,
    cast(sum(b.cache_write_1h_tokens) over w - b.cache_write_1h_tokens as bigint) as write_1h_before,
    cast(sum(b.output_tokens) over w - b.output_tokens as bigint) as output_before,
    cast(sum(b.images) over w - b.images as bigint) as images_before,
    cast(sum(b.web_searches) over w - b.web_searches as bigint) as searches_before,
    v.calls as calls_covering, v.input_tokens as input_covering, v.cache_read_tokens as read_covering,
    v.cache_write_5m_tokens as write_5m_covering, v.cache_write_1h_tokens as write_1h_covering, v.output_tokens as output_covering,
    v.images as images_covering, v.web_searches as searches_covering
  from counted_buckets b
  left join covering v on v.day = b.day and v.provider = b.provider and v.account = b.account and v.model = b.model
  window w as (partition by b.day, b.provider, b.account, b.model order by b.tier desc, b.record_id rows unbounded preceding)
),
remainders as (
  select commit_id, source_line, part,
    calls - greatest(0, least(calls, coalesce(calls_covering, 0) - calls_before)) as calls,
    input_tokens - greatest(0, least(input_tokens, coalesce(input_covering, 0) - input_before)) as input_tokens,
    cache_read_tokens - greatest(0, least(cache_read_tokens, coalesce(read_covering, 0) - read_before)) as cache_read_tokens,
    cache_write_5m_tokens - greatest(0, least(cache_write_5m_tokens, coalesce(write_5m_covering, 0) - write_5m_before)) as cache_write_5m_tokens,
    cache_write_1h_tokens - greatest(0, least(cache_write_1h_tokens, coalesce(write_1h_covering, 0) - write_1h_before)) as cache_write_1h_tokens,
    output_tokens - greatest(0, least(output_tokens, coalesce(output_covering, 0) - output_before)) as output_tokens,
    images - greatest(0, least(images, coalesce(images_covering, 0) - images_before)) as images,
    web_searches - greatest(0, least(web_searches, coalesce(searches_covering, 0) - searches_before)) as web_searches
  from before
),
placed as (
  select l.*, c.source_object, c.ingested_at, coalesce(r.record_id, l.record_id) as final_id,
    case
      when d.kept = 0 then 'duplicate'
      when l.grain = 'bucket' and m.commit_id is null then 'other_grouping'
      when m.input_tokens + m.cache_read_tokens + m.cache_write_5m_tokens + m.cache_write_1h_tokens + m.output_tokens + m.images
        + m.web_searches = 0 and l.input_tokens + l.cache_read_tokens + l.cache_write_5m_tokens + l.cache_write_1h_tokens
        + l.output_tokens + l.images + l.web_searches > 0 then 'covered_by_calls'
    end as excluded_reason,
    case when d.kept = 0 then d.keeper_id end as kept_record_id,
    f.team as twin_team, f.attribution as twin_attribution, f.project as twin_project, f.application as twin_application,
    f.environment as twin_environment, f.feature as twin_feature, f.customer as twin_customer, f.call_id as twin_call_id,
    f.user_id as twin_user_id, f.key_id as twin_key_id, f.principal as twin_principal, f.session_id as twin_session_id,
    f.billing_account_id as twin_account_id, f.sub_account_id as twin_sub_account_id, f.latency_ms as twin_latency_ms,
    f.first_token_ms as twin_first_token_ms, f.deadline_seconds as twin_deadline_seconds, f.reported_cost as twin_reported_cost,
    f.tags as twin_tags,
    m.calls as rest_calls, m.input_tokens as rest_input, m.cache_read_tokens as rest_read, m.cache_write_5m_tokens as rest_write_5m,
    m.cache_write_1h_tokens as rest_write_1h, m.output_tokens as rest_output, m.images as rest_images, m.web_searches as rest_searches,
    m.commit_id is not null and (m.input_tokens < l.input_tokens or m.cache_read_tokens < l.cache_read_tokens
      or m.cache_write_5m_tokens < l.cache_write_5m_tokens or m.cache_write_1h_tokens < l.cache_write_1h_tokens
      or m.output_tokens < l.output_tokens or m.images < l.images or m.web_searches < l.web_searches) as is_remainder
  from landing l
  join dirty x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  left join repeats r on r.commit_id = l.commit_id and r.source_line = l.source_line and r.part = l.part
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  left join completed f on f.link = d.link and f.keeper_place = d.keeper_place and d.kept = 1
  left join remainders m on m.commit_id = l.commit_id and m.source_line = l.source_line and m.part = l.part
),
-- A remainder is priced with the bucket's own unit prices; fees per piece stay in proportion to the pieces left.
costed as (
  select p.*, excluded_reason is null and is_remainder as shrunk,
    excluded_reason is null and is_remainder and cost_status in ('priced', 'estimated', 'unpriced') as recosted,
    cast(rest_input * rate_input as decimal(18,12)) as rest_input_cost,
    cast(rest_read * rate_cache_read as decimal(18,12)) as rest_read_cost,
    cast(rest_write_5m * rate_cache_write_5m as decimal(18,12)) + cast(rest_write_1h * rate_cache_write_1h as decimal(18,12)) as rest_write_cost,
    cast(rest_output * rate_output as decimal(18,12)) as rest_output_cost,
    case when rest_images < images or rest_searches < web_searches then cast(0 as decimal(18,12)) else other_cost end as rest_other_cost
  from placed p
)
select
  final_id as record_id,
  alt_ids,
  coalesce(call_id, twin_call_id) as call_id,
  grain,
  case when shrunk then rest_calls else calls end as calls,
  status,
  source_format,
  source_object,
  source_line,
  occurred_at,
  case when time_inferred then 'inferred' else 'reported' end as time_basis,
  provider,
  publisher,
  model,
  model_reported,
  operation,
  tier,
  price_region,
  coalesce(twin_team, team, 'unallocated') as team,
  coalesce(project, twin_project) as project,
  coalesce(application, twin_application) as application,
  coalesce(environment, twin_environment) as environment,
  coalesce(feature, twin_feature) as feature,
  coalesce(customer, twin_customer) as customer,
  coalesce(user_id, twin_user_id) as user_id,
  coalesce(key_id, twin_key_id) as key_id,
  coalesce(principal, twin_principal) as principal,
  coalesce(session_id, twin_session_id) as session_id,
  coalesce(billing_account_id, twin_account_id) as billing_account_id,
  coalesce(sub_account_id, twin_sub_account_id) as sub_account_id,
  coalesce(twin_attribution, attribution) as attribution,
  case when cardinality(tags) > 0 then tags else coalesce(twin_tags, tags) end as tags,
  cast(case when shrunk then rest_input else input_tokens end as bigint) as input_tokens,
  cast(case when shrunk then rest_read else cache_read_tokens end as bigint) as cache_read_tokens,
  cast(case when shrunk then rest_write_5m else cache_write_5m_tokens end as bigint) as cache_write_5m_tokens,
  cast(case when shrunk then rest_write_1h else cache_write_1h_tokens end as bigint) as cache_write_1h_tokens,
  cast(case when shrunk then rest_output else output_tokens end as bigint) as output_tokens,
  cast(case when shrunk then least(reasoning_tokens, rest_output) else reasoning_tokens end as bigint) as reasoning_tokens,
  cast(case when shrunk then least(audio_input_tokens, rest_input) else audio_input_tokens end as bigint) as audio_input_tokens,
  cast(case when shrunk then least(audio_output_tokens, rest_output) else audio_output_tokens end as bigint) as audio_output_tokens,
  cast(case when shrunk then rest_images else images end as bigint) as images,
  cast(case when shrunk then rest_searches else web_searches end as bigint) as web_searches,
  audio_seconds,
  usage_basis,
  billing_mode,
  case when recosted then rest_input_cost else input_cost end as input_cost,
  case when recosted then rest_read_cost else cache_read_cost end as cache_read_cost,
  case when recosted then rest_write_cost else cache_write_cost end as cache_write_cost,
  case when recosted then rest_output_cost else output_cost end as output_cost,
  case when recosted then rest_other_cost else other_cost end as other_cost,
  case when shrunk then cast(rest_input_cost + rest_read_cost + rest_write_cost + rest_output_cost + rest_other_cost as decimal(18,12))
    else list_cost end as list_cost,
  case when recosted then cast(rest_input_cost + rest_read_cost + rest_write_cost + rest_output_cost + rest_other_cost as decimal(18,12))
    else cost end as cost,
  cost_status,
  case when shrunk then 'remainder_of_bucket' else cost_reason end as cost_reason,
  coalesce(reported_cost, twin_reported_cost) as reported_cost,
  price_rows,
  stamp,
  coalesce(latency_ms, twin_latency_ms) as latency_ms,
  coalesce(first_token_ms, twin_first_token_ms) as first_token_ms,
  coalesce(deadline_seconds, twin_deadline_seconds) as deadline_seconds,
  ingested_at,
  excluded_reason,
  kept_record_id,
  case when excluded_reason is null then 'usage' else 'usage_excluded' end as kind,
  day
from costed
