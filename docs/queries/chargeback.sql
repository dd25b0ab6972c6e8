-- What is each team charged for a month: its own calls, its part of shared costs, and what belongs to no team?
-- The last column sums exactly to the month's spend.
select month, team,
  cast(sum(case when cost_kind = 'direct' then cost else 0 end) as decimal(38,12)) as direct,
  cast(sum(case when cost_kind = 'shared' then cost else 0 end) as decimal(38,12)) as shared,
  cast(sum(case when cost_kind = 'unallocated' then cost else 0 end) as decimal(38,12)) as unallocated,
  cast(sum(cost) as decimal(38,12)) as charged
from showback_monthly
group by month, team
order by month desc, charged desc, team
