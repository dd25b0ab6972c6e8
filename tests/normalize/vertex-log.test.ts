/** Vertex request-response logs: the response as object, chunks and text; ids; other publishers; nothing logged. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue, UsageRecord } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

function read(fullResponse: JsonValue, more: JsonObject = {}): UsageRecord {
  const row = {
    endpoint: '',
    logging_time: '2026-08-01 00:06:00.123456 UTC',
    request_id: '9007199254740993',
    model: 'publishers/google/models/gemini-2.5-pro',
    api_method: 'generateContent',
    full_request: { contents: [{ parts: [{ text: 'Q' }] }], labels: { team: 'alpha' } },
    full_response: fullResponse,
    ...more,
  };
  const { records, rejects } = readValues([row]);
  expect(rejects).toEqual([]);
  expect(records).toHaveLength(1);
  return records[0] as UsageRecord;
}

const usage = (candidates: number): JsonObject => ({
  promptTokenCount: 70,
  candidatesTokenCount: candidates,
  totalTokenCount: 70 + candidates,
});
const WHOLE: JsonObject = { usageMetadata: usage(9), modelVersion: 'gemini-2.5-pro', responseId: 'r-1' };

describe('the response', () => {
  test.each([
    ['an object', WHOLE],
    ['JSON text', JSON.stringify(WHOLE)],
    ['a list of chunks', [{ ...WHOLE, usageMetadata: usage(2) }, WHOLE]],
    ['a list whose last chunk has no usage', [WHOLE, { candidates: [] }]],
    ['text of a list', JSON.stringify([WHOLE])],
  ] as [string, JsonValue][])('as %s', (_, response) => {
    const record = read(response);
    expect(meters(record)).toEqual([70, 0, 0, 0, 9, 0]);
    expect(record).toMatchObject({
      provider: 'vertex',
      modelReported: 'gemini-2.5-pro',
      occurredAtMs: DAY_MS + 360_123,
    });
    expect(record.evidence.teamTag).toBe('alpha');
  });

  test.each([
    ['null', null],
    ['broken text', '{"usageMetadata": {'],
    ['an unknown shape', { predictions: [] }],
  ] as [string, JsonValue][])('as %s: usage is unknown, the call is not', (_, response) => {
    const record = read(response);
    expect(record).toMatchObject({ usageBasis: 'missing', modelReported: 'gemini-2.5-pro', provider: 'vertex' });
    expect(record.promptText).toEqual({ systemInstruction: null, contents: [{ parts: [{ text: 'Q' }] }] });
  });

  test('of Claude, whole or streamed', () => {
    const more = { model: 'publishers/anthropic/models/claude-sonnet-4-5', api_method: 'streamRawPredict' };
    const message = {
      id: 'msg_vrtx_1',
      type: 'message',
      model: 'claude-sonnet-4-5',
      usage: { input_tokens: 5, output_tokens: 1 },
    };
    expect(meters(read(message, more))).toEqual([5, 0, 0, 0, 1, 0]);
    const events = [
      { type: 'message_start', message },
      { type: 'message_delta', usage: { output_tokens: 44 } },
    ];
    const streamed = read(events, more);
    expect(meters(streamed)).toEqual([5, 0, 0, 0, 44, 0]);
    expect(streamed).toMatchObject({ provider: 'vertex', publisher: 'anthropic', callId: 'msg_vrtx_1' });
  });
});

test('an id as text is exact; a number beyond 2^53 is not, so the time of logging is part of it', () => {
  expect(read(WHOLE).linkIds).toEqual([
    { kind: 'response', value: 'r-1' },
    { kind: 'request', value: '9007199254740993' },
  ]);
  const rounded = 9_007_199_254_740_992;
  const first = read(WHOLE, { request_id: rounded }).linkIds[1];
  const second = read(WHOLE, { request_id: rounded, logging_time: '2026-08-01 00:06:01 UTC' }).linkIds[1];
  expect(first?.kind).toBe('natural');
  expect(second?.value).not.toBe(first?.value);
});

test('the endpoint’s location is the region, the metadata’s latency the latency', () => {
  const record = read(WHOLE, {
    endpoint: 'projects/1/locations/europe-west4/endpoints/9',
    metadata: { request_latency: 812.4 },
  });
  expect(record).toMatchObject({ priceRegion: 'europe-west4', latencyMs: 812 });
});

test('model and provisioned traffic', () => {
  const record = read({ usageMetadata: { ...usage(1), trafficType: 'PROVISIONED_THROUGHPUT' } });
  expect(record).toMatchObject({ tier: 'provisioned', modelReported: 'gemini-2.5-pro' });
});
