/** Anthropic batch results: the tier is batch, failures are recognized wherever their file lies. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const succeeded = (id: string, input: number, output: number): JsonObject => ({
  custom_id: `row-${id}`,
  result: {
    type: 'succeeded',
    message: {
      id,
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-6',
      usage: { input_tokens: input, output_tokens: output, service_tier: 'standard' },
    },
  },
});
const failed = (type: string, error: JsonObject | null = null): JsonObject => ({
  custom_id: 'row-9',
  result: { type, ...(error === null ? {} : { error }) },
});

test('pitfall 11: both results are at the batch tier whatever the body says', () => {
  const { records } = readValues([succeeded('msg_1', 9, 25), succeeded('msg_2', 9, 18)]);
  expect(records.map((r) => [r.tier, ...meters(r)])).toEqual([
    ['batch', 9, 0, 0, 0, 25, 0],
    ['batch', 9, 0, 0, 0, 18, 0],
  ]);
  expect(records.map((r) => r.tags['custom_id'])).toEqual(['row-msg_1', 'row-msg_2']);
});

test('failed lines: status by type, request id where the error has one', () => {
  const { records } = readValues([
    failed('errored', { type: 'error', error: { type: 'invalid_request_error' }, request_id: 'req_7' }),
    failed('expired'),
    failed('canceled'),
  ]);
  expect(records.map((r) => r.status)).toEqual(['error', 'error', 'cancelled']);
  expect(records[0]?.linkIds[0]).toEqual({ kind: 'request', value: 'req_7' });
  expect(records.every((r) => r.inputTokens + r.outputTokens === 0 && r.usageBasis === 'reported')).toBe(true);
});

test('a copied file gives the same identities; another batch gives others', () => {
  const ids = (key: string): unknown => readValues([failed('expired')], null, key).records[0]?.linkIds;
  expect(ids('copies/again.jsonl')).toEqual(ids('logs/results.jsonl'));
  expect(ids('b/msgbatch_01A_results.jsonl')).not.toEqual(ids('b/msgbatch_01B_results.jsonl'));
});

test('an OpenAI batch line is not taken for one of Anthropic', () => {
  const { lines } = readValues([{ id: 'x', custom_id: 'a', response: { status_code: 500, body: null }, error: null }]);
  expect(lines[0]?.format).toBe('openai.batch');
});
