-- What calls and provider buckets of each account come to: the money that hangs on taking unnamed accounts for the provider's one.
-- bucket_value is what the provider's own reports show at list price, each usage once. Parameters: first day, last day.
with period as (
  select cast(? as date) as first_day, cast(? as date) as last_day
),
parts as (
  select u.provider, u.billing_account_id, u.calls, u.cost as call_cost, cast(null as decimal(38,12)) as bucket_value
  from usage u join period p on u.day between p.first_day and p.last_day
  where u.grain = 'call' and u.billing_mode = 'on_demand'
  union all
  select s.provider, s.billing_account_id, 0, null, s.list_cost
  from source_days s join period p on s.day between p.first_day and p.last_day
  where s.grain = 'bucket'
  union all
  select x.provider, x.billing_account_id, 0, null, 0 - x.list_cost
  from usage_excluded x join period p on x.day between p.first_day and p.last_day
  where x.grain = 'bucket' and x.excluded_reason in ('duplicate', 'other_grouping')
)
select provider, billing_account_id,
  cast(sum(calls) as bigint) as calls,
  cast(sum(call_cost) as decimal(38,12)) as call_cost,
  cast(sum(bucket_value) as decimal(38,12)) as bucket_value
from parts
group by provider, billing_account_id
order by provider, billing_account_id nulls first
