-- First and last day of the ledger. No parameters.
select min(day) as first_day, max(day) as last_day
from spend_daily
