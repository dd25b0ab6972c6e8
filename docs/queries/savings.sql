-- What would each lever have saved in the last week and month that were simulated, and how much of it would reach the bank?
-- The plan comes first and is not added to its levers, which sum to it. Null: the log does not tell (basis not_identifiable).
select kind, period, lever, baseline_cost, saving, cash_saving, low, high, basis
from savings_latest
order by kind desc, case when lever = 'plan' then 0 else 1 end, saving desc nulls last, lever
