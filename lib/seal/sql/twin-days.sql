-- Days that hold a twin of a row of a changed commit: within the same two steps as in seal-twins.sql.
-- Given: landing (rows of all days within reach, changed commits that are no longer live too), changed (commit_id), settings (wide_days).
with
changed_keys as (
  select l.record_id as key, l.day, l.is_wide from landing l join changed c on c.commit_id = l.commit_id
  union
  select u.alt as key, l.day, l.is_wide from landing l join changed c on c.commit_id = l.commit_id cross join unnest(l.alt_ids) as u(alt)
),
first_step as (
  select l.record_id, l.alt_ids, l.day, l.is_wide, k.is_wide as either_wide, abs(date_diff('day', l.day, k.day)) as days
  from landing l join changed_keys k on k.key = l.record_id
  union
  select l.record_id, l.alt_ids, l.day, l.is_wide, k.is_wide as either_wide, abs(date_diff('day', l.day, k.day)) as days
  from landing l cross join unnest(l.alt_ids) as u(alt) join changed_keys k on k.key = u.alt
),
linked_rows as (
  select f.record_id, f.alt_ids, f.day, f.is_wide, case when f.days > 1 then 1 else 0 end as is_far
  from first_step f cross join settings s
  where f.days <= case when f.is_wide or f.either_wide then s.wide_days else 1 end
),
next_keys as (
  select record_id as key, day, is_wide, is_far from linked_rows
  union
  select u.alt as key, day, is_wide, is_far from linked_rows cross join unnest(alt_ids) as u(alt)
),
second_step as (
  select l.day, l.is_wide, k.is_wide as either_wide, k.is_far, abs(date_diff('day', l.day, k.day)) as days
  from landing l join next_keys k on k.key = l.record_id
  union
  select l.day, l.is_wide, k.is_wide as either_wide, k.is_far, abs(date_diff('day', l.day, k.day)) as days
  from landing l cross join unnest(l.alt_ids) as u(alt) join next_keys k on k.key = u.alt
)
select distinct n.day
from second_step n
cross join settings s
where n.days <= case when n.is_far = 0 and (n.is_wide or n.either_wide) then s.wide_days else 1 end
