-- Sealing: landing rows of live commits -> rows of usage and usage_excluded for the days in `dirty`, in one statement. This is its first
-- part: which rows tell of one call, which of them stands for it, and what it takes from the others. Then seal-buckets.sql (or
-- seal-no-buckets.sql where no bucket is near) and seal-rows.sql.
--
-- Tables given: landing (rows of all days within reach), commits (live ones only: commit_id, source_object, ingested_at, retracted),
-- dirty (day), core (day: the dirty days, and where buckets are near the two days on either side), settings (wide_days).
-- Only narrow rows and small tables (links, twins, buckets) are joined and kept; the wide rows are read once, at the end.
with
-- Lines without an id but with a time: equal lines of one object are told apart by their ordinal.
repeats as (
  select commit_id, source_line, part, record_id || '-' || cast(n as varchar) as record_id
  from (
    select l.commit_id, l.source_line, l.part, l.record_id,
      row_number() over (partition by l.commit_id, l.record_id order by l.source_line, l.part) as n
    from landing l
    join core x on x.day = l.day
    join commits c on c.commit_id = l.commit_id
    where l.identity = 'content' and not c.retracted
  ) numbered
  where n > 1
),
-- Twins share a key: a record id or an alternative id. Rows that share one with a row of a core day, or with such a row, are all that
-- can matter there, so days farther away give no more than those.
core_rows as (
  select l.commit_id, l.source_line, l.part, l.day, l.is_wide, coalesce(r.record_id, l.record_id) as record_id, l.alt_ids
  from landing l
  join core x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  left join repeats r on r.commit_id = l.commit_id and r.source_line = l.source_line and r.part = l.part
  where l.identity <> 'position' and not c.retracted
),
core_keys as (
  select record_id as key from core_rows
  union
  select u.alt as key from core_rows cross join unnest(alt_ids) as u(alt)
),
far_rows as (
  select l.commit_id, l.source_line, l.part, l.day, l.is_wide, l.record_id, l.alt_ids
  from landing l
  left join core x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  join core_keys k on k.key = l.record_id
  where x.day is null and l.identity not in ('position', 'content') and not c.retracted
  union
  select l.commit_id, l.source_line, l.part, l.day, l.is_wide, l.record_id, l.alt_ids
  from landing l
  cross join unnest(l.alt_ids) as u(alt)
  left join core x on x.day = l.day
  join commits c on c.commit_id = l.commit_id
  join core_keys k on k.key = u.alt
  where x.day is null and l.identity not in ('position', 'content') and not c.retracted
),
far_keys as (
  select record_id as key from far_rows
  union
  select u.alt as key from far_rows cross join unnest(alt_ids) as u(alt)
),
next_keys as (
  select key from far_keys except select key from core_keys
),
members as (
  select commit_id, source_line, part, day, is_wide, record_id, alt_ids from core_rows
  union all
  select commit_id, source_line, part, day, is_wide, record_id, alt_ids from far_rows
  union all
  (
    select l.commit_id, l.source_line, l.part, l.day, l.is_wide, l.record_id, l.alt_ids
    from landing l
    join commits c on c.commit_id = l.commit_id
    join next_keys k on k.key = l.record_id
    where l.identity not in ('position', 'content') and not c.retracted
    union
    select l.commit_id, l.source_line, l.part, l.day, l.is_wide, l.record_id, l.alt_ids
    from landing l
    cross join unnest(l.alt_ids) as u(alt)
    join commits c on c.commit_id = l.commit_id
    join next_keys k on k.key = u.alt
    where l.identity not in ('position', 'content') and not c.retracted
    except
    select commit_id, source_line, part, day, is_wide, record_id, alt_ids from far_rows
  )
),
entries as (
  select commit_id, source_line, part, day, is_wide, record_id, record_id as key from members
  union all
  select m.commit_id, m.source_line, m.part, m.day, m.is_wide, m.record_id, u.alt as key from members m cross join unnest(m.alt_ids) as u(alt)
),
shared_keys as (
  select key from entries group by key having count(*) > 1
),
links as (
  select e.* from entries e join shared_keys s on s.key = e.key
),
-- The order of twins, best first: total, and blind to arrival.
ranked as (
  select l.commit_id, l.source_line, l.part, t.record_id, l.day,
    row_number() over (
      order by case when l.grain = 'call' then 0 else 1 end, l.basis_rank, case when l.time_inferred then 1 else 0 end, l.source_rank,
        case when l.is_replica then 1 else 0 end,
        l.input_tokens + l.cache_read_tokens + l.cache_write_5m_tokens + l.cache_write_1h_tokens + l.output_tokens desc,
        l.occurred_at, l.input_tokens desc, l.output_tokens desc, l.cache_read_tokens desc, l.model_reported, l.tier, l.source_format,
        l.evidence, l.attribution_rank, l.extras, length(c.source_object), c.source_object, l.source_line, l.part
    ) as place
  from (select distinct commit_id, source_line, part, record_id from links) t
  join landing l on l.commit_id = t.commit_id and l.source_line = t.source_line and l.part = t.part
  join commits c on c.commit_id = l.commit_id
),
edges as (
  select r.place, n.key, date_diff('day', date '1970-01-01', n.day) as day_no, n.is_wide
  from links n
  join ranked r on r.commit_id = n.commit_id and r.source_line = n.source_line and r.part = n.part
),
-- One step: to rows with a common key at most one day away, or at most wide_days where either row is wide. A row is beaten by the
-- best row within two steps of which at most one is longer than a day; what that needs lies within wide_days + 1 days.
heads as (
  select key, day_no, is_wide, min(place) as best from edges group by key, day_no, is_wide
),
first_steps as (
  select h.key, h.day_no, h.is_wide,
    min(best) over (partition by key order by day_no range between 1 preceding and 1 following) as near,
    min(best) over (partition by key order by day_no range between wide_days preceding and wide_days following) as far,
    min(case when is_wide then best end)
      over (partition by key order by day_no range between wide_days preceding and wide_days following) as far_wide
  from heads h cross join settings s
),
within_one as (
  select e.place, min(f.near) as near, min(least(f.near, coalesce(case when e.is_wide then f.far else f.far_wide end, f.near))) as reached
  from edges e
  join first_steps f on f.key = e.key and f.day_no = e.day_no and f.is_wide = e.is_wide
  group by e.place
),
second_heads as (
  select e.key, e.day_no, e.is_wide, min(w.near) as near, min(w.reached) as reached
  from edges e join within_one w on w.place = e.place
  group by e.key, e.day_no, e.is_wide
),
second_steps as (
  select h.key, h.day_no, h.is_wide,
    min(reached) over (partition by key order by day_no range between 1 preceding and 1 following) as reached,
    min(near) over (partition by key order by day_no range between wide_days preceding and wide_days following) as far,
    min(case when is_wide then near end)
      over (partition by key order by day_no range between wide_days preceding and wide_days following) as far_wide
  from second_heads h cross join settings s
),
winners as (
  select e.place, min(least(f.reached, coalesce(case when e.is_wide then f.far else f.far_wide end, f.reached))) as best
  from edges e
  join second_steps f on f.key = e.key and f.day_no = e.day_no and f.is_wide = e.is_wide
  group by e.place
),
decided as (
  select r.commit_id, r.source_line, r.part, r.place, r.day, case when w.best = r.place then 1 else 0 end as kept,
    case when w.best = r.place then r.place end as keeper_place, k.record_id as keeper_id
  from ranked r
  join winners w on w.place = r.place
  join ranked k on k.place = w.best
),
-- What a kept row lacks it takes from the rows within the same two steps; the team from the strongest evidence.
keepers as (
  select e.place, e.key, e.day_no, e.is_wide
  from edges e join decided d on d.place = e.place join dirty x on x.day = d.day
  where d.kept = 1
),
first_reach as (
  select k.place as keeper, e.place, min(case when abs(e.day_no - k.day_no) <= 1 then 0 else 1 end) as is_far
  from keepers k join edges e on e.key = k.key cross join settings s
  where abs(e.day_no - k.day_no) <= case when k.is_wide or e.is_wide then s.wide_days else 1 end
  group by k.place, e.place
),
marks as (
  select distinct f.keeper, f.is_far, e.key, e.day_no, e.is_wide from first_reach f join edges e on e.place = f.place
),
donors as (
  select distinct m.keeper, e.place
  from marks m join edges e on e.key = m.key cross join settings s
  where abs(e.day_no - m.day_no) <= case when m.is_far = 0 and (m.is_wide or e.is_wide) then s.wide_days else 1 end
),
completed as (
  select o.keeper,
    min_by(l.team, l.attribution_rank * 1000000000000 + o.place) filter (where l.team is not null) as team,
    min_by(l.attribution, l.attribution_rank * 1000000000000 + o.place) filter (where l.team is not null) as attribution,
    min_by(l.project, o.place) filter (where l.project is not null) as project,
    min_by(l.application, o.place) filter (where l.application is not null) as application,
    min_by(l.environment, o.place) filter (where l.environment is not null) as environment,
    min_by(l.feature, o.place) filter (where l.feature is not null) as feature,
    min_by(l.customer, o.place) filter (where l.customer is not null) as customer,
    min_by(l.call_id, o.place) filter (where l.call_id is not null) as call_id,
    min_by(l.user_id, o.place) filter (where l.user_id is not null) as user_id,
    min_by(l.key_id, o.place) filter (where l.key_id is not null) as key_id,
    min_by(l.principal, o.place) filter (where l.principal is not null) as principal,
    min_by(l.session_id, o.place) filter (where l.session_id is not null) as session_id,
    min_by(l.billing_account_id, o.place) filter (where l.billing_account_id is not null) as billing_account_id,
    min_by(l.sub_account_id, o.place) filter (where l.sub_account_id is not null) as sub_account_id,
    min_by(l.latency_ms, o.place) filter (where l.latency_ms is not null) as latency_ms,
    min_by(l.first_token_ms, o.place) filter (where l.first_token_ms is not null) as first_token_ms,
    min_by(l.deadline_seconds, o.place) filter (where l.deadline_seconds is not null) as deadline_seconds,
    min_by(l.reported_cost, o.place) filter (where l.reported_cost is not null) as reported_cost,
    min_by(l.tags, o.place) filter (where cardinality(l.tags) > 0) as tags
  from donors o
  join ranked r on r.place = o.place
  join landing l on l.commit_id = r.commit_id and l.source_line = r.source_line and l.part = r.part
  group by o.keeper
),
