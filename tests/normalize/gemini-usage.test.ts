/** Gemini's counters: thoughts in and out of candidates, cached modalities, tiers, searches, who bills. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, UsageRecord } from '../../lib/record.ts';
import { geminiRecord, locationIn } from '../../lib/normalize/gemini-usage.ts';
import { geminiResponse } from '../../lib/normalize/gemini-response.ts';
import { meters, objectContext } from '../golden/read-sample.ts';

function record(usageMetadata: JsonObject | null, more: JsonObject = {}, outer: JsonObject | null = null): UsageRecord {
  const response = { ...(usageMetadata === null ? {} : { usageMetadata }), modelVersion: 'gemini-2.5-flash', ...more };
  return geminiRecord(geminiResponse, response, { object: objectContext(), line: 1, outer });
}

describe('thoughts (pitfall 4)', () => {
  test('outside the candidates where the total says so', () => {
    const usage = { promptTokenCount: 10, candidatesTokenCount: 20, thoughtsTokenCount: 100, totalTokenCount: 130 };
    expect(meters(record(usage))).toEqual([10, 0, 0, 0, 120, 100]);
  });

  test('inside where prompt and candidates are the total', () => {
    const usage = { promptTokenCount: 10, candidatesTokenCount: 120, thoughtsTokenCount: 100, totalTokenCount: 130 };
    const inside = record(usage);
    expect(meters(inside)).toEqual([10, 0, 0, 0, 120, 100]);
    expect(inside.usageFlag).toBeNull();
  });

  test('neither sum fits: flagged', () => {
    const usage = { promptTokenCount: 10, candidatesTokenCount: 20, thoughtsTokenCount: 100, totalTokenCount: 999 };
    expect(record(usage).usageFlag).toBe('usage_inconsistent');
  });
});

test('cached tokens are part of the prompt, tool-use tokens are not (pitfall 9)', () => {
  const usage = {
    promptTokenCount: 300_000,
    cachedContentTokenCount: 250_000,
    toolUsePromptTokenCount: 70,
    candidatesTokenCount: 2000,
    totalTokenCount: 302_070,
  };
  expect(meters(record(usage))).toEqual([50_070, 250_000, 0, 0, 2000, 0]);
  expect(record({ ...usage, cachedContentTokenCount: 300_001 }).usageFlag).toBe('usage_inconsistent');
});

test('modalities are parts of fresh, cached and answered tokens', () => {
  const usage = {
    promptTokenCount: 1000,
    cachedContentTokenCount: 400,
    candidatesTokenCount: 300,
    totalTokenCount: 1300,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 100 },
      { modality: 'AUDIO', tokenCount: 700 },
      { modality: 'IMAGE', tokenCount: 200 },
    ],
    cacheTokensDetails: [
      { modality: 'AUDIO', tokenCount: 250 },
      { modality: 'IMAGE', tokenCount: 150 },
    ],
    candidatesTokensDetails: [
      { modality: 'AUDIO', tokenCount: 120 },
      { modality: 'IMAGE', tokenCount: 180 },
    ],
  };
  expect(record(usage)).toMatchObject({
    inputTokens: 600,
    audioInputTokens: 450, // 700 - 250
    cachedAudioTokens: 250,
    imageInputTokens: 50, // 200 - 150
    audioOutputTokens: 120,
    imageOutputTokens: 180,
  });
});

test('snake case and enum names of a Python dump, and the Live API’s response counters', () => {
  const dump = {
    usage_metadata: {
      prompt_token_count: 50,
      cached_content_token_count: 20,
      response_token_count: 9,
      total_token_count: 59,
      prompt_tokens_details: [{ modality: 'MediaModality.AUDIO', token_count: 25 }],
      response_tokens_details: [{ modality: 'MediaModality.AUDIO', token_count: 9 }],
      traffic_type: 'TrafficType.ON_DEMAND_FLEX',
    },
    model_version: 'gemini-2.5-flash',
    response_id: 'r-1',
  };
  const read = geminiRecord(geminiResponse, dump, { object: objectContext(), line: 1, outer: null });
  expect(meters(read)).toEqual([30, 20, 0, 0, 9, 0]);
  expect(read).toMatchObject({
    audioInputTokens: 25,
    audioOutputTokens: 9,
    tier: 'flex',
    provider: 'vertex',
    callId: 'r-1',
  });
});

const SOME = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };

test.each([
  [{ trafficType: 'ON_DEMAND' }, 'vertex', 'standard'],
  [{ trafficType: 'ON_DEMAND_PRIORITY' }, 'vertex', 'priority'],
  [{ trafficType: 'ON_DEMAND_FLEX' }, 'vertex', 'flex'],
  [{ trafficType: 'PROVISIONED_THROUGHPUT' }, 'vertex', 'provisioned'],
  [{ serviceTier: 'priority' }, 'google', 'priority'],
  [{ serviceTier: 'standard' }, 'google', 'standard'],
  [{}, 'google', 'standard'],
])('%j is %s at tier %s', (more, provider, tier) => {
  expect(record({ ...SOME, ...more })).toMatchObject({ provider, tier });
});

test('a publisher path and labels show Vertex; the path’s location is the region', () => {
  const path = 'projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro';
  expect(record(SOME, { modelVersion: path })).toMatchObject({
    provider: 'vertex',
    modelReported: 'gemini-2.5-pro',
    priceRegion: 'us-central1',
  });
  const labelled = record(SOME, {}, { request: { labels: { team: 'alpha' } } });
  expect(labelled).toMatchObject({ provider: 'vertex', priceRegion: null });
  expect(labelled.evidence.teamTag).toBe('alpha');
  expect(locationIn('models/gemini-2.5-pro')).toBeNull();
});

describe('grounding (pitfall 23)', () => {
  const grounded = (queries: string[], model: string): number =>
    record(SOME, { modelVersion: model, candidates: [{ groundingMetadata: { webSearchQueries: queries } }] })
      .webSearches;

  test.each([
    [['a', 'b', 'a'], 'gemini-3-flash', 2],
    [['a', 'b', 'a'], 'gemini-3.6-flash', 2],
    [['a', 'b', 'a'], 'gemini-2.5-flash', 1],
    [['a', ''], 'gemini-3-flash', 1],
    [[], 'gemini-2.5-flash', 0],
    [[], 'gemini-3-flash', 0],
  ])('queries %j on %s are %i billed searches', (queries, model, expected) => {
    expect(grounded(queries, model)).toBe(expected);
  });
});

test('a blocked prompt is an error that was read and is billed', () => {
  const blocked = record({ promptTokenCount: 40, totalTokenCount: 40 }, { promptFeedback: { blockReason: 'SAFETY' } });
  expect(blocked).toMatchObject({ status: 'error', inputTokens: 40, outputTokens: 0, usageBasis: 'reported' });
});

test('usage that counts nothing is missing, with prompt and answer to count', () => {
  const candidates = [{ content: { parts: [{ text: 'an ' }, { text: 'answer' }] } }];
  const outer = { request: { systemInstruction: 'S', contents: [{ parts: [{ text: 'Q' }] }] } };
  const missing = record({}, { candidates }, outer);
  expect(missing).toMatchObject({ usageBasis: 'missing', responseText: 'an answer' });
  expect(missing.promptText).toEqual({ systemInstruction: 'S', contents: [{ parts: [{ text: 'Q' }] }] });
});
