-- Calls, units and costs of two weeks, by what is billed alike and who called; `other_cost` is what is left of `cost`. Table `compared_days` has the
-- days of both weeks, `side` being previous or current. Parameters: first day, last day of both. Rows that cost nothing known are left out.
select d.side, u.team, u.provider, u.model, u.tier, u.operation, u.key_id,
  cast(sum(u.calls) as bigint) as calls,
  cast(sum(u.input_tokens) as bigint) as input_tokens,
  cast(sum(u.cache_read_tokens) as bigint) as cache_read_tokens,
  cast(sum(u.cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
  cast(sum(u.cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
  cast(sum(u.output_tokens) as bigint) as output_tokens,
  cast(sum(u.images + u.web_searches) as bigint) as pieces,
  cast(coalesce(sum(u.input_cost), 0) as decimal(38,12)) as input_cost,
  cast(coalesce(sum(u.cache_read_cost), 0) as decimal(38,12)) as cache_read_cost,
  cast(coalesce(sum(u.cache_write_cost), 0) as decimal(38,12)) as cache_write_cost,
  cast(coalesce(sum(u.output_cost), 0) as decimal(38,12)) as output_cost,
  cast(sum(u.cost) as decimal(38,12)) as cost
from usage u
join compared_days d on d.day = u.day
where u.day between cast(? as date) and cast(? as date) and u.cost <> 0
group by d.side, u.team, u.provider, u.model, u.tier, u.operation, u.key_id
order by d.side, u.team, u.provider, u.model, u.tier, u.operation, u.key_id
