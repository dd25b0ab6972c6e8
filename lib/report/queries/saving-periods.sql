-- Periods that were simulated. No parameters.
select distinct period
from savings
order by period
