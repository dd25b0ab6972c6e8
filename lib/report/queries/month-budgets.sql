-- Budgets of the month a day lies in. Parameter: the day.
select scope, id, amount, owner
from budgets
where period = substr(cast(cast(? as date) as varchar), 1, 7)
order by scope desc, id
