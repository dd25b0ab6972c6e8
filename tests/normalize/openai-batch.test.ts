import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { meters, readValues } from '../golden/read-sample.ts';

const chat = {
  id: 'chatcmpl-AAAABBBBCCCC',
  object: 'chat.completion',
  created: 1785542400,
  model: 'gpt-5.4',
  usage: {
    prompt_tokens: 1e5,
    completion_tokens: 1e4,
    total_tokens: 11e4,
    prompt_tokens_details: { cached_tokens: 4e4 },
  },
};
const line = (body: JsonObject | null, more: JsonObject = {}): JsonObject => ({
  id: 'batch_req_1',
  custom_id: 'job-1',
  error: null,
  response:
    body === null
      ? null
      : {
          status_code: 200,
          request_id: 'req_abcdef012345',
          body,
        },
  ...more,
});

describe('OpenAI batch output', () => {
  test('cached tokens stay cached at the batch tier (pitfall 11)', () => {
    const { records } = readValues([line({ ...chat, service_tier: 'default' })]);
    expect(records.map(meters)).toEqual([[60_000, 40_000, 0, 0, 10_000, 0]]);
    expect(records[0]).toMatchObject({ tier: 'batch', tags: { custom_id: 'job-1' } });
    expect(records[0]?.linkIds).toEqual([
      { kind: 'response', value: 'chatcmpl-AAAABBBBCCCC' },
      { kind: 'request', value: 'req_abcdef012345' },
      { kind: 'natural', value: 'openai.batch|batch_req_1' },
    ]);
  });

  test('whatever tier the body says, a batch line has the price of a batch', () => {
    const { records } = readValues([line({ ...chat, service_tier: 'ultrafast' })]);
    expect(records[0]).toMatchObject({ tier: 'batch', priceTier: null });
  });

  test('bodies of the Responses and the embeddings endpoints', () => {
    const response = {
      id: 'resp_1',
      object: 'response',
      created_at: 1785542400,
      status: 'completed',
      model: 'gpt-5.4',
      usage: {
        input_tokens: 10,
        output_tokens: 2,
        total_tokens: 12,
      },
    };
    const embedding = {
      object: 'list',
      model: 'text-embedding-3-small',
      data: [],
      usage: { prompt_tokens: 8, total_tokens: 8 },
    };
    const { records } = readValues([line(response), line(embedding)]);
    expect(records.map((r) => [r.operation, r.tier, ...meters(r)])).toEqual([
      ['chat', 'batch', 10, 0, 0, 0, 2, 0],
      ['embedding', 'batch', 8, 0, 0, 0, 0, 0],
    ]);
  });

  test('a failed response keeps its id; a refused request has none', () => {
    const failed = {
      id: 'resp_2',
      object: 'response',
      status: 'failed',
      model: 'gpt-5.4',
      error: { message: 'x' },
      usage: null,
    };
    const refused = line({ error: { message: 'x' } }, { id: 'batch_req_2' });
    const { records } = readValues([line(failed), refused]);
    expect(records.map((r) => [r.status, r.linkIds[0]?.kind, r.inputTokens])).toEqual([
      ['error', 'response', 0],
      ['error', 'request', 0],
    ]);
  });

  test('an embedding without usage is unknown, not zero', () => {
    const { records } = readValues([line({ object: 'list', model: 'text-embedding-3-small', data: [] })]);
    expect(records[0]?.usageBasis).toBe('missing');
  });

  test('input files of batches are requests, not usage', () => {
    const lines = [
      { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'gpt-5.4', messages: [] } },
      { custom_id: 'a', params: { model: 'claude-opus-4-6', messages: [] } },
      { recordId: 'a', modelInput: { messages: [] } },
    ];
    expect(readValues(lines)).toMatchObject({
      records: [],
      rejects: [],
      skips: ['batch_request', 'batch_request', 'batch_request'],
    });
  });
});

describe('OpenAI images', () => {
  const image = (more: JsonObject = {}): JsonObject => ({
    created: 1_785_542_400,
    data: [{ b64_json: 'AAAA' }],
    ...more,
  });

  test('a model that counts tokens (pitfall 24: 150 text in, 8,000 image out)', () => {
    const usage = {
      input_tokens: 150,
      output_tokens: 8e3,
      total_tokens: 8150,
      input_tokens_details: {
        text_tokens: 150,
        image_tokens: 0,
      },
      output_tokens_details: { image_tokens: 8e3 },
    };
    const { records } = readValues([{ request: { model: 'gpt-image-1' }, response: image({ usage }) }]);
    expect(records.map(meters)).toEqual([[150, 0, 0, 0, 8000, 0]]);
    expect(records[0]).toMatchObject({
      modelReported: 'gpt-image-1',
      images: 1,
      imageOutputTokens: 8000,
      imageSpec: null,
    });
  });

  test('a model priced by the picture: number, quality and size come from the request', () => {
    const request = { model: 'dall-e-3', quality: 'hd', size: '1024x1792', n: 2 };
    const { records } = readValues([{ request, response: image({ data: [{ url: 'u' }, { url: 'u' }] }) }]);
    expect(records[0]).toMatchObject({
      operation: 'image',
      images: 2,
      imageSpec: 'quality=hd;size=1024x1792',
      inputTokens: 0,
    });
  });

  test('documented defaults are filled in for DALL·E only, and only when the request is there', () => {
    const spec = (model: string, wrapped: boolean) =>
      readValues([wrapped ? { request: { model }, response: image() } : image({ model })]).records[0]?.imageSpec;
    expect(spec('dall-e-3', true)).toBe('quality=standard;size=1024x1024');
    expect(spec('dall-e-3', false)).toBeNull();
    expect(spec('gpt-image-1', true)).toBeNull();
  });

  test('without the request the model is unknown, not guessed', () => {
    expect(readValues([image()]).records[0]?.modelReported).toBe('unknown');
  });
});
