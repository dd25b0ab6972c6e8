-- Days that hold a twin of a row of a changed commit: rows that share an id with it, directly or through one row between.
-- Given: landing (rows of all days within reach, superseded commits too), changed (commit_id), settings (wide_days).
with
keys as (
  select commit_id, day, record_id as key, record_id from landing
  union all
  select l.commit_id, l.day, u.alt as key, l.record_id from landing l cross join unnest(l.alt_ids) as u(alt)
),
changed_keys as (
  select distinct k.key, k.day from keys k join changed c on c.commit_id = k.commit_id
),
next_keys as (
  select distinct other.key, c.day
  from changed_keys c
  join keys near on near.key = c.key
  join keys other on other.commit_id = near.commit_id and other.record_id = near.record_id and other.day = near.day
)
select distinct k.day
from next_keys n
join keys k on k.key = n.key
cross join settings s
where abs(date_diff('day', k.day, n.day)) <= s.wide_days
