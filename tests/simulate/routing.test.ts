import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { qualityStatement } from '../../lib/simulate/quality-statement.ts';
import type { CurvePoint, RoutingCurve } from '../../lib/simulate/routing-curves-data.ts';
import { ROUTING_CURVES } from '../../lib/simulate/routing-curves-data.ts';
import {
  breakEvenEscalatedShare,
  breakEvenStrongShare,
  cascadeCost,
  ownRoutingCurve,
  routerCost,
  routerSavedShare,
  strongShareAt,
} from '../../lib/simulate/routing.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';

function curveOf(name: string): RoutingCurve {
  const curve = ROUTING_CURVES.find((candidate) => candidate.name === name);
  if (curve === undefined) throw new Error(`no curve ${name}`);
  return curve;
}

describe('published curves', () => {
  // facts/simulation.md §6. Against all calls on the strong model, saved = 1 − α without the price of the weak one:
  // 1 − 0.134 = 0.866, 1 − 0.354 = 0.646, 1 − 0.336 = 0.664; 1 − 0.313 = 0.687, 1 − 0.703 = 0.297, 1 − 0.633 = 0.367
  test.each([
    ['MT-Bench', 0.866, 0.687],
    ['MMLU', 0.646, 0.297],
    ['GSM8K', 0.664, 0.367],
  ])('%s saves at half and at 80 %% of the gap', (name, atHalf, at80) => {
    const saved = [0.5, 0.8].map((quality) => routerSavedShare(strongShareAt(curveOf(name), quality), 0, 0));
    expect(saved[0]).toBeCloseTo(atHalf, 10);
    expect(saved[1]).toBeCloseTo(at80, 10);
  });

  // the paper's cost ratios against drawing lots (strong share = recovered quality) at 100 : 1, within 4 %
  test.each([
    ['MT-Bench', 3.66, 2.49],
    ['MMLU', 1.41, 1.14],
    ['GSM8K', 1.49, 1.27],
  ])('%s against drawing lots', (name, atHalf, at80) => {
    const cost = (strongShare: number): number => 1 - routerSavedShare(strongShare, 0.01, 0);
    const ratio = (quality: number): number => cost(quality) / cost(strongShareAt(curveOf(name), quality));
    expect(Math.abs(ratio(0.5) / atHalf - 1)).toBeLessThan(0.04);
    expect(Math.abs(ratio(0.8) / at80 - 1)).toBeLessThan(0.04);
  });

  test('are straight between their points', () => {
    const curve = curveOf('MMLU');
    expect(strongShareAt(curve, 0)).toBe(0);
    expect(strongShareAt(curve, 0.25)).toBeCloseTo(0.177, 12);
    expect(strongShareAt(curve, 0.65)).toBeCloseTo((0.354 + 0.703) / 2, 12);
    expect(strongShareAt(curve, 0.9)).toBeCloseTo((0.703 + 1) / 2, 12);
    expect(strongShareAt(curve, 1)).toBe(1);
  });

  test('ask for more of the strong model the more quality is wanted', () => {
    const share = drawnBetween(0, 1);
    fc.assert(
      fc.property(fc.constantFrom(...ROUTING_CURVES), share, share, (curve, a, b) => {
        expect(strongShareAt(curve, Math.min(a, b))).toBeLessThanOrEqual(strongShareAt(curve, Math.max(a, b)) + 1e-12);
      }),
    );
  });

  test('are asked for a share', () => {
    expect(() => strongShareAt(curveOf('MMLU'), 80)).toThrow('recovered quality must be from 0 to 1, got 80');
  });

  test('pass the checks of own ones', () => {
    for (const { points, source, date } of ROUTING_CURVES) {
      expect(ownRoutingCurve(points, source, date).points).toBe(points);
    }
  });
});

describe('an own curve', () => {
  const cases: [string, CurvePoint[], string][] = [
    ['is empty', [], 'simulate.routing.curve: must begin at'],
    [
      'does not end',
      [
        [0, 0],
        [0.5, 0.5],
      ],
      'simulate.routing.curve: must begin at',
    ],
    [
      'does not begin',
      [
        [0.1, 0],
        [1, 1],
      ],
      'simulate.routing.curve: must begin at',
    ],
    [
      'stands still',
      [
        [0, 0],
        [0.5, 0.2],
        [0.5, 0.4],
        [1, 1],
      ],
      'simulate.routing.curve[2]: recovered quality must rise',
    ],
    [
      'falls',
      [
        [0, 0],
        [0.5, 0.4],
        [0.8, 0.3],
        [1, 1],
      ],
      'simulate.routing.curve[2]: recovered quality must rise',
    ],
    [
      'is no number',
      [
        [0, 0],
        [NaN, 0.4],
        [1, 1],
      ],
      'simulate.routing.curve[1]: recovered quality must rise',
    ],
  ];
  test.each(cases)('that %s is refused', (_what, points, message) => {
    expect(() => ownRoutingCurve(points, 'own', '2026-11')).toThrow(Misconfigured);
    expect(() => ownRoutingCurve(points, 'own', '2026-11')).toThrow(message);
  });
});

const pico = fc.bigInt({ min: 0n, max: 10n ** 18n });
const share = drawnBetween(0, 1);

describe('a router', () => {
  // 1,000 on the strong, 100 on the weak model, 7 for deciding, 30 % strong: 300 + 70 + 7
  test('costs what both parts and the deciding cost', () => {
    const cost = { strongPico: 1000n, weakPico: 100n, decisionPico: 7n };
    expect(routerCost(cost, 0.3, null, 0.02)).toEqual({
      costPico: 377n,
      savingPico: 623n,
      quality: { status: 'not_assessed', text: 'quality not assessed' },
    });
    expect(routerSavedShare(0.3, 0.1, 0.007)).toBeCloseTo(0.623, 12);
  });

  test('at 0 and 1 costs what one model and the deciding cost', () => {
    fc.assert(
      fc.property(pico, pico, pico, (strongPico, weakPico, decisionPico) => {
        const cost = { strongPico, weakPico, decisionPico };
        expect(routerCost(cost, 0, null, 0).costPico).toBe(weakPico + decisionPico);
        expect(routerCost(cost, 1, null, 0).savingPico).toBe(-decisionPico);
      }),
    );
  });

  test('saves below its break-even, not above', () => {
    fc.assert(
      fc.property(share, share, drawnBetween(0, 0.99), (strong, router, weak) => {
        const edge = breakEvenStrongShare(weak, router);
        expect(routerSavedShare(edge, weak, router)).toBeCloseTo(0, 9);
        const isOnEdge = Math.abs(strong - edge) < 1e-9;
        expect(isOnEdge || routerSavedShare(strong, weak, router) > 0 === strong < edge).toBe(true);
      }),
    );
    expect(breakEvenStrongShare(1, 0)).toBe(0);
  });
});

describe('a cascade', () => {
  // everything on the weak model 100, judging 50, 40 % again on the strong one 400
  test('costs weak, judge, and what is asked again', () => {
    const { costPico, savingPico } = cascadeCost(
      { strongPico: 1000n, weakPico: 100n, decisionPico: 50n },
      0.4,
      null,
      0.02,
    );
    expect([costPico, savingPico]).toEqual([550n, 450n]);
  });

  test('saves iff e < 1 − (Cw + Cj)/Cs', () => {
    expect(breakEvenEscalatedShare(0.1, 0.05)).toBeCloseTo(0.85, 12);
    fc.assert(
      fc.property(
        share,
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 0, max: 400 }),
        (escalated, weak, judge) => {
          const scale = 1_000_000_000n;
          const cost = {
            strongPico: 1000n * scale,
            weakPico: BigInt(weak) * scale,
            decisionPico: BigInt(judge) * scale,
          };
          const edge = breakEvenEscalatedShare(weak / 1000, judge / 1000);
          if (Math.abs(escalated - edge) < 1e-6) return;
          expect(cascadeCost(cost, escalated, null, 0).savingPico > 0n).toBe(escalated < edge);
        },
      ),
    );
  });
});

describe('quality', () => {
  test.each([
    [
      { low: -0.01, high: 0.03, tasks: 500 },
      'not_inferior',
      'not inferior at 2.0 points: pass rate -1.0 to 3.0 points',
    ],
    [{ low: -0.05, high: 0.01, tasks: 80 }, 'undecided', 'evaluated, not decided'],
    [{ low: -0.02, high: 0.01, tasks: 80 }, 'undecided', 'evaluated, not decided'],
    [{ low: -0.1, high: -0.04, tasks: 500 }, 'inferior', 'inferior: pass rate -10.0 to -4.0 points'],
    [null, 'not_assessed', 'quality not assessed'],
  ])('%j is %s at two points', (evaluation, status, text) => {
    const statement = qualityStatement(evaluation, 0.02);
    expect(statement.status).toBe(status);
    expect(statement.text).toContain(text);
  });
});
