-- Prices that begin or end soon, and what they would change for the tokens used lately, at on-demand rates of the default region and the base
-- context band. effect is null where one of the two prices is not known. Parameters: first and last day of the usage, first and last day of the changes.
with soon as (
  select cast(? as date) as used_from, cast(? as date) as used_to, cast(? as date) as first_day, cast(? as date) as last_day
),
plain as (
  select p.price_id, p.provider, p.model, p.meter, p.service_tier, p.unit, p.value,
    cast(p.valid_from as date) as from_day, cast(p.valid_to as date) as to_day
  from prices p
  where p.unit = 'per_1M_tokens' and p.region_scope is null and p.context_band is null and p.time_window is null
),
changes as (
  select distinct p.provider, p.model, p.meter, p.service_tier, d.change_day
  from plain p
  join (
    select price_id, from_day as change_day from plain
    union all
    select price_id, to_day as change_day from plain
  ) d on d.price_id = p.price_id
  join soon on d.change_day between soon.first_day and soon.last_day
),
sided as (
  select c.provider, c.model, c.meter, c.service_tier, c.change_day,
    p.value, p.price_id, p.from_day,
    case when p.from_day = c.change_day then 'after' when p.to_day = c.change_day then 'before' else 'both' end as side
  from changes c
  join plain p on p.provider = c.provider and p.model = c.model and p.meter = c.meter and p.service_tier = c.service_tier
    and (p.from_day is null or p.from_day <= c.change_day) and (p.to_day is null or p.to_day >= c.change_day)
),
ranked as (
  select provider, model, meter, service_tier, change_day, value, price_id, 'before' as side,
    row_number() over (partition by provider, model, meter, service_tier, change_day order by from_day desc nulls last, price_id) as place
  from sided where side in ('before', 'both')
  union all
  select provider, model, meter, service_tier, change_day, value, price_id, 'after' as side,
    row_number() over (partition by provider, model, meter, service_tier, change_day order by from_day desc nulls last, price_id) as place
  from sided where side in ('after', 'both')
),
paired as (
  select c.provider, c.model, c.meter, c.service_tier, c.change_day,
    o.value as old_value, n.value as new_value, coalesce(n.price_id, o.price_id) as price_id
  from changes c
  left join ranked o on o.side = 'before' and o.place = 1 and o.provider = c.provider and o.model = c.model and o.meter = c.meter
    and o.service_tier = c.service_tier and o.change_day = c.change_day
  left join ranked n on n.side = 'after' and n.place = 1 and n.provider = c.provider and n.model = c.model and n.meter = c.meter
    and n.service_tier = c.service_tier and n.change_day = c.change_day
),
used as (
  select s.team, s.provider, s.model, s.tier, m.meter,
    cast(sum(case m.column_name
      when 'input' then s.input_tokens when 'read' then s.cache_read_tokens when 'write_5m' then s.cache_write_5m_tokens
      when 'write_1h' then s.cache_write_1h_tokens else s.output_tokens end) as bigint) as tokens
  from spend_daily s
  join soon on s.day between soon.used_from and soon.used_to
  cross join (
    values ('input', 'input'), ('embedding_input', 'input'), ('cached_input', 'read'), ('cache_write', 'write_5m'),
      ('cache_write_5m', 'write_5m'), ('cache_write_1h', 'write_1h'), ('output', 'output')
  ) as m(meter, column_name)
  where s.cost_status in ('priced', 'estimated')
  group by s.team, s.provider, s.model, s.tier, m.meter
)
select p.change_day, p.provider, p.model, p.meter, p.service_tier, u.team, p.price_id, p.old_value, p.new_value, u.tokens,
  cast(cast(u.tokens as decimal(18,0)) * cast((try_cast(p.new_value as decimal(11,6)) - try_cast(p.old_value as decimal(11,6)))
    * cast('0.000001' as decimal(7,6)) as decimal(18,12)) as decimal(38,12)) as effect
from paired p
join used u on u.provider = p.provider and u.model = p.model and u.meter = p.meter and u.tier = p.service_tier
where u.tokens > 0 and (p.old_value is null or p.new_value is null or p.old_value <> p.new_value)
order by p.change_day, p.provider, p.model, p.meter, p.service_tier, u.team
