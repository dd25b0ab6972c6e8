/** Anthropic's usage object: cache writes by time to live, tiers, bands, who bills. */
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  contextOf,
  foldMessageStream,
  geoOf,
  messageProvider,
  readAnthropicTerms,
  readAnthropicTokens,
  setCacheWrites,
  tierOf,
  withDelta,
} from '../../lib/normalize/anthropic-usage.ts';
import { newRecord } from '../../lib/record.ts';
import type { JsonObject, UsageRecord } from '../../lib/record.ts';

function blank(provider = 'anthropic'): UsageRecord {
  return newRecord({ id: 'test', sourceKind: 'provider', class: 'calls' }, provider, 'claude-x');
}

function tokensOf(usage: JsonObject): UsageRecord {
  const record = blank();
  readAnthropicTokens(record, usage);
  return record;
}

describe('cache writes', () => {
  test('without a split are 5-minute writes, marked only if there are any', () => {
    const written = tokensOf({ input_tokens: 3, cache_creation_input_tokens: 12_304, output_tokens: 550 });
    expect(written).toMatchObject({
      inputTokens: 3,
      cacheWrite5mTokens: 12_304,
      cacheWrite1hTokens: 0,
      outputTokens: 550,
    });
    expect(written.cacheTtlUnknown).toBe(true);
    expect(tokensOf({ input_tokens: 3, cache_creation_input_tokens: 0 }).cacheTtlUnknown).toBe(false);
    expect(tokensOf({ input_tokens: 3 }).cacheTtlUnknown).toBe(false);
  });

  test('keep both meters apart (pitfall 6: 600,000 for five minutes, 400,000 for an hour)', () => {
    const record = tokensOf({
      cache_creation_input_tokens: 1_000_000,
      cache_creation: { ephemeral_5m_input_tokens: 600_000, ephemeral_1h_input_tokens: 400_000 },
    });
    expect(record).toMatchObject({ cacheWrite5mTokens: 600_000, cacheWrite1hTokens: 400_000, cacheTtlUnknown: false });
    expect(record.usageFlag).toBeNull();
  });

  test('an empty split object tells nothing about the time to live', () => {
    const record = tokensOf({ cache_creation_input_tokens: 100, cache_creation: {} });
    expect(record).toMatchObject({ cacheWrite5mTokens: 100, cacheTtlUnknown: true, usageFlag: null });
  });

  test('a split larger than its aggregate stands and is flagged; a zero aggregate beside a split is an omission', () => {
    const creation = { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 40 };
    const larger = tokensOf({ cache_creation_input_tokens: 50, cache_creation: creation });
    expect(larger).toMatchObject({ cacheWrite5mTokens: 30, cacheWrite1hTokens: 40, usageFlag: 'usage_inconsistent' });
    expect(tokensOf({ cache_creation_input_tokens: 0, cache_creation: creation }).usageFlag).toBeNull();
    expect(tokensOf({ cache_creation: creation }).usageFlag).toBeNull();
  });

  test('law: both meters sum to the larger of aggregate and split', () => {
    const count = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(fc.option(count), count, count, (total, fiveMinutes, oneHour) => {
        const record = blank();
        setCacheWrites(record, total, fiveMinutes, oneHour);
        const sum = record.cacheWrite5mTokens + record.cacheWrite1hTokens;
        expect(sum).toBe(Math.max(total ?? 0, fiveMinutes + oneHour));
        expect(record.cacheWrite1hTokens).toBe(oneHour);
        expect(record.cacheTtlUnknown).toBe((total ?? 0) > fiveMinutes + oneHour);
      }),
    );
  });
});

test('thinking tokens are a memo inside the output, never more than it', () => {
  const usage = { output_tokens: 700, output_tokens_details: { thinking_tokens: 512 } };
  expect(tokensOf(usage)).toMatchObject({ outputTokens: 700, reasoningTokens: 512 });
  expect(tokensOf({ ...usage, output_tokens: 500 }).reasoningTokens).toBe(500);
});

test.each([
  ['standard', null, 'standard'],
  ['priority', null, 'priority'],
  ['batch', null, 'batch'],
  ['priority_on_demand', null, 'priority'],
  ['flex_discount', null, 'flex'],
  ['message', null, 'standard'],
  [null, null, 'standard'],
  ['standard', 'fast', 'fast'],
  ['standard', 'standard', 'standard'],
  ['batch', 'fast', 'batch'],
] as const)('tier %s at speed %s is %s', (name, speed, expected) => {
  expect(tierOf(name, speed)).toBe(expected);
});

test.each([
  ['us', 'us'],
  ['US', 'us'],
  ['global', null],
  ['not_available', null],
  [null, null],
])('inference_geo %s is region %s', (geo, expected) => {
  expect(geoOf(geo)).toBe(expected);
});

test.each([
  ['0-200k', 0],
  ['≤ 200k', 0],
  ['<= 200k', 0],
  ['200k-1M', 200_001],
  ['> 200k', 200_001],
  ['>200k', 200_001],
  [null, null],
  ['', null],
  ['something', null],
])('context window %s starts at %s', (window, expected) => {
  expect(contextOf(window)).toBe(expected);
});

test.each([
  ['msg_01', 'claude-opus-4-6', 'anthropic'],
  ['msg_bdrk_01', 'claude-opus-4-6', 'bedrock'],
  ['msg_vrtx_01', 'claude-opus-4-6', 'vertex'],
  ['msg_01', 'us.anthropic.claude-opus-4-6-v1', 'bedrock'],
  ['msg_01', 'anthropic.claude-3-haiku-20240307-v1:0', 'bedrock'],
  [null, 'claude-sonnet-4-5@20250929', 'vertex'],
  [null, null, 'anthropic'],
])('message %s of %s is billed by %s', (id, model, expected) => {
  expect(messageProvider(id, model)).toBe(expected);
});

test('terms: the surcharge region is Anthropic’s own, searches are counted, a redeemed credit is flagged', () => {
  const usage = {
    inference_geo: 'us',
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 5 },
    fallback_credit: { status: { type: 'redeemed' } },
  };
  const direct = blank();
  readAnthropicTerms(direct, usage);
  expect(direct).toMatchObject({ priceRegion: 'us', webSearches: 2, usageFlag: 'fallback_credit' });
  const hosted = blank('bedrock');
  readAnthropicTerms(hosted, { ...usage, fallback_credit: { status: { type: 'not_eligible' } } });
  expect(hosted).toMatchObject({ priceRegion: null, webSearches: 2, usageFlag: null });
});

describe('streams', () => {
  test('counters of the last delta replace those before; nulls replace nothing; nothing is added', () => {
    const message = foldMessageStream([
      { type: 'message_start', message: { id: 'm', usage: { input_tokens: 10, output_tokens: 1 } } },
      { type: 'message_delta', usage: { output_tokens: 40 } },
      { type: 'message_delta', usage: { input_tokens: null, output_tokens: 90 } },
      { type: 'message_stop' },
    ]);
    expect(message).toEqual({ id: 'm', usage: { input_tokens: 10, output_tokens: 90 } });
    expect(withDelta({ usage: { input_tokens: 10 } }, { input_tokens: 10, output_tokens: 7 })).toEqual({
      usage: { input_tokens: 10, output_tokens: 7 },
    });
  });

  test('without a start there is no message', () => {
    expect(foldMessageStream([{ type: 'message_delta', usage: { output_tokens: 9 } }])).toBeNull();
  });
});
