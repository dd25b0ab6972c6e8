/**
 * The shipped book as data: every row parses, ids are unique and stay apart, no two rows of one key hold at once, and rows
 * that a catalogue is known to carry wrongly do not win (docs/prices.md).
 */
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { METERS } from '../../lib/price/meters.ts';
import { bookRows, bookVersion, loadBook, providerBook, type PriceTableRow } from '../../lib/price/price-book.ts';
import { exactRate, priceRow, type PriceRow } from '../../lib/price/price-row.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { bookProvider } from '../../lib/price/provider-name.ts';
import { at, book, call, price, smallBook, texts, usd } from './shipped-book.ts';

const providers = texts
  .map((text) => text.name.replace('.csv', ''))
  .filter((name) => name !== 'models' && name !== 'aliases');
const rows: readonly PriceRow[] = providers.flatMap((provider) => providerBook(book, provider)?.rows ?? []);

test('is large enough to be useful and small enough to ship', () => {
  expect(rows.length).toBeGreaterThan(10_000);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text.text), 0);
  expect(bytes).toBeLessThan(3_000_000);
});

test('every file says source, date and license', () => {
  for (const { text } of texts)
    expect(text.split('\n').slice(0, 3).join(' ')).toMatch(/2026-11-22.*MIT.*docs\/prices\.md/);
});

test('providers are spelled as records spell them', () => {
  expect(providers.map(bookProvider)).toEqual(providers);
});

test('ids are unique and hold no space', () => {
  const ids = rows.map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => /\s/.test(id))).toEqual([]);
});

test('an id says what it prices', () => {
  expect(rows.map((row) => row.id)).toEqual(
    expect.arrayContaining([
      'anthropic/claude-opus-4-6/input/standard@open',
      'openai/gpt-4o/input/standard@2024-10-02',
      'anthropic/claude-opus-4-6/input/standard/>200000@2026-02-05',
      'bedrock/anthropic.claude-sonnet-4-6/input/standard/us/>200000@2026-02-22',
      'deepseek/deepseek-v4-pro/input/standard/01:00-04:00,06:00-10:00_mon-fri_+08:00@2026-08-22T16:00Z',
    ]),
  );
});

test('meters, tiers and values are known ones', () => {
  const meters = new Set<string>([
    ...METERS,
    'cache_write',
    'batch_multiplier',
    'speed_multiplier',
    'region_multiplier',
  ]);
  const tiers = new Set(['standard', 'batch', 'flex', 'priority', 'fast', 'ultrafast']);
  for (const row of rows) {
    expect([row.id, meters.has(row.meter), tiers.has(row.tier), row.source !== '']).toEqual([row.id, true, true, true]);
    expect(exactRate(row, row.id).femto).toBeGreaterThanOrEqual(0n);
    expect(['high', 'medium', 'low']).toContain(row.confidence);
  }
});

test('no two rows of one key hold at the same time', () => {
  const byKey = new Map<string, PriceRow[]>();
  for (const row of rows) {
    const key = [row.provider, row.model, row.region, row.meter, row.unit, row.tier, row.band, row.window].join('|');
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const overlapping: string[] = [];
  for (const list of byKey.values()) {
    const sorted = list.toSorted((a, b) => a.fromMs - b.fromMs);
    sorted.forEach((row, i) => {
      const next = sorted[i + 1];
      if (next !== undefined && next.fromMs < row.toMs) overlapping.push(`${row.id} ${next.id}`);
    });
  }
  expect(overlapping).toEqual([]);
});

test('a price in a band is not below its base, a batch price not above standard', () => {
  const current = new Map(
    rows
      .filter((row) => row.toMs === Infinity && row.window === '' && row.unit === 'per_1M_tokens')
      .map((row) => [keyOf(row), row]),
  );
  const odd: string[] = [];
  for (const row of current.values()) {
    const base = current.get(keyOf({ ...row, band: '' }));
    const standard = current.get(keyOf({ ...row, tier: 'standard' }));
    if (row.floorTokens > 0 && base !== undefined && Number(row.value) < Number(base.value)) odd.push(row.id);
    if (row.tier === 'batch' && standard !== undefined && Number(row.value) > Number(standard.value)) odd.push(row.id);
  }
  // gpt-image-2: the catalogue's `output` is text at standard and image at batch; image tokens have their own meter
  expect(odd).toEqual(['openai/gpt-image-2/output/batch@2026-10-14']);
});

function keyOf(row: Pick<PriceRow, 'provider' | 'model' | 'region' | 'meter' | 'tier' | 'band'>): string {
  return [row.provider, row.model, row.region, row.meter, row.tier, row.band].join('|');
}

test('aliases lead to models of the book, in one step', () => {
  const lost: string[] = [];
  for (const provider of providers) {
    const own = providerBook(book, provider);
    for (const [name, aliases] of own?.aliases ?? []) {
      for (const alias of aliases)
        if (own?.model(alias.model)?.model !== alias.model || own.model(name)?.model === name)
          lost.push(`${provider}/${name}`);
    }
  }
  expect(lost).toEqual([]);
});

/** Input and output per million (or the named meter) in cases where catalogues disagree, and what is likely true. */
describe('rows known to be wrong do not win', () => {
  test.each<[string, string, string, string, string]>([
    ['google', 'gemini-1.5-pro', '2025-09-01', 'input', '1.25'],
    ['google', 'gemini-1.5-pro', '2025-09-01', 'output', '5'],
    ['openai', 'gpt-3.5-turbo', '2025-09-01', 'input', '0.5'],
    ['openai', 'gpt-4o-audio-preview', '2025-09-01', 'audio', '40'],
    ['openai', 'gpt-4o-mini-audio-preview', '2025-09-01', 'audio', '10'],
    ['azure', 'o3-2025-04-16', '2025-09-01', 'input', '2'],
    ['azure', 'o3-2025-04-16', '2025-09-01', 'output', '8'],
    ['deepseek', 'deepseek-chat', '2025-09-05T15:00:00Z', 'input', '0.27'],
    ['deepseek', 'deepseek-chat', '2025-09-05T16:00:00Z', 'input', '0.56'],
    ['deepseek', 'deepseek-chat', '2025-09-05T16:00:00Z', 'output', '1.68'],
    ['mistral', 'codestral-latest', '2025-09-01', 'output', '0.9'],
    ['google', 'gemini-2.5-flash-preview-05-20', '2025-09-01', 'output', '0.6'],
    ['bedrock', 'meta.llama3-2-90b-instruct-v1:0', '2025-09-01', 'input', '0.72'],
    ['bedrock', 'au.anthropic.claude-opus-4-6-v1', '2026-07-01', 'input', '5.5'],
    ['deepseek', 'deepseek-v4-pro', '2026-07-01', 'input', '0.435'],
    ['deepseek', 'deepseek-v4-pro', '2026-07-01', 'cached', '0.003625'],
    ['deepseek', 'deepseek-chat', '2026-07-01', 'cached', '0.0028'],
    ['openai', 'o3', '2026-07-01', 'input', '2'],
    ['mistral', 'mistral-large-latest', '2026-07-01', 'input', '0.5'],
    ['google', 'gemini-2.5-flash-image', '2026-07-01', 'output', '2.5'],
    ['google', 'gemini-2.5-flash-image', '2026-07-01', 'picture', '30'],
    ['google', 'gemini-3-pro-image-preview', '2026-07-01', 'output', '12'],
    ['google', 'gemini-3-pro-image-preview', '2026-07-01', 'picture', '120'],
    ['openai', 'gpt-image-2', '2026-07-01', 'picture', '30'],
    ['openai', 'gpt-4o-mini-tts', '2026-07-01', 'input', '0.6'],
    ['google', 'gemini-2.5-flash-preview-tts', '2026-07-01', 'output', '10'],
    ['bedrock', 'amazon.titan-text-express-v1', '2026-07-01', 'input', '0.2'],
    ['google', 'gemini-flash-latest', '2026-07-01', 'cached', '0.03'],
    ['azure', 'phi-4', '2026-07-01', 'output', '0.5'],
    ['bedrock', 'anthropic.claude-sonnet-4-6', '2026-11-20', 'input', '3.3'],
    ['fireworks', 'deepseek-v4-pro', '2026-11-20', 'output', '3.48'],
    ['mistral', 'mistral-large-4', '2026-11-20', 'input', '0.7'],
    ['mistral', 'mistral-large-4-0', '2026-11-20', 'output', '2.1'],
    ['azure', 'text-embedding-3-large', '2026-11-20', 'embedding', '0.13'],
    ['openai', 'gpt-4.1', '2026-11-20', 'search', '10'],
    // cache writes for one hour: a catalogue carried 6 for every Claude
    ['anthropic', 'claude-3-haiku-20240307', '2026-07-01', 'write1h', '0.5'],
    ['anthropic', 'claude-3-5-haiku', '2026-07-01', 'write1h', '1.6'],
    // the 4.6 long-context premium ended for every meter, cached input too
    ['anthropic', 'claude-opus-4-6', '2026-04-01', 'cached', '0.5'],
  ])('%s %s on %s, %s', (provider, model, day, meter, expected) => {
    const million = 1_000_000;
    const fields = {
      input: { inputTokens: million, contextTokens: 1 },
      output: { outputTokens: million, contextTokens: 1 },
      cached: { cacheReadTokens: million, contextTokens: model === 'claude-opus-4-6' ? million : 1 },
      write1h: { cacheWrite1hTokens: million, contextTokens: 1 },
      audio: { inputTokens: million, audioInputTokens: million, contextTokens: 1 },
      picture: { outputTokens: million, imageOutputTokens: million, contextTokens: 1 },
      embedding: { operation: 'embedding' as const, inputTokens: million },
      search: { webSearches: 1000 },
    }[meter];
    expect(usd(price(provider, model, day, fields ?? {}))).toBe(expected);
  });
});

describe('version', () => {
  test('is the same for the same texts in any order, and another for another text', () => {
    const version = bookVersion(book);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(bookVersion(loadBook(texts.toReversed()))).toBe(version);
    expect(
      bookVersion(loadBook(texts.map((t) => (t.name === 'xai.csv' ? { ...t, text: `${t.text}#\n` } : t)))),
    ).not.toBe(version);
  });

  test('same version, same prices to the byte', () => {
    const again = loadBook(texts);
    for (const [provider, model] of [
      ['openai', 'gpt-5.4'],
      ['bedrock', 'us.anthropic.claude-sonnet-4-6'],
      ['google', 'gemini-2.5-pro'],
    ] as const) {
      const record = call(provider, model, { inputTokens: 123_457, cacheReadTokens: 98_765, outputTokens: 4321 });
      expect(priceRecord(again, record, at('2026-11-01'))).toEqual(priceRecord(book, record, at('2026-11-01')));
    }
  });
});

test('table rows carry every column of the contract', () => {
  const table = [...bookRows(book)];
  expect(table.length).toBe(rows.length);
  const row: PriceTableRow | undefined = table.find(
    ({ price_id }) => price_id === 'openai/gpt-4o/input/standard@2024-05-13',
  );
  expect(row).toMatchObject({
    provider: 'openai',
    publisher: 'openai',
    model: 'gpt-4o',
    region_scope: null,
    meter: 'input',
    service_tier: 'standard',
    context_band: null,
    time_window: null,
    currency: 'USD',
    unit: 'per_1M_tokens',
    value: '5',
    valid_from: Date.UTC(2024, 4, 13),
    valid_to: Date.UTC(2024, 9, 2),
    confidence: 'high',
  });
});

describe('a book that can not be read', () => {
  test('misses a file', () => {
    const broken = loadBook([{ name: 'acme.csv', text: 'model,meter,value\nm,input,1\n' }]);
    expect(() => priceRecord(broken, call('acme', 'm', { inputTokens: 1 }), 0)).toThrow(/aliases\.csv is missing/);
  });

  test.each([
    ['a value that is no number', 'm,,input,,,,,1x,,,unknown,s,high,'],
    ['a value finer than a femtodollar', 'm,,input,,,,,0.0000000001,,,unknown,s,high,'],
    ['a negative value', 'm,,input,,,,,-1,,,unknown,s,high,'],
    ['an unknown unit', 'm,,input,,,,per_kg,1,,,unknown,s,high,'],
    ['a date that is none', 'm,,input,,,,,1,2026-13-01,,unknown,s,high,'],
    ['an end before the start', 'm,,input,,,,,1,2026-02-01,2026-01-01,unknown,s,high,'],
  ])('holds %s', (_what, row) => {
    expect(() => priceRecord(smallBook({ acme: row }), call('acme', 'm', { inputTokens: 1 }), 0)).toThrow(
      Misconfigured,
    );
  });

  test('a row without a tier or unit is standard, per million tokens', () => {
    const row = priceRow({ provider: 'p', model: 'm', meter: 'input', value: '1' }, 'x', false);
    expect([row.tier, row.unit, row.fromMs, row.toMs]).toEqual(['standard', 'per_1M_tokens', -Infinity, Infinity]);
  });
});
