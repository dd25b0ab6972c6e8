-- What each lever would have saved by team; the teams of a lever sum exactly to savings-by-lever.sql. Parameter: period, such as 2026-W46.
select lever, team, min(basis) as basis,
  cast(sum(calls) as bigint) as calls,
  cast(sum(baseline_cost) as decimal(38,12)) as baseline_cost,
  cast(sum(saving) as decimal(38,12)) as saving,
  cast(sum(cash_saving) as decimal(38,12)) as cash_saving,
  cast(sum(saving_alone) as decimal(38,12)) as saving_alone
from savings
where scenario = 'measured' and team is not null and period = cast(? as varchar)
group by lever, team
order by lever, cash_saving desc, team
