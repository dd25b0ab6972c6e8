-- Every source: since when, until when, how often, and the days it owes. No parameters.
select source_format, billing_account_id, prefix,
  cast(first_event_at as date) as first_day, cast(last_event_at as date) as last_day, usual_gap_hours, missing_days, status
from sources
order by prefix, source_format, billing_account_id nulls first
