/** The admin usage report: dimensions, bands, groupings, flattened clients. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

function page(results: JsonObject[], days = 1): JsonObject {
  const ending_at = days === 1 ? '2026-08-02T00:00:00Z' : '2026-08-01T01:00:00Z';
  return { data: [{ starting_at: '2026-08-01T00:00:00Z', ending_at, results }], has_more: false, next_page: null };
}
const row = (more: JsonObject): JsonObject => ({ uncached_input_tokens: 5, output_tokens: 2, ...more });

test('tier, speed, region and band of a row', () => {
  const { records } = readValues([
    page([
      row({ service_tier: 'priority_on_demand', context_window: '200k-1M', inference_geo: 'us' }),
      row({ service_tier: 'standard', speed: 'fast', context_window: null, inference_geo: 'not_available' }),
    ]),
  ]);
  expect(records.map((r) => [r.tier, r.contextTokens, r.priceRegion, r.modelReported])).toEqual([
    ['priority', 200_001, 'us', 'unknown'],
    ['fast', null, null, 'unknown'],
  ]);
});

test('flattened write counters are read, who used it is kept', () => {
  const { records } = readValues([
    page([
      row({
        cache_creation_5m_input_tokens: 7,
        cache_creation_1h_input_tokens: 8,
        account_id: 'user_1',
        service_account_id: 'svac_1',
      }),
    ]),
  ]);
  expect(records.map(meters)).toEqual([[5, 0, 7, 8, 2, 0]]);
  expect(records[0]).toMatchObject({ userId: 'user_1', occurredAtMs: DAY_MS, calls: 0, cacheTtlUnknown: false });
  expect(records[0]?.evidence.principal).toBe('svac_1');
});

test('every dimension is part of a row’s identity, its counts are not: a later export replaces it', () => {
  const base = { model: 'm', workspace_id: 'w', service_tier: 'standard' };
  const keys = readValues([
    page([
      row(base),
      row({ ...base, output_tokens: 99 }),
      row({ ...base, workspace_id: null }),
      row({ ...base, speed: 'fast' }),
    ]),
  ]).records.map((r) => r.linkIds[0]?.value);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(3);
});

test('reports grouped otherwise, or in finer buckets, are other groupings', () => {
  const groupings = [
    page([row({ model: 'm' })]),
    page([row({ model: 'm', workspace_id: 'w' }), row({ model: 'm', workspace_id: null })]),
    page([row({ model: 'm' })], 0),
  ].map((p) => readValues([p]).records.map((r) => r.bucketGrouping));
  expect(groupings[1]?.[0]).toBe(groupings[1]?.[1]);
  expect(new Set(groupings.flat()).size).toBe(3);
});

test('a page of empty buckets is a skip; a row without its counter and a bad time are rejects', () => {
  expect(readValues([page([])]).skips).toEqual(['empty_bucket']);
  expect(readValues([page([{ output_tokens: 1 }])]).rejects).toEqual([
    'invalid_field: uncached_input_tokens: is missing',
  ]);
  const wrong = { data: [{ starting_at: 'yesterday', ending_at: 'today', results: [row({})] }], has_more: false };
  expect(readValues([wrong]).rejects).toEqual(['invalid_field: starting_at: must be an RFC 3339 time']);
});
