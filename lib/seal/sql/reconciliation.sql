-- What the ledger comes to beside the provider's own report: by month, provider, account and model, over the days that have a report. Given:
-- usage and usage_excluded of these days, landing (their buckets), commits.
with
shown as (
  select l.day, l.provider, l.billing_account_id, l.model, l.cost, l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens,
    l.cache_write_1h_tokens, l.output_tokens, l.images, l.web_searches
  from landing l
  join commits c on c.commit_id = l.commit_id
  left join (
    select distinct day, source_object, source_line, record_id
    from usage_excluded
    where grain = 'bucket' and excluded_reason <> 'covered_by_calls'
  ) x on x.day = l.day and x.source_object = c.source_object and x.source_line = l.source_line and x.record_id = l.record_id
  where l.grain = 'bucket' and l.billing_mode = 'on_demand' and not c.retracted and x.record_id is null
),
counted as (
  select u.day, u.provider, u.billing_account_id, u.model, u.cost, u.input_tokens, u.cache_read_tokens, u.cache_write_5m_tokens,
    u.cache_write_1h_tokens, u.output_tokens, u.images, u.web_searches
  from usage u
  join (select distinct day, provider from shown) s on s.day = u.day and s.provider = u.provider
  where u.billing_mode = 'on_demand' and coalesce(u.cost_reason, '') <> 'served_from_cache'
),
both_sides as (
  select 0 as is_report, counted.* from counted
  union all
  select 1 as is_report, shown.* from shown
),
only_accounts as (
  select day, provider, min(billing_account_id) as account
  from both_sides
  group by day, provider
  having min(billing_account_id) = max(billing_account_id)
),
owned as (
  select b.*, coalesce(b.billing_account_id, a.account, '') as account
  from both_sides b left join only_accounts a on a.day = b.day and a.provider = b.provider
),
compared as (
  select o.* from owned o
  join (select distinct day, provider, account from owned where is_report = 1) r on r.day = o.day and r.provider = o.provider and r.account = o.account
),
sums as (
  select substr(cast(day as varchar), 1, 7) as period, provider, account, model,
    cast(coalesce(sum(case when is_report = 0 then cost end), 0) as decimal(38,12)) as computed,
    cast(coalesce(sum(case when is_report = 1 then cost end), 0) as decimal(38,12)) as reported,
    max(is_report) as in_report, max(case when cost is null then 1 else 0 end) as has_unpriced,
    sum(case when is_report = 0 then input_tokens else -input_tokens end) as input_beyond,
    sum(case when is_report = 0 then cache_read_tokens else -cache_read_tokens end) as read_beyond,
    sum(case when is_report = 0 then cache_write_5m_tokens else -cache_write_5m_tokens end) as write_5m_beyond,
    sum(case when is_report = 0 then cache_write_1h_tokens else -cache_write_1h_tokens end) as write_1h_beyond,
    sum(case when is_report = 0 then output_tokens else -output_tokens end) as output_beyond,
    sum(case when is_report = 0 then images else -images end) as images_beyond,
    sum(case when is_report = 0 then web_searches else -web_searches end) as searches_beyond
  from compared
  group by substr(cast(day as varchar), 1, 7), provider, account, model
),
judged as (
  select s.*, cast(computed - reported as decimal(38,12)) as difference,
    case when input_beyond = 0 and read_beyond = 0 and write_5m_beyond = 0 and write_1h_beyond = 0 and output_beyond = 0
      and images_beyond = 0 and searches_beyond = 0 then 1 else 0 end as has_equal_meters,
    case when input_beyond < 0 or read_beyond < 0 or write_5m_beyond < 0 or write_1h_beyond < 0 or output_beyond < 0
      or images_beyond < 0 or searches_beyond < 0 then 1 else 0 end as lacks_meters
  from sums s
)
select
  provider,
  nullif(account, '') as account,
  model,
  computed,
  reported,
  difference,
  case when has_equal_meters = 1 then difference else cast(0 as decimal(38,12)) end as explained,
  case
    when has_equal_meters = 1 and difference = 0 then 'equal'
    when has_equal_meters = 1 and has_unpriced = 1 then 'some_unpriced'
    when has_equal_meters = 1 then 'priced_otherwise'
    when in_report = 0 then 'not_in_report'
    when lacks_meters = 1 then 'day_beside'
    else 'more_than_report'
  end as why,
  period
from judged
order by period, provider, account, model
