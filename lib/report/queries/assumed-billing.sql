-- Usage nobody has proven to be billed per token, by source: its token value is not spend. Parameters: first day, last day.
select source_format, provider,
  cast(sum(calls) as bigint) as calls,
  cast(sum(list_cost) as decimal(38,12)) as list_cost
from usage
where cost_status = 'billing_unknown' and day between cast(? as date) and cast(? as date)
group by source_format, provider
order by list_cost desc nulls last, source_format, provider
