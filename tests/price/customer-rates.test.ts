import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { usdText } from '../../lib/money.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { compileCustomerRates, type CustomerRateRule } from '../../lib/price/customer-rates.ts';
import type { UsageRecord } from '../../lib/record.ts';
import { at, book, call, smallBook, sumOf, usd } from './shipped-book.ts';

const million = { inputTokens: 1_000_000, outputTokens: 1_000_000 }; // gpt-4o: 2.5 + 10

function paid(
  rules: readonly CustomerRateRule[],
  day: string,
  fields: Partial<UsageRecord> = {},
  model = 'gpt-4o',
  provider = 'openai',
): string {
  const { contracted } = priceRecord(
    book,
    call(provider, model, { ...million, ...fields }),
    at(day),
    compileCustomerRates(rules),
  );
  return contracted === null ? 'null' : usdText(sumOf(contracted));
}

describe('discounts', () => {
  test('list stays list', () => {
    const rates = compileCustomerRates([{ provider: 'openai', discount_percent: '12.5' }]);
    const priced = priceRecord(book, call('openai', 'gpt-4o', million), at('2026-10-01'), rates);
    expect([usd(priced), priced.contracted === null ? null : usdText(sumOf(priced.contracted))]).toEqual([
      '12.5',
      '10.9375',
    ]);
  });

  test('without a rule contracted is the list object itself', () => {
    const priced = priceRecord(book, call('openai', 'gpt-4o', million), at('2026-10-01'), compileCustomerRates([]));
    expect(priced.contracted).toBe(priced.list);
  });

  test.each<[string, CustomerRateRule, string, Partial<UsageRecord>, string]>([
    ['provider, other spelling', { provider: 'OpenAI', discount_percent: '10' }, '2026-10-01', {}, '11.25'],
    ['other provider', { provider: 'azure', discount_percent: '10' }, '2026-10-01', {}, '12.5'],
    ['model', { provider: 'openai', model: 'gpt-4o', discount_percent: '10' }, '2026-10-01', {}, '11.25'],
    ['model family', { provider: 'openai', model: 'gpt-4*', discount_percent: '10' }, '2026-10-01', {}, '11.25'],
    ['other model', { provider: 'openai', model: 'gpt-4', discount_percent: '10' }, '2026-10-01', {}, '12.5'],
    [
      'account',
      { provider: 'openai', account: 'a1', discount_percent: '10' },
      '2026-10-01',
      { billingAccountId: 'a1' },
      '11.25',
    ],
    [
      'other account',
      { provider: 'openai', account: 'a1', discount_percent: '10' },
      '2026-10-01',
      { billingAccountId: 'a2' },
      '12.5',
    ],
    [
      'from the first day',
      { provider: 'openai', from: '2026-10-01', discount_percent: '10' },
      '2026-10-01',
      {},
      '11.25',
    ],
    ['not before', { provider: 'openai', from: '2026-10-01', discount_percent: '10' }, '2026-09-30', {}, '12.5'],
    ['until, excluded', { provider: 'openai', to: '2026-10-01', discount_percent: '10' }, '2026-10-01', {}, '12.5'],
    ['everything', { provider: 'openai', discount_percent: '100' }, '2026-10-01', {}, '0'],
    [
      'own prices',
      { provider: 'openai', prices: { input: '2', output: '7.123456789' } },
      '2026-10-01',
      {},
      '9.123456789',
    ],
    [
      'own price of one meter, discount on the rest',
      { provider: 'openai', discount_percent: '50', prices: { input: '2' } },
      '2026-10-01',
      {},
      '7',
    ],
    [
      'own price of a fee',
      { provider: 'openai', prices: { web_search: '8' } },
      '2026-10-01',
      { webSearches: 1000 },
      '20.5',
    ],
  ])('%s', (_what, rule, day, fields, expected) => expect(paid([rule], day, fields)).toBe(expected));

  test('the first rule that matches wins', () => {
    const rules = [
      { provider: 'openai', model: 'gpt-4o-mini', discount_percent: '50' },
      { provider: 'openai', discount_percent: '10' },
    ];
    expect([paid(rules, '2026-10-01'), paid(rules, '2026-10-01', {}, 'gpt-4o-mini')]).toEqual(['11.25', '0.375']);
  });

  test('each meter is rounded half-even once', () => {
    // 1 token at 0.000001 per million is one picodollar; half of 1, 3 and 5 picodollars: 0, 2 and 2
    const tiny = smallBook({
      acme: 'm,,input,,,,,0.000001,,,unknown,s,high,\nm,,output,,,,,0.000001,,,unknown,s,high,\nm,,cached_input,,,,,0.000001,,,unknown,s,high,\n',
    });
    const rates = compileCustomerRates([{ provider: 'acme', discount_percent: '50' }]);
    const { contracted } = priceRecord(
      tiny,
      call('acme', 'm', { inputTokens: 1, cacheReadTokens: 3, outputTokens: 5 }),
      at('2026-01-01'),
      rates,
    );
    expect(contracted).toEqual({ input: 0, cacheRead: 2, cacheWrite: 0, output: 2, other: 0 });
  });

  test('an unpriced record stays unpriced', () => {
    expect(paid([{ provider: 'openai', discount_percent: '10' }], '2026-10-01', {}, 'no-such-model')).toBe('null');
  });
});

describe('rules that are wrong', () => {
  test.each<[string, CustomerRateRule, RegExp]>([
    ['percent above 100', { provider: 'openai', discount_percent: '101' }, /rates\[0\]\.discount_percent/],
    ['percent below 0', { provider: 'openai', discount_percent: '-1' }, /rates\[0\]\.discount_percent/],
    ['percent that is no number', { provider: 'openai', discount_percent: 'ten' }, /rates\[0\]\.discount_percent/],
    ['a date that is none', { provider: 'openai', from: 'soon' }, /rates\[0\]\.from/],
    [
      'an unknown meter',
      { provider: 'openai', prices: { inputs: '1' } },
      /rates\[0\]\.prices: unknown meter; valid: input/,
    ],
    ['a price too fine', { provider: 'openai', prices: { input: '0.0000000001' } }, /rates\[0\]\.prices\.input\.value/],
  ])('%s', (_what, rule, message) => {
    expect(() => compileCustomerRates([rule])).toThrow(Misconfigured);
    expect(() => compileCustomerRates([rule])).toThrow(message);
  });
});
