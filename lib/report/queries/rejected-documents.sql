-- Why documents of corpora could not be read: how many for each reason, and the first of them.
select corpus, reason, cast(count(*) as bigint) as documents, min(document) as first_document
from documents
where status = 'rejected'
group by corpus, reason
order by documents desc, corpus, reason
