import { describe, expect, test } from 'vitest';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import { isRouted } from '../../lib/simulate/session-routing.ts';
import { logOf, loggedCall, scenarioOf, simulationOf } from '../fixtures/logged-calls.ts';

const START = Date.UTC(2026, 9, 5);
const MOVE = {
  from: 'claude-sonnet-4-5',
  to: 'claude-haiku-4-5',
  inputPercent: 100,
  outputPercent: 100,
  retryPercent: 0,
};
// 0.003 USD on the first model, 0.001 on the other
const sessions = (count: number, turns: number) =>
  Array.from({ length: count * turns }, (_, n) =>
    loggedCall({
      timeMs: START + n * 60_000,
      sessionId: `s${Math.floor(n / turns)}`,
      tokens: { input: 1_000 },
    }),
  );

describe('a router', () => {
  test('sends whole sessions, about as many as it is told, and those of a smaller share with a larger one', () => {
    const log = logOf(sessions(2_000, 3));
    const sent = (share: number): number[] =>
      Array.from({ length: log.calls }, (_, call) => call).filter((call) => isRouted(log, call, share));
    for (const share of [0, 0.1, 0.4, 0.9, 1]) {
      const calls = sent(share);
      // three standard deviations of 2,000 draws are at most 0.034
      expect(Math.abs(calls.length / log.calls - share)).toBeLessThan(0.034);
      const whole = new Set(calls.map((call) => Math.floor(call / 3)));
      expect(calls.length).toBe(3 * whole.size);
    }
    const [small, large] = [sent(0.2), new Set(sent(0.5))];
    expect(small.every((call) => large.has(call))).toBe(true);
    expect([sent(0).length, sent(1).length]).toEqual([0, log.calls]);
  });

  test('routes calls without a session one by one', () => {
    const log = logOf(Array.from({ length: 3_000 }, (_, n) => loggedCall({ timeMs: START + n })));
    const sent = Array.from({ length: log.calls }, (_, call) => Number(isRouted(log, call, 0.3)));
    expect(sent.reduce((sum, flag) => sum + flag, 0) / log.calls).toBeCloseTo(0.3, 1);
  });

  test('is paid for every call that it decides on, those that stay too', () => {
    const scenario = scenarioOf(sessions(50, 2), [{ ...MOVE, sharePercent: 40, routerPico: 1_000_000 }]);
    const { costPico, touched } = scenarioCosts(scenario, leverBit('model_choice'));
    const moved = scenario.effects.moveTo.filter((kind) => kind >= 0).length;
    expect(moved).toBeGreaterThan(20);
    expect(moved).toBeLessThan(60);
    const total = costPico.reduce((sum, cost) => sum + cost, 0);
    expect(total).toBe(moved * 1e9 + (100 - moved) * 3e9 + 100 * 1e6);
    expect(touched.every((bits) => bits === leverBit('model_choice'))).toBe(true);
  });

  test('that costs more than it saves is left out of the plan', async () => {
    const cheap = await simulationOf(sessions(50, 2), {
      levers: { moves: [{ ...MOVE, sharePercent: { value: 50, low: 30, high: 70 }, routerUsd: '0.00001' }] },
    });
    const dear = await simulationOf(sessions(50, 2), {
      levers: { moves: [{ ...MOVE, sharePercent: 50, routerUsd: '0.01' }] },
    });
    expect(cheap.plan.chosen).toEqual(['model_choice']);
    const lever = cheap.levers.find((finding) => finding.lever === 'model_choice');
    expect((lever?.range?.lowPico ?? 0n) < (lever?.savingPico ?? 0n)).toBe(true);
    expect((lever?.savingPico ?? 0n) < (lever?.range?.highPico ?? 0n)).toBe(true);
    expect(dear.plan.savingPico).toBe(0n);
    expect((dear.plan.levers[0]?.alonePico ?? 0n) < 0n).toBe(true);
  });
});
