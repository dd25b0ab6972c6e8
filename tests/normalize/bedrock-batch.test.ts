/** Bedrock batch output: usage in each family's own shape, identities that neither merge two jobs nor lose a copied file. */
import { describe, expect, test } from 'vitest';
import { bedrockBatch } from '../../lib/normalize/bedrock-batch.ts';
import type { JsonObject, LinkId } from '../../lib/record.ts';
import { meters, objectContext, readValues } from '../golden/read-sample.ts';

const line = (modelOutput: JsonObject | null, more: JsonObject = {}): JsonObject => ({
  recordId: 'CALL0000001',
  modelInput: { messages: [{ role: 'user', content: [{ text: 'Q' }] }] },
  ...(modelOutput === null ? {} : { modelOutput }),
  ...more,
});
const nova = (output: number): JsonObject => ({
  usage: { inputTokens: 9, cacheReadInputTokens: 4, outputTokens: output },
});

test.each([
  [
    'Anthropic',
    { id: 'msg_1', usage: { input_tokens: 9, cache_creation_input_tokens: 6, output_tokens: 5 } },
    [9, 0, 6, 0, 5, 0],
  ],
  ['Nova', nova(5), [9, 4, 0, 0, 5, 0]],
  ['Llama', { prompt_token_count: 9, generation_token_count: 5 }, [9, 0, 0, 0, 5, 0]],
  ['Titan', { inputTextTokenCount: 9, results: [{ tokenCount: 5, outputText: 'x' }] }, [9, 0, 0, 0, 5, 0]],
] as [string, JsonObject, number[]][])('usage of %s', (_, output, expected) => {
  const { records } = readValues([line(output)]);
  expect(records.map(meters)).toEqual([expected]);
  expect(records[0]).toMatchObject({ tier: 'batch', usageBasis: 'reported', status: 'ok', provider: 'bedrock' });
});

test('an embedding counts its input only', () => {
  const { records } = readValues([line({ embedding: [0.1], inputTextTokenCount: 9 })]);
  expect(records[0]).toMatchObject({ operation: 'embedding', inputTokens: 9, outputTokens: 0, usageBasis: 'reported' });
});

test('a model that reports nothing is missing, with its texts to count', () => {
  const { records } = readValues([line({ content: [{ type: 'text', text: 'A' }] })]);
  expect(records[0]).toMatchObject({ usageBasis: 'missing', responseText: 'A' });
  expect(records[0]?.promptText).toEqual({ system: null, messages: [{ role: 'user', content: [{ text: 'Q' }] }] });
});

test('the model may stand in the path', () => {
  const object = objectContext('out.jsonl.out', { model: 'us.amazon.nova-pro-v1:0' });
  const outcome = bedrockBatch.normalize(line(nova(5)), { object, line: 1, outer: null });
  expect(outcome).toMatchObject({ records: [{ modelReported: 'amazon.nova-pro-v1:0', priceRegion: 'us' }] });
  expect(readValues([line(nova(5))]).records[0]?.modelReported).toBe('unknown');
});

describe('identity', () => {
  const ids = (output: JsonObject | null, key: string, more: JsonObject = {}): readonly LinkId[] =>
    readValues([line(output, more)], null, key).records[0]?.linkIds ?? [];

  test('a message id stands alone: record ids repeat in every job', () => {
    const output = { id: 'msg_1', usage: { input_tokens: 1, output_tokens: 1 } };
    expect(ids(output, 'a/b/x.jsonl.out')).toEqual([{ kind: 'response', value: 'msg_1' }]);
  });

  test('without one, a copied file is recognized and another job’s equal record id is not', () => {
    expect(ids(nova(5), 'copies/again.jsonl.out')).toEqual(ids(nova(5), 'logs/x.jsonl.out'));
    expect(ids(nova(6), 'logs/y.jsonl.out')).not.toEqual(ids(nova(5), 'logs/x.jsonl.out'));
    expect(ids(nova(5), 'out/b2xk4o9q1zzz/x.jsonl.out')).not.toEqual(ids(nova(5), 'out/a1xk4o9q1zzz/x.jsonl.out'));
  });

  test('a failed line too', () => {
    const error = { error: { errorCode: 400, errorMessage: 'bad' } };
    expect(ids(null, 'copies/again.jsonl.out', error)).toEqual(ids(null, 'logs/x.jsonl.out', error));
  });
});
