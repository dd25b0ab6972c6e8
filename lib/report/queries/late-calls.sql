-- Calls that were read three days or more after they happened, by how: a report made before them did not have them. Parameters: first day, last day.
select team, source_format,
  cast(sum(calls) as bigint) as calls,
  cast(sum(cost) as decimal(38,12)) as cost
from usage
where day between cast(? as date) and cast(? as date) and cast(ingested_at as date) >= day + interval '3' day
group by team, source_format
order by calls desc, team, source_format
