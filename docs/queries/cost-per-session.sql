-- What does a session cost, by team: on average, nine of ten at most, and the dearest?
-- The last 28 days; sessions with a known cost only.
with sessions as (
  select team, session_id, cast(sum(calls) as bigint) as calls, cast(sum(cost) as decimal(38,12)) as cost
  from usage
  where session_id is not null and cost is not null and day >= current_date - interval '28' day
  group by team, session_id
),
ranked as (
  select team, calls, cost, ntile(10) over (partition by team order by cost, session_id) as tenth from sessions
)
select team,
  cast(count(*) as bigint) as sessions,
  cast(sum(calls) as bigint) as calls,
  cast(sum(cost) as decimal(38,12)) as cost,
  cast(cast(sum(cost) as double) / count(*) as decimal(18,6)) as cost_per_session,
  max(case when tenth <= 9 then cost end) as nine_of_ten_at_most,
  max(cost) as dearest
from ranked
group by team
order by cost desc, team
