/**
 * Laws of pricing over drawn records: monotone, additive, independent of order and of what was asked before, explained to the
 * last digit. The amounts are compared with each other and with long multiplication of the published decimals.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPico, parseDecimal } from '../../lib/money.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { compileCustomerRates } from '../../lib/price/customer-rates.ts';
import { explainPrice } from '../../lib/price/explain.ts';
import { loadBook } from '../../lib/price/price-book.ts';
import type { Priced, UsageRecord } from '../../lib/record.ts';
import { at, book, call, smallBook, sumOf, texts } from './shipped-book.ts';

const WHEN = at('2026-11-10T12:00:00Z');

/** Models of different shapes: bands, multipliers, regions, own batch prices, cheap and dear ones. */
const MODELS: readonly (readonly [string, string, Partial<UsageRecord>])[] = [
  ['anthropic', 'claude-opus-4-8', {}],
  ['anthropic', 'claude-sonnet-4-6', { priceRegion: 'us' }],
  ['anthropic', 'claude-sonnet-4-5', { tier: 'batch' }],
  ['anthropic', 'claude-opus-5-5', { tier: 'fast' }],
  ['bedrock', 'anthropic.claude-sonnet-4-6', { priceRegion: 'global' }],
  ['bedrock', 'anthropic.claude-sonnet-4-6', { priceRegion: 'eu' }],
];

const tokens = fc.integer({ min: 0, max: 3_000_000 });
const drawn = fc.record({
  model: fc.constantFrom(...MODELS),
  inputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWrite5mTokens: tokens,
  cacheWrite1hTokens: tokens,
  outputTokens: tokens,
  webSearches: fc.integer({ min: 0, max: 50 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function record({ model: [provider, model, fields], ...counts }: Drawn): UsageRecord {
  return call(provider, model, { ...fields, ...counts });
}

function cost(priced: Priced): bigint {
  if (priced.list === null) throw new Error(`unpriced: ${priced.reason}`);
  return BigInt(sumOf(priced.list));
}

const METERS = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'webSearches',
] as const;

test('more of any meter never costs less', () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(...METERS), fc.integer({ min: 1, max: 500_000 }), (draw, meter, more) => {
      const bigger = { ...draw, [meter]: draw[meter] + more };
      expect(cost(priceRecord(book, record(bigger), WHEN))).toBeGreaterThan(
        cost(priceRecord(book, record(draw), WHEN)),
      );
    }),
  );
});

test('within one context band two calls cost what their sum costs, meter by meter', () => {
  fc.assert(
    fc.property(drawn, drawn, (a, b) => {
      const left = record({ ...a, model: a.model });
      const right = record({ ...b, model: a.model });
      const both = record(a);
      for (const meter of METERS) both[meter] = left[meter] + right[meter];
      for (const one of [left, right, both]) one.contextTokens = 1;
      const [x, y, z] = [left, right, both].map((one) => priceRecord(book, one, WHEN).list);
      if (!x || !y || !z) throw new Error('unpriced');
      expect(z).toEqual({
        input: addPico(x.input, y.input),
        cacheRead: addPico(x.cacheRead, y.cacheRead),
        cacheWrite: addPico(x.cacheWrite, y.cacheWrite),
        output: addPico(x.output, y.output),
        other: addPico(x.other, y.other),
      });
    }),
  );
});

test('a crossed threshold only jumps up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 0, max: 10_000 }), (input, output) => {
      const of = (inputTokens: number): bigint =>
        cost(priceRecord(book, call('google', 'gemini-2.5-pro', { inputTokens, outputTokens: output }), WHEN));
      expect(of(input + 1)).toBeGreaterThan(of(input));
    }),
  );
  const at200k = cost(priceRecord(book, call('google', 'gemini-2.5-pro', { inputTokens: 200_000 }), WHEN));
  const above = cost(priceRecord(book, call('google', 'gemini-2.5-pro', { inputTokens: 200_001 }), WHEN));
  expect([at200k, above]).toEqual([250_000_000_000n, 500_002_500_000n]); // 200,000 × 1.25; 200,001 × 2.5
});

test('the order of asking changes nothing, on a fresh book or a warm one', () => {
  const instants = ['2024-09-15', '2025-03-01T17:00:00Z', '2026-03-01', '2026-11-10'].map(at);
  const items = fc.array(fc.tuple(drawn, fc.constantFrom(...instants)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(items, (list) => {
      const warm = list.map(([draw, ms]) => priceRecord(book, record(draw), ms));
      const fresh = loadBook(texts);
      const backwards = list.toReversed().map(([draw, ms]) => priceRecord(fresh, record(draw), ms));
      expect(backwards.toReversed()).toEqual(warm);
    }),
    { numRuns: 15 },
  );
});

describe('explanations', () => {
  test('lines sum to the cost, and each is quantity × rate by long multiplication', () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const { lines, totalPico, priced } = explainPrice(book, record(draw), WHEN);
        if (priced.status === 'free') return;
        expect(BigInt(totalPico ?? -1)).toBe(cost(priced));
        for (const line of lines) {
          const per = { per_1M_tokens: 1_000_000n, per_1k_requests: 1000n }[line.unit] ?? 0n;
          const rate = parseDecimal(line.rateUsd, 18) ?? -1n;
          // quantity × rate ÷ per, from 10⁻¹⁸ to 10⁻¹² USD: exact for these prices
          expect(BigInt(line.costPico) * per * 1_000_000n).toBe(BigInt(line.quantity) * rate);
        }
      }),
    );
  });

  test('meters that share a column and leave fractions still sum exactly', () => {
    // half a picodollar per token: one text and one audio token cost exactly one, two roundings would make it zero
    const halves = smallBook({
      acme: 'm,,input,,,,,0.0000005,,,unknown,s,high,\nm,,audio_in,,,,,0.0000005,,,unknown,s,high,\n',
    });
    const { lines, priced } = explainPrice(halves, call('acme', 'm', { inputTokens: 2, audioInputTokens: 1 }), WHEN);
    expect(priced.list?.input).toBe(1);
    expect(lines.map((line) => [line.meter, line.rateUsd, line.costPico])).toEqual([
      ['input', '0.0000005', 0],
      ['audio_in', '0.0000005', 1],
    ]);
  });

  test('say how each dimension was chosen', () => {
    const fields: Partial<UsageRecord> = {
      inputTokens: 200_001,
      tier: 'batch',
      requestedTier: 'auto',
      priceRegion: 'us',
    };
    const { model, tier, region, band, window } = explainPrice(
      book,
      call('anthropic', 'claude-sonnet-4-5-20250929', fields),
      WHEN,
    );
    expect(model).toEqual({ value: 'claude-sonnet-4-5', why: 'alias of claude-sonnet-4-5 (same prices)' });
    expect(tier).toEqual({ value: 'batch', why: 'as served; requested auto' });
    expect(region).toEqual({ value: '', why: 'no price for us; the default endpoint used' });
    expect(band).toEqual({ value: '>200000', why: '200001 input-side tokens exceed 200000' });
    expect(window.value).toBe('any time');
    const peak = explainPrice(
      book,
      call('deepseek', 'deepseek-v4-pro', { inputTokens: 1 }),
      at('2026-09-02T02:00:00Z'),
    );
    expect(peak.window).toEqual({
      value: '01:00-04:00,06:00-10:00 mon-fri +08:00',
      why: 'the call falls into this window',
    });
    expect(peak.lines[0]).toMatchObject({
      rateUsd: '1.32',
      validFromMs: Date.UTC(2026, 7, 22, 16),
      validToMs: null,
      confidence: 'high',
    });
  });

  test('an unpriced record says why and has no lines', () => {
    const unknown = explainPrice(book, call('openai', 'gpt-99', { inputTokens: 1 }), WHEN);
    expect([unknown.lines, unknown.totalPico, unknown.priced.reason, unknown.model.why]).toEqual([
      [],
      null,
      'unknown_model',
      'unknown_model',
    ]);
    const missing = explainPrice(book, call('openai', 'gpt-5.4', { inputTokens: 1, cacheWrite5mTokens: 1 }), WHEN);
    expect([missing.lines, missing.totalPico, missing.priced.reason]).toEqual([[], null, 'no_price:cache_write_5m']);
  });
});

test('a discount leaves its share of list, to the rounding of each meter', () => {
  fc.assert(
    fc.property(drawn, fc.integer({ min: 0, max: 100_000 }), (draw, thousandths) => {
      const percent = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
      const rates = compileCustomerRates([{ provider: draw.model[0], discount_percent: percent }]);
      const { list, contracted } = priceRecord(book, record(draw), WHEN, rates);
      if (list === null || contracted === null) throw new Error('unpriced');
      const [listed, paid] = [BigInt(sumOf(list)), BigInt(sumOf(contracted))];
      expect(thousandths > 0 || paid === listed).toBe(true);
      // five meters, each rounded by at most half a picodollar
      const exact = (listed * BigInt(100_000 - thousandths)) / 100_000n;
      expect(paid - exact <= 3n && exact - paid <= 3n).toBe(true);
    }),
  );
});

test('unpriced is never inside priced: every result is one of the four states', () => {
  const anything = fc.record({
    provider: fc.constantFrom(
      'openai',
      'anthropic',
      'bedrock',
      'vertex',
      'google',
      'azure',
      'deepseek',
      'nobody',
      'openrouter',
    ),
    model: fc.constantFrom('gpt-4o', 'claude-opus-4-6', 'gemini-2.5-flash', 'deepseek-chat', 'openai/gpt-4o', 'x', ''),
    fields: fc.record({
      inputTokens: tokens,
      audioInputTokens: tokens,
      cacheReadTokens: tokens,
      outputTokens: tokens,
      reasoningTokens: tokens,
      images: fc.integer({ min: 0, max: 3 }),
      tier: fc.constantFrom('standard', 'batch', 'flex', 'priority', 'fast', 'provisioned'),
      status: fc.constantFrom('ok', 'error', 'cancelled', 'partial'),
      usageBasis: fc.constantFrom('reported', 'counted', 'estimated', 'missing'),
      priceRegion: fc.constantFrom(null, 'us', 'eu', 'global', 'mars'),
    }),
    ms: fc.integer({ min: at('2023-01-01'), max: at('2027-06-01') }),
  });
  fc.assert(
    fc.property(anything, ({ provider, model, fields, ms }) => {
      const priced = priceRecord(book, call(provider, model, fields), ms);
      expect(priced.list === null).toBe(priced.status === 'unpriced');
      expect(priced.contracted).toEqual(priced.list);
      expect(priced.reason === null).toBe(priced.status === 'priced');
      expect(['priced', 'estimated', 'unpriced', 'free']).toContain(priced.status);
      const isFree = priced.status === 'free';
      expect(isFree ? cost(priced) : 0n).toBe(0n);
      expect(priced.priceRows === null).toBe(isFree || priced.status === 'unpriced');
    }),
    { numRuns: 500 },
  );
});
