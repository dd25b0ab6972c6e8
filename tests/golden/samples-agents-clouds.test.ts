/** The samples of Anthropic, Bedrock, the agents' session files and Google: every number below was worked out by hand from the file. */
import { describe, expect, test } from 'vitest';
import { DAY_MS, meters, readSample } from './read-sample.ts';

const MINUTE = 60_000;

describe('Anthropic messages', () => {
  const { records, rejects } = readSample('anthropic-messages.jsonl');

  test('come to four records: the third message has two iterations', () => {
    expect(rejects).toEqual([]);
    expect(records.map(meters)).toEqual([
      [9, 0, 0, 2750, 50, 0],
      [9, 9000, 0, 0, 700, 512],
      [164_200, 0, 0, 0, 2900, 0],
      [21_400, 0, 0, 0, 930, 0],
    ]);
    expect(records.map((r) => r.webSearches)).toEqual([0, 2, 0, 0]);
  });

  test('are known by their message ids, and the last iteration has the plain one', () => {
    expect(records.map((r) => r.linkIds)).toEqual(
      ['msg_synth0001', 'msg_synth0002', 'msg_synth0003#0', 'msg_synth0003'].map((value) => [
        { kind: 'response', value },
      ]),
    );
    expect(records.map((r) => r.callId)).toEqual(['msg_synth0001', 'msg_synth0002', 'msg_synth0003', 'msg_synth0003']);
    expect(records.every((r) => r.modelReported === 'claude-synth-large' && r.provider === 'anthropic')).toBe(true);
  });

  test('have no time of their own, no surcharge and a known time to live', () => {
    for (const record of records) {
      expect(record).toMatchObject({ occurredAtMs: null, priceRegion: null, tier: 'standard', cacheTtlUnknown: false });
      expect(record).toMatchObject({ usageBasis: 'reported', usageFlag: null, status: 'ok', calls: 1, grain: 'call' });
    }
  });
});

test('Anthropic batch results: one call at the batch tier, three lines that are not billed', () => {
  const { records, rejects } = readSample('anthropic-batch-results.jsonl');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [9, 0, 0, 0, 50, 0],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
  ]);
  expect(records.map((r) => [r.status, r.tier])).toEqual([
    ['ok', 'batch'],
    ['error', 'batch'],
    ['error', 'batch'],
    ['cancelled', 'batch'],
  ]);
  expect(records[0]?.linkIds).toEqual([{ kind: 'response', value: 'msg_synth0021' }]);
});

test('Anthropic usage report: two buckets without a request count', () => {
  const { records, rejects } = readSample('anthropic-usage-report.json');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [1630, 275, 440, 910, 615, 0],
    [1630, 275, 440, 910, 615, 0],
  ]);
  expect(records.map((r) => [r.tier, r.keyId, r.evidence.workspace])).toEqual([
    ['standard', 'apikey_synth1', 'wrkspc_synth1'],
    ['batch', null, null],
  ]);
  for (const record of records) {
    expect(record).toMatchObject({ grain: 'bucket', calls: 0, occurredAtMs: DAY_MS, webSearches: 1, contextTokens: 0 });
    expect(record).toMatchObject({ modelReported: 'claude-synth-large', priceRegion: null, cacheTtlUnknown: false });
  }
  expect(records[0]?.linkIds[0]?.value).not.toBe(records[1]?.linkIds[0]?.value);
  expect(records[0]?.bucketGrouping).toBe(records[1]?.bucketGrouping);
});

test('Anthropic console tokens: two buckets', () => {
  const { records, rejects } = readSample('anthropic-console-tokens.csv');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [100_000, 40_000, 2000, 500, 5000, 0],
    [50_000, 0, 0, 0, 2000, 0],
  ]);
  expect(records.map((r) => [r.tier, r.webSearches, r.modelReported])).toEqual([
    ['standard', 3, 'claude-synth-large'],
    ['batch', 0, 'claude-synth-small'],
  ]);
  for (const record of records) {
    expect(record).toMatchObject({ grain: 'bucket', calls: 0, occurredAtMs: DAY_MS, contextTokens: 0 });
    expect(record.evidence).toMatchObject({ keyName: 'ci-key', workspace: 'Default' });
  }
});

describe.each(['bedrock-invocation.jsonl', 'bedrock-invocation.json.gz'])('%s', (file) => {
  const { records, rejects } = readSample(file);

  test('three calls, one of them throttled', () => {
    expect(rejects).toEqual([]);
    expect(records.map(meters)).toEqual([
      [310, 0, 21_800, 0, 127, 0],
      [7, 150_400, 150, 460, 402, 0], // 610 written: 150 for five minutes, 460 for an hour
      [0, 0, 0, 0, 0, 0],
    ]);
    expect(records.map((r) => [r.status, r.latencyMs, r.firstTokenMs, r.cacheTtlUnknown])).toEqual([
      ['ok', 2870, null, true],
      ['ok', 2500, 400, false],
      ['error', null, null, false],
    ]);
  });

  test('model, region scope, caller and ids', () => {
    expect(records.map((r) => [r.modelReported, r.priceRegion])).toEqual([
      ['anthropic.claude-synth-v1', 'global'],
      ['anthropic.claude-synth-v1', 'us'],
      ['amazon.synth-pro-v1:0', 'in-region(bare-id)'],
    ]);
    expect(records.map((r) => [r.evidence.principal, r.userId])).toEqual([
      ['search-app', 'i-0synthetic'],
      ['search-app', 'i-0synthetic'],
      ['ci', null],
    ]);
    const requestId = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
    expect(records.map((r) => r.linkIds)).toEqual([
      [{ kind: 'request', value: requestId(1) }],
      [
        { kind: 'response', value: 'msg_bdrk_synth1' },
        { kind: 'request', value: requestId(2) },
      ],
      [{ kind: 'request', value: requestId(3) }],
    ]);
    expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + MINUTE, DAY_MS + 2 * MINUTE, DAY_MS + 3 * MINUTE]);
    expect(records.every((r) => r.provider === 'bedrock' && r.billingAccountId === '111122223333')).toBe(true);
    expect(records[0]?.evidence).toMatchObject({ teamTag: 'alpha', project: 'search' });
  });
});

test('Bedrock batch output: one call at the batch tier, one error; the manifest is no call', () => {
  const { records, rejects } = readSample('bedrock-batch.jsonl.out');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [9, 0, 0, 0, 50, 0],
    [0, 0, 0, 0, 0, 0],
  ]);
  expect(records.map((r) => [r.provider, r.status, r.tier])).toEqual([
    ['bedrock', 'ok', 'batch'],
    ['bedrock', 'error', 'batch'],
  ]);
  expect(records[0]).toMatchObject({ modelReported: 'anthropic.claude-synth-large', occurredAtMs: null });
  const manifest = readSample('bedrock-batch-manifest.json.out');
  expect([manifest.records, manifest.skips]).toEqual([[], ['batch_manifest']]);
});

test('Claude Code: four lines are witnesses of two calls', () => {
  const { records, rejects } = readSample('claude-code-session.jsonl');
  expect(rejects).toEqual([]);
  expect(records.map((r) => [r.linkIds[0]?.value, r.outputTokens, r.isReplica])).toEqual([
    ['msg_synth8001', 4, false],
    ['msg_synth8001', 171, false],
    ['msg_synth8001', 171, true],
    ['msg_synth8002', 300, false],
  ]);
  // what is left after sealing: of each message the original with most tokens
  const kept = records.filter((r) => !r.isReplica && r.outputTokens > 4);
  expect(kept.map(meters)).toEqual([
    [10, 9000, 0, 400, 171, 0],
    [10, 9000, 0, 400, 300, 0],
  ]);
  for (const record of records) {
    expect(record).toMatchObject({
      sessionId: '11111111-1111-4111-8111-111111111111',
      isSession: true,
      billingMode: null,
    });
    expect(record.evidence.project).toBe('demo');
    expect(record.tags['git_branch']).toBe('main');
  }
  expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS, DAY_MS + 1000, DAY_MS + 5000, DAY_MS + MINUTE]);
});

describe('Codex rollout and its fork', () => {
  const parent = readSample('codex-rollout.jsonl');
  const fork = readSample('codex-rollout-fork.jsonl');

  test('the parent has two calls: one ping and one re-emit are none', () => {
    expect(parent.records.map(meters)).toEqual([
      [960, 140, 0, 0, 230, 25], // 1100 - 140
      [430, 220, 0, 0, 280, 30], // 650 - 220
    ]);
    expect(parent.skips).toEqual(['no_usage', 'no_usage', 'rate_limit_ping', 're_emit']);
    expect(parent.records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + 5000, DAY_MS + MINUTE]);
    expect(parent.records.every((r) => !r.isReplica && r.isSession && r.modelReported === 'gpt-synth-codex')).toBe(
      true,
    );
  });

  test('the fork replays both under the same identity and adds a third', () => {
    expect(fork.records.map(meters)).toEqual([
      [960, 140, 0, 0, 230, 25],
      [430, 220, 0, 0, 280, 30],
      [160, 540, 0, 0, 130, 15], // 700 - 540
    ]);
    expect(fork.records.map((r) => r.isReplica)).toEqual([true, true, false]);
    const ids = [...parent.records, ...fork.records].map((r) => r.linkIds[0]?.value);
    expect(new Set(ids).size).toBe(3);
    expect(ids.slice(2, 4)).toEqual(ids.slice(0, 2));
  });
});

test('Gemini responses: cached prompt with thoughts on Vertex, tool use at the flex tier on the Gemini API', () => {
  const { records, rejects } = readSample('gemini-response.jsonl');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([
    [904, 4096, 0, 0, 800, 600], // 5000 - 4096; 200 + 600
    [1500, 0, 0, 0, 90, 50], // 300 + 1200; 40 + 50
  ]);
  expect(records.map((r) => [r.provider, r.tier, r.linkIds[0]?.value])).toEqual([
    ['vertex', 'standard', 'synthResp1'],
    ['google', 'flex', 'synthResp2'],
  ]);
  expect(records.map((r) => r.occurredAtMs)).toEqual([DAY_MS + MINUTE, DAY_MS + 2 * MINUTE]);
  expect(records.every((r) => r.usageFlag === null && r.modelReported === 'gemini-synth-pro')).toBe(true);
});

test.each([
  ['gemini-batch.jsonl', 'google', [100, 0, 0, 0, 20, 0], 'synthResp3'],
  ['vertex-batch.jsonl', 'vertex', [90, 0, 0, 0, 15, 0], 'synthResp4'],
] as const)('%s: one call at the batch tier and one error', (file, provider, expected, responseId) => {
  const { records, rejects } = readSample(file);
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([expected, [0, 0, 0, 0, 0, 0]]);
  expect(records.map((r) => [r.provider, r.status, r.tier])).toEqual([
    [provider, 'ok', 'batch'],
    [provider, 'error', 'batch'],
  ]);
  expect(records[0]?.linkIds).toEqual([{ kind: 'response', value: responseId }]);
  expect(records[0]?.evidence.teamTag ?? null).toBe(provider === 'vertex' ? 'alpha' : null);
});

test('Vertex request-response log: response and labels are JSON text', () => {
  const { records, rejects } = readSample('vertex-request-response-log.jsonl');
  expect(rejects).toEqual([]);
  expect(records.map(meters)).toEqual([[70, 0, 0, 0, 9, 0]]);
  expect(records[0]).toMatchObject({ provider: 'vertex', publisher: 'google', modelReported: 'gemini-synth-pro' });
  expect(records[0]).toMatchObject({ occurredAtMs: DAY_MS + 5 * MINUTE, latencyMs: 812, tier: 'standard' });
  expect(records[0]?.evidence.teamTag).toBe('alpha');
  expect(records[0]?.linkIds[0]).toEqual({ kind: 'response', value: 'synthResp5' });
});
