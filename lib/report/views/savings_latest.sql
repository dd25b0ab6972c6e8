-- What each lever saves in the week and in the month that were simulated last, all teams together; the levers sum to the row `plan`.
select s.period, latest.kind, s.scenario, s.lever,
  cast(sum(s.calls) as bigint) as calls,
  cast(sum(s.baseline_cost) as decimal(38,12)) as baseline_cost,
  cast(sum(s.saving) as decimal(38,12)) as saving,
  cast(sum(s.cash_saving) as decimal(38,12)) as cash_saving,
  cast(sum(s.saving_alone) as decimal(38,12)) as saving_alone,
  max(s.low) as low,
  max(s.high) as high,
  s.basis
from savings s
join (
  select case when length(period) = 7 then 'month' else 'week' end as kind, max(period) as period
  from savings
  group by case when length(period) = 7 then 'month' else 'week' end
) latest on latest.period = s.period
group by s.period, latest.kind, s.scenario, s.lever, s.basis
