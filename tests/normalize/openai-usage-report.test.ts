/** The organization usage API and the dashboard's CSV: aggregates of a time window. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const FROM = 1_785_542_400;
const result = (more: JsonObject = {}): JsonObject => ({
  object: 'organization.usage.completions.result',
  input_tokens: 100,
  output_tokens: 10,
  input_cached_tokens: 40,
  num_model_requests: 3,
  project_id: 'proj_a',
  user_id: null,
  api_key_id: null,
  model: 'gpt-5.4',
  batch: null,
  service_tier: null,
  ...more,
});
const page = (...results: JsonObject[]): JsonObject => ({
  object: 'page',
  data: [{ object: 'bucket', start_time: FROM, end_time: FROM + 3600, results }],
  has_more: false,
});

describe('usage pages', () => {
  test('without input_uncached_tokens fresh input is what the others leave', () => {
    const { records } = readValues([page(result({ input_cache_write_tokens: 25 }))]);
    expect(records.map(meters)).toEqual([[35, 40, 25, 0, 10, 0]]);
    expect(records[0]).toMatchObject({ calls: 3, usageFlag: null, grain: 'bucket', usageBasis: 'reported' });
  });

  test('modality columns are parts and never added to totals', () => {
    const { records } = readValues([
      page(result({ input_text_tokens: 50, input_audio_tokens: 10, output_text_tokens: 9 })),
    ]);
    expect(records.map(meters)).toEqual([[60, 40, 0, 0, 10, 0]]);
    expect(records[0]?.audioInputTokens).toBe(10);
  });

  test('contradicting columns are flagged', () => {
    expect(readValues([page(result({ input_uncached_tokens: 61 }))]).records[0]?.usageFlag).toBe('usage_inconsistent');
    expect(readValues([page(result({ input_cached_tokens: 101 }))]).records[0]).toMatchObject({
      usageFlag: 'usage_inconsistent',
      inputTokens: 0,
    });
  });

  test.each([
    [{ batch: true, service_tier: 'default' }, 'batch'],
    [{ batch: false, service_tier: 'priority' }, 'priority'],
    [{ batch: false, service_tier: 'scale' }, 'provisioned'],
    [{ batch: null, service_tier: null }, 'standard'],
  ])('%j is tier %s', (more, tier) => {
    expect(readValues([page(result(more))]).records[0]?.tier).toBe(tier);
  });

  test('the key of a bucket is its kind, window and dimensions: a later export replaces it, another row does not', () => {
    const key = (more: JsonObject) => readValues([page(result(more))]).records[0]?.linkIds[0]?.value;
    expect(key({})).toBe(key({ input_tokens: 999, num_model_requests: 9 }));
    const others = [
      { project_id: 'proj_b' },
      { model: 'gpt-5' },
      { batch: true },
      { service_tier: 'flex' },
      { user_id: 'u' },
      { api_key_id: 'k' },
    ];
    expect(new Set([key({}), ...others.map(key)]).size).toBe(others.length + 1);
  });

  test('null dimensions mean "not grouped": the grouping names the others', () => {
    const { records } = readValues([page(result(), result({ project_id: 'proj_b' }))]);
    expect(records[0]?.bucketGrouping).toMatch(/^02 .*: project_id,model$/);
    expect(records[1]?.bucketGrouping).toBe(records[0]?.bucketGrouping);
    const finer = readValues([page(result({ api_key_id: 'k' }))]).records[0]?.bucketGrouping ?? '';
    expect(finer > (records[0]?.bucketGrouping ?? '')).toBe(true);
  });

  test('older dumps call the array `result`; all rows of a bucket are read', () => {
    const old = {
      object: 'page',
      data: [{ object: 'bucket', start_time: FROM, end_time: FROM + 60, result: [result(), result({ model: 'm2' })] }],
    };
    expect(readValues([old]).records).toHaveLength(2);
  });

  test('searches are no model requests, characters no tokens, moderations are named', () => {
    const { records } = readValues([
      page({
        object: 'organization.usage.web_searches.result',
        num_requests: 7,
        num_model_requests: 5,
        model: 'gpt-5.4',
      }),
      page({
        object: 'organization.usage.audio_speeches.result',
        characters: 1234,
        num_model_requests: 2,
        model: 'tts-1',
      }),
      page({
        object: 'organization.usage.moderations.result',
        input_tokens: 50,
        num_model_requests: 1,
        model: 'omni-moderation-latest',
      }),
    ]);
    expect(records.map((r) => [r.operation, r.calls, r.webSearches, r.characters, r.inputTokens])).toEqual([
      ['other', 5, 7, 0, 0],
      ['audio', 2, 0, 1234, 0],
      ['moderation', 1, 0, 0, 50],
    ]);
  });

  test('storage and sessions are named skips; a kind of tomorrow is a reject, not silence', () => {
    expect(readValues([page({ object: 'organization.usage.vector_stores.result', usage_bytes: 9 })]).skips).toEqual([
      'no_model_usage',
    ]);
    expect(readValues([page({ object: 'organization.usage.videos.result', seconds: 9 })]).rejects).toEqual([
      'invalid_field: results.object: is a kind of usage that this version does not know',
    ]);
  });

  test('pages of costs and usage may be mixed in one object', () => {
    const costs = page({ object: 'organization.costs.result', amount: { value: 1, currency: 'usd' } });
    const { records, skips } = readValues([
      page(result()),
      costs,
      page(result()),
      { object: 'page', data: [], has_more: false },
    ]);
    expect(records).toHaveLength(2);
    expect(skips).toEqual(['cost_report_not_usage', 'empty_page']);
  });
});

describe('dashboard CSV', () => {
  const header = ['start_time', 'end_time', 'start_time_iso', 'end_time_iso'];
  const row = (more: JsonObject): JsonObject => ({
    start_time: String(FROM),
    end_time: String(FROM + 60),
    start_time_iso: 'x',
    end_time_iso: 'x',
    num_model_requests: '3.0',
    ...more,
  });
  const read = (more: JsonObject) => readValues([row(more)], Object.keys(row(more)));

  test('counts as floats and with thousands separators', () => {
    const { records } = read({
      model: 'gpt-5.4',
      input_tokens: '8,300',
      output_tokens: '715.0',
      input_cached_tokens: '2300',
    });
    expect(records.map(meters)).toEqual([[6000, 2300, 0, 0, 715, 0]]);
    expect(records[0]?.calls).toBe(3);
  });

  test.each([
    ['False', 'flex', 'flex'],
    ['True', 'default', 'batch'],
    ['', '', 'standard'],
  ])('batch %s, tier %s is %s', (batch, service_tier, tier) => {
    expect(read({ model: 'm', batch, service_tier, output_tokens: '0' }).records[0]?.tier).toBe(tier);
  });

  test.each([
    [
      { model: 'text-embedding-3-small', input_tokens: '9' },
      { operation: 'embedding', inputTokens: 9 },
    ],
    [
      { model: 'omni-moderation-latest', input_tokens: '9' },
      { operation: 'moderation', inputTokens: 9 },
    ],
    [
      { model: 'dall-e-3', images: '4', size: '1024x1024' },
      { operation: 'image', images: 4, imageSpec: 'size=1024x1024' },
    ],
    [
      { model: 'tts-1', characters: '70' },
      { operation: 'audio', characters: 70 },
    ],
    [
      { model: 'whisper-1', seconds: '61.5' },
      { operation: 'audio', audioSeconds: 61.5 },
    ],
  ])('the columns tell the kind: %j', (more, expected) => {
    expect(read(more).records[0]).toMatchObject(expected);
  });

  test('an export without any usage has four columns and is no error', () => {
    const { skips, rejects } = readValues(
      [{ start_time: '1', end_time: '2', start_time_iso: 'x', end_time_iso: 'y' }],
      header,
    );
    expect(skips).toEqual(['empty_bucket']);
    expect(rejects).toEqual([]);
  });

  test('names in another case are read too', () => {
    const upper = Object.fromEntries(
      Object.entries(row({ model: 'm', output_tokens: '5', input_tokens: '7' })).map(([k, v]) => [k.toUpperCase(), v]),
    );
    expect(readValues([upper], Object.keys(upper)).records.map(meters)).toEqual([[7, 0, 0, 0, 5, 0]]);
  });

  test('a broken count or time rejects its row', () => {
    expect(read({ model: 'm', input_tokens: 'many', output_tokens: '1' }).rejects[0]).toContain('input_tokens');
    expect(read({ model: 'm', start_time: '17', output_tokens: '1' }).rejects[0]).toContain('start_time');
  });
});
