import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bookRows } from '../../lib/price/price-book.ts';
import type { Figure, Unit } from '../../lib/simulate/claim.ts';
import { moneyRange, range, verdictOf } from '../../lib/simulate/claim.ts';
import {
  batchCost,
  crossoverPerDay,
  picoOf,
  queriesPerHour,
  secondsPerQuery,
  tokenCost,
} from '../../lib/simulate/claim-arithmetic.ts';
import { figureText } from '../../lib/simulate/claim-text.ts';
import { claims } from '../../lib/simulate/claims.ts';
import { BATCH, IMAGES, MISTAKEN, MODELS } from '../../lib/simulate/claims-data.ts';
import { ASSUMED, MEASURED } from '../../lib/simulate/claims-evidence-data.ts';
import { GPU_PEAKS, RENTS, THROUGHPUT } from '../../lib/simulate/claims-hosting-data.ts';
import { book } from '../price/shipped-book.ts';

const all = claims();

function figure(id: string, what: string): Figure {
  const found = all.find((claim) => claim.id === id)?.recomputed.find((each) => each.what.startsWith(what));
  if (found === undefined) throw new Error(`${id} has no figure that begins with "${what}"`);
  return found;
}

/** Exact ends, as JSON carries them. */
const ends = (id: string, what: string): (string | null)[] => {
  const { low, high } = figure(id, what);
  return [low, high];
};

describe('prices of tokens: exact', () => {
  // 0.5 M tokens: GPT-4o 0.5 × 2.50 … 0.5 × 10; Sonnet 0.5 × 3 … 0.5 × 15; Gemini Pro 0.5 × 1.25 … 0.5 × 5; halves: 0.25 × (in + out);
  // cheapest small one Flash in 0.5 × 0.075, dearest Haiku out 0.5 × 1.25
  test.each([
    ['GPT-4o', '1.25', '5'],
    ['Claude 3.5 Sonnet', '1.5', '7.5'],
    ['Gemini 1.5 Pro', '0.625', '2.5'],
    ['frontier models, all input', '0.625', '7.5'],
    ['frontier models, half input', '1.5625', '4.5'],
    ['small models', '0.0375', '0.625'],
  ])('chatbot, %s: $%s to $%s a day', (what, low, high) => {
    expect(ends('chatbot-per-day', what)).toEqual([low, high]);
  });

  test('500 tokens in and 500 out of each of 1,000 conversations on Sonnet are $9.00, the quoted $15 are 1 M output tokens', () => {
    expect(tokenCost(MODELS.sonnet, { inputTokens: 500_000, outputTokens: 500_000 })).toBe(9_000_000_000_000n);
    expect(tokenCost(MODELS.sonnet, { inputTokens: 0, outputTokens: 1_000_000 })).toBe(15_000_000_000_000n);
    expect(all.find(({ id }) => id === 'chatbot-per-day')?.why).toContain(
      '500 in and 500 out per conversation cost $9',
    );
  });

  // 40 M tokens in; answers of 200 tokens: 2 M out, of 500: 5 M out; a batch halves it
  test.each([
    ['frontier', 'GPT-4o', '100', '120'],
    ['frontier', 'Claude 3.5 Sonnet', '120', '150'],
    ['frontier', 'Gemini 1.5 Pro', '50', '60'],
    ['frontier', 'reading only, in a batch', '25', '60'],
    ['frontier', 'reading only, up to answers of 200', '50', '150'],
    ['frontier', 'reading only, up to answers of 500', '50', '195'],
    ['small', 'GPT-4o mini', '6', '7.2'],
    ['small', 'Claude 3 Haiku', '10', '12.5'],
    ['small', 'Gemini 1.5 Flash', '3', '3.6'],
    ['small', 'reading only, in a batch', '1.5', '5'],
    ['small', 'reading only, up to answers of 200', '3', '12.5'],
  ])('10,000 documents, %s models, %s: $%s to $%s', (size, what, low, high) => {
    expect(ends(`ten-thousand-documents-${size}`, what)).toEqual([low, high]);
  });

  test('a batch of the 40 M tokens costs 50, 60, 25 and 3, 5, 1.5', () => {
    const halves = Object.values(MODELS).map((model) =>
      batchCost(tokenCost(model, { inputTokens: 40_000_000, outputTokens: 0 })),
    );
    expect(halves).toEqual(
      [50n, 60n, 25n, 3n, 5n, 0n].map((usd, at) => (at === 5 ? 15n * 10n ** 11n : usd * 10n ** 12n)),
    );
  });

  // 10 × 300 ÷ 0.75 = 4,000 tokens; 10 × 500 ÷ 0.75 = 6,666.7. Gemini Pro reads 4,000 for 0.005; Sonnet 6,667 × 3 + 200 × 15 millionths = 0.023001;
  // Flash 4,000 × 0.075 = 0.0003; Haiku 6,667 × 0.25 + 200 × 1.25 = 0.00191675
  test('a 10-page document, worked out per page and word', () => {
    expect(ends('ten-page-document', '10 pages')).toEqual(['4000', '6667']);
    expect(ends('ten-page-document', 'frontier')).toEqual(['0.005', '0.023001']);
    expect(ends('ten-page-document', 'small')).toEqual(['0.0003', '0.00191675']);
    const quoted = all.find(({ id }) => id === 'ten-page-document')?.quoted.map(({ low, high }) => [low, high]);
    expect(quoted).toEqual([
      ['4000', '4000'],
      ['0.004', '0.015'],
      ['0.00015', '0.0006'],
    ]);
  });

  // 500 ÷ 10,000 = 5,000 ÷ 100,000 = 0.05; GPT-4o: (0.05 − 1,000 × 10 µ$) ÷ 2.5 µ$ = 16,000; Sonnet: (0.05 − 0.015) ÷ 3 µ$ = 11,666.7;
  // 10,000 × Gemini Pro 0.001 = 10, 100,000 × Sonnet 0.0027 = 270; long context: 100,000 × (16,000 × 3 + 1,000 × 15) µ$ = 6,300
  test('a monthly budget is 5 cents a query at both ends', () => {
    expect(ends('monthly-budget', 'the rule means')).toEqual(['0.05', '0.05']);
    expect(ends('monthly-budget', 'which buys')).toEqual(['16000', '16000']);
    expect(ends('monthly-budget', 'or on Claude 3.5 Sonnet')).toEqual(['11666.7', '11666.7']);
    expect(ends('monthly-budget', 'short queries, 400')).toEqual(['10', '270']);
    expect(ends('monthly-budget', 'short queries, to')).toEqual(['10', '6300']);
  });

  // the last of the six prices to begin: GPT-4o 2024-10-02; the first to end: Gemini 2025-09-24: 357 days
  test('the six prices held together for 357 days', () => {
    expect(ends('prices-2024', 'all six')).toEqual(['357', '357']);
    expect(ends('prices-2024', 'Gemini 1.5 Flash')).toEqual(['0.075', '0.3']);
  });

  test.each(Object.values(MODELS))('$name: the price book says the same, from and to the same day', (model) => {
    const at = Date.parse('2024-11-01');
    const priceOf = (meter: string) =>
      [...bookRows(book)].find(
        (row) =>
          row.provider === model.provider &&
          row.model === model.model &&
          row.meter === meter &&
          row.service_tier === 'standard' &&
          row.context_band === null &&
          (row.valid_from ?? at) <= at &&
          (row.valid_to ?? Infinity) > at,
      );
    const [input, output] = [priceOf('input'), priceOf('output')];
    expect([Number(input?.value), Number(output?.value)]).toEqual([Number(model.inputUsd), Number(model.outputUsd)]);
    // the book leaves the start open where only the release is known
    expect(input?.valid_from ?? Date.parse(model.validFrom)).toBe(Date.parse(model.validFrom));
    expect(input?.valid_to).toBe(model.validTo === null ? null : Date.parse(model.validTo));
  });
});

/** Figures that follow from fits and rents: expected values from the same inputs by hand, to the digits given. */
const MODELLED: readonly (readonly [
  id: string,
  what: string,
  unit: Unit,
  low: number,
  high: number,
  within: number,
])[] = [
  // 4 × $2–4 = $8–16 an hour; ÷ 100; ÷ 0.003 and ÷ 0.001
  ['self-hosted-70b', 'at 100', 'USD/query', 0.08, 0.16, 1e-9],
  ['self-hosted-70b', 'the rule needs', 'queries/hour', 2_667, 16_000, 2e-4],
  // 400 × 142 + 100 × 663 µs = 0.1231 s → 29,244 an hour; 400/3,000 + 100/877 = 0.24736 s → 14,554
  ['self-hosted-70b', 'four A100s serve', 'queries/hour', 14_554, 29_244, 1e-4],
  ['self-hosted-70b', 'at full load', 'USD/query', 0.0003, 0.0011, 0.1],
  ['self-hosted-70b', 'so their load', '%', 10, 100, 0.11],
  // 68.6 × 400 + 71 × 100 µs + 68.4 ns × 100 × 450 = 0.037618 s; 2 × 6.88 ÷ 3,600 × that, and ÷ 0.4
  ['self-hosted-70b', 'in FP8', 'USD/query', 0.000144, 0.00036, 0.002],
  // $1–2 an hour
  ['self-hosted-8b', 'at 100', 'USD/query', 0.01, 0.02, 1e-9],
  ['self-hosted-8b', 'the rule needs', 'queries/hour', 3_333, 20_000, 2e-4],
  // 8.703 queries/s × 0.45 and × 0.78
  ['self-hosted-8b', 'one A10G serves', 'queries/hour', 14_100, 24_440, 0.005],
  ['self-hosted-8b', 'so its load', '%', 13.6, 141.2, 0.005],
  // 400 × 115 + 100 × 372 µs = 0.0832 s → × 8/7 = 49,451 an hour on A6000; × 0.4522 and × 0.78125; $1 and $2
  ['self-hosted-quantized-7b', '8-bit', 'USD/query', 1 / 38_634, 2 / 22_362, 1e-3],
  // 31,332 × 1.08 × 8/7 = 38,672 an hour on A6000
  ['self-hosted-quantized-7b', '4-bit', 'USD/query', 1 / 30_213, 2 / 17_488, 1e-3],
  ['self-hosted-quantized-7b', '8B in 16', 'USD/query', 1 / 24_478, 2 / 14_168, 1e-3],
  ['self-hosted-quantized-7b', 'at 100', 'USD/query', 0.01, 0.02, 1e-9],
  ['self-hosted-quantized-7b', 'on one L4', 'USD/query', 0.008048, 0.008048, 1e-9],
  // 21.958 ÷ 8, 27.447 ÷ 8; 55.04 ÷ 8 = 6.88; 5.672 ÷ 4 = 1.418
  ['gpu-rents', 'A100', 'USD/hour', 2.745, 3.431, 1e-3],
  ['gpu-rents', 'H100', 'USD/hour', 2.49, 6.88, 1e-9],
  ['gpu-rents', 'A10G', 'USD/hour', 1.006, 1.418, 1e-9],
  ['gpu-rents', 'smallest A100', 'USD/hour', 21.958, 21.958, 1e-9],
  // $192 and $384 a day ÷ 0.0020, 0.0027, 0.0010
  ['crossover-volume', 'short queries', 'queries/day', 71_000, 384_000, 0.002],
  // ÷ 0.00675, 0.009, 0.003375
  ['crossover-volume', 'queries with context', 'queries/day', 21_333, 113_778, 1e-4],
  ['crossover-volume', 'GPT-4o', 'queries/day', 96_000, 192_000, 1e-9],
  ['crossover-volume', 'Claude 3.5 Sonnet', 'queries/day', 71_000, 142_000, 0.002],
  ['crossover-volume', 'Gemini 1.5 Pro', 'queries/day', 192_000, 384_000, 1e-9],
  // 192 ÷ 0.000225 and 384 ÷ 0.00006; $24 and $48 a day ÷ the same
  ['crossover-volume', 'against small models, on four', 'queries/day', 853_333, 6_400_000, 1e-4],
  ['crossover-volume', 'four A100s serve', 'queries/day', 350_000, 700_000, 0.003],
  ['crossover-volume', 'against small models, on one', 'queries/day', 106_667, 800_000, 1e-4],
  ['crossover-volume', 'one A10G serves', 'queries/day', 340_000, 580_000, 0.013],
  // 21.958 × 24 = 526.99; ÷ 384 and ÷ 192
  ['crossover-volume', 'renting A100s by eight', 'times', 1.372, 2.745, 1e-3],
  // 0.25 × 190,000 ÷ 365 = 130.1; ÷ 384 and ÷ 192
  ['crossover-volume', 'a quarter of an engineer', '%', 33.9, 67.8, 1e-3],
  // 13.76 × 24 = 330.24 a day ÷ 0.002
  ['crossover-volume', 'two H100s in FP8 against GPT-4o,', 'queries/day', 165_120, 330_240, 1e-5],
  ['crossover-volume', 'as a load of that', '%', 7.19, 7.19, 1e-3],
  // 6.88 × 2.4 ÷ (3,600 × 0.4); 1.861 × 5.5 ÷ (3,600 × 0.4); 24 × 1.861 ÷ 0.03
  ['image-prices', 'FLUX.1 on one H100', 'USD/image', 0.0115, 0.0115, 0.003],
  ['image-prices', 'FLUX.1 on one L40S', 'USD/image', 0.0071, 0.0071, 0.002],
  ['image-prices', 'that L40S', 'images/day', 1_490, 1_490, 0.001],
  ['image-prices', 'DALL-E 3', 'USD/image', 0.04, 0.12, 1e-9],
  ['image-prices', 'Midjourney', 'USD/image', 1 / 30, 0.05, 1e-9],
  // 1 − 0.210, 1 − 0.156; 1 − 1.019, 1 − 0.713; 0 of 4,133, 213 of 3,993
  ['caching', 'coding agents', '%', 79, 84.4, 1e-9],
  ['caching', 'mixed chat', '%', -1.9, 28.7, 1e-9],
  ['caching', 'exact repeats', '%', 0, 5.334, 1e-3],
  ['caching', 'semantic', '%', 20, 45, 1e-9],
  ['batching', 'of a call', '%', 50, 50, 1e-9],
  ['batching', 'of input read', '%', 90, 90, 1e-9],
  // (1 − 0.134) × 0.99, (1 − 0.354) × 0.99; 1 − 0.703, 1 − 0.313
  ['routing', 'recovering 50%', '%', 63.95, 85.73, 1e-3],
  ['routing', 'calls spared', '%', 29.7, 68.7, 1e-9],
  ['routing', 'near parity', '%', 14, 40, 1e-9],
  // 40% × 60% = 24%; 40 tokens at 0.1 of 55 paid units: 4 ÷ 55 × 60% = 4.36%
  ['prompt-optimization', 'cut spread evenly', '%', 24, 24, 1e-9],
  ['prompt-optimization', 'cut taken from', '%', 4.3636, 4.3636, 1e-4],
  ['prompt-optimization', 'the rule overstates', 'times', 1.667, 9.167, 1e-3],
  // 1 − 1/1.38 … 1 − 1/1.87; 1 − 1/1.08 … 1 − 1/1.64; 1 − 1/1.54 … 1 − 1/2.67; 1 − 1/2.5 … 1 − 1/6.4
  ['quantization', 'of GPU cost, 8 bits', '%', 27.54, 46.52, 1e-3],
  ['quantization', 'of GPU cost, 4 bits', '%', 7.407, 39.02, 1e-3],
  ['quantization', 'one request at a time', '%', 35.06, 62.55, 1e-3],
  ['quantization', '405B', '%', 60, 84.375, 1e-9],
  ['quantization', 'memory', '%', 75, 75, 1e-9],
  ['quantization', 'of an API bill', '%', 0, 0, 1e-9],
  // list ratios 0.06 and 1/12; redone: 0.06 × 1.2 + 0.2 = 0.272, 1/12 × 1.2 + 0.2 = 0.3; five times the answer: 0.00036 ÷ 0.002, 0.000725 ÷ 0.0027
  ['smaller-model', 'same tokens', '%', 91.667, 94, 1e-4],
  ['smaller-model', '20% of answers redone', '%', 70, 72.8, 1e-9],
  ['smaller-model', 'answers 5 times', '%', 73.148, 82, 1e-4],
];

describe('modelled figures', () => {
  test.each(MODELLED)('%s, %s in %s: %d to %d', (id, what, unit, low, high, within) => {
    const found = figure(id, what);
    expect(found.unit).toBe(unit);
    const close = (text: string | null, expected: number): void =>
      expect(Math.abs(Number(text) - expected)).toBeLessThanOrEqual(Math.abs(expected) * within + 1e-12);
    close(found.low, low);
    close(found.high, high);
  });

  test('two H100s never pay against a mini model: a query costs more than the API even at full load', () => {
    expect(ends('crossover-volume', 'two H100s in FP8 against GPT-4o mini')).toEqual([null, null]);
    const api = tokenCost(MODELS.gpt4oMini, ASSUMED.shortQuery);
    expect(crossoverPerDay(330.24, api, api)).toBe(Infinity);
    expect(crossoverPerDay(330.24, api, api - 1n)).toBe(2_752_000);
  });

  test('a saturated replica: 26.6 queries a second of 70B in FP8 on two H100s, 8.7 of 8B on an A6000', () => {
    expect(1 / secondsPerQuery(THROUGHPUT.llama70bFp8On2H100, ASSUMED.shortQuery)).toBeCloseTo(26.58, 2);
    expect(1 / secondsPerQuery(THROUGHPUT.llama8bBf16OnA6000, ASSUMED.shortQuery)).toBeCloseTo(8.703, 3);
  });

  test('the 70B rule is off by 27 to 160 times, the engineer costs $130 a day', () => {
    expect(all.find(({ id }) => id === 'self-hosted-70b')?.why).toContain('off by 26.7 to 160 times');
    expect(all.find(({ id }) => id === 'crossover-volume')?.why).toContain('$130 a day');
  });
});

describe('laws', () => {
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 8 });

  test('a range of amounts holds each of them and ends at two of them, whatever their order', () => {
    fc.assert(
      fc.property(amounts, (picos) => {
        const { low, high } = moneyRange('x', 'USD', picos);
        const back = [low, high].map((text) => {
          const [whole = '', fraction = ''] = String(text).split('.');
          return BigInt(whole + fraction.padEnd(12, '0'));
        });
        expect(picos.every((pico) => pico >= (back[0] ?? 0n) && pico <= (back[1] ?? 0n))).toBe(true);
        expect(picos).toEqual(expect.arrayContaining(back));
      }),
    );
  });

  const interval = fc
    .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
    .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);

  test('a verdict: inside holds, apart is false, anything else partly', () => {
    fc.assert(
      fc.property(interval, interval, (quoted, found) => {
        const verdict = verdictOf([range('q', '%', quoted)], [range('f', '%', found)]);
        const common = Array.from({ length: 101 }, (_, n) => n).filter(
          (n) => n >= quoted[0] && n <= quoted[1] && n >= found[0] && n <= found[1],
        ).length;
        const width = found[1] - found[0] + 1;
        expect(verdict).toBe(common === 0 ? 'false' : common === width ? 'holds' : 'partly');
      }),
    );
  });

  test('several figures agree or the verdict is partly; none is not comparable', () => {
    const ten = range('q', '%', [10]);
    expect(verdictOf([ten, ten], [ten, ten])).toBe('holds');
    expect(verdictOf([ten, ten], [ten, range('f', '%', [11])])).toBe('partly');
    expect(verdictOf([ten], [range('f', '%', [Infinity])])).toBe('false');
    expect(verdictOf([], [ten])).toBe('not_comparable');
    expect(() => verdictOf([ten], [range('f', 'times', [10])])).toThrow('q: nothing in % was recomputed for it');
  });

  test('a query of more tokens costs more and is served less often', () => {
    const length = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(length, length, (inputTokens, outputTokens) => {
        for (const fit of Object.values(THROUGHPUT)) {
          const now = queriesPerHour(fit, { inputTokens, outputTokens });
          expect(queriesPerHour(fit, { inputTokens: inputTokens + 1, outputTokens })).toBeLessThan(now);
          expect(queriesPerHour(fit, { inputTokens, outputTokens: outputTokens + 1 })).toBeLessThan(now);
        }
        const cost = (tokens: number): bigint => tokenCost(MODELS.sonnet, { inputTokens: tokens, outputTokens });
        expect(cost(inputTokens + 1) - cost(inputTokens)).toBe(3_000_000n);
      }),
    );
  });

  test('a modelled amount is whole picodollars, and one too large is refused', () => {
    expect(picoOf(0.08)).toBe(80_000_000_000n);
    expect(() => picoOf(10_000)).toThrow('10000 USD is no modelled amount below 9,007 USD');
  });
});

describe('the list', () => {
  test('has every rule once, with its verdict', () => {
    expect(all.map(({ id, verdict }) => `${id}: ${verdict}`)).toEqual([
      'prices-2024: holds',
      'ten-page-document: partly',
      'chatbot-per-day: partly',
      'ten-thousand-documents-frontier: partly',
      'ten-thousand-documents-small: partly',
      'gpu-rents: partly',
      'self-hosted-70b: false',
      'self-hosted-8b: partly',
      'self-hosted-quantized-7b: not_comparable',
      'crossover-volume: partly',
      'image-prices: partly',
      'caching: partly',
      'batching: partly',
      'smaller-model: partly',
      'routing: partly',
      'prompt-optimization: false',
      'quantization: false',
      'monthly-budget: partly',
    ]);
  });

  test('is plain JSON: decimal text without exponents, low before high, sources with dates or marked as assumed', () => {
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    const figures = all.flatMap((claim) => [...claim.quoted, ...claim.recomputed]);
    const texts = figures.flatMap(({ low, high }) => [low ?? [], high ?? []].flat());
    expect(texts.filter((text) => !/^-?\d+(\.\d+)?$/.test(text))).toEqual([]);
    expect(figures.filter(({ low, high }) => Number(low ?? Infinity) > Number(high ?? Infinity))).toEqual([]);
    expect(all.filter(({ sources }) => sources.length === 0)).toEqual([]);
    const isDatedOrAssumed = /^assumed: |\((19|20)\d\d(-\d\d){0,2}\)$/;
    expect(all.flatMap(({ sources }) => sources).filter((source) => !isDatedOrAssumed.test(source))).toEqual([]);
  });

  test('figures of a rule have names of their own', () => {
    for (const { recomputed } of all) expect(new Set(recomputed.map(({ what }) => what)).size).toBe(recomputed.length);
  });

  test('every input has a source, a date, and says whether it is a fact', () => {
    const rows = [MODELS, MISTAKEN, RENTS, THROUGHPUT, GPU_PEAKS, MEASURED, IMAGES, ASSUMED, { BATCH }].flatMap(
      (group) => Object.values(group),
    );
    for (const row of rows) {
      expect(row.source.length).toBeGreaterThan(10);
      expect(row.date).toMatch(/^(19|20)\d\d(-\d\d){0,2}$/);
    }
    expect(rows.filter((row) => !row.isFact).length).toBe(Object.keys(ASSUMED).length);
  });

  test('claims are made anew each time and are always the same', () => {
    expect(claims()).toEqual(all);
    expect(claims()[0]).not.toBe(all[0]);
  });
});

test.each([
  ['USD/query', 0.08, 0.16, '$0.08–0.16 per query'],
  ['USD/query', 0.000274, 0.0011, '$0.000274–0.0011 per query'],
  ['USD', 50, 195, '$50–195'],
  ['USD', 1.5, 7.5, '$1.50–7.50'],
  ['USD/hour', 21.958, 21.958, '$21.96 per hour'],
  ['USD/month', 10, 6_300, '$10–6,300 per month'],
  ['queries/hour', 2_666.67, 16_000, '2,670–16,000 queries per hour'],
  ['%', -1.9, 28.7, '−1.9 to 28.7%'],
  ['%', 50, 50, '50%'],
  ['times', 1.372, 2.745, '1.4–2.7 times'],
  ['USD/M tokens', 0.15, 0.6, '$0.15–0.60 per million tokens'],
  ['USD/day', 1.25, 5, '$1.25–5.00 per day'],
  ['queries/day', Infinity, Infinity, 'never'],
  ['queries/day', 165_120, Infinity, '165,000 queries per day or never'],
] as const)('reads well: %s %d to %d is %s', (unit, low, high, text) => {
  expect(figureText(range('x', unit, [low, high]))).toBe(text);
});
