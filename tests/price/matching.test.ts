/**
 * Which model a reported id is: exact, declared alias, anchored date suffix, never a part of a name (docs/prices.md, pitfalls 17 to 19).
 */
import { describe, expect, test } from 'vitest';
import { priceRecord } from '../../lib/price/cost.ts';
import { explainPrice } from '../../lib/price/explain.ts';
import { parseOverlay } from '../../lib/price/overlay.ts';
import { overlayBook } from '../../lib/price/price-book.ts';
import { bookProvider, isRelay } from '../../lib/price/provider-name.ts';
import { publisherOf } from '../../lib/price/publisher.ts';
import { at, book, call, price, smallBook, usd } from './shipped-book.ts';

const tokens = { inputTokens: 1000, outputTokens: 1000 };

describe('ids that are a model', () => {
  test.each([
    ['openai', 'gpt-4o-mini', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['openai', 'gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
    ['openai', 'gpt-5-4-mini', 'gpt-5.4-mini'],
    ['openai', 'gpt-5.6-sol-2026-07-09', 'gpt-5.6-sol'],
    ['openai', 'ft:gpt-4o-mini-2024-07-18:acme:support:abc123', 'ft:gpt-4o-mini'],
    ['openai', 'openai/gpt-4o', 'gpt-4o'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic', 'claude-sonnet-4-5-20250929[1m]', 'claude-sonnet-4-5'],
    ['anthropic', 'claude-opus-4.6', 'claude-opus-4-6'],
    ['anthropic', 'claude-4-6-opus', 'claude-opus-4-6'],
    ['anthropic', 'claude-opus-5-20260901', 'claude-opus-5'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'claude-3-7-sonnet'],
    ['anthropic', 'anthropic/claude-opus-4-6', 'claude-opus-4-6'],
    ['google', 'models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['vertex', 'publishers/anthropic/models/claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['vertex', 'claude-opus-4-6@default', 'claude-opus-4-6'],
    ['vertex_ai', 'gemini-2.5-pro', 'gemini-2.5-pro'],
    ['bedrock', 'anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6'],
    ['bedrock', 'anthropic.claude-sonnet-4-6-v1:0', 'anthropic.claude-sonnet-4-6'],
    ['bedrock', 'us.anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
    ['bedrock', 'anthropic.claude-opus-4-6', 'anthropic.claude-opus-4-6-v1'],
    ['bedrock', 'anthropic.claude-3-sonnet-20240229-v1:0:28k', 'anthropic.claude-3-sonnet-20240229-v1:0'],
    [
      'bedrock',
      'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6',
      'anthropic.claude-sonnet-4-6',
    ],
    ['bedrock', 'bedrock/converse/us.amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0'],
    ['azure', 'gpt-4.1-2025-04-14', 'gpt-4.1'],
    ['azure_ai', 'phi-4', 'phi-4'],
    ['azure', 'llama-3.3-70b-instruct', 'Llama-3.3-70B-Instruct'],
    ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
    ['fireworks', 'accounts/fireworks/models/deepseek-v4-pro', 'deepseek-v4-pro'],
    ['mistralai', 'mistral-large-4-0', 'mistral-large-4'],
    ['x_ai', 'grok-4-0709', 'grok-4-0709'],
  ])('%s %s', (provider, id, model) => {
    const priced = price(provider, id, '2026-11-10', tokens);
    expect([priced.model, priced.list === null]).toEqual([model, false]);
  });
});

describe('ids that are not', () => {
  test.each([
    ['openai', 'gpt-4o-mini-turbo-x'],
    ['openai', 'gpt-4o-minix'],
    ['openai', 'xgpt-4o'],
    ['openai', 'gpt-4o-2031-01-01'], // a snapshot nobody priced: its price is not known from its name
    ['openai', 'gpt-5'.concat('.77')],
    ['openai', 'claude-opus-4-6'],
    ['anthropic', 'claude-opus-4-66'],
    ['anthropic', 'claude-opus-4-6-fast-lane'],
    ['anthropic', 'claude-opus-4-6-2026'],
    ['anthropic', 'openai/gpt-4o'],
    ['deepseek', 'deepseek-r1-distill-llama-8b'],
    ['bedrock', 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4'],
    ['vllm', 'gpt-4o'],
    ['unknown', 'gpt-4o'],
    ['aliases', 'gpt-4o'],
    ['models', 'gpt-4o'],
    ['openai', '*'],
    ['openai', ''],
  ])('%s %s', (provider, id) => {
    const priced = price(provider, id, '2026-11-10', tokens);
    expect([priced.model, priced.list, priced.reason]).toEqual([id, null, 'unknown_model']);
  });
});

describe('relays', () => {
  test('a known vendor prefix is priced at the vendor and marked', () => {
    const priced = price('openrouter', 'anthropic/claude-opus-4.6', '2026-11-10', tokens);
    // 1000 × 5 + 1000 × 25 per million
    expect([usd(priced), priced.status, priced.reason]).toEqual(['0.03', 'estimated', 'list_price_of_vendor']);
  });

  test('an unknown vendor prefix is unknown', () => {
    expect(price('openrouter', 'acme/claude-opus-4.6', '2026-11-10', tokens).reason).toBe('unknown_model');
  });

  test('provider names', () => {
    expect(['bedrock_converse', 'vertex_ai_beta', 'Azure', 'together_ai', 'gcp.gemini'].map(bookProvider)).toEqual([
      'bedrock',
      'vertex',
      'azure',
      'together',
      'google',
    ]);
    expect([bookProvider('open'), bookProvider(''), isRelay('OpenRouter'), isRelay('openai')]).toEqual([
      null,
      null,
      true,
      false,
    ]);
  });
});

describe('aliases with a validity', () => {
  const overlay = parseOverlay(
    'own.json',
    JSON.stringify({
      aliases: [
        { provider: 'openai', alias: 'house-model', model: 'gpt-4o', to: '2026-03-01' },
        { provider: 'openai', alias: 'house-model', model: 'gpt-4o-mini', from: '2026-03-01' },
      ],
    }),
  );
  const own = overlayBook(book, [overlay]);

  test.each([
    ['2026-02-28T23:59:59Z', 'gpt-4o', '0.0125'],
    ['2026-03-01T00:00:00Z', 'gpt-4o-mini', '0.00075'],
  ])('at %s', (when, model, cost) => {
    const record = call('openai', 'house-model', tokens);
    const priced = priceRecord(own, record, at(when));
    expect([priced.model, usd(priced)]).toEqual([model, cost]);
    expect(explainPrice(own, record, at(when)).model.why).toBe(`alias of ${model} (owner)`);
  });
});

test('an id spelled in another case matches only where that is unambiguous', () => {
  const two = smallBook({ acme: 'Model-A,,input,,,,,1,,,unknown,s,high,\nmodel-a,,input,,,,,2,,,unknown,s,high,\n' });
  const ask = (id: string): string | null =>
    usd(priceRecord(two, call('acme', id, { inputTokens: 1_000_000 }), at('2026-01-01')));
  expect([ask('Model-A'), ask('model-a'), ask('MODEL-A')]).toEqual(['1', '2', null]);
});

test('ten thousand unknown ids and more are remembered within bounds and stay unknown', () => {
  const hostile = smallBook({ acme: 'm,,input,,,,,1,,,unknown,s,high,\n' });
  for (let i = 0; i < 25_000; i++) {
    expect(priceRecord(hostile, call('acme', `m-${i}`, { inputTokens: 1 }), at('2026-01-01')).list).toBeNull();
  }
  expect([...hostile.matches.values()].reduce((sum, ids) => sum + ids.size, 0)).toBeLessThanOrEqual(10_000);
});

test.each([
  ['claude-opus-4-6', 'anthropic'],
  ['anthropic.claude-3-haiku-20240307-v1:0', 'anthropic'],
  ['gpt-4o', 'openai'],
  ['o3-mini', 'openai'],
  ['ft:gpt-4o:acme', 'openai'],
  ['openai.gpt-oss-120b-1:0', 'openai'],
  ['gemini-2.5-pro', 'google'],
  ['amazon.nova-pro-v1:0', 'amazon'],
  ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta'],
  ['mistral.mistral-large-2402-v1:0', 'mistral'],
  ['text-embedding-3-small', 'openai'],
  ['voyage-3', 'voyage'],
  ['Qwen/Qwen3-Next-80B-A3B-Instruct', 'alibaba'],
  ['accounts/fireworks/models/glm-5p2', 'zai'],
  ['something-else', null],
  ['my-gpt-4o', null],
])('publisher of %s', (id, publisher) => {
  expect(publisherOf(id)).toBe(publisher);
});
