import { describe, expect, test } from 'vitest';
import { batchEvidence } from '../../lib/simulate/batch-evidence.ts';
import type { BatchEvidence } from '../../lib/simulate/batch-evidence.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import { batchSettings } from '../../lib/simulate/lever-effects.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { loggedCall, scenarioOf } from '../fixtures/logged-calls.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 9, 5);
const evidenceOf = (calls: readonly LoggedCall[]): BatchEvidence =>
  batchEvidence(
    scenarioOf(calls),
    batchSettings((id) => parametersWith({}).valueOf(id)),
  );
const at = (minutes: number, given: Partial<LoggedCall> = {}): LoggedCall =>
  loggedCall({ timeMs: START + minutes * MINUTE, ...given, tokens: { input: 1_000 } });
const mayWait = (calls: readonly LoggedCall[]): number[] => [...scenarioOf(calls).effects.mayWait];
const tagged = { tags: { mode: 'batch' } };

describe('a session', () => {
  test('whose calls follow each other’s answers needs one batch after the other: of 20, more than one in twenty would be late', () => {
    const turns = (count: number): LoggedCall[] =>
      Array.from({ length: count }, (_, n) => at(n, { ...tagged, sessionId: 's', latencyMs: 1_000 }));
    // P(Z > ln(1440 / (7 · steps)) / 1.676): 0.0304 for 9 steps, 0.0661 for 16
    expect(new Set(mayWait(turns(9)))).toEqual(new Set([1]));
    expect(new Set(mayWait(turns(16)))).toEqual(new Set([0]));
  });

  test('whose calls were made at once is one batch', () => {
    const fanOut = Array.from({ length: 40 }, (_, n) => at(n / 100, { ...tagged, sessionId: 's', latencyMs: 90_000 }));
    expect(new Set(mayWait(fanOut))).toEqual(new Set([1]));
  });

  test('that pauses for longer than the caller waits begins anew', () => {
    const runs = Array.from({ length: 16 }, (_, n) => at(n * 25 * 60, { ...tagged, sessionId: 's', latencyMs: 1_000 }));
    expect(new Set(mayWait(runs))).toEqual(new Set([1]));
  });
});

describe('floor and ceiling', () => {
  test('what callers say, and what nothing speaks against: neither streamed answers nor short deadlines', () => {
    const evidence = evidenceOf([
      at(0, tagged),
      at(1),
      at(2, { firstTokenMs: 300 }),
      at(3, { deadlineSeconds: 60 }),
      at(4, { status: 'error' }),
    ]);
    // 0.003 USD each, half of it in a batch, and 0.0741 % of 0.003 again: P(Z > ln(1440 / 7) / 1.676 = 3.1781)
    const saving = BigInt(1.5e9 - Math.round(3e9 * 0.000741));
    expect(evidence.floor).toEqual({ calls: 1, costPico: BigInt(3e9), savingPico: saving });
    expect(evidence.ceiling).toEqual({ calls: 2, costPico: BigInt(6e9), savingPico: 2n * saving });
  });

  test('the floor never exceeds the ceiling', () => {
    const { floor, ceiling } = evidenceOf(Array.from({ length: 50 }, (_, n) => at(n * 7, n % 3 === 0 ? tagged : {})));
    expect([floor.calls, ceiling.calls]).toEqual([17, 50]);
    expect(floor.savingPico <= ceiling.savingPico).toBe(true);
  });
});

describe('candidates', () => {
  const DAY = 24 * 60;
  const nights = (perNight: number, days: number, given: Partial<LoggedCall>, gapMinutes = 0.2): LoggedCall[] =>
    Array.from({ length: perNight * days }, (_, n) =>
      at(Math.floor(n / perNight) * DAY + 120 + (n % perNight) * gapMinutes, given),
    );

  test('what runs every night in bursts is one, with its numbers; the same by day, spread out, is none', () => {
    const job = nights(30, 10, { application: 'digest', team: 'search' });
    const chat = Array.from({ length: 600 }, (_, n) => at(n * 23, { application: 'chat', team: 'search' }));
    const { candidates } = evidenceOf([...job, ...chat]);
    expect(candidates).toEqual([
      {
        application: 'digest',
        team: 'search',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        calls: 300,
        costPico: BigInt(300 * 3e9),
        fromHour: 0,
        windowShare: 1,
        days: 10,
        daysOfLog: 10,
        medianGapSeconds: 12,
      },
    ]);
  });

  test('not what is tagged already, not a few nights, not few calls', () => {
    const spread = Array.from({ length: 20 }, (_, n) => at(n * DAY + 700));
    expect(evidenceOf([...nights(30, 10, tagged), ...spread]).candidates).toEqual([]);
    expect(evidenceOf([...nights(30, 4, { application: 'a' }), ...spread]).candidates).toEqual([]);
    expect(evidenceOf([...nights(4, 20, { application: 'a' }), ...spread]).candidates).toEqual([]);
  });

  test('a job around midnight is one job a night', () => {
    const job = Array.from({ length: 300 }, (_, n) =>
      at(Math.floor(n / 30) * DAY + 23 * 60 + 30 + (n % 30) * 2 * 0.5, { application: 'late' }),
    );
    expect(evidenceOf(job).candidates[0]).toMatchObject({ application: 'late', days: 10, windowShare: 1 });
  });
});
