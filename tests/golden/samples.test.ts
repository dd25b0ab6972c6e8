/** The samples of OpenAI, its look-alikes and LiteLLM: every number below was worked out by hand from the file. */
import { describe, expect, test } from 'vitest';
import { DAY_MS, meters, readSample } from './read-sample.ts';

describe('OpenAI chat completions', () => {
  const { records, rejects } = readSample('openai-chat.jsonl');

  test('are split into fresh, read, written and output tokens', () => {
    expect(rejects).toEqual([]);
    expect(records.map(meters)).toEqual([
      [176, 1024, 0, 0, 300, 0], // 1200 - 1024
      [1928, 2048, 1024, 0, 900, 640], // 5000 - 2048 - 1024
      [400, 0, 0, 0, 220, 0],
    ]);
  });

  test('keep the served tier, the audio parts, the time, the id and the team', () => {
    expect(records.map((r) => r.tier)).toEqual(['standard', 'flex', 'priority']);
    expect(records.map((r) => [r.audioInputTokens, r.audioOutputTokens])).toEqual([
      [0, 0],
      [0, 0],
      [300, 180],
    ]);
    expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + 60_000, DAY_MS + 120_000, DAY_MS + 180_000]);
    expect(records.map((r) => r.linkIds[0])).toEqual([
      { kind: 'response', value: 'chatcmpl-synth0001' },
      { kind: 'response', value: 'chatcmpl-synth0002' },
      { kind: 'response', value: 'chatcmpl-synth0003' },
    ]);
    expect(records.map((r) => r.evidence.teamTag)).toEqual(['alpha', 'alpha', 'alpha']);
    expect(records.map((r) => [r.provider, r.modelReported])).toEqual([
      ['openai', 'gpt-synth-large'],
      ['openai', 'gpt-synth-large'],
      ['openai', 'gpt-synth-audio'],
    ]);
    expect(records.every((r) => r.usageBasis === 'reported' && r.usageFlag === null && r.status === 'ok')).toBe(true);
    expect(records.every((r) => r.reportedCostPico === null)).toBe(true);
  });
});

test('a stream logged in chunks is one record', () => {
  const { records, skips, rejects } = readSample('openai-chat-stream-chunks.jsonl');
  expect(records.map(meters)).toEqual([[50, 0, 0, 0, 10, 0]]);
  expect(records[0]?.linkIds[0]).toEqual({ kind: 'response', value: 'chatcmpl-synth0009' });
  expect(records[0]?.usageBasis).toBe('reported');
  expect(skips).toEqual(['stream_chunk']);
  expect(rejects).toEqual([]);
});

test('OpenAI responses: cached and written tokens, a failed call, a priority call', () => {
  const { records } = readSample('openai-responses.jsonl');
  expect(records.map(meters)).toEqual([
    [952, 1536, 512, 0, 700, 384], // 3000 - 1536 - 512
    [0, 0, 0, 0, 0, 0],
    [800, 0, 0, 0, 120, 0],
  ]);
  expect(records.map((r) => [r.status, r.tier])).toEqual([
    ['ok', 'standard'],
    ['error', 'standard'],
    ['ok', 'priority'],
  ]);
  expect(records.map((r) => r.evidence.project)).toEqual(['search', 'search', 'search']);
  expect(records.map((r) => r.userId)).toEqual(['u-hash-1', 'u-hash-1', 'u-hash-1']);
  expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + 1000, DAY_MS + 2000, DAY_MS + 3000]);
});

test('OpenAI batch output: one call at the batch tier and two errors without tokens', () => {
  const { records, rejects } = readSample('openai-batch-output.jsonl');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [600, 0, 0, 0, 80, 0],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
  ]);
  expect(records.map((r) => [r.status, r.tier])).toEqual([
    ['ok', 'batch'],
    ['error', 'batch'],
    ['error', 'batch'],
  ]);
  expect(records[0]?.linkIds).toContainEqual({ kind: 'response', value: 'chatcmpl-synth0011' });
  expect(records[0]?.evidence.teamTag).toBe('alpha');
  expect(records.every((r) => r.linkIds.length > 0)).toBe(true);
});

describe('OpenAI organization usage', () => {
  test('completions: two buckets of one hour, an empty hour', () => {
    const { records, rejects } = readSample('openai-usage-completions.json');
    expect(rejects).toEqual([]);
    expect(records.map(meters)).toEqual([
      [700, 520, 180, 0, 640, 0],
      [200, 0, 0, 0, 20, 0],
    ]);
    expect(records.map((r) => [r.calls, r.tier, r.grain])).toEqual([
      [5, 'standard', 'bucket'],
      [1, 'batch', 'bucket'],
    ]);
    expect(records.map((r) => [r.evidence.project, r.keyId, r.modelReported])).toEqual([
      ['proj_synthA', 'key_synth1', 'gpt-synth-large'],
      ['proj_synthB', 'key_synth2', 'gpt-synth-mini'],
    ]);
    expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS, DAY_MS]);
    expect(records[0]).toMatchObject({ audioInputTokens: 60, cachedAudioTokens: 25, audioOutputTokens: 50 });
    expect(records[0]).toMatchObject({ imageInputTokens: 40, imageOutputTokens: 0 });
  });

  test('embeddings, images and transcriptions are metered in their own units', () => {
    const { records } = readSample('openai-usage-other.json');
    expect(records.map((r) => [r.operation, r.calls, r.inputTokens, r.images, r.audioSeconds])).toEqual([
      ['embedding', 12, 9000, 0, null],
      ['image', 3, 0, 3, null],
      ['audio', 1, 0, 0, 61],
    ]);
    expect(records[1]?.imageSpec).toContain('size=1024x1024');
  });

  test('dashboard CSV: one row of usage, one empty bucket', () => {
    const { records, skips, rejects } = readSample('openai-dashboard-completions.csv');
    expect(records.map(meters)).toEqual([[6000, 2300, 0, 0, 715, 0]]);
    expect(records[0]).toMatchObject({ calls: 3, grain: 'bucket', tier: 'standard', keyId: 'key_synth1' });
    expect(records[0]?.occurredAtMs).toBe(DAY_MS);
    expect(records[0]?.evidence.keyName).toBe('ci');
    expect(skips).toEqual(['empty_bucket']);
    expect(rejects).toEqual([]);
  });
});

test('an embedding response has neither id nor time', () => {
  const { records } = readSample('openai-embedding.json');
  expect(records.map(meters)).toEqual([[42, 0, 0, 0, 0, 0]]);
  expect(records[0]).toMatchObject({ operation: 'embedding', linkIds: [], occurredAtMs: null });
});

describe('LiteLLM', () => {
  const [payload] = readSample('litellm-s3-payload.json').records;
  const [row] = readSample('litellm-spendlogs.jsonl').records;
  const [failure] = readSample('litellm-s3-payload-failure.json').records;

  test('the S3 payload: 11,808 prompt tokens of which 11,800 were written to the cache', () => {
    expect(payload && meters(payload)).toEqual([8, 0, 11_800, 0, 238, 0]);
    expect(payload).toMatchObject({ provider: 'anthropic', modelReported: 'claude-synth-large', status: 'ok' });
    expect(payload?.evidence).toMatchObject({
      teamTag: 'alpha',
      gatewayTeam: 'alpha',
      keyName: 'ci',
      project: 'search',
    });
    expect(payload?.reportedCostPico).toBe(12_345_000_000);
    expect(payload).toMatchObject({ occurredAtMs: DAY_MS + 250, latencyMs: 3250, userId: 'u-1' });
    expect(payload?.keyId).toBe('secret:hash1');
    expect(payload?.cacheTtlUnknown).toBe(true);
  });

  test('the spend log of the same call says the same and has the same identity', () => {
    expect(row && meters(row)).toEqual([8, 0, 11_800, 0, 238, 0]);
    expect(row?.reportedCostPico).toBe(12_345_000_000);
    expect(row?.evidence.gatewayTeam).toBe('alpha');
    expect(row).toMatchObject({ occurredAtMs: DAY_MS + 250, latencyMs: 3250, sessionId: 's-1' });
    expect(row?.linkIds[0]).toEqual({ kind: 'response', value: 'chatcmpl-synth5001' });
    expect(payload?.linkIds[0]).toEqual(row?.linkIds[0]);
  });

  test('a failure has no tokens, whatever its usage object says', () => {
    expect(failure && meters(failure)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(failure).toMatchObject({ status: 'error', usageBasis: 'reported' });
    expect(failure?.evidence.gatewayTeam).toBe('alpha');
  });
});

describe('servers that speak the same shape', () => {
  test('xAI reports reasoning outside the completion, and its cost in ticks', () => {
    const { records } = readSample('xai-chat.jsonl');
    expect(records.map(meters)).toEqual([[25, 16, 0, 0, 119, 107]]); // 12 + 107
    expect(records[0]).toMatchObject({ provider: 'xai', reportedCostPico: 271_000_000 }); // 2,710,000 / 10^10 USD
  });

  test('DeepSeek reports hits and misses', () => {
    const { records } = readSample('deepseek-chat.jsonl');
    expect(records.map(meters)).toEqual([[52, 448, 0, 0, 80, 40]]);
    expect(records[0]?.provider).toBe('deepseek');
  });

  test('vLLM reports null details', () => {
    expect(readSample('vllm-chat.jsonl').records.map(meters)).toEqual([[120, 0, 0, 0, 30, 0]]);
  });
});

test.each([
  ['openai-costs.json', 'cost_report_not_usage'],
  ['openai-dashboard-cost.csv', 'cost_report_not_usage'],
  ['anthropic-cost-report.json', 'cost_report_not_usage'],
  ['anthropic-console-cost.csv', 'cost_report_not_usage'],
  ['anthropic-claude-code-report.json', 'cost_report_not_usage'],
  ['s3-event-notification.json', 's3_event'],
  ['s3-event-eventbridge.json', 's3_event'],
  ['bedrock-batch-manifest.json.out', 'batch_manifest'],
  ['langfuse-manifest.json', 'export_manifest'],
])('%s is a named skip', (name, reason) => {
  const { skips, records, rejects } = readSample(name);
  expect(records).toEqual([]);
  expect(rejects).toEqual([]);
  expect(new Set(skips)).toEqual(new Set([reason]));
});
