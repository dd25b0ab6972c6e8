/**
 * The twenty-five ways in which real systems computed LLM cost wrongly (docs/prices.md), each as a priced record. The expected
 * amounts were worked out by hand from the prices published at the time: tokens × USD per million, in the comments.
 */
import { describe, expect, test } from 'vitest';
import type { UsageRecord } from '../../lib/record.ts';
import { addPico, usdText, type Pico } from '../../lib/money.ts';
import { parseOverlay } from '../../lib/price/overlay.ts';
import { overlayBook } from '../../lib/price/price-book.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { at, book, bucket, call, price, sumOf, usd } from './shipped-book.ts';

type Case = readonly [
  what: string,
  provider: string,
  model: string,
  day: string,
  fields: Partial<UsageRecord>,
  expected: string,
];

function check(cases: readonly Case[]): void {
  test.each(cases)('%s', (_what, provider, model, day, fields, expected) => {
    expect(usd(price(provider, model, day, fields))).toBe(expected);
  });
}

const fullRead = { inputTokens: 1000, outputTokens: 1000 };
const tenToOne = { inputTokens: 10_000, outputTokens: 1000 };

describe('A. token classes', () => {
  check([
    [
      '1 cache writes are not fresh input',
      'anthropic',
      'claude-3-7-sonnet-20250219',
      '2025-03-10',
      { inputTokens: 3, cacheWrite5mTokens: 12_304, outputTokens: 550 },
      '0.054399',
    ],
    [
      '2 cached tokens are not fresh input',
      'openai',
      'gpt-4o-2024-08-06',
      '2025-03-10',
      { inputTokens: 86, cacheReadTokens: 17_817, outputTokens: 200 },
      '0.02448625',
    ],
    [
      '2 same by the alias',
      'openai',
      'gpt-4o',
      '2025-03-10',
      { inputTokens: 86, cacheReadTokens: 17_817, outputTokens: 200 },
      '0.02448625',
    ],
    [
      '3 cache reads of a streamed call',
      'anthropic',
      'claude-3-5-haiku-20241022',
      '2025-03-10',
      { inputTokens: 4, cacheReadTokens: 2455, outputTokens: 23 },
      '0.0002916',
    ],
    [
      '4 thinking is output once',
      'google',
      'gemini-2.5-flash',
      '2025-10-10',
      { inputTokens: 10, outputTokens: 120, reasoningTokens: 100 },
      '0.000303',
    ],
    [
      '5 reasoning is inside output',
      'openai',
      'gpt-5.4',
      '2026-10-10',
      { inputTokens: 100, outputTokens: 500, reasoningTokens: 300 },
      '0.00775',
    ],
    [
      '6 one-hour writes cost more',
      'anthropic',
      'claude-opus-4-8',
      '2026-10-10',
      { cacheWrite5mTokens: 600_000, cacheWrite1hTokens: 400_000 },
      '7.75',
    ],
    [
      '7 no derived cache price',
      'anthropic',
      'claude-opus-5-5',
      '2026-11-10',
      { inputTokens: 1000, cacheReadTokens: 1_000_000, outputTokens: 100 },
      '0.206',
    ],
  ]);

  test('6 writes without their time to live are 5-minute writes and an estimate', () => {
    const fields = { cacheWrite5mTokens: 1_000_000, cacheTtlUnknown: true };
    const priced = price('anthropic', 'claude-opus-4-8', '2026-10-10', fields);
    expect([usd(priced), priced.status, priced.reason]).toEqual(['6.25', 'estimated', 'cache_write_ttl_unknown']);
  });

  test('7 a meter without a price leaves the record unpriced', () => {
    const priced = price('openai', 'gpt-4o-2024-05-13', '2026-10-01', { inputTokens: 10, cacheReadTokens: 1 });
    expect([priced.list, priced.status, priced.reason]).toEqual([null, 'unpriced', 'no_price:cached_input']);
  });

  test('7 OpenAI bills cache writes from GPT-5.6 on, not before', () => {
    // 1.25 × the input price of 4 = 5 per million
    const later = price('openai', 'gpt-5.6-sol', '2026-11-10', { cacheWrite5mTokens: 1_000_000, contextTokens: 100 });
    expect([usd(later), later.status]).toEqual(['5', 'priced']);
    expect(price('openai', 'gpt-5.4', '2026-11-10', { cacheWrite5mTokens: 1000 }).reason).toBe(
      'no_price:cache_write_5m',
    );
  });
});

describe('B. dimensions of a price', () => {
  const bedrock = { inputTokens: 100_000, cacheReadTokens: 50_000, outputTokens: 10_000 };
  check([
    [
      '8 at the threshold the base price holds',
      'google',
      'gemini-2.5-pro',
      '2025-10-10',
      { inputTokens: 200_000, outputTokens: 1000 },
      '0.26',
    ],
    [
      '8 above it the whole request moves',
      'google',
      'gemini-2.5-pro',
      '2025-10-10',
      { inputTokens: 200_001, outputTokens: 1000 },
      '0.5150025',
    ],
    [
      '9 cached tokens count for the band',
      'google',
      'gemini-2.5-pro',
      '2026-10-10',
      { inputTokens: 50_000, cacheReadTokens: 250_000, outputTokens: 2000 },
      '0.2175',
    ],
    [
      '9 with a 1M context on Sonnet 4.5',
      'anthropic',
      'claude-sonnet-4-5-20250929',
      '2025-12-10',
      { inputTokens: 10_000, cacheReadTokens: 195_000, outputTokens: 1000 },
      '0.1995',
    ],
    [
      '11 batch',
      'anthropic',
      'claude-opus-4-6',
      '2026-11-10',
      { tier: 'batch', inputTokens: 18, outputTokens: 43 },
      '0.0005825',
    ],
    [
      '11 batch before a catalogue carried it',
      'anthropic',
      'claude-opus-4-6',
      '2026-03-01',
      { tier: 'batch', inputTokens: 18, outputTokens: 43 },
      '0.0005825',
    ],
    [
      '11 batch with its own cached price',
      'openai',
      'gpt-5.4',
      '2026-11-10',
      { tier: 'batch', inputTokens: 60_000, cacheReadTokens: 40_000, outputTokens: 10_000 },
      '0.1552',
    ],
    [
      '12 priority asked, default served',
      'openai',
      'gpt-4o',
      '2026-01-10',
      { requestedTier: 'priority', inputTokens: 1000, outputTokens: 500 },
      '0.0075',
    ],
    [
      '12 priority served',
      'openai',
      'gpt-4o',
      '2026-01-10',
      { tier: 'priority', inputTokens: 1000, outputTokens: 500 },
      '0.01275',
    ],
    [
      '13 Bedrock global',
      'bedrock',
      'anthropic.claude-sonnet-4-6',
      '2026-10-10',
      { ...bedrock, priceRegion: 'global' },
      '0.465',
    ],
    [
      '13 Bedrock us',
      'bedrock',
      'anthropic.claude-sonnet-4-6',
      '2026-10-10',
      { ...bedrock, priceRegion: 'us' },
      '0.5115',
    ],
    [
      '13 Bedrock plain id',
      'bedrock',
      'anthropic.claude-sonnet-4-6',
      '2026-10-10',
      { ...bedrock, priceRegion: 'in-region(bare-id)' },
      '0.5115',
    ],
    [
      '13 Bedrock without a region is in-region',
      'bedrock',
      'anthropic.claude-sonnet-4-6',
      '2026-10-10',
      bedrock,
      '0.5115',
    ],
    [
      '13 Bedrock, profile in the id',
      'bedrock',
      'global.anthropic.claude-sonnet-4-6-v1:0',
      '2026-10-10',
      bedrock,
      '0.465',
    ],
    [
      '13 Anthropic inference_geo us',
      'anthropic',
      'claude-sonnet-4-6',
      '2026-10-10',
      { priceRegion: 'us', inputTokens: 13, outputTokens: 12 },
      '0.0002409',
    ],
    ['14 fast mode', 'anthropic', 'claude-opus-5-5', '2026-11-10', { ...fullRead, tier: 'fast' }, '0.048'],
    ['15 Wednesday peak', 'deepseek', 'deepseek-v4-pro', '2026-09-02T02:00:00Z', tenToOne, '0.01716'],
    ['15 Wednesday off-peak', 'deepseek', 'deepseek-v4-pro', '2026-09-02T05:00:00Z', tenToOne, '0.00858'],
    ['15 Saturday is off-peak', 'deepseek', 'deepseek-v4-pro', '2026-08-29T02:00:00Z', tenToOne, '0.00858'],
    ['15 but was not yet on the 22nd', 'deepseek', 'deepseek-v4-pro', '2026-08-22T02:00:00Z', tenToOne, '0.01716'],
    ['16 GPT-4o in September 2024', 'openai', 'gpt-4o', '2024-09-15', tenToOne, '0.065'],
    ['16 GPT-4o in November 2024', 'openai', 'gpt-4o', '2024-11-01', tenToOne, '0.035'],
    ['16 before an announced rise', 'google', 'gemini-3.6-flash', '2026-11-20', tenToOne, '0.01125'],
    ['16 after it', 'google', 'gemini-3.6-flash', '2027-01-02', tenToOne, '0.0225'],
  ]);

  test('10 a bucket is priced by the base band and marked; its calls one by one cost the same', () => {
    const sum = priceRecord(
      book,
      bucket('google', 'gemini-2.5-pro', { calls: 40, inputTokens: 2_000_000 }),
      at('2026-10-10'),
    );
    expect([usd(sum), sum.status, sum.reason]).toEqual(['2.5', 'estimated', 'context_band_unknown']);
    const one = price('google', 'gemini-2.5-pro', '2026-10-10', { inputTokens: 50_000 });
    expect([usd(one), one.status]).toEqual(['0.0625', 'priced']); // 40 × 0.0625 = 2.5
  });

  test('10 a bucket that names its context band is priced by it', () => {
    const fields = { calls: 0, inputTokens: 1_000_000, contextTokens: 200_001 };
    const priced = priceRecord(book, bucket('anthropic', 'claude-sonnet-4-5', fields), at('2025-12-10'));
    expect([usd(priced), priced.status]).toEqual(['6', 'priced']);
  });

  test('13 the region multiplier is for tokens, not for searches', () => {
    const priced = price('anthropic', 'claude-sonnet-4-6', '2026-10-10', {
      priceRegion: 'us',
      inputTokens: 1_000_000,
      webSearches: 1,
    });
    expect(usd(priced)).toBe('3.31'); // 3 × 1.1 + 0.01
  });
});

describe('C. identity', () => {
  check([
    ['17 a mini is not its big sister', 'openai', 'gpt-4o-mini', '2025-11-20', fullRead, '0.00075'],
    ['17 gpt-5.4-mini', 'openai', 'gpt-5.4-mini', '2026-11-20', fullRead, '0.00525'],
    ['17 gpt-4.1-mini', 'openai', 'gpt-4.1-mini', '2025-11-20', fullRead, '0.002'],
    ['18 the May snapshot never got cheaper', 'openai', 'gpt-4o-2024-05-13', '2026-10-01', tenToOne, '0.065'],
    [
      '19 Azure EU data zone',
      'azure',
      'gpt-4o-2024-08-06',
      '2026-10-01',
      { ...fullRead, priceRegion: 'eu' },
      '0.01375',
    ],
  ]);

  test('19 a deployment named gpt-4 is what the owner says it is', () => {
    const overlay = parseOverlay(
      'azure.json',
      JSON.stringify({
        deployments: [{ deployment: 'gpt-4', model: 'gpt-4o-2024-08-06', region: 'eu', from: '2026-01-01' }],
      }),
    );
    const own = overlayBook(book, [overlay]);
    const record = call('azure', 'gpt-4', fullRead);
    const mapped = priceRecord(own, record, at('2026-10-01'));
    expect([usd(mapped), mapped.model]).toEqual(['0.01375', 'gpt-4o-2024-08-06']);
    // before the map holds it is gpt-4: 30 + 60 per million
    expect(usd(priceRecord(own, record, at('2025-10-01')))).toBe('0.09');
  });

  test('20 no price is not zero dollars', () => {
    const priced = price('openai', 'gpt-99-turbo', '2026-10-01', fullRead);
    expect([priced.list, priced.contracted, priced.status, priced.reason]).toEqual([
      null,
      null,
      'unpriced',
      'unknown_model',
    ]);
  });
});

describe('D. records', () => {
  check([
    [
      '21 the last of three lines',
      'anthropic',
      'claude-opus-4-6',
      '2026-10-01',
      { inputTokens: 3, cacheWrite5mTokens: 2285, cacheReadTokens: 22_137, outputTokens: 412 },
      '0.03566475',
    ],
    [
      '23 two searches',
      'anthropic',
      'claude-sonnet-4-6',
      '2026-10-01',
      { inputTokens: 9548, outputTokens: 528, webSearches: 2 },
      '0.056564',
    ],
    [
      '23 two grounding queries',
      'google',
      'gemini-3-flash-preview',
      '2026-10-01',
      { inputTokens: 1000, outputTokens: 500, webSearches: 2 },
      '0.03',
    ],
    [
      '24 image tokens',
      'openai',
      'gpt-image-1',
      '2026-10-01',
      { operation: 'image', inputTokens: 150, outputTokens: 8000, imageOutputTokens: 8000, images: 1 },
      '0.32075',
    ],
    [
      '24 image tokens the response does not name',
      'openai',
      'gpt-image-1',
      '2026-10-01',
      { operation: 'image', inputTokens: 150, outputTokens: 8000 },
      '0.32075',
    ],
    [
      '24 DALL-E by size and quality',
      'openai',
      'dall-e-3',
      '2025-10-01',
      { operation: 'image', images: 3, imageSpec: 'quality=hd;size=1024x1792' },
      '0.36',
    ],
    [
      '24 DALL-E 2 knows no quality',
      'openai',
      'dall-e-2',
      '2024-10-01',
      { operation: 'image', images: 2, imageSpec: 'quality=standard;size=512x512' },
      '0.036',
    ],
    [
      '24 audio at audio rates',
      'openai',
      'gpt-realtime',
      '2026-10-01',
      {
        inputTokens: 680,
        audioInputTokens: 544,
        cacheReadTokens: 320,
        cachedAudioTokens: 256,
        outputTokens: 300,
        audioOutputTokens: 250,
      },
      '0.03488',
    ],
    [
      '24 transcription by its seconds, once',
      'openai',
      'whisper-1',
      '2025-10-01',
      { operation: 'audio', audioSeconds: 90 },
      '0.009',
    ],
    ['24 speech by its characters', 'openai', 'tts-1', '2025-10-01', { operation: 'audio', characters: 2000 }, '0.03'],
    [
      '25 one cached token is not zero',
      'google',
      'gemini-1.5-flash',
      '2025-01-01',
      { cacheReadTokens: 1 },
      '0.00000001875',
    ],
  ]);

  test('22 usage unknown is null, a known zero is zero', () => {
    const cut = price('openai', 'gpt-4o', '2026-10-01', { usageBasis: 'missing', status: 'partial' });
    expect([cut.list, cut.status, cut.reason]).toEqual([null, 'unpriced', 'usage_missing']);
    const cached = price('openai', 'gpt-4o', '2026-10-01', {
      servedFromCache: true,
      inputTokens: 500,
      outputTokens: 20,
    });
    expect([usd(cached), cached.status]).toEqual(['0', 'free']);
    const failed = price('openai', 'no-such-model', '2026-10-01', { status: 'error', usageBasis: 'missing' });
    expect([usd(failed), failed.status]).toEqual(['0', 'free']);
  });

  test('22 counted usage is priced and marked', () => {
    const priced = price('openai', 'gpt-4o', '2026-10-01', { ...fullRead, usageBasis: 'counted' });
    expect([usd(priced), priced.status, priced.reason]).toEqual(['0.0125', 'estimated', 'usage_counted']);
  });

  test('24 an image size without a price is unpriced', () => {
    const priced = price('openai', 'dall-e-3', '2025-10-01', { operation: 'image', images: 1, imageSpec: 'size=1x1' });
    expect([priced.status, priced.reason]).toEqual(['unpriced', 'no_price:image']);
  });

  test('25 a million tiny calls cost exactly 2.85', () => {
    const record = call('openai', 'gpt-4o-mini', { inputTokens: 7, outputTokens: 3 });
    let total: Pico = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const { list } = priceRecord(book, record, at('2026-10-01'));
      total = addPico(total, list === null ? 0 : sumOf(list));
    }
    expect(usdText(total)).toBe('2.85');
  });
});
