-- Rows of the ledger: together they must be all records that landed (objects.sql, outcome landed or retracted). No parameters.
select
  (select cast(count(*) as bigint) from usage) as usage_rows,
  (select cast(count(*) as bigint) from usage_excluded) as excluded_rows
