import { describe, expect, test } from 'vitest';
import { MAX_OPEN } from '../../lib/normalize/openai-chunk.ts';
import type { JsonObject, JsonValue } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const chunk = (id: string, more: JsonObject): JsonObject => ({
  id,
  object: 'chat.completion.chunk',
  created: 1785542400,
  model: 'gpt-4o',
  ...more,
});
const text = (id: string, content: string, finish: string | null = null): JsonObject =>
  chunk(id, { choices: [{ index: 0, delta: { content }, finish_reason: finish }] });
const usage = (prompt: number, completion: number): JsonObject => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});

test('interleaved streams: each gives one record, its other chunks are skips', () => {
  const lines = [
    text('a', 'x'),
    text('b', 'y'),
    text('a', 'x', 'stop'),
    text('b', 'y', 'stop'),
    chunk('b', {
      choices: [],
      usage: usage(20, 2),
    }),
    chunk('a', {
      choices: [],
      usage: usage(10, 1),
    }),
  ];
  const { records, skips } = readValues(lines);
  expect(records.map((r) => [r.callId, r.inputTokens, r.outputTokens, r.status, r.usageBasis])).toEqual([
    ['b', 20, 2, 'ok', 'reported'],
    ['a', 10, 1, 'ok', 'reported'],
  ]);
  expect(skips).toEqual(['stream_chunk', 'stream_chunk', 'stream_chunk', 'stream_chunk']);
});

test('cumulative usage on every chunk: only the last counts', () => {
  const lines = [1, 2, 3].map((n) => ({ ...text('a', 'x', n === 3 ? 'stop' : null), usage: usage(10, n) }));
  const { records } = readValues([...lines, chunk('a', { choices: [], usage: usage(10, 3) })]);
  expect(records.map(meters)).toEqual([[10, 0, 0, 0, 3, 0]]);
});

test('a larger count that comes after the end replaces the smaller at seal, so it is kept', () => {
  const { records } = readValues([
    { ...text('a', 'x', 'stop'), usage: usage(10, 3) },
    chunk('a', { choices: [], usage: usage(10, 4) }),
  ]);
  expect(records.map((r) => [r.linkIds[0]?.value, r.outputTokens])).toEqual([
    ['a', 3],
    ['a', 4],
  ]);
});

test('Groq puts usage under x_groq', () => {
  const lines = [
    text('a', 'x'),
    chunk('a', { choices: [{ delta: {}, finish_reason: 'stop' }], x_groq: { usage: usage(7, 3) } }),
  ];
  expect(readValues(lines).records.map((r) => [r.provider, ...meters(r)])).toEqual([['groq', 7, 0, 0, 0, 3, 0]]);
});

describe('streams that never got usage come out at the end', () => {
  test('cut: partial, missing, with the text that came and the prompt that was asked', () => {
    const messages = [{ role: 'user', content: 'Q' }];
    const lines: JsonValue[] = [
      { request: { messages }, response: text('a', 'Hel') },
      { request: { messages }, response: text('a', 'lo') },
    ];
    const { records, skips } = readValues(lines);
    expect(skips).toHaveLength(2);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      usageBasis: 'missing',
      status: 'partial',
      responseText: 'Hello',
      inputTokens: 0,
    });
    expect(records[0]?.promptText).toEqual(messages);
  });

  test('ended by itself: ok, still missing', () => {
    const { records } = readValues([text('a', 'Hello'), text('a', '', 'stop')]);
    expect(records[0]).toMatchObject({ usageBasis: 'missing', status: 'ok', responseText: 'Hello' });
  });

  test('cut, but usage was told on the way: that much is reported', () => {
    const { records } = readValues([
      { ...text('a', 'x'), usage: usage(10, 1) },
      { ...text('a', 'y'), usage: usage(10, 2) },
    ]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      usageBasis: 'reported',
      status: 'partial',
      outputTokens: 2,
      responseText: null,
    });
  });
});

test('the oldest stream is settled when too many are open; none is lost', () => {
  const lines = Array.from({ length: MAX_OPEN + 5 }, (_, i) => text(`s${i}`, 'x'));
  const { records, skips } = readValues(lines);
  expect(skips).toHaveLength(MAX_OPEN);
  expect(records).toHaveLength(MAX_OPEN + 5);
  expect(records.slice(0, 5).map((r) => r.callId)).toEqual(['s0', 's1', 's2', 's3', 's4']);
  expect(new Set(records.map((r) => r.callId)).size).toBe(MAX_OPEN + 5);
});

test('text of open streams is bounded: long ones are settled before memory grows', () => {
  // 200 streams of 256 KiB each are 50 MiB; half of that may be held
  const piece = 'x'.repeat(1 << 18);
  const { records, skips } = readValues(Array.from({ length: 200 }, (_, i) => text(`s${i}`, piece)));
  expect(records).toHaveLength(200);
  expect(skips.length).toBeLessThanOrEqual(129); // 2^25 / 2^18 = 128 whole streams are held
  expect(skips.length).toBeGreaterThan(100);
});

test('the prompt that stood beside the first chunk is the prompt of the call', () => {
  const request = { messages: [{ role: 'user', content: 'Q' }] };
  const lines = [{ request, response: text('a', 'x') }, chunk('a', { choices: [], usage: usage(10, 1) })];
  const { records } = readValues(lines);
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({ promptText: request.messages, outputTokens: 1 });
});
