import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue, UsageRecord } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const body = (more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-AbCdEf123456',
  object: 'chat.completion',
  created: 1_785_542_400,
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The answer.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  ...more,
});

function one(line: JsonValue): UsageRecord {
  const { records, rejects } = readValues([line]);
  expect(rejects).toEqual([]);
  expect(records).toHaveLength(1);
  return records[0] as UsageRecord;
}

describe('tiers', () => {
  test.each([
    ['default', 'standard', null],
    ['auto', 'standard', null],
    ['flex', 'flex', null],
    ['priority', 'priority', null],
    ['fast', 'priority', null],
    ['scale', 'provisioned', null],
    ['ultrafast', 'fast', 'ultrafast'],
    ['on_demand', 'standard', null], // Groq
    [null, 'standard', null],
  ])('service_tier %s is %s', (served, tier, priceTier) => {
    expect(one(body({ service_tier: served }))).toMatchObject({ tier, priceTier });
  });

  test('the served tier wins, the requested one is kept (pitfall 12)', () => {
    const record = one({ request: { service_tier: 'priority' }, response: body({ service_tier: 'default' }) });
    expect(record).toMatchObject({ tier: 'standard', requestedTier: 'priority' });
  });
});

describe('providers are told only where it is certain', () => {
  test.each([
    [{ model: 'gpt-4o' }, 'openai'],
    [{ model: 'synthlab/open-8b' }, 'openai'],
    [{ model: 'deepseek-chat' }, 'deepseek'],
    [{ model: 'grok-4' }, 'xai'],
    [{ model: 'claude-sonnet-4-6' }, 'anthropic'],
    [{ model: 'gemini-2.5-flash' }, 'google'],
    [{ model: 'mistral-large-2411' }, 'mistral'],
    [{ model: 'llama-3.3-70b-versatile', x_groq: { id: 'req_x' } }, 'groq'],
    [{ model: 'anthropic/claude-sonnet-4.6', id: 'gen-1785542400-abcdefghij' }, 'openrouter'],
    [{ model: 'my-grok-4' }, 'openai'],
  ])('%j', (more, provider) => {
    expect(one(body(more)).provider).toBe(provider);
  });
});

describe('usage of servers that speak the shape', () => {
  test('Moonshot writes cached_tokens beside the totals', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110, cached_tokens: 64 };
    expect(meters(one(body({ usage })))).toEqual([36, 64, 0, 0, 10, 0]);
  });

  test("a gateway's answer with Anthropic's counters, inclusive, split by lifetime", () => {
    const usage = {
      prompt_tokens: 1e3,
      completion_tokens: 50,
      total_tokens: 1050,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 300,
      prompt_tokens_details: {
        cached_tokens: 600,
        cache_creation_token_details: {
          ephemeral_5m_input_tokens: 100,
          ephemeral_1h_input_tokens: 200,
        },
      },
    };
    const record = one(body({ model: 'claude-sonnet-4-6', usage }));
    expect(meters(record)).toEqual([100, 600, 100, 200, 50, 0]);
    expect(record.cacheTtlUnknown).toBe(false);
  });

  test("a gateway's answer with Anthropic's counters, exclusive, without lifetimes", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 550, total_tokens: 553, cache_creation_input_tokens: 12_304 };
    const record = one(body({ model: 'claude-3-7-sonnet', usage }));
    expect(meters(record)).toEqual([3, 0, 12_304, 0, 550, 0]);
    expect(record).toMatchObject({ cacheTtlUnknown: true, usageFlag: null });
  });

  test('audio parts and their cached parts (pitfall 24: realtime, 1,000 in and 300 out)', () => {
    const usage = {
      input_tokens: 1e3,
      output_tokens: 300,
      total_tokens: 1300,
      input_token_details: {
        text_tokens: 200,
        audio_tokens: 800,
        cached_tokens: 320,
        cached_tokens_details: {
          text_tokens: 64,
          audio_tokens: 256,
        },
      },
      output_token_details: {
        text_tokens: 50,
        audio_tokens: 250,
      },
    };
    const record = one(body({ usage }));
    expect(meters(record)).toEqual([680, 320, 0, 0, 300, 0]); // 136 text + 544 audio fresh
    expect(record).toMatchObject({ audioInputTokens: 544, cachedAudioTokens: 256, audioOutputTokens: 250 });
  });

  test('pictures in the prompt and their cached parts', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 9,
      total_tokens: 109,
      prompt_tokens_details: {
        image_tokens: 70,
        cached_tokens: 50,
        cached_tokens_details: { image_tokens: 40 },
      },
      completion_tokens_details: { image_tokens: 4 },
    };
    const record = one(body({ usage }));
    expect(meters(record)).toEqual([50, 50, 0, 0, 9, 0]);
    expect(record).toMatchObject({ imageInputTokens: 30, imageOutputTokens: 4 });
  });

  test('a cost in dollars (OpenRouter) is evidence; zero is not', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    expect(one(body({ usage: { ...usage, cost: 0.00123 } })).reportedCostPico).toBe(1_230_000_000);
    expect(one(body({ usage: { ...usage, cost: 0 } })).reportedCostPico).toBeNull();
  });

  test('cached beyond the prompt is clamped and flagged, parts never exceed the whole', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: {
        cached_tokens: 30,
        audio_tokens: 99,
        image_tokens: 7,
      },
      completion_tokens_details: {
        reasoning_tokens: 99,
        audio_tokens: 99,
      },
    };
    const record = one(body({ usage }));
    expect(meters(record)).toEqual([0, 30, 0, 0, 5, 5]);
    expect(record).toMatchObject({ usageFlag: 'usage_inconsistent', audioInputTokens: 0, imageInputTokens: 0 });
    expect(record.audioOutputTokens).toBe(5);
  });
});

describe('missing usage is not zero', () => {
  test.each([[undefined], [null], [{}], [{ total_tokens: 9 }]])('usage %j', (usage) => {
    const record = one({ ...body(), usage });
    expect(record.usageBasis).toBe('missing');
    expect(record.responseText).toBe('The answer.');
  });

  test('tool arguments and reasoning are part of what was answered', () => {
    const message = {
      content: 'a',
      reasoning_content: 'b',
      tool_calls: [
        {
          function: {
            name: 'f',
            arguments: '{"x":1}',
          },
        },
      ],
    };
    expect(one(body({ usage: null, choices: [{ message }] })).responseText).toBe('ab{"x":1}');
  });

  test('with usage the answer is not kept', () => {
    expect(one(body()).responseText).toBeNull();
  });
});

describe('identity', () => {
  test('the response id, and the provider request id where the envelope kept the header', () => {
    const record = one({ response: body(), response_headers: { 'x-request-id': 'req_0123456789ab' } });
    expect(record.linkIds).toEqual([
      { kind: 'response', value: 'chatcmpl-AbCdEf123456' },
      { kind: 'request', value: 'req_0123456789ab' },
    ]);
  });

  test("a provider's request id may stand beside the response", () => {
    const record = one({ response: body(), request_id: 'req_0123456789ab' });
    expect(record.linkIds[1]).toEqual({ kind: 'request', value: 'req_0123456789ab' });
  });

  test("an application's own request id may be shared by several calls and is no identity", () => {
    const record = one({ response: body(), request_id: '7f9c24e8-3b12-4fef-91d0-123456789abc' });
    expect(record.linkIds).toHaveLength(1);
  });

  test('Ollama numbers its answers at random below 1,000: no identity', () => {
    expect(one(body({ id: 'chatcmpl-730', system_fingerprint: 'fp_ollama' })).linkIds).toEqual([]);
    expect(one(body({ id: 'chatcmpl-730' })).linkIds).toEqual([{ kind: 'response', value: 'chatcmpl-730' }]);
  });
});

describe('what the envelope tells', () => {
  const messages = [{ role: 'user', content: 'The question.' }];

  test('prompt, user, tags, time and latency', () => {
    const record = one({
      timestamp: '2026-08-02T00:00:00Z',
      latency_ms: 812.4,
      team: 'alpha',
      request: {
        messages,
        user: 'u-9',
        metadata: { feature: 'search' },
      },
      response: body({ created: undefined }),
    });
    expect(record.promptText).toEqual(messages);
    expect(record).toMatchObject({ userId: 'u-9', latencyMs: 812, occurredAtMs: Date.UTC(2026, 7, 2) });
    expect(record.evidence).toMatchObject({ teamTag: 'alpha', feature: 'search' });
  });

  test.each([[{}], [null], [undefined]])('a prompt of %j is none', (prompt) => {
    expect(one({ request: { messages: prompt }, response: body() }).promptText).toBeNull();
  });

  test('a key that slipped into the metadata is not kept', () => {
    const record = one(body({ metadata: { team: 'alpha', note: 'sk-proj-CANARY0123456789', api_key: 'x' } }));
    expect(record.tags).toEqual({ team: 'alpha' });
  });
});

test.each([
  [{ prompt_tokens: -1, completion_tokens: 0 }, 'prompt_tokens: must not be negative'],
  [{ prompt_tokens: 1.5, completion_tokens: 0 }, 'prompt_tokens: must be a whole number below 2^53'],
  [{ prompt_tokens: 1, completion_tokens: ['SECRET'] }, 'completion_tokens: must be a whole number, is an array'],
  [{ prompt_tokens: 'SECRET', completion_tokens: 0 }, 'prompt_tokens: must be a whole number, is string'],
  [{ prompt_tokens: 2 ** 53, completion_tokens: 0 }, 'prompt_tokens: must be a whole number below 2^53'],
])('usage %j rejects the line and names the key only', (usage, detail) => {
  expect(readValues([body({ usage })]).rejects).toEqual([`invalid_field: ${detail}`]);
});

test('a legacy completion is of its own operation; an error beside the choices makes an error', () => {
  expect(one(body({ object: 'text_completion' })).operation).toBe('completion');
  expect(one(body({ error: { message: 'x' } })).status).toBe('error');
});
