/** Gemini responses in a log: streams by chunk, answers without usage, envelopes. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

const chunk = (more: JsonObject): JsonObject => ({ responseId: 'r-1', modelVersion: 'gemini-3-flash', ...more });
const usage = (candidates: number): JsonObject => ({
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: candidates, totalTokenCount: 10 + candidates },
});
const part = (text: string, more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { parts: [{ text }] }, ...more }],
});

test('chunks of a stream are witnesses of one response, the last has the whole answer', () => {
  const { records, skips } = readValues([
    chunk(part('a')),
    chunk({ ...part('b'), ...usage(4) }),
    chunk({ ...part('c', { finishReason: 'STOP' }), ...usage(9) }),
  ]);
  expect(records.map((r) => [r.linkIds[0]?.value, ...meters(r)])).toEqual([
    ['r-1', 10, 0, 0, 0, 4, 0],
    ['r-1', 10, 0, 0, 0, 9, 0],
  ]);
  expect(skips).toEqual(['stream_chunk']);
});

test('a finished answer without usage is missing, not zero', () => {
  const { records } = readValues([chunk(part('all of it', { finishReason: 'STOP' }))]);
  expect(records[0]).toMatchObject({ usageBasis: 'missing', responseText: 'all of it', status: 'ok' });
});

test('time, user and team come from the envelope where the Gemini API gives none', () => {
  const { records } = readValues([
    { time: '2026-08-01T00:00:04Z', team: 'alpha', user: 'u1', latency_ms: 350, response: chunk(usage(3)) },
  ]);
  expect(records[0]).toMatchObject({ occurredAtMs: DAY_MS + 4000, userId: 'u1', latencyMs: 350, provider: 'google' });
  expect(records[0]?.evidence.teamTag).toBe('alpha');
});

test('a negative count is a reject', () => {
  const { rejects } = readValues([chunk({ usageMetadata: { promptTokenCount: -1, totalTokenCount: 1 } })]);
  expect(rejects).toEqual(['invalid_field: promptTokenCount: must not be negative']);
});
