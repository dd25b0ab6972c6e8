-- What each source brought on each day, duplicates included: a gateway whose calls all count elsewhere is alive, too.
-- Given: landing (rows of the days), folders (commit_id of the live commits, folder of the object, object_at).
select l.source_format, l.billing_account_id, f.folder, l.provider, l.grain,
  cast(count(*) as bigint) as landed_rows,
  cast(sum(l.calls) as bigint) as calls,
  cast(sum(l.list_cost) as decimal(38,12)) as list_cost,
  min(l.occurred_at) as first_at,
  max(l.occurred_at) as last_at,
  max(f.object_at) as last_object_at,
  l.day
from landing l
join folders f on f.commit_id = l.commit_id
group by l.source_format, l.billing_account_id, f.folder, l.provider, l.grain, l.day
