import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const body = (more: JsonObject = {}): JsonObject => ({
  id: 'resp_0123456789',
  object: 'response',
  created_at: 1785542400,
  status: 'completed',
  model: 'gpt-5.4',
  output: [],
  usage: {
    input_tokens: 100,
    output_tokens: 10,
    total_tokens: 110,
  },
  ...more,
});

const read = (line: JsonObject) => readValues([line]);

describe('status', () => {
  test('incomplete is billed', () => {
    expect(read(body({ status: 'incomplete' })).records[0]).toMatchObject({ status: 'ok', inputTokens: 100 });
  });

  test('failed has known zero tokens', () => {
    const { records } = read(body({ status: 'failed', usage: null, error: { code: 'server_error', message: 'x' } }));
    expect(records[0]).toMatchObject({ status: 'error', usageBasis: 'reported', inputTokens: 0, outputTokens: 0 });
  });

  test('cancelled without usage is unknown, not zero', () => {
    const { records } = read(body({ status: 'cancelled', usage: null }));
    expect(records[0]).toMatchObject({ status: 'cancelled', usageBasis: 'missing' });
  });

  test.each(['queued', 'in_progress'])('%s is not the end of it', (status) => {
    expect(read(body({ status, usage: null }))).toMatchObject({ records: [], skips: ['response_not_finished'] });
  });
});

describe('stream events', () => {
  test('the completed event carries the response', () => {
    const { records } = read({ type: 'response.completed', response: body() });
    expect(records.map(meters)).toEqual([[100, 0, 0, 0, 10, 0]]);
  });

  test('other events are skips', () => {
    const event = { type: 'response.output_text.delta', delta: 'x' };
    expect(read(event)).toMatchObject({ records: [], skips: ['stream_event'], rejects: [] });
    expect(read({ type: 'response.created', response: body({ status: 'in_progress', usage: null }) }).skips).toEqual([
      'response_not_finished',
    ]);
  });

  test('a realtime turn counts; its model is not in the event, so it is unknown and not free', () => {
    const usage = { input_tokens: 5, output_tokens: 2, total_tokens: 7, input_token_details: { cached_tokens: 1 } };
    const event = {
      type: 'response.done',
      response: { object: 'realtime.response', id: 'resp_x', status: 'completed', usage },
    };
    const { records } = read(event);
    expect(records.map(meters)).toEqual([[4, 1, 0, 0, 2, 0]]);
    expect(records[0]?.modelReported).toBe('unknown');
  });
});

test('web searches: search actions are billed, opening and finding in a page are not', () => {
  const output = [
    { type: 'web_search_call', action: { type: 'search', query: 'CANARY' } },
    { type: 'web_search_call', action: { type: 'open_page' } },
    { type: 'web_search_call', action: { type: 'find_in_page' } },
    { type: 'web_search_call' },
    { type: 'file_search_call' },
    { type: 'message', content: [{ type: 'output_text', text: 'x' }] },
  ];
  expect(read(body({ output })).records[0]?.webSearches).toBe(2);
});

test('latency to the second, conversation, user, tags', () => {
  const more = {
    completed_at: 1785542404,
    conversation: { id: 'conv_1' },
    user: 'u-1',
    metadata: { team: 'alpha' },
  };
  const { records } = read(body(more));
  expect(records[0]).toMatchObject({ latencyMs: 4000, sessionId: 'conv_1', userId: 'u-1' });
  expect(records[0]?.evidence.teamTag).toBe('alpha');
  expect(read(body({ completed_at: 1_785_542_399 })).records[0]?.latencyMs).toBeNull();
});

test('ultrafast has a price tier of its own', () => {
  expect(read(body({ service_tier: 'ultrafast' })).records[0]).toMatchObject({ tier: 'fast', priceTier: 'ultrafast' });
});

test('instructions come before the input of the request', () => {
  const request = { instructions: 'Be brief.', input: 'Q', tools: [{ type: 'web_search' }] };
  const { records } = read({ request, response: body() });
  expect(records[0]?.promptText).toEqual({ instructions: 'Be brief.', input: 'Q' });
});

test('usage missing: the answer is kept to be counted', () => {
  const output = [
    { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
    { type: 'function_call', arguments: '{}' },
  ];
  expect(read(body({ usage: null, output })).records[0]).toMatchObject({
    usageBasis: 'missing',
    responseText: 'Hello{}',
  });
});
