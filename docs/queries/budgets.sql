-- How does each budget stand: spent, left, and where will the month end?
-- The range is meant to hold the month's spend in 80 of 100 months; states are explained in docs/tables.md, view budget_status.
select period, scope, id, owner, budget, spent,
  cast(100 * cast(spent as double) / nullif(cast(budget as double), 0) as decimal(9,2)) as spent_percent,
  remaining, low, expected, high, state
from budget_status
order by period desc, scope desc, id
