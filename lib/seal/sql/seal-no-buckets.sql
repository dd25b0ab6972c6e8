-- Sealing, second part where no bucket is near: nothing to cover, nothing proven. The same columns as seal-buckets.sql gives.
only_accounts as (
  select day, provider, billing_account_id as account from landing where false
),
proven as (
  select source_line as day_no, provider, billing_account_id as account, model, cost_status, rate_input, rate_cache_read, rate_cache_write_5m,
    rate_cache_write_1h, rate_output
  from landing
  where false
),
remainders as (
  select commit_id, source_line, part, calls, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
    images, web_searches
  from landing
  where false
),
