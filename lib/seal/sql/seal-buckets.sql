-- Sealing, second part: what the calls do not cover of the provider's own buckets. From here: counted remainders, the accounts that sources
-- without one belong to, and the agent sessions that a bucket proves to be billed.
-- Buckets that are no repeats. A report without an account is of the provider's one account, if the day shows only one.
bucket_rows as (
  select l.commit_id, l.source_line, l.part, l.day, date_diff('day', date '1970-01-01', l.day) as day_no, l.provider, l.billing_account_id,
    l.billing_mode, l.model, l.operation, l.tier, coalesce(l.project, '') as project, l.occurred_at, l.record_id,
    case when l.grouping_key like '%tier%' or l.grouping_key like '%batch%' or l.grouping_key like '%usage_type%'
      or l.grouping_key like '%speed%' then 1 else 0 end as tells_tier, coalesce(l.grouping_key, '') as grouping_key, substr(coalesce(l.grouping_key, ''), 4, 8) as fineness, l.calls, l.input_tokens,
    l.cache_read_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.output_tokens, l.images, l.web_searches, l.cost_status,
    l.rate_input, l.rate_cache_read, l.rate_cache_write_5m, l.rate_cache_write_1h, l.rate_output
  from landing l
  join core x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  where l.grain = 'bucket' and not c.retracted and coalesce(d.kept, 1) = 1
),
-- Calls beside them, in cells. What a gateway answered from its own cache never reached the provider, so it covers nothing there.
raw_cells as (
  select l.day, l.provider, l.billing_account_id, l.billing_mode, l.model, l.tier, coalesce(l.project, '') as project,
    date_trunc('hour', l.occurred_at) as hour, cast(sum(l.calls) as bigint) as calls, cast(sum(l.input_tokens) as bigint) as input_tokens,
    cast(sum(l.cache_read_tokens) as bigint) as cache_read_tokens, cast(sum(l.cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(l.cache_write_1h_tokens) as bigint) as cache_write_1h_tokens, cast(sum(l.output_tokens) as bigint) as output_tokens,
    cast(sum(l.images) as bigint) as images, cast(sum(l.web_searches) as bigint) as web_searches
  from landing l
  join (select distinct day, provider from bucket_rows) b on b.day = l.day and b.provider = l.provider
  join commits c on c.commit_id = l.commit_id
  left join decided d on d.commit_id = l.commit_id and d.source_line = l.source_line and d.part = l.part
  where l.grain = 'call' and l.billing_mode in ('on_demand', 'unknown') and not c.retracted and coalesce(d.kept, 1) = 1
    and coalesce(l.cost_reason, '') <> 'served_from_cache'
  group by l.day, l.provider, l.billing_account_id, l.billing_mode, l.model, l.tier, coalesce(l.project, ''), date_trunc('hour', l.occurred_at)
),
only_accounts as (
  select day, provider, min(account) as account
  from (
    select day, provider, billing_account_id as account from bucket_rows
    union all
    select day, provider, billing_account_id from raw_cells where billing_mode = 'on_demand'
  ) seen
  group by day, provider
  having min(account) = max(account)
),
-- Reports of one window grouped in different ways show the same usage: the fullest counts, then the finest. So do reports of one day in
-- windows of different length. A page whose rows lack a dimension looks grouped in another way, which is why each window decides alone.
owned_buckets as (
  select b.*, coalesce(b.billing_account_id, a.account, '') || case when b.billing_mode = 'on_demand' then '' else '#' || b.billing_mode end as account
  from bucket_rows b left join only_accounts a on a.day = b.day and a.provider = b.provider
),
windows as (
  select day, provider, account, operation, fineness, occurred_at, grouping_key,
    sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens + images + web_searches) as amount
  from owned_buckets
  group by day, provider, account, operation, fineness, occurred_at, grouping_key
),
numbered_windows as (
  select w.*,
    row_number() over (partition by day, provider, account, operation, fineness, occurred_at order by amount desc, grouping_key desc) as choice
  from windows w
),
lengths as (
  select day, provider, account, operation, fineness, sum(amount) as amount
  from numbered_windows where choice = 1
  group by day, provider, account, operation, fineness
),
numbered_lengths as (
  select l.*, row_number() over (partition by day, provider, account, operation order by amount desc, fineness desc) as choice from lengths l
),
counted_buckets as (
  select b.*
  from owned_buckets b
  join numbered_windows w on w.choice = 1 and w.day = b.day and w.provider = b.provider and w.account = b.account
    and w.operation = b.operation and w.fineness = b.fineness and w.occurred_at = b.occurred_at and w.grouping_key = b.grouping_key
  join numbered_lengths n on n.choice = 1 and n.day = b.day and n.provider = b.provider and n.account = b.account
    and n.operation = b.operation and n.fineness = b.fineness
),
cells as (
  select r.*, coalesce(r.billing_account_id, a.account, '') as account, date_diff('day', date '1970-01-01', r.day) as day_no
  from raw_cells r left join only_accounts a on a.day = r.day and a.provider = r.provider
),
-- Both sides meter by meter: 'd' what the report shows, 's' what calls show of it. An account without a report of its day compares nothing.
meters as (
  select meter from (values (1), (2), (3), (4), (5), (6), (7), (8)) as m(meter)
),
book as (
  select * from (
    select 'd' as side, b.day_no, b.provider, b.account, b.model, b.tier, case when b.tells_tier = 1 then b.tier else '' end as told_tier,
      case when b.day_tells_tier = 1 then b.tier else '' end as day_tier, b.project,
      case when b.fineness >= '99996399' then cast(date_trunc('hour', b.occurred_at) as varchar) else '' end as slot, m.meter,
      case m.meter when 1 then b.calls when 2 then b.input_tokens when 3 then b.cache_read_tokens when 4 then b.cache_write_5m_tokens
        when 5 then b.cache_write_1h_tokens when 6 then b.output_tokens when 7 then b.images else b.web_searches end as amount,
      b.record_id, b.commit_id, b.source_line, b.part
    from (
      select c.*, min(c.tells_tier) over (partition by c.day_no, c.provider, c.account) as day_tells_tier from counted_buckets c
    ) b
    cross join meters m
    union all
    select 's' as side, c.day_no, c.provider, c.account, c.model, c.tier, case when b.tells_tier = 1 then c.tier else '' end as told_tier,
      case when b.tells_tier = 1 then c.tier else '' end as day_tier, c.project, cast(c.hour as varchar) as slot, m.meter,
      case m.meter when 1 then c.calls when 2 then c.input_tokens when 3 then c.cache_read_tokens when 4 then c.cache_write_5m_tokens
        when 5 then c.cache_write_1h_tokens when 6 then c.output_tokens when 7 then c.images else c.web_searches end as amount,
      '' as record_id, '' as commit_id, 0 as source_line, 0 as part
    from cells c
    join (
      select day_no, provider, account, min(tells_tier) as tells_tier from counted_buckets group by day_no, provider, account
    ) b on b.day_no = c.day_no and b.provider = c.provider
      and b.account = c.account
    cross join meters m
    where c.billing_mode = 'on_demand'
  ) amounts
  where amount > 0
),
-- Covering, from the finest scope both carry to provider × model × day, and × tier where the day's reports tell it: in each scope as much of
-- either side goes as the other has. One order serves all sums of a scope: the report's rows come first, then those of the calls.
by_hour as (
  select side, day_no, provider, account, model, tier, told_tier, day_tier, project, slot, meter, record_id, commit_id, source_line, part,
    cast(amount - greatest(0, least(amount, case when side = 'd' then shown - before else reported - (before - reported) end)) as bigint) as amount
  from (
    select b.*, sum(case when side = 'd' then amount else 0 end) over whole as reported,
      sum(case when side = 's' then amount else 0 end) over whole as shown, sum(amount) over queue - amount as before
    from book b
    window whole as (partition by day_no, provider, account, model, meter, tier, project, slot order by side, record_id, source_line, part
        rows between unbounded preceding and unbounded following),
      queue as (partition by day_no, provider, account, model, meter, tier, project, slot order by side, record_id, source_line, part rows unbounded preceding)
  ) scoped
),
by_project as (
  select side, day_no, provider, account, model, tier, told_tier, day_tier, project, slot, meter, record_id, commit_id, source_line, part,
    cast(amount - greatest(0, least(amount, case when side = 'd' then shown - before else reported - (before - reported) end)) as bigint) as amount
  from (
    select b.*, sum(case when side = 'd' then amount else 0 end) over whole as reported,
      sum(case when side = 's' then amount else 0 end) over whole as shown, sum(amount) over queue - amount as before
    from by_hour b
    window whole as (partition by day_no, provider, account, model, meter, tier, project order by side, slot, record_id, source_line, part
        rows between unbounded preceding and unbounded following),
      queue as (partition by day_no, provider, account, model, meter, tier, project order by side, slot, record_id, source_line, part rows unbounded preceding)
  ) scoped
),
by_tier as (
  select side, day_no, provider, account, model, tier, told_tier, day_tier, project, slot, meter, record_id, commit_id, source_line, part,
    cast(amount - greatest(0, least(amount, case when side = 'd' then shown - before else reported - (before - reported) end)) as bigint) as amount
  from (
    select b.*, sum(case when side = 'd' then amount else 0 end) over whole as reported,
      sum(case when side = 's' then amount else 0 end) over whole as shown, sum(amount) over queue - amount as before
    from by_project b
    window whole as (partition by day_no, provider, account, model, meter, tier order by side, project, slot, record_id, source_line, part
        rows between unbounded preceding and unbounded following),
      queue as (partition by day_no, provider, account, model, meter, tier order by side, project, slot, record_id, source_line, part rows unbounded preceding)
  ) scoped
),
by_told_tier as (
  select side, day_no, provider, account, model, tier, told_tier, day_tier, project, slot, meter, record_id, commit_id, source_line, part,
    cast(amount - greatest(0, least(amount, case when side = 'd' then shown - before else reported - (before - reported) end)) as bigint) as amount
  from (
    select b.*, sum(case when side = 'd' then amount else 0 end) over whole as reported,
      sum(case when side = 's' then amount else 0 end) over whole as shown, sum(amount) over queue - amount as before
    from by_tier b
    window whole as (partition by day_no, provider, account, model, meter, day_tier order by side, tier desc, project, slot, record_id, source_line, part
        rows between unbounded preceding and unbounded following),
      queue as (partition by day_no, provider, account, model, meter, day_tier order by side, tier desc, project, slot, record_id, source_line, part rows unbounded preceding)
  ) scoped
),
-- A call near midnight may stand in the report of the day before or after: an excess is set against what is left there, first of the
-- day before, tier by tier where the reports tell tiers. What is left over then is a log's that does not know its tier: it is set against what is
-- left of its own day, whatever the tier. What is left of a day so depends on two days on either side.
nets as (
  select day_no, provider, account, model, told_tier, meter, cast(sum(case when side = 's' then amount else 0 end) as bigint) as excess,
    cast(sum(case when side = 'd' then amount else 0 end) as bigint) as rest
  from by_told_tier
  group by day_no, provider, account, model, told_tier, meter
),
backs as (
  select n.*, least(n.excess, coalesce(b.rest, 0)) as back
  from nets n
  left join nets b on b.day_no = n.day_no - 1 and b.provider = n.provider and b.account = n.account and b.model = n.model
    and b.told_tier = n.told_tier and b.meter = n.meter
),
forths as (
  select b.*, least(b.excess - b.back, case when n.rest is null then 0 else n.rest - coalesce(o.back, 0) end) as forth
  from backs b
  left join nets n on n.day_no = b.day_no + 1 and n.provider = b.provider and n.account = b.account and n.model = b.model
    and n.told_tier = b.told_tier and n.meter = b.meter
  left join backs o on o.day_no = b.day_no + 2 and o.provider = b.provider and o.account = b.account and o.model = b.model
    and o.told_tier = b.told_tier and o.meter = b.meter
),
shifts as (
  select n.day_no, n.provider, n.account, n.model, n.told_tier, n.meter, coalesce(a.back, 0) + coalesce(b.forth, 0) as shifted
  from nets n
  left join forths a on a.day_no = n.day_no + 1 and a.provider = n.provider and a.account = n.account and a.model = n.model
    and a.told_tier = n.told_tier and a.meter = n.meter
  left join forths b on b.day_no = n.day_no - 1 and b.provider = n.provider and b.account = n.account and b.model = n.model
    and b.told_tier = n.told_tier and b.meter = n.meter
  where n.rest > 0
),
shifted as (
  select r.day_no, r.provider, r.account, r.model, r.tier, r.meter, r.record_id, r.commit_id, r.source_line, r.part,
    cast(r.amount - greatest(0, least(r.amount, r.shifted - r.before)) as bigint) as amount
  from (
    select b.*, s.shifted,
      sum(b.amount) over (
        partition by b.day_no, b.provider, b.account, b.model, b.told_tier, b.meter
        order by b.tier desc, b.project, b.slot, b.record_id, b.source_line, b.part rows unbounded preceding
      ) - b.amount as before
    from by_told_tier b
    join shifts s on s.day_no = b.day_no and s.provider = b.provider and s.account = b.account and s.model = b.model
      and s.told_tier = b.told_tier and s.meter = b.meter
    where b.side = 'd'
  ) r
),
crossed as (
  select r.day_no, r.provider, r.account, r.model, r.tier, r.meter, r.record_id, r.commit_id, r.source_line, r.part,
    cast(r.amount - greatest(0, least(r.amount, r.left_over - r.before)) as bigint) as amount
  from (
    select s.*, coalesce(f.left_over, 0) as left_over,
      sum(s.amount) over (
        partition by s.day_no, s.provider, s.account, s.model, s.meter
        order by s.tier desc, s.record_id, s.source_line, s.part rows unbounded preceding
      ) - s.amount as before
    from shifted s
    left join (
      select day_no, provider, account, model, meter, sum(excess - back - forth) as left_over
      from forths
      group by day_no, provider, account, model, meter
    ) f on f.day_no = s.day_no and f.provider = s.provider and f.account = s.account and f.model = s.model and f.meter = s.meter
  ) r
),
-- Agent sessions that nobody knows how to bill: where all of a day's fit into what is left of the account's report, it bills them.
unproven as (
  select c.day_no, c.provider, c.account, c.model, m.meter,
    cast(sum(case m.meter when 2 then c.input_tokens when 3 then c.cache_read_tokens when 4 then c.cache_write_5m_tokens
      when 5 then c.cache_write_1h_tokens when 6 then c.output_tokens when 7 then c.images when 8 then c.web_searches else 0 end) as bigint) as amount
  from cells c cross join meters m
  where c.billing_mode = 'unknown'
  group by c.day_no, c.provider, c.account, c.model, m.meter
),
proven as (
  select u.day_no, u.provider, u.account, u.model, p.rate_input, p.rate_cache_read, p.rate_cache_write_5m, p.rate_cache_write_1h,
    p.rate_output, p.cost_status
  from unproven u
  join (
    select day_no, provider, account, model, min(rate_input) as rate_input, min(rate_cache_read) as rate_cache_read,
      min(rate_cache_write_5m) as rate_cache_write_5m, min(rate_cache_write_1h) as rate_cache_write_1h, min(rate_output) as rate_output,
      min(cost_status) as cost_status
    from counted_buckets
    where cost_status in ('priced', 'estimated')
    group by day_no, provider, account, model
    having min(rate_input) = max(rate_input) and min(rate_cache_read) = max(rate_cache_read)
      and min(rate_cache_write_5m) = max(rate_cache_write_5m) and min(rate_cache_write_1h) = max(rate_cache_write_1h)
      and min(rate_output) = max(rate_output)
  ) p on p.day_no = u.day_no and p.provider = u.provider and p.account = u.account and p.model = u.model
  left join (
    select day_no, provider, account, model, meter, sum(amount) as rest from crossed group by day_no, provider, account, model, meter
  ) r on r.day_no = u.day_no and r.provider = u.provider and r.account = u.account and r.model = u.model and r.meter = u.meter
  group by u.day_no, u.provider, u.account, u.model, p.rate_input, p.rate_cache_read, p.rate_cache_write_5m, p.rate_cache_write_1h,
    p.rate_output, p.cost_status
  having sum(u.amount) > 0 and sum(case when u.amount > case when u.meter >= 7 then 0 else coalesce(r.rest, 0) end then 1 else 0 end) = 0
),
remainders as (
  select b.commit_id, b.source_line, b.part, coalesce(max(case when r.meter = 1 then r.amount end), 0) as calls,
    coalesce(max(case when r.meter = 2 then r.amount end), 0) as input_tokens,
    coalesce(max(case when r.meter = 3 then r.amount end), 0) as cache_read_tokens,
    coalesce(max(case when r.meter = 4 then r.amount end), 0) as cache_write_5m_tokens,
    coalesce(max(case when r.meter = 5 then r.amount end), 0) as cache_write_1h_tokens,
    coalesce(max(case when r.meter = 6 then r.amount end), 0) as output_tokens,
    coalesce(max(case when r.meter = 7 then r.amount end), 0) as images,
    coalesce(max(case when r.meter = 8 then r.amount end), 0) as web_searches
  from counted_buckets b
  left join (
    select s.commit_id, s.source_line, s.part, s.meter,
      cast(s.amount - greatest(0, least(s.amount, coalesce(case when q.model is not null then s.proven end, 0)
        - (sum(s.amount) over (
            partition by s.day_no, s.provider, s.account, s.model, s.meter order by s.tier desc, s.record_id, s.source_line, s.part rows unbounded preceding
          ) - s.amount))) as bigint) as amount
    from (
      select f.*, u.amount as proven
      from crossed f
      left join unproven u on u.day_no = f.day_no and u.provider = f.provider and u.account = f.account and u.model = f.model and u.meter = f.meter
    ) s
    left join proven q on q.day_no = s.day_no and q.provider = s.provider and q.account = s.account and q.model = s.model
  ) r on r.commit_id = b.commit_id and r.source_line = b.source_line and r.part = b.part
  group by b.commit_id, b.source_line, b.part
),
