-- The ledger beside the providers' own usage reports, for the months that two days lie in. Parameters: first day, last day.
select period, provider, why,
  cast(count(*) as bigint) as accounts_and_models,
  cast(sum(computed) as decimal(38,12)) as computed,
  cast(sum(reported) as decimal(38,12)) as reported,
  cast(sum(difference) as decimal(38,12)) as difference,
  cast(sum(explained) as decimal(38,12)) as explained
from reconciliation
where period between substr(cast(cast(? as date) as varchar), 1, 7) and substr(cast(cast(? as date) as varchar), 1, 7)
group by period, provider, why
order by period, provider, why
