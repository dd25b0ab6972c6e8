/**
 * The price pitfalls that Anthropic, Bedrock, agent and Google logs can express, from the log line to the last digit of the cost. Expected
 * costs are the hand-worked ones of the pitfall list; the calls play on 2026-11-20 unless a case says otherwise.
 */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { at, book, usd } from '../price/shipped-book.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { readValues } from './read-sample.ts';

const DAY = at('2026-11-20');

/** List cost of every record of these lines, in order. */
function costsOf(lines: readonly JsonObject[], atMs = DAY): (string | null)[] {
  const { records, rejects } = readValues(lines);
  expect(rejects).toEqual([]);
  return records.map((record) => usd(priceRecord(book, record, atMs)));
}

const message = (model: string, usage: JsonObject): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model,
  usage,
});
const gemini = (modelVersion: string, usageMetadata: JsonObject, more: JsonObject = {}): JsonObject => ({
  modelVersion,
  usageMetadata,
  ...more,
});
const bedrock = (modelId: string): JsonObject => ({
  schemaType: 'ModelInvocationLog',
  timestamp: '2026-11-20T00:00:00Z',
  region: 'us-east-1',
  requestId: 'r',
  modelId,
  input: { inputTokenCount: 100_000, cacheReadInputTokenCount: 50_000 },
  output: { outputTokenCount: 10_000 },
});

test('1: cache writes beside fresh input', () => {
  const usage = { input_tokens: 3, cache_creation_input_tokens: 12_304, output_tokens: 550 };
  expect(costsOf([message('claude-3-7-sonnet-20250219', usage)], at('2025-06-01'))).toEqual(['0.054399']);
});

test('3: a streamed call costs what the plain one costs', () => {
  const usage = { input_tokens: 4, cache_read_input_tokens: 2455, output_tokens: 23 };
  const start = {
    type: 'message_start',
    message: message('claude-3-5-haiku-20241022', { ...usage, output_tokens: 1 }),
  };
  const streamed = [start, { type: 'message_delta', usage: { output_tokens: 23 } }, { type: 'message_stop' }];
  const plain = [message('claude-3-5-haiku-20241022', usage)];
  expect(costsOf(plain, at('2025-06-01'))).toEqual(['0.0002916']);
  expect(costsOf(streamed, at('2025-06-01'))).toEqual(['0.0002916']);
});

test.each([
  ['outside', 20],
  ['inside', 120],
])('4: thoughts %s the candidates', (_, candidatesTokenCount) => {
  const usage = { promptTokenCount: 10, candidatesTokenCount, thoughtsTokenCount: 100, totalTokenCount: 130 };
  expect(costsOf([gemini('gemini-2.5-flash', usage)])).toEqual(['0.000303']);
});

test('6: one-hour writes at their own rate', () => {
  const cache_creation = { ephemeral_5m_input_tokens: 600_000, ephemeral_1h_input_tokens: 400_000 };
  const usage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 1_000_000, cache_creation };
  expect(costsOf([message('claude-opus-4-8', usage)])).toEqual(['7.75']);
});

test('7: no derived cache prices', () => {
  const usage = { input_tokens: 1000, cache_read_input_tokens: 1_000_000, output_tokens: 100 };
  expect(costsOf([message('claude-opus-5-5', usage)])).toEqual(['0.206']);
});

test('8 and 9: the band is decided by the whole prompt, strictly above the threshold', () => {
  const usage = (prompt: number, cached: number, answer: number): JsonObject => ({
    promptTokenCount: prompt,
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    candidatesTokenCount: answer,
    totalTokenCount: prompt + answer,
  });
  const lines = [usage(200_000, 0, 1000), usage(200_001, 0, 1000), usage(300_000, 250_000, 2000)];
  expect(costsOf(lines.map((u) => gemini('gemini-2.5-pro', u)))).toEqual(['0.26', '0.5150025', '0.2175']);
  const sonnet = { input_tokens: 10_000, cache_read_input_tokens: 195_000, output_tokens: 1000 };
  expect(costsOf([message('claude-sonnet-4-5-20250929', sonnet)], at('2025-11-01'))).toEqual(['0.1995']);
});

test('11: a batch at the batch tier', () => {
  const result = (id: string, output: number): JsonObject => ({
    custom_id: id,
    result: {
      type: 'succeeded',
      message: { ...message('claude-opus-4-6', { input_tokens: 9, output_tokens: output }), id },
    },
  });
  // 9 × 2.5 + 25 × 12.5 and 9 × 2.5 + 18 × 12.5 per million: together 0.0005825
  expect(costsOf([result('a', 25), result('b', 18)])).toEqual(['0.000335', '0.0002475']);
});

test('13: geo profiles, plain ids and data residency', () => {
  const model = 'anthropic.claude-sonnet-4-6';
  expect(costsOf([bedrock(`global.${model}`), bedrock(`us.${model}`), bedrock(model)])).toEqual([
    '0.465',
    '0.5115',
    '0.5115',
  ]);
  const usage = { input_tokens: 13, output_tokens: 12, inference_geo: 'us' };
  expect(costsOf([message('claude-sonnet-4-6', usage)])).toEqual(['0.0002409']);
});

test('14: fast mode', () => {
  const usage = { input_tokens: 1000, output_tokens: 1000, speed: 'fast' };
  expect(costsOf([message('claude-opus-5-5', usage)])).toEqual(['0.048']);
});

test('16: the price of the day of the call', () => {
  const usage = { promptTokenCount: 10_000, candidatesTokenCount: 1000, totalTokenCount: 11_000 };
  expect(costsOf([gemini('gemini-3.6-flash', usage)])).toEqual(['0.01125']);
  expect(costsOf([gemini('gemini-3.6-flash', usage)], at('2027-01-02'))).toEqual(['0.0225']);
});

test('20: an unknown model has no cost', () => {
  expect(costsOf([message('claude-synth-large', { input_tokens: 5, output_tokens: 5 })])).toEqual([null]);
});

test('21: the fullest of three snapshots is the call', () => {
  const usage = (output_tokens: number): JsonObject => ({
    input_tokens: 3,
    cache_creation: { ephemeral_5m_input_tokens: 2285, ephemeral_1h_input_tokens: 0 },
    cache_read_input_tokens: 22_137,
    output_tokens,
  });
  const lines = [2, 2, 412].map((output, i) => ({
    sessionId: 's',
    parentUuid: null,
    uuid: `u${i}`,
    timestamp: '2026-11-20T00:00:00Z',
    type: 'assistant',
    message: message('claude-opus-4-6', usage(output)),
  }));
  expect(costsOf(lines).at(-1)).toBe('0.03566475');
});

test('23: searches are billed by the search', () => {
  const usage = { input_tokens: 9548, output_tokens: 528, server_tool_use: { web_search_requests: 2 } };
  expect(costsOf([message('claude-sonnet-4-6', usage)])).toEqual(['0.056564']);
  const counts = { promptTokenCount: 1000, candidatesTokenCount: 500, totalTokenCount: 1500 };
  const candidates = [{ groundingMetadata: { webSearchQueries: ['a', 'b', 'a'] } }];
  expect(costsOf([gemini('gemini-3-flash-preview', counts, { candidates })])).toEqual(['0.03']);
});
