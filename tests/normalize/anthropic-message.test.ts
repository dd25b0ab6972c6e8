/** Anthropic messages: iterations, envelopes, other hosts, and streams logged event by event. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

function message(usage: JsonObject | null, more: JsonObject = {}): JsonObject {
  return { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-4-6', content: [], usage, ...more };
}

describe('iterations', () => {
  const compaction = { type: 'compaction', input_tokens: 1000, output_tokens: 50 };
  const advisor = { type: 'advisor_message', model: 'claude-advisor', input_tokens: 70, output_tokens: 7 };
  const first = { type: 'message', input_tokens: 20, output_tokens: 2 };
  const last = { type: 'message', input_tokens: 30, output_tokens: 3 };

  test('each is a record; the last message has the plain id, the others their index', () => {
    const { records } = readValues([
      message({ input_tokens: 50, output_tokens: 5, iterations: [compaction, first, advisor, last] }),
    ]);
    expect(records.map((r) => [r.linkIds[0]?.value, r.modelReported, r.inputTokens, r.outputTokens])).toEqual([
      ['msg_1#0', 'claude-opus-4-6', 1000, 50],
      ['msg_1#1', 'claude-opus-4-6', 20, 2],
      ['msg_1#2', 'claude-advisor', 70, 7],
      ['msg_1', 'claude-opus-4-6', 30, 3],
    ]);
    expect(records.map((r) => r.tags['iteration'] ?? null)).toEqual(['compaction', 'message', 'advisor_message', null]);
    expect(new Set(records.flatMap((r) => r.linkIds.map((l) => l.value))).size).toBe(4);
  });

  test('a request id of the envelope belongs to one record only: shared, it would tie them together', () => {
    const { records } = readValues([
      {
        request_id: 'req_011abc',
        response: message({ input_tokens: 30, output_tokens: 3, iterations: [compaction, last] }),
      },
    ]);
    expect(records.map((r) => r.linkIds.map((l) => `${l.kind}:${l.value}`))).toEqual([
      ['response:msg_1#0'],
      ['response:msg_1', 'request:req_011abc'],
    ]);
  });

  test('fees stand on one record', () => {
    const usage = { input_tokens: 30, output_tokens: 3, server_tool_use: { web_search_requests: 4 } };
    const { records } = readValues([message({ ...usage, iterations: [compaction, last] })]);
    expect(records.map((r) => r.webSearches)).toEqual([0, 4]);
  });

  test('a message that is only compacted so far does not take the id of its answer to come', () => {
    const { records } = readValues([message({ input_tokens: 0, output_tokens: 0, iterations: [compaction] })]);
    expect(records.map((r) => r.linkIds[0]?.value)).toEqual(['msg_1#0']);
  });

  test('a list that holds less than the top level is not complete and is passed over', () => {
    const { records } = readValues([message({ input_tokens: 50, output_tokens: 5, iterations: [first] })]);
    expect(records.map(meters)).toEqual([[50, 0, 0, 0, 5, 0]]);
  });

  test('the fallback’s answer is the message where no other answered', () => {
    const fallback = { type: 'fallback_message', model: 'claude-small', input_tokens: 9, output_tokens: 1 };
    const { records } = readValues([
      message({ input_tokens: 9, output_tokens: 1, iterations: [compaction, fallback] }),
    ]);
    expect(records.map((r) => [r.linkIds[0]?.value, r.modelReported])).toEqual([
      ['msg_1#0', 'claude-opus-4-6'],
      ['msg_1', 'claude-small'],
    ]);
  });
});

test('the envelope gives time, user, prompt and the requested tier; the response gives the served one', () => {
  const { records } = readValues([
    {
      timestamp: '2026-08-01T00:00:07Z',
      team: 'alpha',
      request: {
        metadata: { user_id: 'u1' },
        service_tier: 'auto',
        system: 'S',
        messages: [{ role: 'user', content: 'Q' }],
      },
      response: message({ input_tokens: 1, output_tokens: 1, service_tier: 'priority' }),
    },
  ]);
  expect(records[0]).toMatchObject({
    occurredAtMs: DAY_MS + 7000,
    userId: 'u1',
    tier: 'priority',
    requestedTier: 'auto',
  });
  expect(records[0]?.evidence.teamTag).toBe('alpha');
  expect(records[0]?.promptText).toEqual({ system: 'S', messages: [{ role: 'user', content: 'Q' }] });
  expect(records[0]?.responseText).toBeNull();
});

test('a Bedrock copy is named as Bedrock’s price list names it', () => {
  const usage = { input_tokens: 1, output_tokens: 1, inference_geo: 'not_available' };
  const { records } = readValues([
    message(usage, { id: 'msg_bdrk_1', model: 'claude-sonnet-4-5-20250929' }),
    message(usage, { id: 'msg_2', model: 'eu.anthropic.claude-sonnet-4-6' }),
  ]);
  expect(records.map((r) => [r.provider, r.modelReported, r.priceRegion])).toEqual([
    ['bedrock', 'anthropic.claude-sonnet-4-5-20250929', null],
    ['bedrock', 'anthropic.claude-sonnet-4-6', 'eu'],
  ]);
});

test('a message without usage is missing, with its text to count; nulls are no zeros', () => {
  const content = [{ type: 'text', text: 'half an ans' }];
  const { records } = readValues([
    message(null, { content }),
    message({ input_tokens: null, output_tokens: null }, { id: 'msg_2', content }),
  ]);
  expect(records.map((r) => [r.usageBasis, r.responseText])).toEqual([
    ['missing', 'half an ans'],
    ['missing', 'half an ans'],
  ]);
});

test('a wrong count is a reject that names the field and not its value', () => {
  const { rejects } = readValues([
    message({ input_tokens: -5, output_tokens: 1 }),
    message({ input_tokens: 'secret' }),
  ]);
  expect(rejects).toEqual([
    'invalid_field: input_tokens: must not be negative',
    'invalid_field: input_tokens: must be a whole number, is string',
  ]);
});

describe('stream events', () => {
  const start = (id: string): JsonObject => ({
    type: 'message_start',
    message: message({ input_tokens: 25, cache_read_input_tokens: 100, output_tokens: 1 }, { id }),
  });
  const delta = (output: number): JsonObject => ({
    type: 'message_delta',
    delta: {},
    usage: { output_tokens: output },
  });
  const stop: JsonObject = { type: 'message_stop' };

  test('the last delta has the whole answer; input is counted once', () => {
    const { records, skips } = readValues([start('msg_1'), { type: 'ping' }, delta(7), delta(15), stop]);
    expect(records.map((r) => [r.linkIds[0]?.value, ...meters(r)])).toEqual([
      ['msg_1', 25, 100, 0, 0, 7, 0],
      ['msg_1', 25, 100, 0, 0, 15, 0],
    ]);
    expect(skips).toEqual(['stream_event', 'stream_event', 'stream_event']);
  });

  test('a stream that was cut keeps what it read and says that its output is a lower bound', () => {
    const { records } = readValues([start('msg_1'), start('msg_2'), delta(9), stop, start('msg_3')]);
    expect(records.map((r) => [r.linkIds[0]?.value, r.status, r.usageFlag, r.inputTokens, r.outputTokens])).toEqual([
      ['msg_1', 'partial', 'stream_cut', 25, 1],
      ['msg_2', 'ok', null, 25, 9],
      ['msg_3', 'partial', 'stream_cut', 25, 1],
    ]);
  });

  test('a delta without a start belongs to nobody', () => {
    const { records, skips } = readValues([delta(9), start('msg_1'), delta(3), stop, delta(8)]);
    expect(records.map((r) => r.outputTokens)).toEqual([3]);
    expect(skips).toHaveLength(4);
  });
});
