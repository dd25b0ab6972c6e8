-- Documents of corpora as they lie there now, duplicates by their text. Given: results (landing), chosen (the batch that serves each object).
with found as (
  select c.corpus, r.document, r.media_type, r.bytes, r.characters, r.tokens_o200k, r.tokens_cl100k, r.tokens, r.content_hash, r.status, r.reason,
    row_number() over (partition by c.corpus, r.status, r.content_hash order by r.document, r.object, r.part) as copy,
    first_value(r.document) over (partition by c.corpus, r.status, r.content_hash order by r.document, r.object, r.part) as original
  from results r
  join chosen c on c.batch_id = r.batch_id and c.object = r.object
)
select document, media_type, bytes, characters, tokens_o200k, tokens_cl100k, tokens, content_hash,
  case when status = 'counted' and copy > 1 then original end as duplicate_of,
  case when status = 'counted' and copy > 1 then 'duplicate' else status end as status,
  reason, corpus
from found
