-- What was read, by outcome, over the whole lake. For every outcome: lines = usage_lines + skipped + rejected. No parameters.
select outcome,
  cast(count(*) as bigint) as objects,
  cast(sum(lines) as bigint) as lines,
  cast(sum(usage_lines) as bigint) as usage_lines,
  cast(sum(skipped) as bigint) as skipped,
  cast(sum(rejected) as bigint) as rejected,
  cast(sum(records) as bigint) as records
from ingested_objects
group by outcome
order by outcome
