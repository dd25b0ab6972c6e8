-- Days that lack a source which is known to report them: as sealed, and as the sources owe by now. Parameters: first day, last day.
select cast(day as varchar) as day
from spend_daily
where day between cast(? as date) and cast(? as date) and not complete
group by day
union
select owed.day
from sources cross join unnest(missing_days) as owed(day)
order by day
