-- Lines that could not become usage, by reason, over the whole lake (a broken line has no day of its own). No parameters.
select reason, detail,
  cast(count(*) as bigint) as reject_lines,
  cast(count(distinct source_object) as bigint) as objects,
  min(source_object) as example_object
from rejects
group by reason, detail
order by reject_lines desc, reason, detail
limit 20
