/** Vertex batch output: labels, failures, requests never processed, other publishers. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

const line = (more: JsonObject): JsonObject => ({
  status: '',
  processed_time: '2026-08-01T00:05:00.000+00:00',
  request: { contents: [{ parts: [{ text: 'Q' }] }], labels: { team: 'alpha' } },
  ...more,
});

test('labels of the request name the team; time is the response’s, else that of processing', () => {
  const usageMetadata = { promptTokenCount: 90, candidatesTokenCount: 15, totalTokenCount: 105 };
  const { records } = readValues([
    line({ response: { usageMetadata, modelVersion: 'gemini-2.5-pro', createTime: '2026-08-01T00:04:00Z' } }),
    line({ response: { usageMetadata, modelVersion: 'gemini-2.5-pro' } }),
  ]);
  expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + 240_000, DAY_MS + 300_000]);
  expect(records.map((r) => [r.tier, r.provider, r.evidence.teamTag])).toEqual([
    ['batch', 'vertex', 'alpha'],
    ['batch', 'vertex', 'alpha'],
  ]);
});

test('a failure has no tokens even if its response has some text', () => {
  const { records } = readValues([line({ status: 'Bad Request: x', response: {} })]);
  expect(records.map(meters)).toEqual([[0, 0, 0, 0, 0, 0]]);
  expect(records[0]).toMatchObject({
    status: 'error',
    tier: 'batch',
    usageBasis: 'reported',
    occurredAtMs: DAY_MS + 300_000,
  });
});

test('a copied file repeats the identity of a failure, another request does not', () => {
  const ids = (more: JsonObject, key: string): unknown =>
    readValues([line({ status: 'x', ...more })], null, key).records[0]?.linkIds;
  expect(ids({}, 'copies/b.jsonl')).toEqual(ids({}, 'a.jsonl'));
  expect(ids({ request: { contents: [] } }, 'a.jsonl')).not.toEqual(ids({}, 'a.jsonl'));
});

test('what a cancelled job never reached is a named skip', () => {
  const { records, skips } = readValues([
    { request: { contents: [] } },
    { request: { contents: [] }, status: '', processed_time: '' },
  ]);
  expect([records, skips]).toEqual([[], ['not_processed', 'not_processed']]);
});

test('Claude on Vertex answers in its own shape', () => {
  const response = {
    id: 'msg_vrtx_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    usage: { input_tokens: 8, output_tokens: 3 },
  };
  const { records } = readValues([line({ response })]);
  expect(records.map(meters)).toEqual([[8, 0, 0, 0, 3, 0]]);
  expect(records[0]).toMatchObject({
    provider: 'vertex',
    publisher: 'anthropic',
    tier: 'batch',
    modelReported: 'claude-sonnet-4-5',
  });
});
