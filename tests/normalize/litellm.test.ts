import { describe, expect, test } from 'vitest';
import type { JsonObject, UsageRecord } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const payload = (more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-aaaabbbbcccc',
  trace_id: 'tr-1',
  call_type: 'acompletion',
  status: 'success',
  cache_hit: false,
  response_cost: 0.01,
  custom_llm_provider: 'openai',
  model: 'gpt-4o',
  startTime: 1785542400.25,
  endTime: 1785542402.75,
  completionStartTime: 1785542400.5,
  stream: true,
  prompt_tokens: 100,
  completion_tokens: 10,
  total_tokens: 110,
  request_tags: [],
  metadata: {},
  hidden_params: {},
  model_map_information: {},
  messages: null,
  response: null,
  ...more,
});
const row = (more: JsonObject = {}): JsonObject => ({
  request_id: 'chatcmpl-aaaabbbbcccc',
  call_type: 'acompletion',
  status: 'success',
  cache_hit: 'False',
  spend: 0.01,
  custom_llm_provider: 'openai',
  model: 'gpt-4o',
  api_key: 'hash',
  startTime: '2026-08-01 00:00:00.250',
  endTime: '2026-08-01 00:00:02.750',
  completionStartTime: '2026-08-01 00:00:00.500',
  prompt_tokens: 100,
  completion_tokens: 10,
  total_tokens: 110,
  request_tags: '[]',
  metadata: '{}',
  messages: '{}',
  response: '{}',
  ...more,
});
const both = [
  ['S3 payload', payload],
  ['spend log', row],
] as const;

function one(line: JsonObject): UsageRecord {
  const { records, rejects } = readValues([line]);
  expect(rejects).toEqual([]);
  return records[0] as UsageRecord;
}

describe.each(both)('%s', (_name, line) => {
  test.each([
    ['vertex_ai', 'vertex'],
    ['bedrock', 'bedrock'],
    ['azure', 'azure'],
    ['gemini', 'google'],
    ['anthropic', 'anthropic'],
    ['hosted_vllm', 'hosted_vllm'],
  ])('provider %s is %s', (name, provider) => {
    expect(one(line({ custom_llm_provider: name })).provider).toBe(provider);
  });

  test.each([
    [{ custom_llm_provider: null, model: 'openai/gpt-4o' }, 'openai', 'gpt-4o'],
    [{ custom_llm_provider: '', model: 'vertex_ai/gemini-2.5-pro' }, 'vertex', 'gemini-2.5-pro'],
    [{ custom_llm_provider: null, model: 'claude-opus-4-6' }, 'anthropic', 'claude-opus-4-6'],
    [
      { custom_llm_provider: 'bedrock', model: 'bedrock/us.anthropic.claude-sonnet-4-6' },
      'bedrock',
      'us.anthropic.claude-sonnet-4-6',
    ],
    [
      { custom_llm_provider: 'hosted_vllm', model: 'meta-llama/Llama-3.1-8B' },
      'hosted_vllm',
      'meta-llama/Llama-3.1-8B',
    ],
  ])('%j', (more, provider, model) => {
    expect(one(line(more))).toMatchObject({ provider, modelReported: model });
  });

  test('time, latency and first token, in both spellings of time', () => {
    expect(one(line())).toMatchObject({
      occurredAtMs: Date.UTC(2026, 7, 1) + 250,
      latencyMs: 2500,
      firstTokenMs: 250,
    });
  });

  test("a hit in LiteLLM's own cache is a call of its own, at a known zero", () => {
    const miss = one(line());
    const hit = one(line({ cache_hit: line === row ? 'True' : true }));
    expect(miss).toMatchObject({
      servedFromCache: false,
      linkIds: [{ kind: 'response', value: 'chatcmpl-aaaabbbbcccc' }],
    });
    expect(hit.servedFromCache).toBe(true);
    expect(hit.linkIds).toEqual([{ kind: 'response', value: 'chatcmpl-aaaabbbbcccc@1785542400250' }]);
  });

  test('a failure without tokens stays at zero and is an error; the cost of zero is not evidence', () => {
    const usage_object = { prompt_tokens: 100, completion_tokens: 10, cache_read_input_tokens: 50 };
    const metadata = line === row ? JSON.stringify({ usage_object }) : { usage_object };
    const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, status: 'failure' };
    const record = one(line({ ...zeros, metadata, response_cost: 0, spend: 0 }));
    expect(meters(record)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(record).toMatchObject({ status: 'error', usageBasis: 'reported', reportedCostPico: null });
  });

  test('exclusive counts (pass-through of Anthropic) are told by the numbers', () => {
    const usage_object = {
      cache_read_input_tokens: 9000,
      cache_creation_input_tokens: 400,
      cache_creation: { ephemeral_1h_input_tokens: 300 },
    };
    const metadata = line === row ? JSON.stringify({ usage_object }) : { usage_object };
    const counts = { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 };
    const record = one(line({ ...counts, metadata, custom_llm_provider: 'anthropic', model: 'claude-opus-4-6' }));
    expect(meters(record)).toEqual([10, 9000, 100, 300, 50, 0]);
    expect(record).toMatchObject({ cacheTtlUnknown: false, usageFlag: null });
  });

  test('who called: alias, team, user, tags; the key only as a secret', () => {
    const metadata = {
      user_api_key_hash: 'CANARY-HASH',
      user_api_key_alias: 'ci',
      user_api_key_team_id: 'team-7',
      user_api_key_user_id: 'u-1',
      user_api_key_org_id: 'org-1',
      spend_logs_metadata: { project: 'search' },
    };
    const tags = ['team:alpha', 'env=prod', 'nightly'];
    const asText = { metadata: JSON.stringify(metadata), request_tags: JSON.stringify(tags), api_key: 'CANARY-HASH' };
    const record = one(line(line === row ? asText : { metadata, request_tags: tags }));
    expect(record).toMatchObject({ keyId: 'secret:CANARY-HASH', userId: 'u-1', subAccountId: 'org-1' });
    expect(record.evidence).toMatchObject({
      teamTag: 'alpha',
      gatewayTeam: 'team-7',
      keyName: 'ci',
      project: 'search',
      environment: 'prod',
    });
    expect(record.tags['nightly']).toBe('true');
    expect(JSON.stringify({ ...record, keyId: null })).not.toContain('CANARY');
  });

  test('an alias that is a credential is no name', () => {
    const metadata = { user_api_key_alias: 'sk-CANARY0123456789' };
    const record = one(line({ metadata: line === row ? JSON.stringify(metadata) : metadata }));
    expect(JSON.stringify(record)).not.toContain('CANARY');
  });

  test.each([['redacted-by-litellm'], [{}], ['{}'], [[]], [null]])('messages %j are no prompt', (messages) => {
    expect(one(line({ messages })).promptText).toBeNull();
  });

  test('messages are the prompt, as they are or as text', () => {
    const messages = [{ role: 'user', content: 'Q' }];
    expect(one(line({ messages })).promptText).toEqual(messages);
    expect(one(line({ messages: JSON.stringify(messages) })).promptText).toEqual(messages);
  });

  test.each([
    ['aembedding', 'embedding'],
    ['atext_completion', 'completion'],
    ['arerank', 'rerank'],
    ['amoderation', 'moderation'],
    ['anthropic_messages', 'chat'],
  ])('call type %s is %s', (call_type, operation) => {
    expect(one(line({ call_type })).operation).toBe(operation);
  });

  test('the served tier stands in the response', () => {
    const response = { service_tier: 'priority' };
    expect(one(line({ response: line === row ? JSON.stringify(response) : response })).tier).toBe('priority');
  });

  test("a picture from LiteLLM's own cache is a known zero", () => {
    const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const record = one(line({ ...zeros, call_type: 'aimage_generation', cache_hit: line === row ? 'True' : true }));
    expect(record).toMatchObject({ servedFromCache: true, usageBasis: 'reported' });
  });

  test('images and audio that were not metered are unknown, not free', () => {
    const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect(one(line({ ...zeros, call_type: 'aimage_generation', model: 'dall-e-3' }))).toMatchObject({
      usageBasis: 'missing',
      images: 0,
    });
    expect(one(line({ ...zeros, call_type: 'atranscription', model: 'whisper-1' })).usageBasis).toBe('missing');
    const response = { data: [{ url: 'u' }, { url: 'u' }], duration: 61 };
    const logged = { response: line === row ? JSON.stringify(response) : response };
    expect(one(line({ ...zeros, ...logged, call_type: 'aimage_generation', model: 'dall-e-3' }))).toMatchObject({
      usageBasis: 'reported',
      images: 2,
    });
    expect(one(line({ ...zeros, ...logged, call_type: 'atranscription', model: 'whisper-1' })).audioSeconds).toBe(61);
  });
});

test('both logs of one call have one identity, also when it was a cache hit', () => {
  expect(one(payload()).linkIds).toEqual(one(row()).linkIds);
  expect(one(payload({ cache_hit: true })).linkIds).toEqual(one(row({ cache_hit: 'True' })).linkIds);
});

test('the S3 payload without counts is missing; the answer is kept to be counted', () => {
  const { prompt_tokens: _p, completion_tokens: _c, total_tokens: _t, ...rest } = payload();
  const response = { choices: [{ message: { content: 'Hello' } }] };
  expect(one({ ...rest, response })).toMatchObject({ usageBasis: 'missing', responseText: 'Hello' });
});

test('without streaming there is no first token to tell', () => {
  expect(one(payload({ stream: false })).firstTokenMs).toBeNull();
  expect(one(row({ completionStartTime: '2026-08-01 00:00:02.750' })).firstTokenMs).toBeNull();
});

test('a database dump as CSV: all columns are text', () => {
  const text = Object.fromEntries(
    Object.entries(row({ prompt_tokens: '100', completion_tokens: '10', total_tokens: '110' })).map(([k, v]) => [
      k,
      v === null ? '' : `${v as string | number}`,
    ]),
  );
  const { records, rejects } = readValues([text], Object.keys(text));
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([[100, 0, 0, 0, 10, 0]]);
  expect(records[0]).toMatchObject({ reportedCostPico: 10_000_000_000, occurredAtMs: Date.UTC(2026, 7, 1) + 250 });
});

test('a broken count names the key and rejects the row', () => {
  expect(readValues([payload({ prompt_tokens: 'CANARY' })]).rejects).toEqual([
    'invalid_field: prompt_tokens: must be a whole number, is string',
  ]);
});
