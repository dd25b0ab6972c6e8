-- Fingerprints of the prompts whose calls count, rows of a session together. Given: prompts (landing), commits, usage, usage_excluded.
select record_id, hash_key_id, prompt_hash, blocks, block_tokens, day
from (
  select k.record_id, p.hash_key_id, p.prompt_hash, p.blocks, p.block_tokens, k.day, p.session_id, p.occurred_at, c.source_object, p.source_line,
    row_number() over (partition by k.record_id, k.day order by c.source_object, p.source_line, p.part) as n
  from prompts p
  join commits c on c.commit_id = p.commit_id and not c.retracted
  join (
    select record_id, record_id as witness_id, day from usage
    union
    select kept_record_id as record_id, record_id as witness_id, day from usage_excluded where kept_record_id is not null
  ) k on k.witness_id = p.record_id and k.day = p.day
) numbered
where n = 1
order by day, session_id, occurred_at, record_id
