-- One row per tag of a call, to join or filter usage by any tag. A call without tags has no row here.
select day, record_id, u.tag as tag, tags[u.tag] as value
from usage cross join unnest(map_keys(tags)) as u(tag)
