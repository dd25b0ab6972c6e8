-- Rejected lines of live objects. Given: reject_lines (landing), commits.
select c.source_object, l.source_line, l.reason, l.detail, l.format_guess, l.keys, l.day as ingested_day
from reject_lines l
join commits c on c.commit_id = l.commit_id and not c.retracted
