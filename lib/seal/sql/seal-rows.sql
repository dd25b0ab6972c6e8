-- Sealing, last part: the wide rows of the dirty days, each placed in usage or usage_excluded, completed from its twins, costed.
placed as (
  select l.*, c.source_object, c.ingested_at, coalesce(r.record_id, l.record_id) as final_id,
    case
      when c.retracted then 'retracted'
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
      or m.output_tokens < l.output_tokens or m.images < l.images or m.web_searches < l.web_searches) as is_remainder,
    l.billing_mode = 'unknown' and l.grain = 'call' and q.model is not null as is_proven, q.cost_status as proven_status,
    q.rate_input as proven_input, q.rate_cache_read as proven_read, q.rate_cache_write_5m as proven_write_5m,
    q.rate_cache_write_1h as proven_write_1h, q.rate_output as proven_output
  from landing l
  join dirty x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  left join repeats r on r.commit_id = l.commit_id and r.source_line = l.source_line and r.part = l.part
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  left join completed f on f.keeper = d.keeper_place
  left join remainders m on m.commit_id = l.commit_id and m.source_line = l.source_line and m.part = l.part
  left join only_accounts a on a.day = l.day and a.provider = l.provider
  left join proven q on q.day_no = date_diff('day', date '1970-01-01', l.day) and q.provider = l.provider and q.model = l.model
    and q.account = coalesce(l.billing_account_id, a.account, '')
),
-- A remainder is priced with the bucket's own unit prices; fees per piece stay in proportion to the pieces left. So is a session that a
-- bucket proves: what leaves the bucket is what the session costs.
costed as (
  select p.*, excluded_reason is null and is_remainder as shrunk,
    excluded_reason is null and is_proven as billed,
    excluded_reason is null and is_remainder and cost_status in ('priced', 'estimated', 'unpriced') as recosted,
    cast(rest_input * rate_input as decimal(18,12)) as rest_input_cost,
    cast(rest_read * rate_cache_read as decimal(18,12)) as rest_read_cost,
    cast(cast(rest_write_5m * rate_cache_write_5m as decimal(18,12)) + cast(rest_write_1h * rate_cache_write_1h as decimal(18,12))
      as decimal(18,12)) as rest_write_cost,
    cast(rest_output * rate_output as decimal(18,12)) as rest_output_cost,
    case when rest_images < images or rest_searches < web_searches then cast(0 as decimal(18,12)) else other_cost end as rest_other_cost,
    cast(input_tokens * proven_input as decimal(18,12)) as own_input_cost,
    cast(cache_read_tokens * proven_read as decimal(18,12)) as own_read_cost,
    cast(cast(cache_write_5m_tokens * proven_write_5m as decimal(18,12)) + cast(cache_write_1h_tokens * proven_write_1h as decimal(18,12))
      as decimal(18,12)) as own_write_cost,
    cast(output_tokens * proven_output as decimal(18,12)) as own_output_cost
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
  case when billed then 'on_demand' else billing_mode end as billing_mode,
  case when recosted then rest_input_cost when billed then own_input_cost else input_cost end as input_cost,
  case when recosted then rest_read_cost when billed then own_read_cost else cache_read_cost end as cache_read_cost,
  case when recosted then rest_write_cost when billed then own_write_cost else cache_write_cost end as cache_write_cost,
  case when recosted then rest_output_cost when billed then own_output_cost else output_cost end as output_cost,
  case when recosted then rest_other_cost when billed then cast(0 as decimal(18,12)) else other_cost end as other_cost,
  case when shrunk then cast(rest_input_cost + rest_read_cost + rest_write_cost + rest_output_cost + rest_other_cost as decimal(18,12))
    else list_cost end as list_cost,
  case when recosted then cast(rest_input_cost + rest_read_cost + rest_write_cost + rest_output_cost + rest_other_cost as decimal(18,12))
    when billed then cast(own_input_cost + own_read_cost + own_write_cost + own_output_cost as decimal(18,12)) else cost end as cost,
  case when billed then proven_status else cost_status end as cost_status,
  case when shrunk then 'remainder_of_bucket' when billed then 'billed_by_bucket' else cost_reason end as cost_reason,
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
