/** Claude Code sessions: every line is a witness of its message; what is no call is a named skip. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject, UsageRecord } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

interface Shape {
  readonly id?: string | null;
  readonly usage?: JsonObject | null;
  readonly message?: JsonObject;
  readonly line?: JsonObject;
}

function assistant({
  id = 'msg_1',
  usage = { input_tokens: 3, output_tokens: 2 },
  message = {},
  line = {},
}: Shape): JsonObject {
  return {
    parentUuid: null,
    isSidechain: false,
    cwd: '/home/ann/src/checkout',
    sessionId: 's-1',
    gitBranch: 'main',
    type: 'assistant',
    uuid: 'u-1',
    timestamp: '2026-08-01T00:00:03.250Z',
    requestId: 'req_1',
    ...line,
    message: {
      ...(id === null ? {} : { id }),
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-6',
      stop_reason: null,
      ...(usage === null ? {} : { usage }),
      ...message,
    },
  };
}

const links = (record: UsageRecord | undefined): unknown => record?.linkIds.map((l) => `${l.kind}:${l.value}`);

test('pitfall 21: three snapshots of one call are witnesses of one id, the last with the whole output', () => {
  const usage = (output: number): JsonObject => ({
    input_tokens: 3,
    cache_creation_input_tokens: 2285,
    cache_read_input_tokens: 22_137,
    cache_creation: { ephemeral_5m_input_tokens: 2285, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
  });
  const { records } = readValues([2, 2, 412].map((output) => assistant({ usage: usage(output) })));
  expect(records.map(meters)).toEqual([
    [3, 22_137, 2285, 0, 2, 0],
    [3, 22_137, 2285, 0, 2, 0],
    [3, 22_137, 2285, 0, 412, 0],
  ]);
  for (const record of records) expect(links(record)).toEqual(['response:msg_1', 'request:req_1']);
});

describe('identity', () => {
  test('works without a request id, and without a message id', () => {
    const bare = assistant({ line: { requestId: null } });
    const unnamed = assistant({ id: null });
    const nameless = assistant({ id: null, line: { requestId: null } });
    const { records } = readValues([bare, unnamed, nameless]);
    expect(records.map(links)).toEqual([['response:msg_1'], ['request:req_1'], ['natural:claude_code|s-1|u-1']]);
  });

  test('a side chain’s copy is a replica, linked by its message alone', () => {
    const { records } = readValues([assistant({ line: { isSidechain: true, requestId: 'req_2' } })]);
    expect(records[0]?.isReplica).toBe(true);
    expect(links(records[0])).toEqual(['response:msg_1']);
  });

  test('iterations do not share the request id, else sealing would take them for one call', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 900, output_tokens: 10 },
      { type: 'message', input_tokens: 3, output_tokens: 2 },
    ];
    const { records } = readValues([assistant({ usage: { input_tokens: 3, output_tokens: 2, iterations } })]);
    expect(records.map(links)).toEqual([['response:msg_1#0'], ['response:msg_1', 'request:req_1']]);
    expect(records.every((r) => r.sessionId === 's-1' && r.occurredAtMs === DAY_MS + 3250)).toBe(true);
  });
});

test('session, branch and the last folder’s name are kept, the path is not', () => {
  const { records } = readValues([assistant({}), assistant({ line: { cwd: 'C:\\Users\\Ann\\billing\\' } })]);
  expect(records.map((r) => r.evidence.project)).toEqual(['checkout', 'billing']);
  expect(records[0]).toMatchObject({ sessionId: 's-1', isSession: true, billingMode: null, status: 'ok' });
  expect(records[0]?.tags).toEqual({ git_branch: 'main', agent: 'claude-code' });
  expect(JSON.stringify(records)).not.toContain('ann');
});

test('an envelope’s team is kept', () => {
  const { records } = readValues([{ team: 'alpha', data: assistant({}) }]);
  expect(records[0]?.evidence.teamTag).toBe('alpha');
  expect(records[0]?.occurredAtMs).toBe(DAY_MS + 3250);
});

test('usage of a sub-agent nested in a progress line', () => {
  const inner = {
    timestamp: '2026-08-01T00:00:09Z',
    message: { id: 'msg_9', model: 'claude-x', usage: { input_tokens: 8, output_tokens: 1 } },
  };
  const { records } = readValues([
    {
      type: 'progress',
      sessionId: 's-1',
      uuid: 'u-2',
      parentUuid: 'u-1',
      data: { type: 'agent_progress', message: inner },
    },
  ]);
  expect(records.map((r) => [r.linkIds[0]?.value, r.inputTokens, r.occurredAtMs])).toEqual([
    ['msg_9', 8, DAY_MS + 9000],
  ]);
});

test('a call through Bedrock or Vertex is billed there: no subscription covers it', () => {
  const { records } = readValues([
    assistant({ id: 'msg_bdrk_1', message: { model: 'us.anthropic.claude-sonnet-4-6' } }),
    assistant({ id: 'msg_vrtx_1' }),
    assistant({}),
  ]);
  expect(records.map((r) => [r.provider, r.billingMode, r.priceRegion])).toEqual([
    ['bedrock', 'on_demand', 'us'],
    ['vertex', 'on_demand', null],
    ['anthropic', null, null],
  ]);
});

test('fast mode and the surcharge region price the call', () => {
  const usage = { input_tokens: 1000, output_tokens: 1000, speed: 'fast', inference_geo: 'us' };
  expect(readValues([assistant({ usage })]).records[0]).toMatchObject({ tier: 'fast', priceRegion: 'us' });
});

test('the cost of old files is evidence; zero beside tokens is no cost', () => {
  const { records } = readValues([assistant({ line: { costUSD: 0.0123 } }), assistant({ line: { costUSD: 0 } })]);
  expect(records.map((r) => r.reportedCostPico)).toEqual([12_300_000_000, null]);
});

test.each([
  ['no_usage', assistant({ usage: null })],
  ['no_usage', assistant({ usage: { input_tokens: null, output_tokens: null } })],
  [
    'no_usage',
    { type: 'user', sessionId: 's-1', uuid: 'u', parentUuid: null, message: { role: 'user', content: 'hi' } },
  ],
  ['no_usage', { type: 'summary', summary: 'text', leafUuid: 'u-1' }],
  ['no_usage', { type: 'file-history-snapshot', messageId: 'm', snapshot: {}, isSnapshotUpdate: false }],
  ['no_usage', { type: 'queue-operation', operation: 'enqueue', sessionId: 's-1', timestamp: '2026-08-01T00:00:00Z' }],
  ['synthetic_message', assistant({ message: { model: '<synthetic>' } })],
  ['api_error_message', assistant({ line: { isApiErrorMessage: true } })],
] as [string, JsonObject][])('%s: a line that is no call', (reason, line) => {
  const { records, skips, lines } = readValues([line]);
  expect([records, skips, lines[0]?.format]).toEqual([[], [reason], 'claude_code']);
});

test('an application’s own session line around another provider’s response is not a Claude Code line', () => {
  const response = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_785_542_400,
    model: 'gpt-4o',
    usage: { prompt_tokens: 5, completion_tokens: 1 },
  };
  const { lines, records } = readValues([
    { sessionId: 's', type: 'user', timestamp: '2026-08-01T00:00:00Z', response },
    { sessionId: 's', timestamp: '2026-08-01T00:00:00Z', message: response },
  ]);
  expect(lines.map((l) => l.format)).toEqual(['openai.chat', 'openai.chat']);
  expect(records.map((r) => r.inputTokens)).toEqual([5, 5]);
});

test('law: the order of snapshot lines changes neither the identities nor the fullest tokens of any of them', () => {
  const snapshot = fc.record({
    call: fc.integer({ min: 1, max: 4 }),
    output: fc.integer({ min: 0, max: 5000 }),
    isSidechain: fc.boolean(),
  });
  const summary = (lines: readonly JsonObject[]): Map<string, number> => {
    const fullest = new Map<string, number>();
    for (const record of readValues(lines).records) {
      for (const { value } of record.linkIds)
        fullest.set(value, Math.max(fullest.get(value) ?? 0, record.outputTokens));
    }
    return new Map([...fullest].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  const shuffled = fc
    .array(snapshot, { maxLength: 20 })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  const lineOf = (s: { call: number; output: number; isSidechain: boolean }): JsonObject =>
    assistant({
      id: `msg_${s.call}`,
      usage: { input_tokens: s.call, output_tokens: s.output },
      line: { isSidechain: s.isSidechain, requestId: `req_${s.call}` },
    });
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      const expected = summary(list.map(lineOf));
      expect(summary(other.map(lineOf))).toEqual(expected);
      for (const { call, output } of list) expect(expected.get(`msg_${call}`)).toBeGreaterThanOrEqual(output);
    }),
  );
});
