import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { agentTraceLines, azureLine, mooncakeLine } from '../../scripts/trace-lines.ts';
import type { AgentTraceSession, MooncakeRow, NativeTraceLine } from '../../scripts/trace-lines.ts';

const BASE_MS = Date.UTC(2026, 9, 5);
const rows = (name: string): string[] =>
  gunzipSync(readFileSync(new URL(name, import.meta.url)))
    .toString('utf8')
    .split('\n')
    .filter((row) => row.trim() !== '');
const totals = (lines: readonly NativeTraceLine[]): number[] => [
  lines.length,
  lines.reduce((sum, l) => sum + l.input_tokens, 0),
  lines.reduce((sum, l) => sum + l.output_tokens, 0),
  lines.reduce((sum, l) => sum + (l.prompt_blocks?.length ?? 0), 0),
];

// expected totals were counted by a separate program in another language from the same cuts: calls, input, output, blocks
describe('agent sessions', () => {
  const sessions = rows('agentic_sessions_cut.jsonl.gz').map((row) => JSON.parse(row) as AgentTraceSession);
  const lines = sessions.map((session, i) => [...agentTraceLines(session, i, BASE_MS)]);

  test('keep every call and token, those of sub-agents too', () => {
    expect(lines.map(totals)).toEqual([
      [3, 452_916, 2_868, 7_075],
      [6, 115_836, 1_776, 1_807],
      [34, 1_780_103, 10_317, 27_800],
    ]);
  });

  test('start ten minutes apart; a sub-agent’s time counts from its mark', () => {
    expect(lines[0]?.map((l) => l.timestamp)).toEqual([
      '2026-10-05T00:00:00.000Z',
      '2026-10-05T00:00:12.000Z',
      '2026-10-05T00:00:17.000Z',
    ]);
    expect(lines[1]?.[0]?.timestamp).toBe('2026-10-05T00:10:00.000Z');
    // session 2 starts at 00:20; the mark lies at 440,243.409 s (5 days, 2 h 17 min 23.409 s), the sub-agent's second call 5 s later
    expect(lines[2]?.[1]?.timestamp).toBe('2026-10-10T02:37:23.409Z');
    expect(lines[2]?.[2]?.timestamp).toBe('2026-10-10T02:37:28.409Z');
    expect(lines[2]?.[1]?.model).toBe('claude-haiku-4-5-20251001');
  });

  test('have block ids that no other session has, in the order of the trace', () => {
    expect(lines[0]?.[0]?.prompt_blocks?.slice(0, 2)).toEqual([1, 2]);
    expect(lines[1]?.[0]?.prompt_blocks?.slice(0, 2)).toEqual([1_000_001, 1_000_002]);
    expect(lines[2]?.[1]?.prompt_blocks?.slice(0, 2)).toEqual([2_040_418, 2_040_419]);
    expect(lines.flat().every((l) => l.block_tokens === 64)).toBe(true);
    expect(new Set(lines.flat().map((l) => l.id)).size).toBe(43);
  });

  test('keep the measured times where the trace has them', () => {
    expect(lines[0]?.[2]).toMatchObject({ session: 'trace_0192', latency_ms: 55_670, first_token_ms: 2_200 });
    expect(lines[0]?.[0]).not.toHaveProperty('first_token_ms');
  });

  test('of an unknown form are refused', () => {
    const session = { id: 's', block_size: 64, requests: [{ t: 0, type: 'n', model: 'm', in: 1, out: 1 }] };
    expect(() => [...agentTraceLines(session, 0, BASE_MS)]).toThrow('session s: request 0 lacks');
    const outside = { ...session, requests: [{ t: 0, type: 'n', model: 'm', in: 1, out: 1, hash_ids: [1_000_000] }] };
    expect(() => [...agentTraceLines(outside, 0, BASE_MS)]).toThrow('block id out of range');
  });
});

test('Mooncake rows keep their blocks of 512 tokens and get the model the caller names', () => {
  const trace = rows('mooncake_synthetic_cut.jsonl.gz').map((row) => JSON.parse(row) as MooncakeRow);
  const lines = trace.map((row, i) => mooncakeLine(row, i, BASE_MS, 'gpt-4o-mini'));
  expect(totals(lines)).toEqual([250, 3_476_547, 49_187, 6_952]);
  expect(lines[1]).toMatchObject({
    timestamp: '2026-10-05T00:00:00.000Z',
    id: 'mooncake:1',
    model: 'gpt-4o-mini',
    block_tokens: 512,
  });
  expect(lines[1]?.prompt_blocks?.slice(0, 3)).toEqual([79, 80, 81]);
  expect(lines[249]?.timestamp).toBe('2026-10-05T00:01:13.790Z');
  // one id per 512 tokens, the last block may be partial
  expect(lines.every((l) => l.prompt_blocks?.length === Math.ceil(l.input_tokens / 512))).toBe(true);
});

describe('Azure rows', () => {
  test('keep their tokens and their day; digits below the millisecond are dropped', () => {
    const lines = rows('azure_code_cut.csv.gz')
      .map((row) => azureLine(row, 'gpt-4o-mini'))
      .filter((line) => line !== null);
    expect(totals(lines)).toEqual([301, 628_078, 7_299, 0]);
    expect(lines[0]).toEqual({
      timestamp: '2023-11-16T18:17:03.979Z',
      model: 'gpt-4o-mini',
      input_tokens: 4808,
      output_tokens: 10,
    });
    expect(lines[300]?.timestamp).toBe('2023-11-16T19:14:19.928Z');
  });

  test('without a fraction are whole seconds; anything else is an error', () => {
    expect(azureLine('2023-11-16 18:17:03,1,2\r', 'm')?.timestamp).toBe('2023-11-16T18:17:03.000Z');
    expect(azureLine('', 'm')).toBeNull();
    expect(() => azureLine('2023-11-16,many,2', 'm')).toThrow('not TIMESTAMP');
  });
});
