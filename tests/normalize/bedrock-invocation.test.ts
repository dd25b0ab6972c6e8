/** Bedrock invocation logs: bodies as object, list and text, missing counters, tiers, ids. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue, UsageRecord } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

function invocation(more: JsonObject): JsonObject {
  return {
    schemaType: 'ModelInvocationLog',
    timestamp: '2026-08-01T00:00:05Z',
    region: 'us-east-1',
    requestId: 'r-1',
    operation: 'InvokeModel',
    modelId: 'anthropic.claude-sonnet-4-6',
    ...more,
  };
}

function counted(body: JsonValue, counters: JsonObject = {}): UsageRecord {
  const line = invocation({
    input: { inputTokenCount: 10, cacheReadInputTokenCount: 20, cacheWriteInputTokenCount: 100, ...counters },
    output: { outputTokenCount: 7, outputBodyJson: body },
  });
  const { records, rejects } = readValues([line]);
  expect(rejects).toEqual([]);
  return records[0] as UsageRecord;
}

describe('the split of cache writes', () => {
  const creation = { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 60 };
  const anthropic = { id: 'msg_bdrk_1', usage: { input_tokens: 10, cache_creation: creation, output_tokens: 7 } };
  const converse = {
    usage: {
      cacheDetails: [
        { ttl: '5m', inputTokens: 40 },
        { ttl: '1h', inputTokens: 60 },
      ],
    },
  };

  test.each([
    ['object', anthropic],
    ['JSON text', JSON.stringify(anthropic)],
    ['list of events', [{ type: 'message_start', message: anthropic }, { type: 'message_stop' }]],
    ['Converse details', converse],
  ] as const)('stands in the body as %s', (_, body) => {
    const record = counted(body as JsonValue);
    expect(meters(record)).toEqual([10, 20, 40, 60, 7, 0]);
    expect(record.cacheTtlUnknown).toBe(false);
  });

  test.each([
    ['no body', null],
    ['text that is no JSON', '{"usage": {"cache_cre'],
    ['a body without it', { usage: { inputTokens: 10 } }],
    ['an empty split', { usage: { cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 } } }],
  ] as const)('with %s all writes are 5-minute writes, marked', (_, body) => {
    const record = counted(body);
    expect(meters(record)).toEqual([10, 20, 100, 0, 7, 0]);
    expect(record.cacheTtlUnknown).toBe(true);
  });

  test('without writes nothing is marked', () => {
    expect(counted(null, { cacheWriteInputTokenCount: 0 }).cacheTtlUnknown).toBe(false);
  });
});

describe('counters the event lacks', () => {
  const read = (output: JsonObject | null, more: JsonObject = {}): UsageRecord =>
    readValues([invocation({ input: {}, ...(output === null ? {} : { output }), ...more })]).records[0] as UsageRecord;

  test.each([
    [
      'Converse',
      { usage: { inputTokens: 5, cacheReadInputTokens: 6, cacheWriteInputTokens: 0, outputTokens: 8 } },
      [5, 6, 0, 0, 8, 0],
    ],
    ['Llama', { prompt_token_count: 5, generation_token_count: 8 }, [5, 0, 0, 0, 8, 0]],
    ['Titan', { inputTextTokenCount: 5, results: [{ tokenCount: 3 }, { tokenCount: 5 }] }, [5, 0, 0, 0, 8, 0]],
    [
      'OpenAI-shaped',
      { usage: { prompt_tokens: 11, prompt_tokens_details: { cached_tokens: 6 }, completion_tokens: 8 } },
      [5, 6, 0, 0, 8, 0],
    ],
    [
      'a raw stream',
      [
        { type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 8 } },
        { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 5, outputTokenCount: 8 } },
      ],
      [5, 0, 0, 0, 8, 0],
    ],
  ] as [string, JsonValue, number[]][])('are taken from the body of %s', (_, body, expected) => {
    const record = read({ outputBodyJson: body });
    expect(meters(record)).toEqual(expected);
    expect(record.usageBasis).toBe('reported');
  });

  test('and stand nowhere: missing, with prompt and answer to count', () => {
    const record = read(
      { outputBodyJson: { generation: 'four words of text' } },
      { input: { inputBodyJson: { prompt: 'P', max_gen_len: 9 } } },
    );
    expect(record).toMatchObject({ usageBasis: 'missing', responseText: 'four words of text' });
    expect(record.promptText).toEqual({ system: null, messages: 'P' });
  });

  test('a failed call is no missing usage: it is not billed', () => {
    const record = read(null, { errorCode: 'ThrottlingException' });
    expect(record).toMatchObject({ status: 'error', usageBasis: 'reported', inputTokens: 0 });
  });

  test('an embedding has no output', () => {
    const record = read(null, { modelId: 'amazon.titan-embed-text-v2:0', input: { inputTokenCount: 12 } });
    expect(record).toMatchObject({ operation: 'embedding', inputTokens: 12, outputTokens: 0, usageBasis: 'reported' });
  });
});

describe('tiers', () => {
  const tierOf = (request: JsonObject, body: JsonObject, modelId = 'amazon.nova-pro-v1:0'): UsageRecord =>
    readValues([
      invocation({
        modelId,
        input: { inputTokenCount: 1, inputBodyJson: request },
        output: { outputTokenCount: 1, outputBodyJson: body },
      }),
    ]).records[0] as UsageRecord;

  test('the served tier prices the call, the requested one is kept (pitfall 12)', () => {
    const record = tierOf({ serviceTier: { type: 'priority' } }, { serviceTier: { type: 'default' } });
    expect(record).toMatchObject({ tier: 'standard', requestedTier: 'priority' });
  });

  test('where only the request tells, it is believed', () => {
    expect(tierOf({ service_tier: 'flex' }, {}).tier).toBe('flex');
    expect(tierOf({ serviceTier: 'reserved' }, {}).tier).toBe('provisioned');
  });

  test('a provisioned model is provisioned, latency-optimized inference is flagged', () => {
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc';
    expect(tierOf({}, {}, arn)).toMatchObject({ tier: 'provisioned', modelReported: 'abc', priceRegion: null });
    expect(tierOf({ performanceConfig: { latency: 'optimized' } }, {}).usageFlag).toBe('latency_optimized');
  });
});

test('images are counted, not their base64 text', () => {
  const line = invocation({
    modelId: 'amazon.nova-canvas-v1:0',
    input: { inputTokenCount: 0 },
    output: { outputBodyJson: { images: ['aGk=', 'aGk='] } },
  });
  expect(readValues([line]).records[0]).toMatchObject({ operation: 'image', images: 2 });
});

test('one call logged to S3 and to CloudWatch has one identity', () => {
  const line = invocation({ input: { inputTokenCount: 3 }, output: { outputTokenCount: 4 } });
  const { records } = readValues([line, { id: '37', timestamp: 1_785_542_405_000, message: JSON.stringify(line) }]);
  expect(records.map((r) => r.linkIds)).toEqual([
    [{ kind: 'request', value: 'r-1' }],
    [{ kind: 'request', value: 'r-1' }],
  ]);
  expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + 5000, DAY_MS + 5000]);
});

test('a plain id outside the US is priced in its own region', () => {
  const { records } = readValues([
    invocation({ region: 'ap-south-1', modelId: 'meta.llama3-8b-instruct-v1:0', input: { inputTokenCount: 3 } }),
    invocation({ region: 'eu-central-1', modelId: 'eu.amazon.nova-pro-v1:0', input: { inputTokenCount: 3 } }),
  ]);
  expect(records.map((r) => r.priceRegion)).toEqual(['ap-south-1', 'eu']);
});
