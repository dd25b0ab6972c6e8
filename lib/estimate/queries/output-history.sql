-- Tenth, fiftieth and ninetieth percentile of the tokens of answers, by model and (model null) over all of them: the smallest value that so many
-- of a hundred calls do not exceed. Calls that were answered, each told by its source; thinking is part of the answer.
with answers as (
  select model, output_tokens
  from usage
  where grain = 'call'
    and status = 'ok'
    and usage_basis = 'reported'
    and operation in ('chat', 'completion')
    and output_tokens > 0
),
named as (
  select model, output_tokens from answers
  union all
  select cast(null as varchar) as model, output_tokens from answers
),
placed as (
  select
    model,
    output_tokens,
    row_number() over (partition by model order by output_tokens) as place,
    count(*) over (partition by model) as of_model
  from named
)
select
  model,
  cast(max(of_model) as bigint) as calls,
  cast(min(output_tokens) filter (where place * 10 >= of_model) as bigint) as low,
  cast(min(output_tokens) filter (where place * 2 >= of_model) as bigint) as expected,
  cast(min(output_tokens) filter (where place * 10 >= of_model * 9) as bigint) as high
from placed
group by model
order by calls desc, model
