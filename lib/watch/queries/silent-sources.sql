-- Sources that have been silent for long, or never came.
select prefix, source_format, billing_account_id, cast(last_event_at as varchar) as last_event_at
from sources
where status = 'silent'
order by prefix, source_format, billing_account_id
