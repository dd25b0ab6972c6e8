import { describe, expect, test } from 'vitest';
import { moveKnobs, movesWithin } from '../../lib/simulate/model-moves.ts';
import type { ConfiguredMove } from '../../lib/simulate/model-moves.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { loggedCall, simulationOf } from '../fixtures/logged-calls.ts';

const MOVE = { from: 'claude-sonnet-4-5', to: 'claude-haiku-4-5' };

describe('the percents of a move', () => {
  test('are exact as a number, a range where config gives one, and the register’s assumption where it is silent', () => {
    const move: ConfiguredMove = { ...MOVE, inputPercent: 110, outputPercent: { value: 120, low: 100, high: 150 } };
    expect(moveKnobs([move], parametersWith({ 'model.retry_share': { value: 0.1, low: 0.02, high: 0.3 } }))).toEqual([
      { name: 'modelChoice[0].inputPercent', low: 110, value: 110, high: 110, varies: false },
      { name: 'modelChoice[0].outputPercent', low: 100, value: 120, high: 150, varies: true },
      { name: 'modelChoice[0].retryPercent', low: 2, value: 10, high: 30, varies: true },
    ]);
  });

  test('must have their value between low and high', () => {
    const wrong: ConfiguredMove = { ...MOVE, outputPercent: { value: 120, low: 130 } };
    expect(() => moveKnobs([wrong], parametersWith())).toThrow(
      'simulate.modelChoice[0].outputPercent: low must not exceed value, nor value high',
    );
  });

  test('are those asked for when a move is made', () => {
    const bounds = { highOf: () => 9, limitsOf: () => null };
    const movesAt = movesWithin([MOVE, { ...MOVE, from: 'b' }], bounds);
    const asked = movesAt((name) => (name.startsWith('modelChoice[1]') ? 7 : 8));
    expect(asked[0]).toMatchObject({
      longestInputPercent: 9,
      longestOutputPercent: 9,
      sharePercent: 100,
      routerPico: 0,
    });
    expect(
      asked.map(({ from, inputPercent, outputPercent, retryPercent }) => [
        from,
        inputPercent,
        outputPercent,
        retryPercent,
      ]),
    ).toEqual([
      ['claude-sonnet-4-5', 8, 8, 8],
      ['b', 7, 7, 7],
    ]);
  });
});

describe('a plan with a move', () => {
  const simulated = async (move: ConfiguredMove): Promise<Simulation> => {
    // 20 equal days: nothing is left to chance but what config does not know
    const calls = Array.from({ length: 100 }, (_, n) =>
      loggedCall({ timeMs: Date.UTC(2026, 9, 1 + Math.floor(n / 5), n % 5), tokens: { input: 1_000, output: 200 } }),
    );
    return await simulationOf(calls, { levers: { moves: [move] } });
  };
  const usd = (pico: bigint | undefined): number => Number(pico ?? NaN) / 1e12;

  test('is as wide as its percents are uncertain', async () => {
    const exact = await simulated({ ...MOVE, inputPercent: 100, outputPercent: 100, retryPercent: 0 });
    // 100 calls: 0.006 USD each of the first model, 0.002 of the second
    expect([usd(exact.plan.savingPico), usd(exact.ranges.plan?.lowPico), usd(exact.ranges.plan?.highPico)]).toEqual([
      0.4, 0.4, 0.4,
    ]);
    const open = await simulated({
      ...MOVE,
      inputPercent: 100,
      outputPercent: { value: 100, low: 50, high: 200 },
      retryPercent: 0,
    });
    // answers of half the length cost 0.0015, of twice the length 0.003 a call
    expect([usd(open.plan.savingPico), usd(open.ranges.plan?.lowPico), usd(open.ranges.plan?.highPico)]).toEqual([
      0.4, 0.3, 0.45,
    ]);
    expect(
      open.ranges.tornado.map(({ name, outcomeAtLow, outcomeAtHigh }) => [
        name,
        outcomeAtLow / 1e12,
        outcomeAtHigh / 1e12,
      ]),
    ).toEqual([['modelChoice[0].outputPercent', 0.45, 0.3]]);
  });

  test('that is only named is told with all that is not known of it', async () => {
    const { ranges, plan } = await simulated(MOVE);
    // mode: same tokens, 5 in 100 asked again: 0.002 × 1.05 + 0.05 × 0.006 = 0.0024; worst: 1,350 in and 1,000 out, a fifth again: no saving is left
    expect(usd(plan.savingPico)).toBeCloseTo(0.36, 10);
    expect(usd(ranges.plan?.lowPico)).toBeLessThanOrEqual(0);
    expect(ranges.tornado[0]?.name).toBe('modelChoice[0].outputPercent');
  });
});
