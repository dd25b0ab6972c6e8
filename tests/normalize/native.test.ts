import { describe, expect, test } from 'vitest';
import { vendorOf } from '../../lib/normalize/model-vendor.ts';
import type { JsonObject, UsageRecord } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const line = (more: JsonObject = {}): JsonObject => ({
  timestamp: '2026-08-01T00:00:00Z',
  model: 'gpt-4o',
  input_tokens: 100,
  output_tokens: 10,
  ...more,
});

function one(given: JsonObject): UsageRecord {
  const { records, rejects } = readValues([given]);
  expect(rejects).toEqual([]);
  return records[0] as UsageRecord;
}

const rejected = (given: JsonObject): string => readValues([given]).rejects[0] ?? 'not rejected';

test('the minimal line', () => {
  const record = one(line());
  expect(meters(record)).toEqual([100, 0, 0, 0, 10, 0]);
  expect(record).toMatchObject({
    provider: 'openai',
    operation: 'chat',
    tier: 'standard',
    status: 'ok',
    linkIds: [],
    billingMode: null,
  });
  expect(record).toMatchObject({ occurredAtMs: Date.UTC(2026, 7, 1), sourceFormat: 'native', usageBasis: 'reported' });
});

test('every field of the contract', () => {
  const record = one(
    line({
      id: 'chatcmpl-abcdefgh',
      provider: 'azure',
      operation: 'completion',
      cached_tokens: 40,
      cache_write_5m_tokens: 20,
      cache_write_1h_tokens: 10,
      input_includes_cache: true,
      reasoning_tokens: 4,
      tier: 'flex',
      team: 'alpha',
      user: 'u',
      project: 'p',
      application: 'a',
      environment: 'prod',
      feature: 'f',
      customer: 'c',
      session: 's',
      key: 'ci-key',
      account: 'acc',
      tags: {
        x: 1,
        y: 'z',
      },
      billing_mode: 'subscription',
      deadline_seconds: 3600,
      cost_usd: '0.0123',
      status: 'partial',
      latency_ms: 812.6,
      first_token_ms: 90,
      images: 2,
      prompt_hash: 'h',
      prompt_blocks: [1, 'b'],
      block_tokens: 64,
      prompt: 'Q',
      response: 'A',
    }),
  );
  expect(meters(record)).toEqual([30, 40, 20, 10, 10, 4]);
  expect(record).toMatchObject({
    linkIds: [
      {
        kind: 'response',
        value: 'chatcmpl-abcdefgh',
      },
    ],
    callId: 'chatcmpl-abcdefgh',
    provider: 'azure',
    operation: 'completion',
    tier: 'flex',
    userId: 'u',
    sessionId: 's',
    keyId: 'ci-key',
    billingAccountId: 'acc',
    tags: {
      x: '1',
      y: 'z',
    },
    billingMode: 'subscription',
    deadlineSeconds: 3600,
    reportedCostPico: 123e8,
    status: 'partial',
    latencyMs: 813,
    firstTokenMs: 90,
    images: 2,
    promptHash: 'h',
    promptBlocks: [1, 'b'],
    blockTokens: 64,
    promptText: 'Q',
    responseText: 'A',
  });
  expect(record.evidence).toMatchObject({
    teamTag: 'alpha',
    project: 'p',
    application: 'a',
    environment: 'prod',
    feature: 'f',
    customer: 'c',
    keyName: 'ci-key',
  });
});

test.each([
  [1_785_542_400, 0],
  [1_785_542_400.5, 500],
  [1_785_542_400_250, 250],
  ['2026-08-01T02:00:00.125+02:00', 125],
])('timestamp %s', (timestamp, ms) => {
  expect(one(line({ timestamp })).occurredAtMs).toBe(Date.UTC(2026, 7, 1) + ms);
});

describe('input_includes_cache', () => {
  test.each([['cached_tokens'], ['cache_write_5m_tokens'], ['cache_write_1h_tokens']])('is required with %s', (key) => {
    expect(rejected(line({ [key]: 5 }))).toMatch(/^input_includes_cache_required: /);
    expect(rejected(line({ [key]: 0 }))).toBe('not rejected'); // nothing to be ambiguous about
  });

  test('decides whether the cache is inside the input', () => {
    expect(meters(one(line({ cached_tokens: 40, input_includes_cache: true })))).toEqual([60, 40, 0, 0, 10, 0]);
    expect(meters(one(line({ cached_tokens: 40, input_includes_cache: false })))).toEqual([100, 40, 0, 0, 10, 0]);
  });

  test('more cached than input is clamped and flagged', () => {
    expect(one(line({ cached_tokens: 140, input_includes_cache: true }))).toMatchObject({
      inputTokens: 0,
      cacheReadTokens: 140,
      usageFlag: 'usage_inconsistent',
    });
  });

  test('must be a yes or a no', () => {
    expect(rejected(line({ cached_tokens: 4, input_includes_cache: 'maybe' }))).toBe(
      'invalid_field: input_includes_cache: must be true or false',
    );
  });
});

describe('identity', () => {
  const links = (more: JsonObject) => one(line(more)).linkIds;

  test.each([
    'resp_0123456',
    'msg_01AbC',
    'gen-1785542400-x',
    '7f9c24e8-3b12-4fef-91d0-123456789abc',
    'aVeryLongToken0001',
  ])('%s links the call to its copies in other logs', (id) => {
    expect(links({ id })).toEqual([{ kind: 'response', value: id }]);
  });

  test("a short id recognizes its own copies, never a stranger's call", () => {
    expect(links({ id: 17 })).toEqual(links({ id: '17', output_tokens: 99 }));
    expect(links({ id: 17 })).not.toEqual(links({ id: 17, timestamp: '2026-08-01T00:00:01Z' }));
    expect(links({ id: 17 })).not.toEqual(links({ id: 17, model: 'gpt-4o-mini' }));
    expect(links({ id: 17 })[0]?.kind).toBe('natural');
  });
});

describe('what is required', () => {
  test.each([
    [{ output_tokens: undefined }, 'invalid_field: output_tokens: is required'],
    [{ input_tokens: null }, 'invalid_field: input_tokens: is required'],
    [{ timestamp: 'yesterday' }, 'invalid_field: timestamp: must be ISO 8601 or Unix seconds or milliseconds'],
    [{ input_tokens: -1 }, 'invalid_field: input_tokens: must not be negative'],
    [{ tier: 'cheap' }, 'invalid_field: tier: must be one of standard, batch, flex, priority, fast, provisioned'],
    [{ status: 'SECRET' }, 'invalid_field: status: must be one of ok, error, cancelled, partial'],
    [{ cost_usd: 'free' }, 'invalid_field: cost_usd: must be an amount in US dollars'],
    [{ prompt_blocks: [1.5] }, 'invalid_field: prompt_blocks: must be a list of whole numbers or strings'],
    [{ prompt_blocks: 'SECRET' }, 'invalid_field: prompt_blocks: must be a list of whole numbers or strings'],
  ])('%j', (more, message) => {
    expect(rejected(line(more as JsonObject))).toBe(message);
  });

  test('an embedding answers without tokens, an error without usage', () => {
    expect(one(line({ operation: 'embedding', output_tokens: undefined })).outputTokens).toBe(0);
    expect(one(line({ status: 'error', output_tokens: null }))).toMatchObject({
      status: 'error',
      usageBasis: 'reported',
    });
  });

  test('text without counts is to be counted', () => {
    const record = one({ timestamp: 1_785_542_400, model: 'gpt-4o', prompt: 'Q', response: 'A' });
    expect(record).toMatchObject({ usageBasis: 'missing', promptText: 'Q', responseText: 'A' });
  });

  test('pictures without tokens are counted in pictures', () => {
    const record = one(line({ operation: 'image', images: 3, input_tokens: null, output_tokens: null }));
    expect(record).toMatchObject({ images: 3, usageBasis: 'reported' });
  });
});

test('more reasoning than output is clamped and flagged', () => {
  const record = one(line({ reasoning_tokens: 11 }));
  expect(record).toMatchObject({ outputTokens: 10, reasoningTokens: 10, usageFlag: 'usage_inconsistent' });
});

test("a provider's body with our names beside it is the provider's", () => {
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
  const record = one(line({ object: 'chat.completion', id: 'chatcmpl-abcdefgh', usage }));
  expect(record).toMatchObject({ sourceFormat: 'openai.chat', inputTokens: 7 });
});

test('a response with usage of its own is the better witness', () => {
  const response = {
    id: 'chatcmpl-abcdefgh',
    object: 'chat.completion',
    model: 'gpt-4o',
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  };
  const record = one({ timestamp: '2026-08-01T00:00:00Z', model: 'gpt-4o', prompt: 'Q', response });
  expect(record).toMatchObject({ sourceFormat: 'openai.chat', inputTokens: 7, occurredAtMs: Date.UTC(2026, 7, 1) });
});

test.each([
  [{ key: 'sk-proj-CANARY0123456789' }, 'keyId'],
  [{ key: 'x'.repeat(41) + 'CANARY' }, 'keyId'],
  [{ user: 'Bearer CANARY0123456789' }, 'userId'],
] as const)('a credential is marked as a secret and stands nowhere else: %j', (more, field) => {
  const record = one(line(more));
  expect(record[field]).toMatch(/^secret:/);
  expect(JSON.stringify({ ...record, [field]: null })).not.toContain('CANARY');
});

test('tags may be a map, a list, or text', () => {
  expect(one(line({ tags: ['team:beta', 'x=1', 'solo'] })).tags).toEqual({ team: 'beta', x: '1', solo: 'true' });
  expect(one(line({ tags: 'team:beta,solo' })).tags).toEqual({ team: 'beta', solo: 'true' });
  expect(one(line({ team: 'alpha', tags: { team: 'beta' } })).evidence.teamTag).toBe('alpha');
});

test('CSV with the same names', () => {
  const row = {
    timestamp: '2026-08-01T00:00:00Z',
    model: 'gpt-4o',
    input_tokens: '100',
    output_tokens: '10',
    cached_tokens: '40',
    input_includes_cache: 'True',
    tags: '',
    prompt_blocks: '',
    cost_usd: '',
    tier: '',
  };
  const { records, rejects } = readValues([row], Object.keys(row));
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([[60, 40, 0, 0, 10, 0]]);
});

test.each([
  ['gpt-5.4-mini', 'openai'],
  ['o3', 'openai'],
  ['o4-mini', 'openai'],
  ['text-embedding-3-small', 'openai'],
  ['claude-opus-4-6', 'anthropic'],
  ['gemini-2.5-pro', 'google'],
  ['us.anthropic.claude-sonnet-4-6', 'bedrock'],
  ['amazon.nova-lite-v1:0', 'bedrock'],
  ['deepseek-v4-pro', 'deepseek'],
  ['grok-4', 'xai'],
  ['mistral-large-2411', 'mistral'],
  ['llama-3.1-8b', 'unknown'],
  ['my-gpt-4o', 'unknown'],
  ['octopus', 'unknown'],
])('the vendor of %s is %s', (model, vendor) => {
  expect(vendorOf(model)).toBe(vendor);
});
