-- What each lever would have saved, and all together (lever plan); levers sum exactly to the plan. Parameter: period, such as 2026-W46.
select lever, min(basis) as basis,
  cast(max(case when team is not null then 1 else 0 end) as bigint) as has_amounts,
  cast(sum(calls) as bigint) as calls,
  cast(sum(baseline_cost) as decimal(38,12)) as baseline_cost,
  cast(sum(saving) as decimal(38,12)) as saving,
  cast(sum(cash_saving) as decimal(38,12)) as cash_saving,
  cast(sum(saving_alone) as decimal(38,12)) as saving_alone,
  max(low) as low, max(high) as high,
  max(evidence) as evidence
from savings
where scenario = 'measured' and period = cast(? as varchar)
group by lever
order by saving desc nulls last, lever
