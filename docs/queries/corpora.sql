-- How large is each corpus of documents, and what would the cheapest way to send it once cost?
with sizes as (
  select corpus,
    cast(sum(case when status = 'counted' then 1 else 0 end) as bigint) as documents,
    cast(sum(case when status = 'duplicate' then 1 else 0 end) as bigint) as duplicates,
    cast(sum(case when status = 'rejected' then 1 else 0 end) as bigint) as rejected,
    cast(sum(case when status = 'counted' then tokens_o200k else 0 end) as bigint) as tokens_o200k
  from documents
  group by corpus
)
select s.corpus, s.documents, s.duplicates, s.rejected, s.tokens_o200k, c.provider, c.model, c.mode, c.cost_low, c.cost_expected, c.cost_high
from sizes s left join corpus_costs c on c.corpus = s.corpus and c.is_cheapest
order by s.corpus, c.provider, c.model, c.mode
