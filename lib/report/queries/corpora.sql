-- Documents and tokens of each corpus as it lies there now; duplicates have their tokens, too.
select corpus,
  cast(count(*) as bigint) as documents,
  cast(count(*) filter (where status = 'counted') as bigint) as counted,
  cast(count(*) filter (where status = 'duplicate') as bigint) as duplicates,
  cast(count(*) filter (where status = 'empty') as bigint) as empty,
  cast(count(*) filter (where status = 'rejected') as bigint) as rejected,
  cast(sum(bytes) as bigint) as bytes,
  cast(sum(tokens_o200k) as bigint) as tokens_o200k,
  cast(sum(tokens_cl100k) as bigint) as tokens_cl100k
from documents
group by corpus
order by corpus
