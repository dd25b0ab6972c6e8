/** The console's token CSV: fields are text, older files lack columns. */
import { expect, test } from 'vitest';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

const OLD = {
  usage_date_utc: '2026-08-01',
  model_version: 'claude-x',
  api_key: 'claude_code_key_ann_x1',
  workspace: 'Default',
  usage_type: 'standard',
  usage_input_tokens_no_cache: '1,200',
  usage_input_tokens_cache_write_5m: '30',
  usage_input_tokens_cache_write_1h: '40.0',
  usage_input_tokens_cache_read: '500',
  usage_output_tokens: '60',
};
const read = (row: Record<string, string>): ReturnType<typeof readValues> => readValues([row], Object.keys(row));

test('an older file without band, region and speed', () => {
  const { records, rejects } = read(OLD);
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([[1200, 500, 30, 40, 60, 0]]);
  expect(records[0]).toMatchObject({ occurredAtMs: DAY_MS, contextTokens: null, priceRegion: null, tier: 'standard' });
  expect(records[0]).toMatchObject({ calls: 0, grain: 'bucket', keyId: null, cacheTtlUnknown: false });
  expect(records[0]?.evidence.keyName).toBe('claude_code_key_ann_x1');
});

test('band, region and speed of a newer file', () => {
  const { records } = read({
    ...OLD,
    context_window: '> 200k',
    web_search_count: '4',
    inference_geo: 'us',
    speed: 'fast',
  });
  expect(records[0]).toMatchObject({ contextTokens: 200_001, webSearches: 4, priceRegion: 'us', tier: 'fast' });
});

test('rows differ by each dimension and by day, not by their counts', () => {
  const variants = [
    OLD,
    { ...OLD, usage_output_tokens: '61' },
    { ...OLD, api_key: 'other' },
    { ...OLD, usage_date_utc: '2026-08-02' },
  ];
  const keys = variants.map((row) => read(row).records[0]?.linkIds[0]?.value);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(3);
});

test('a date or a count that is none is a reject that names the column', () => {
  expect(read({ ...OLD, usage_date_utc: 'Total' }).rejects).toEqual([
    'invalid_field: usage_date_utc: must be a day such as 2026-11-01',
  ]);
  expect(read({ ...OLD, usage_output_tokens: 'n/a' }).rejects).toEqual([
    'invalid_field: usage_output_tokens: must be a whole number, is string',
  ]);
});
