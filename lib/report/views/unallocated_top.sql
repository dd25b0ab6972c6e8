-- What stands behind usage that belongs to no team, by day; place 1 is the most expensive of its day.
select day,
  row_number() over (partition by day order by cost desc nulls last, tokens desc, provider, model, source_format, project, key_id,
    principal, user_id, billing_account_id) as place,
  provider, model, source_format, project, key_id, principal, user_id, billing_account_id, calls, tokens, cost, list_cost
from (
  select day, provider, model, source_format, project, key_id, principal, user_id, billing_account_id,
    cast(sum(calls) as bigint) as calls,
    cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as bigint) as tokens,
    cast(sum(cost) as decimal(38,12)) as cost,
    cast(sum(list_cost) as decimal(38,12)) as list_cost
  from usage
  where team = 'unallocated'
  group by day, provider, model, source_format, project, key_id, principal, user_id, billing_account_id
) summed
