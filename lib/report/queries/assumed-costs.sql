-- Spend that rests on an assumption about its price or its tokens, by what is assumed. Parameters: first day, last day.
select cost_reason,
  cast(sum(calls) as bigint) as calls,
  cast(sum(cost) as decimal(38,12)) as cost
from usage
where cost_status = 'estimated' and day between cast(? as date) and cast(? as date)
group by cost_reason
order by cost desc nulls last, cost_reason
