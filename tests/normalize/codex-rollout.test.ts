/** Codex rollouts: advances of totals are calls, re-emits and replays are not, and identity lives in the tree of forks. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/record.ts';
import { DAY_MS, meters, readValues } from '../golden/read-sample.ts';

const at = (ms: number): string => new Date(DAY_MS + ms).toISOString();
const usage = (input: number, cached: number, output: number, reasoning = 0): JsonObject => ({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
  reasoning_output_tokens: reasoning,
  total_tokens: input + output,
});
const meta = (ms: number, id: string, more: JsonObject = {}): JsonObject => ({
  timestamp: at(ms),
  type: 'session_meta',
  payload: { id, timestamp: at(ms), cwd: '/home/ann/shop', git: { branch: 'main' }, ...more },
});
const turn = (ms: number, model: string): JsonObject => ({
  timestamp: at(ms),
  type: 'turn_context',
  payload: { model, cwd: '/home/ann/shop' },
});
const tokens = (ms: number, total: JsonObject | null, last: JsonObject | null, more: JsonObject = {}): JsonObject => ({
  timestamp: at(ms),
  type: 'event_msg',
  payload: {
    type: 'token_count',
    info: total === null ? null : { total_token_usage: total, ...(last === null ? {} : { last_token_usage: last }) },
    ...more,
  },
});

const A1 = usage(100, 40, 10, 4);
const A2 = usage(250, 90, 30, 9);
const A2_LAST = usage(150, 50, 20, 5);

const ids = (lines: readonly JsonObject[], key?: string): string[][] =>
  readValues(lines, null, key).records.map((r) => r.linkIds.map((l) => l.value));

describe('what counts', () => {
  test('cached input and reasoning are parts; the model is that of the turn', () => {
    const { records } = readValues([
      meta(0, 'A'),
      turn(1, 'm-1'),
      tokens(2000, A1, A1),
      turn(3000, 'm-2'),
      tokens(4000, A2, A2_LAST),
    ]);
    expect(records.map((r) => [r.modelReported, ...meters(r)])).toEqual([
      ['m-1', 60, 40, 0, 0, 10, 4],
      ['m-2', 100, 50, 0, 0, 20, 5],
    ]);
    expect(records[0]).toMatchObject({
      provider: 'openai',
      sessionId: 'A',
      isSession: true,
      billingMode: null,
      occurredAtMs: DAY_MS + 2000,
    });
    expect(records[0]?.evidence.project).toBe('shop');
    expect(records[0]?.tags).toEqual({ git_branch: 'main', agent: 'codex' });
  });

  test('a re-emitted total with a fresh time is no call, a ping neither', () => {
    const { records, skips } = readValues([
      meta(0, 'A'),
      turn(1, 'm'),
      tokens(2000, null, null),
      tokens(2100, A1, A1),
      tokens(2200, A1, A1),
      tokens(9000, A1, A1),
      tokens(9900, A2, A2_LAST),
      { timestamp: at(9950), type: 'response_item', payload: { type: 'message' } },
    ]);
    expect(records).toHaveLength(2);
    expect(skips).toEqual(['no_usage', 'no_usage', 'rate_limit_ping', 're_emit', 're_emit', 'no_usage']);
  });

  test('without the last usage the call is the advance of the totals', () => {
    const { records } = readValues([meta(0, 'A'), tokens(2000, A1, null), tokens(3000, A2, null)]);
    expect(records.map(meters)).toEqual([
      [60, 40, 0, 0, 10, 4],
      [100, 50, 0, 0, 20, 5],
    ]);
  });

  test('an advance by nothing is no call, written cache tokens are a meter', () => {
    const zero = usage(0, 0, 0);
    const written = { ...A1, cache_write_input_tokens: 25 };
    const { records, skips } = readValues([meta(0, 'A'), tokens(2000, written, written), tokens(3000, A2, zero)]);
    expect(records.map(meters)).toEqual([[35, 40, 25, 0, 10, 4]]);
    expect(skips).toEqual(['no_usage', 'no_usage']);
  });

  test('counters that contradict each other are flagged', () => {
    const odd = usage(10, 40, 5);
    expect(readValues([meta(0, 'A'), tokens(1, odd, odd)]).records[0]).toMatchObject({
      inputTokens: 0,
      cacheReadTokens: 40,
      usageFlag: 'usage_inconsistent',
    });
  });

  test('the plan a line names is a tag that rules can match, not a judgement', () => {
    const { records } = readValues([meta(0, 'A'), tokens(1, A1, A1, { rate_limits: { plan_type: 'pro' } })]);
    expect(records[0]).toMatchObject({ billingMode: null, tags: { plan_type: 'pro' } });
  });

  test('another model provider bills', () => {
    const { records } = readValues([meta(0, 'A', { model_provider: 'Azure' }), tokens(1, A1, A1)]);
    expect(records[0]).toMatchObject({ provider: 'azure', publisher: null });
  });
});

describe('forks', () => {
  const parent = [meta(0, 'A'), turn(1, 'm'), tokens(5000, A1, A1), tokens(60_000, A2, A2_LAST)];
  const own = usage(400, 200, 50);
  const ownLast = usage(150, 110, 20);
  const fork = (head: readonly JsonObject[], start = 7_200_000): JsonObject[] => [
    ...head,
    turn(start + 10, 'm'),
    tokens(start + 20, A1, A1),
    tokens(start + 30, A2, A2_LAST),
    tokens(start + 180_000, own, ownLast),
  ];

  test('a replay shares an id with the original, the fork’s own call does not', () => {
    const copies = ids(fork([meta(7_200_000, 'B', { forked_from_id: 'A' })]));
    const originals = ids(parent);
    expect(copies[0]).toContain(originals[0]?.[0]);
    expect(copies[1]).toContain(originals[1]?.[0]);
    expect(copies[2]?.some((id) => originals.flat().includes(id))).toBe(false);
  });

  test('replays are told by the burst they lie in', () => {
    const { records } = readValues(fork([meta(7_200_000, 'B', { forked_from_id: 'A' })]));
    expect(records.map((r) => r.isReplica)).toEqual([true, true, false]);
    expect(readValues(parent).records.map((r) => r.isReplica)).toEqual([false, false]);
  });

  test('replays that kept their old times are replays too', () => {
    const { records } = readValues([
      meta(7_200_000, 'B', { forked_from_id: 'A' }),
      tokens(5000, A1, A1),
      tokens(60_000, A2, A2_LAST),
      tokens(7_300_000, own, ownLast),
    ]);
    expect(records.map((r) => r.isReplica)).toEqual([true, true, false]);
  });

  test('a fork of a fork reaches the root through the headers it replays', () => {
    const head = [meta(9_000_000, 'C', { forked_from_id: 'B' }), { ...meta(9_000_001, 'B', { forked_from_id: 'A' }) }];
    const [first] = ids(fork(head, 9_000_000));
    expect(first?.[0]).toBe(ids(parent)[0]?.[0]);
    expect(first).toHaveLength(3);
  });

  test('a sub-agent’s thread belongs to the thread that spawned it', () => {
    const source = { subagent: { thread_spawn: { parent_thread_id: 'A', depth: 1 } } };
    expect(ids(fork([meta(7_200_000, 'B', { source })]))[0]).toContain(ids(parent)[0]?.[0]);
  });

  test('an older header in the first moment of a file is an ancestor’s, though nothing names it', () => {
    const embedded = { ...meta(7_200_005, 'A'), payload: { id: 'A', timestamp: at(0) } };
    const { records } = readValues(fork([meta(7_200_000, 'B'), embedded]));
    expect(records.map((r) => r.isReplica)).toEqual([true, true, false]);
    expect(records[0]?.linkIds.map((l) => l.value)).toContain(ids(parent)[0]?.[0]);
    expect(records[0]?.sessionId).toBe('B');
  });

  test('equal counters in unrelated sessions stay apart', () => {
    const other = ids([meta(0, 'Z'), tokens(5000, A1, A1)]);
    expect(other.flat().some((id) => ids(parent).flat().includes(id))).toBe(false);
  });
});

describe('files', () => {
  test('two sessions merged into one file come to what they are apart', () => {
    const a = [meta(0, 'A'), turn(1, 'm-a'), tokens(5000, A1, A1)];
    const z = [
      meta(90_000, 'Z', { cwd: '/srv/other', git: {} }),
      tokens(95_000, A1, A1),
      turn(96_000, 'm-z'),
      tokens(99_000, A2, A2_LAST),
    ];
    const apart = [...readValues(a).records, ...readValues(z).records];
    expect(readValues([...a, ...z]).records).toEqual(apart);
    expect(readValues([...z, ...a]).records).toEqual([...apart.slice(1), ...apart.slice(0, 1)]);
  });

  test('a file that lost its head still says in its name whose it is', () => {
    const session = '22222222-2222-4222-8222-222222222222';
    const key = `sessions/2026/08/01/rollout-2026-08-01T00-00-00-${session}.jsonl`;
    expect(ids([tokens(5000, A1, A1)], key)).toEqual(ids([meta(0, session), tokens(5000, A1, A1)]));
  });

  test('without any session there is no natural identity', () => {
    expect(ids([tokens(5000, A1, A1)], 'part-2.jsonl')).toEqual([[]]);
  });

  test('law: however often totals are re-emitted, the calls sum to the last total', () => {
    const call = fc.record({
      input: fc.integer({ min: 1, max: 5000 }),
      output: fc.integer({ min: 1, max: 5000 }),
      repeats: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), (calls) => {
        let input = 0;
        let output = 0;
        const lines = calls.flatMap((c, i) => {
          input += c.input;
          output += c.output;
          const line = tokens(i * 5000, usage(input, 0, output), usage(c.input, 0, c.output));
          return Array.from({ length: c.repeats }, () => line);
        });
        const { records } = readValues([meta(0, 'A'), ...lines]);
        expect(records).toHaveLength(calls.length);
        expect(records.reduce((sum, r) => sum + r.inputTokens, 0)).toBe(input);
        expect(records.reduce((sum, r) => sum + r.outputTokens, 0)).toBe(output);
        expect(new Set(records.map((r) => r.linkIds[0]?.value)).size).toBe(calls.length);
      }),
    );
  });
});

describe('codex exec', () => {
  test('a turn is known by its thread and counters', () => {
    const { records, skips } = readValues([
      { type: 'thread.started', thread_id: 't-1' },
      { type: 'turn.started' },
      { type: 'item.completed', item: { type: 'agent_message', text: 'x' } },
      { type: 'turn.completed', usage: { input_tokens: 100, cached_input_tokens: 30, output_tokens: 9 } },
    ]);
    expect(records.map(meters)).toEqual([[70, 30, 0, 0, 9, 0]]);
    expect(records[0]).toMatchObject({
      sourceFormat: 'codex.exec',
      sessionId: 't-1',
      modelReported: 'unknown',
      occurredAtMs: null,
    });
    expect(records[0]?.linkIds).toHaveLength(1);
    expect(skips).toEqual(['no_usage', 'no_usage', 'no_usage']);
  });
});
