-- Why did a week cost more or less than the one before: price, volume, mix, new models, new keys?
-- The drivers of a week sum exactly to its change, over the days that are complete in both weeks.
with summed as (
  select week, driver,
    cast(sum(amount) as decimal(38,12)) as amount,
    cast(count(distinct team) as bigint) as teams
  from change_drivers
  group by week, driver
)
select week, driver, amount, teams, cast(sum(amount) over (partition by week) as decimal(38,12)) as change_of_week
from summed
order by week desc, abs(amount) desc, driver
