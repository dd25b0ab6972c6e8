import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { parseOverlay } from '../../lib/price/overlay.ts';
import { bookRows, bookVersion, overlayBook } from '../../lib/price/price-book.ts';
import { at, book, call, usd } from './shipped-book.ts';

const million = { inputTokens: 1_000_000 };

function overlay(content: unknown, name = 'own.json'): ReturnType<typeof parseOverlay> {
  return parseOverlay(name, JSON.stringify(content));
}

describe("the owner's prices", () => {
  const own = overlayBook(book, [
    overlay({
      prices: [
        {
          provider: 'openai',
          model: 'gpt-4o',
          meter: 'input',
          value: '1.9',
          from: '2026-01-01',
          to: '2026-07-01',
          source: 'contract 7',
        },
        { provider: 'vllm', model: 'llama-70b', meter: 'input', value: '0.2' },
        { provider: 'vllm', model: 'llama-70b', meter: 'output', value: '0.4' },
        { provider: 'google', model: 'gemini-2.5-pro', meter: 'input', value: '3', band: '>200000' },
      ],
      aliases: [{ provider: 'vllm', alias: 'house', model: 'llama-70b' }],
    }),
  ]);
  const ask = (provider: string, model: string, day: string, inputTokens = 1_000_000): string | null =>
    usd(priceRecord(own, call(provider, model, { inputTokens }), at(day)));

  test('win in their validity, and only there', () => {
    expect([
      ask('openai', 'gpt-4o', '2025-12-31'),
      ask('openai', 'gpt-4o', '2026-01-01'),
      ask('openai', 'gpt-4o', '2026-07-01'),
    ]).toEqual(['2.5', '1.9', '2.5']);
  });

  test('leave other meters, models and the shipped book alone', () => {
    expect(usd(priceRecord(own, call('openai', 'gpt-4o', { outputTokens: 1_000_000 }), at('2026-03-01')))).toBe('10');
    expect(ask('openai', 'gpt-4o-mini', '2026-03-01')).toBe('0.15');
    expect(usd(priceRecord(book, call('openai', 'gpt-4o', million), at('2026-03-01')))).toBe('2.5');
  });

  test('win in their band only', () => {
    expect([
      ask('google', 'gemini-2.5-pro', '2026-03-01', 200_000),
      ask('google', 'gemini-2.5-pro', '2026-03-01', 200_001),
    ]).toEqual(['0.25', '0.600003']);
  });

  test('make new providers and models', () => {
    expect([
      ask('vllm', 'llama-70b', '2026-03-01'),
      ask('vllm', 'house', '2026-03-01'),
      ask('vllm', 'other', '2026-03-01'),
    ]).toEqual(['0.2', '0.2', null]);
  });

  test('are named as the owner’s, in the row ids and in the table', () => {
    const priced = priceRecord(own, call('openai', 'gpt-4o', million), at('2026-03-01'));
    expect(priced.priceRows).toBe('own:openai/gpt-4o/input/standard@2026-01-01');
    const row = [...bookRows(own)].find(({ price_id }) => price_id === priced.priceRows);
    expect(row).toMatchObject({ value: '1.9', source: 'contract 7', valid_to: Date.UTC(2026, 6, 1) });
    expect([...bookRows(own)].filter(({ provider }) => provider === 'vllm')).toHaveLength(2);
  });

  test('change the version of the book', () => {
    expect(bookVersion(own)).not.toBe(bookVersion(book));
    expect(bookVersion(overlayBook(book, []))).toBe(bookVersion(book));
  });
});

describe('deployments', () => {
  const own = overlayBook(book, [
    overlay({
      deployments: [
        { deployment: 'prod-chat', model: 'gpt-4o-2024-08-06', region: 'eu', to: '2026-05-01' },
        { deployment: 'prod-chat', model: 'gpt-4.1', from: '2026-05-01' },
      ],
    }),
  ]);

  test('the deployment’s name decides, whatever model the response names', () => {
    const record = call('azure', 'gpt-4', million);
    record.evidence.workspace = 'prod-chat';
    const ask = (day: string): [string, string | null] => {
      const priced = priceRecord(own, record, at(day));
      return [priced.model, usd(priced)];
    };
    expect(ask('2026-04-30')).toEqual(['gpt-4o-2024-08-06', '2.75']);
    expect(ask('2026-05-01')).toEqual(['gpt-4.1', '2']);
  });

  test('without a deployment the model’s id decides', () => {
    expect(priceRecord(own, call('azure', 'gpt-4.1', million), at('2026-06-01')).model).toBe('gpt-4.1');
  });
});

describe('files that are wrong name the path, not the value', () => {
  const price = { provider: 'acme', model: 'm', meter: 'input', value: '1' };
  test.each<[string, unknown, RegExp]>([
    ['a number for money', { prices: [price, { ...price, value: 1.5 }] }, /^own\.json: prices\[1\]\.value: /],
    ['an unknown meter', { prices: [{ ...price, meter: 'inputs' }] }, /prices\[0\]\.meter: .*cached_input/],
    ['an unknown key', { prices: [{ ...price, price: 'secret-1' }] }, /prices\[0\]: .*price/],
    ['an unknown section', { price: [] }, /top level: .*price/],
    ['a date that is none', { prices: [{ ...price, from: 'soon' }] }, /prices\[0\]\.from: must be an ISO date/],
    [
      'an end before the start',
      { prices: [{ ...price, from: '2026-02-01', to: '2026-01-01' }] },
      /prices\[0\]\.to: must be after from/,
    ],
    [
      'an alias that ends before it starts',
      { aliases: [{ provider: 'a', alias: 'b', model: 'c', from: '2026-02-01', to: '2026-01-01' }] },
      /aliases\[0\]\.to/,
    ],
    ['a window that is none', { prices: [{ ...price, window: 'nights' }] }, /prices\[0\]\.window: time window/],
    [
      'a price finer than the engine',
      { prices: [{ ...price, value: '0.0000000001' }] },
      /prices\[0\]\.value: .*at most 9 decimals/,
    ],
    ['a space in an id', { prices: [{ ...price, model: 'a b' }] }, /prices\[0\]\.model/],
  ])('%s', (_what, content, message) => {
    expect(() => overlay(content)).toThrow(Misconfigured);
    expect(() => overlay(content)).toThrow(message);
  });

  test('text that is not JSON', () => {
    expect(() => parseOverlay('x.json', '{prices')).toThrow('x.json is not valid JSON: line 1, column 2');
  });

  test('values stay out of messages', () => {
    const message = messageOf(() => overlay({ prices: [{ ...price, from: 'canary-value' }] }));
    expect(message).toContain('prices[0].from');
    expect(message).not.toContain('canary-value');
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return '';
}
