/**
 * The rules of a rate on a book of a few lines: validity, tiers, multipliers, bands, regions, first sightings. Prices are made up.
 */
import { describe, expect, test } from 'vitest';
import { priceRecord } from '../../lib/price/cost.ts';
import type { PriceBook } from '../../lib/price/price-book.ts';
import type { Priced, UsageRecord } from '../../lib/record.ts';
import { at, bucket, call, smallBook, usd } from './shipped-book.ts';

const MILLION = 1_000_000;

function ask(book: PriceBook, model: string, when: string, fields: Partial<UsageRecord>, provider = 'acme'): Priced {
  return priceRecord(book, call(provider, model, fields), at(when));
}

/** Cost, status and reason in one line. */
function said(priced: Priced): string {
  return [String(usd(priced)), priced.status, priced.reason ?? ''].join(' ').trim();
}

describe('validity', () => {
  const book = smallBook({
    acme: [
      'm,,input,,,,,4,2025-01-01,2025-07-01,announced,s,high,',
      'm,,input,,,,,2,2025-07-01,2026-01-01,announced,s,high,',
      'n,,input,,,,,3,,,unknown,s,high,',
    ].join('\n'),
  });
  test.each([
    ['2024-12-31T23:59:59.999Z', 'null unpriced no_price:input'],
    ['2025-01-01T00:00:00.000Z', '4 priced'],
    ['2025-06-30T23:59:59.999Z', '4 priced'],
    ['2025-07-01T00:00:00.000Z', '2 priced'],
    ['2025-12-31T23:59:59.999Z', '2 priced'],
    ['2026-01-01T00:00:00.000Z', 'null unpriced no_price:input'],
  ])('half-open, %s', (when, expected) => expect(said(ask(book, 'm', when, { inputTokens: MILLION }))).toBe(expected));

  test('a start that is not known is open', () => {
    expect(said(ask(book, 'n', '2016-01-01', { inputTokens: MILLION }))).toBe('3 priced');
  });

  test('asking in any order gives the same answers', () => {
    const days = ['2025-12-31', '2025-01-01', '2026-01-01', '2025-07-01', '2025-02-01'];
    expect(days.map((day) => usd(ask(book, 'm', day, { inputTokens: MILLION })))).toEqual(['2', '4', null, '2', '4']);
  });
});

describe('a price first seen after the call', () => {
  const book = smallBook(
    {
      acme: [
        'seen,,input,,,,,4,2025-06-01,2025-09-01,seen,s,high,',
        'seen,,input,,,,,2,2025-09-01,,changed after 2025-08-20,s,high,',
        'gap,,input,,,,,4,2025-01-01,2025-03-01,announced,s,high,',
        'gap,,input,,,,,2,2025-05-01,,seen,s,high,',
      ].join('\n'),
    },
    'acme,seen,2025-05-20,\n',
  );
  test.each([
    ['seen', '2025-05-19', 'null unpriced no_price:input'], // before the model was released
    ['seen', '2025-05-20', '4 estimated price_before_first_known'],
    ['seen', '2025-06-01', '4 priced'],
    ['seen', '2025-09-01', '2 priced'],
    ['gap', '2024-12-31', 'null unpriced no_price:input'], // an announced start is a fact
    ['gap', '2025-04-01', '2 estimated price_before_first_known'],
  ])('%s on %s', (model, day, expected) =>
    expect(said(ask(book, model, day, { inputTokens: MILLION }))).toBe(expected),
  );
});

describe('tiers', () => {
  const rows = [
    '*,,batch_multiplier,batch,,,ratio,0.5,2025-01-01,,announced,s,high,',
    'm,,input,,,,,4,,,unknown,s,high,',
    'm,,output,,,,,8,,,unknown,s,high,',
    'm,,cached_input,,,,,0.5,,,unknown,s,high,',
    'm,,input,batch,,,,2,2025-06-01,,seen,s,high,',
    'm,,cached_input,batch,,,,0.3,2025-06-01,,seen,s,high,',
    'm,,input,flex,,,,3,,,unknown,s,high,',
    'm,,speed_multiplier,fast,,,ratio,6,,,unknown,s,high,',
  ].join('\n');
  const book = smallBook({ acme: rows, other: rows.split('\n').slice(1).join('\n') });

  test.each<[string, string, Partial<UsageRecord>, string]>([
    ['own row', '2025-07-01', { tier: 'batch', inputTokens: MILLION }, '2 priced'],
    [
      'published multiplier where the tier has no row',
      '2025-07-01',
      { tier: 'batch', outputTokens: MILLION },
      '4 priced',
    ],
    [
      'published multiplier before the row was seen, which agrees',
      '2025-05-01',
      { tier: 'batch', inputTokens: MILLION },
      '2 priced',
    ],
    [
      'a first row that contradicts the multiplier wins',
      '2025-05-01',
      { tier: 'batch', cacheReadTokens: MILLION },
      '0.3 estimated price_before_first_known',
    ],
    [
      'no multiplier before it was announced',
      '2024-12-31',
      { tier: 'batch', outputTokens: MILLION },
      'null unpriced no_price:output',
    ],
    ['flex has its own input', '2025-07-01', { tier: 'flex', inputTokens: MILLION }, '3 priced'],
    [
      'flex has no output: no guess',
      '2025-07-01',
      { tier: 'flex', inputTokens: MILLION, outputTokens: 1 },
      'null unpriced no_price:output',
    ],
    ['priority is not sold', '2025-07-01', { tier: 'priority', inputTokens: 1 }, 'null unpriced no_price:input'],
    [
      'fast multiplies every token meter',
      '2025-07-01',
      { tier: 'fast', inputTokens: MILLION, cacheReadTokens: MILLION },
      '27 priced',
    ],
    ['the finer tier decides', '2025-07-01', { tier: 'standard', priceTier: 'flex', inputTokens: MILLION }, '3 priced'],
    [
      'provisioned capacity keeps its token value',
      '2025-07-01',
      { tier: 'provisioned', inputTokens: MILLION },
      '4 priced',
    ],
  ])('%s', (_what, day, fields, expected) => expect(said(ask(book, 'm', day, fields))).toBe(expected));

  test('a vendor that publishes no multiplier has none', () => {
    expect(said(ask(book, 'm', '2025-07-01', { tier: 'batch', outputTokens: 1 }, 'other'))).toBe(
      'null unpriced no_price:output',
    );
  });
});

describe('context bands', () => {
  const book = smallBook({
    acme: [
      'm,,input,,,,,1,,,unknown,s,high,',
      'm,,input,,>1000,,,2,,2026-01-01,unknown,s,high,',
      'm,,input,,>5000,,,4,,2026-01-01,unknown,s,high,',
      'm,,output,,,,,10,,,unknown,s,high,',
      'm,,output,,>1000,,,20,,2026-01-01,unknown,s,high,',
      'm,,cached_input,,,,,0.1,,,unknown,s,high,',
      'm,,web_search,,,,per_1k_requests,10,,,unknown,s,high,',
      'm,,input,flex,,,,0.5,,,unknown,s,high,',
      '*,,batch_multiplier,batch,,,ratio,0.5,,,unknown,s,high,',
      'late,,input,,,,,1,,,unknown,s,high,',
      'late,,input,,>1000,,,2,2025-06-01,,seen,s,high,',
    ].join('\n'),
  });

  test.each<[string, Partial<UsageRecord>, string]>([
    ['at the threshold', { inputTokens: 1000 }, '0.001 priced'],
    ['above it', { inputTokens: 1001 }, '0.002002 priced'],
    ['the highest band exceeded', { inputTokens: 5001 }, '0.020004 priced'],
    [
      'output follows the band; a band only input has falls to the next',
      { inputTokens: 1001, outputTokens: 100 },
      '0.004002 priced',
    ],
    [
      'a meter without a price in the band is unpriced',
      { inputTokens: 1000, cacheReadTokens: 1 },
      'null unpriced no_price:cached_input',
    ],
    ['output does not count for the band', { inputTokens: 1000, outputTokens: 5000 }, '0.051 priced'],
    ['a source that knows the context says it', { inputTokens: 1000, contextTokens: 1001 }, '0.002 priced'],
    ['or says it is short', { inputTokens: 2000, contextTokens: 900 }, '0.002 priced'],
    ['searches know no band', { inputTokens: 1001, webSearches: 1 }, '0.012002 priced'],
    ['a published multiplier applies to the band', { tier: 'batch', inputTokens: 2000 }, '0.002 priced'],
    [
      'a tier whose band is unknown is an estimate',
      { tier: 'flex', inputTokens: 2000 },
      '0.001 estimated context_band_unknown',
    ],
  ])('%s', (_what, fields, expected) => expect(said(ask(book, 'm', '2025-07-01', fields))).toBe(expected));

  test('a band that ended is gone', () => {
    expect(said(ask(book, 'm', '2026-01-01', { inputTokens: 2000, cacheReadTokens: 10_000 }))).toBe('0.003 priced');
  });

  test('a band not yet seen is an estimate', () => {
    expect(said(ask(book, 'late', '2025-01-01', { inputTokens: 2000 }))).toBe(
      '0.004 estimated price_before_first_known',
    );
  });

  test('buckets: many calls take the base band and are marked only when they exceed a band in force', () => {
    const price = (fields: Partial<UsageRecord>, day = '2025-07-01'): string =>
      said(priceRecord(book, bucket('acme', 'm', fields), at(day)));
    expect(price({ calls: 3, inputTokens: 5001 })).toBe('0.005001 estimated context_band_unknown');
    expect(price({ calls: 3, inputTokens: 1000 })).toBe('0.001 priced');
    expect(price({ calls: 1, inputTokens: 1001 })).toBe('0.002002 priced');
    expect(price({ calls: 3, inputTokens: 5001 }, '2026-02-01')).toBe('0.005001 priced');
  });
});

describe('regions', () => {
  const book = smallBook({
    anthropic: [
      'm,,input,,,,,2,,,unknown,s,high,',
      'm,,web_search,,,,per_1k_requests,10,,,unknown,s,high,',
      'm,us,region_multiplier,,,,ratio,1.1,2026-02-05,,announced,s,high,',
      'old,,input,,,,,2,,,unknown,s,high,',
    ].join('\n'),
    bedrock: [
      'acme.x-v1:0,in-region(bare-id),input,,,,,3.3,,,unknown,s,high,',
      'acme.x-v1:0,global,input,,,,,3,,,unknown,s,high,',
      'acme.x-v1:0,eu,input,,,,,3.5,,,unknown,s,high,',
      'acme.y-v1:0,in-region(bare-id),input,,,,,1,,,unknown,s,high,',
    ].join('\n'),
  });
  const input = { inputTokens: MILLION };

  test.each<[string, string, string, Partial<UsageRecord>, string]>([
    ['multiplier', 'anthropic', 'm', { ...input, priceRegion: 'us' }, '2.2 priced'],
    ['not on fees', 'anthropic', 'm', { inputTokens: MILLION, webSearches: 1, priceRegion: 'us' }, '2.21 priced'],
    ['global is the default', 'anthropic', 'm', { ...input, priceRegion: 'global' }, '2 priced'],
    ['a model without a surcharge has none', 'anthropic', 'old', { ...input, priceRegion: 'us' }, '2 priced'],
    ['own scope', 'bedrock', 'acme.x-v1:0', { ...input, priceRegion: 'eu' }, '3.5 priced'],
    ['profile told by the id', 'bedrock', 'eu.acme.x-v1:0', input, '3.5 priced'],
    ['global', 'bedrock', 'global.acme.x-v1:0', input, '3 priced'],
    ['plain id', 'bedrock', 'acme.x', input, '3.3 priced'],
    [
      'an AWS region is in-region',
      'bedrock',
      'acme.x-v1:0',
      { ...input, priceRegion: 'eu-west-1' },
      '3.3 estimated region_price_unknown',
    ],
    [
      'a scope the book lacks is an estimate',
      'bedrock',
      'acme.x-v1:0',
      { ...input, priceRegion: 'jp' },
      '3.3 estimated region_price_unknown',
    ],
    ['one price everywhere', 'bedrock', 'acme.y-v1:0', { ...input, priceRegion: 'jp' }, '1 priced'],
  ])('%s', (_what, provider, model, fields, expected) =>
    expect(said(ask(book, model, '2026-03-01', fields, provider))).toBe(expected),
  );

  test('not before the multiplier was announced', () => {
    expect(said(ask(book, 'm', '2026-02-04', { ...input, priceRegion: 'us' }, 'anthropic'))).toBe('2 priced');
  });
});

describe('windows', () => {
  const book = smallBook({
    acme: [
      'm,,input,,,,,2,,,unknown,s,high,',
      'm,,input,,,16:30-00:30 daily,,1,2025-02-26,2025-09-05,announced,s,high,',
    ].join('\n'),
  });
  test.each([
    ['2025-03-01T12:00:00Z', '2'],
    ['2025-03-01T17:00:00Z', '1'],
    ['2025-03-02T00:29:00Z', '1'],
    ['2025-02-25T17:00:00Z', '2'], // the window was not yet sold
    ['2025-09-05T17:00:00Z', '2'], // and ended
  ])('%s', (when, expected) => expect(usd(ask(book, 'm', when, { inputTokens: MILLION }))).toBe(expected));
});

describe('fees and units', () => {
  const book = smallBook({
    acme: [
      '*,,web_search,,,,per_1k_requests,10,2025-01-01,,announced,s,high,',
      'own,,input,,,,,1,,,unknown,s,high,',
      'own,,web_search,,,,per_1k_requests,35,2025-06-01,,seen,s,high,',
      'chat,,input,,,,,1,,,unknown,s,high,',
      'stt,,audio_duration,,,,per_hour,0.36,,,unknown,s,high,',
      'min,,audio_duration,,,,per_minute,0.006,,,unknown,s,high,',
      'odd,,audio_duration,,,,per_minute,0.000000000001,,,unknown,s,high,',
      'rank,,rerank,,,,per_1k_requests,2,,,unknown,s,high,',
      'emb,,embedding_input,,,,,0.02,,,unknown,s,high,',
    ].join('\n'),
  });
  test.each<[string, string, Partial<UsageRecord>, string]>([
    ["the provider's fee", 'chat', { webSearches: 3 }, '0.03 priced'],
    ["the model's own", 'own', { webSearches: 2 }, '0.07 priced'],
    ['per hour', 'stt', { operation: 'audio', audioSeconds: 0.5 }, '0.00005 priced'],
    ['per minute', 'min', { operation: 'audio', audioSeconds: 61 }, '0.0061 priced'],
    [
      'rounded half-even once: 30 s of 1e-12 a minute is half a picodollar',
      'odd',
      { operation: 'audio', audioSeconds: 30 },
      '0 priced',
    ],
    ['and 90 s are one and a half', 'odd', { operation: 'audio', audioSeconds: 90 }, '0.000000000002 priced'],
    ['a search of a reranker', 'rank', { operation: 'rerank' }, '0.002 priced'],
    ['embeddings', 'emb', { operation: 'embedding', inputTokens: MILLION }, '0.02 priced'],
    [
      'seconds without a price',
      'chat',
      { operation: 'audio', audioSeconds: 3 },
      'null unpriced no_price:audio_duration',
    ],
    [
      'tokens counted: seconds are not billed again',
      'chat',
      { operation: 'audio', audioSeconds: 3, inputTokens: 1000 },
      '0.001 priced',
    ],
  ])('%s', (_what, model, fields, expected) => expect(said(ask(book, model, '2025-07-01', fields))).toBe(expected));

  test("before the model's own fee was seen the provider's announced one holds", () => {
    expect(said(ask(book, 'own', '2025-05-01', { webSearches: 1 }))).toBe('0.01 priced');
  });
});
