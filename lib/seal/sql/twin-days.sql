-- Days that hold a twin of a row of a changed commit: rows that share a key with it, or with a row that does.
-- Given: landing (rows of all days within reach, changed commits that are no longer live too), changed (commit_id), settings (reach_days).
with
changed_keys as (
  select l.record_id as key, l.day from landing l join changed c on c.commit_id = l.commit_id
  union
  select u.alt as key, l.day from landing l join changed c on c.commit_id = l.commit_id cross join unnest(l.alt_ids) as u(alt)
),
linked_rows as (
  select l.record_id, l.alt_ids, k.day from landing l join changed_keys k on k.key = l.record_id
  union
  select l.record_id, l.alt_ids, k.day from landing l cross join unnest(l.alt_ids) as u(alt) join changed_keys k on k.key = u.alt
),
next_keys as (
  select record_id as key, day from linked_rows
  union
  select u.alt as key, day from linked_rows cross join unnest(alt_ids) as u(alt)
),
pairs as (
  select distinct l.day, k.day as changed_day from landing l join next_keys k on k.key = l.record_id
  union
  select distinct l.day, k.day as changed_day from landing l cross join unnest(l.alt_ids) as u(alt) join next_keys k on k.key = u.alt
)
select distinct p.day
from pairs p
cross join settings s
where abs(date_diff('day', p.day, p.changed_day)) <= s.reach_days
