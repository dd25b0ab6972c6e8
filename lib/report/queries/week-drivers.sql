-- Why the week cost more or less than the one before; the rows sum exactly to the change over the compared days. Parameter: last day of the week.
select team, driver, cast(sum(amount) as decimal(38,12)) as amount
from change_drivers
where week = cast(cast(? as date) as varchar)
group by team, driver
order by team, driver
