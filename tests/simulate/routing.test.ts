/** Routers and cascades: shares from curves, what they cost in the lever itself, where they stop saving, and what is said of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { moveKnobs } from '../../lib/simulate/model-moves.ts';
import type { ConfiguredMove } from '../../lib/simulate/model-moves.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { qualityStatement } from '../../lib/simulate/quality-statement.ts';
import type { CurvePoint } from '../../lib/simulate/routing-curves-data.ts';
import { ROUTING_CURVES } from '../../lib/simulate/routing-curves-data.ts';
import {
  breakEvenEscalatedShare,
  breakEvenStrongShare,
  movedPercent,
  strongShareAt,
} from '../../lib/simulate/routing.ts';
import { leverBit, scenarioCosts } from '../../lib/simulate/scenario-costs.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { drawnBetween } from '../fixtures/drawn-shares.ts';
import { loggedCall, scenarioOf, simulationOf } from '../fixtures/logged-calls.ts';

function curveOf(name: string): readonly CurvePoint[] {
  const curve = ROUTING_CURVES.find((candidate) => candidate.name === name);
  if (curve === undefined) throw new Error(`no curve ${name}`);
  return curve.points;
}

const OWN: CurvePoint[] = [
  [0, 0],
  [0.8, 0.3],
  [1, 1],
];
/** Rising curves from (0, 0) to (1, 1). */
const curves: fc.Arbitrary<CurvePoint[]> = fc
  .record({
    qualities: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 8 }),
    shares: fc.array(drawnBetween(0, 1), { minLength: 8, maxLength: 8 }),
  })
  .map(({ qualities, shares }) => {
    const strong = shares.toSorted((a, b) => a - b);
    const between = qualities.toSorted((a, b) => a - b).map((q, at): CurvePoint => [q / 100, strong[at] as number]);
    return [[0, 0], ...between, [1, 1]];
  });

describe('published curves', () => {
  // facts of RouteLLM: strong calls for half and for 80 % of the gap; the rest of the sessions may move
  test.each([
    ['MT-Bench', 0.866, 0.687],
    ['MMLU', 0.646, 0.297],
    ['GSM8K', 0.664, 0.367],
  ])('%s lets so many go at half and at 80 %% of the gap', (name, atHalf, at80) => {
    expect(1 - strongShareAt(curveOf(name), 0.5)).toBeCloseTo(atHalf, 10);
    expect(1 - strongShareAt(curveOf(name), 0.8)).toBeCloseTo(at80, 10);
  });

  // the paper's cost ratios against drawing lots (strong share = recovered quality) at 100 : 1, within 4 %
  test.each([
    ['MT-Bench', 3.66, 2.49],
    ['MMLU', 1.41, 1.14],
    ['GSM8K', 1.49, 1.27],
  ])('%s against drawing lots', (name, atHalf, at80) => {
    const cost = (strongShare: number): number => strongShare + (1 - strongShare) * 0.01;
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

  test('are asked for a share', () => {
    expect(() => strongShareAt(curveOf('MMLU'), 80)).toThrow('recovered quality must be from 0 to 1, got 80');
  });

  test('give a range: the least, the middle and the most that go', () => {
    const { low, value, high } = movedPercent({ recoveredQualityPercent: 80 }, 'r');
    expect([low, value, high].map((percent) => Number(percent.toFixed(9)))).toEqual([29.7, 36.7, 68.7]);
    // between the points of MMLU, GSM8K and MT-Bench at 65: 1 − 0.5285, 1 − 0.4845, 1 − 0.2235
    const between = movedPercent({ recoveredQualityPercent: 65 }, 'r');
    expect([between.low, between.value, between.high].map((percent) => Number(percent.toFixed(9)))).toEqual([
      47.15, 51.55, 77.65,
    ]);
  });

  test('pass the checks of own ones', () => {
    for (const { points } of ROUTING_CURVES)
      expect(movedPercent({ recoveredQualityPercent: 100, curve: points }, 'r').value).toBe(0);
  });
});

test('fewer sessions go the more quality is wanted, by any curve', () => {
  const percent = drawnBetween(0, 100);
  fc.assert(
    fc.property(fc.option(curves, { nil: undefined }), percent, percent, (curve, a, b) => {
      const at = (recoveredQualityPercent: number) => movedPercent({ recoveredQualityPercent, curve }, 'r');
      const [less, more] = [at(Math.min(a, b)), at(Math.max(a, b))];
      for (const end of ['low', 'value', 'high'] as const) {
        expect(more[end]).toBeLessThanOrEqual(less[end] + 1e-9);
        expect(more[end]).toBeGreaterThanOrEqual(0);
        expect(less[end]).toBeLessThanOrEqual(100);
      }
      expect(less.low <= less.value && less.value <= less.high).toBe(true);
      expect(curve === undefined || less.low === less.high).toBe(true);
    }),
  );
});

describe('an own curve', () => {
  const cases: [string, CurvePoint[], string][] = [
    ['is empty', [], 'r.curve: must begin at'],
    [
      'does not end',
      [
        [0, 0],
        [0.5, 0.5],
      ],
      'r.curve: must begin at',
    ],
    [
      'does not begin',
      [
        [0.1, 0],
        [1, 1],
      ],
      'r.curve: must begin at',
    ],
    [
      'stands still',
      [
        [0, 0],
        [0.5, 0.2],
        [0.5, 0.4],
        [1, 1],
      ],
      'r.curve[2]: recovered quality must rise',
    ],
    [
      'falls',
      [
        [0, 0],
        [0.5, 0.4],
        [0.8, 0.3],
        [1, 1],
      ],
      'r.curve[2]: recovered quality must rise',
    ],
    [
      'is no number',
      [
        [0, 0],
        [NaN, 0.4],
        [1, 1],
      ],
      'r.curve[1]: recovered quality must rise',
    ],
  ];
  test.each(cases)('that %s is refused', (_what, curve, message) => {
    const read = () => movedPercent({ recoveredQualityPercent: 80, curve }, 'r');
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(message);
  });
});

const PAIR = { from: 'claude-sonnet-4-5', to: 'claude-haiku-4-5' };
const RATIOS = { ...PAIR, inputPercent: 100, outputPercent: 100 };
const MOVE = { ...RATIOS, retryPercent: 0 };

describe('what a move may say', () => {
  const refused: [Partial<ConfiguredMove>, string][] = [
    [{ router: { recoveredQualityPercent: 80 }, sharePercent: 50 }, 'router and sharePercent both say'],
    [{ router: { recoveredQualityPercent: 80, curveSource: 'lab' } }, 'curveSource without a curve'],
    ...Object.entries({
      sharePercent: 50,
      router: { recoveredQualityPercent: 80 },
      routerUsd: '0.1',
      retryPercent: 5,
    }).map(([key, value]): [Partial<ConfiguredMove>, string] => [
      { [key]: value, cascade: { escalatedPercent: 10, judgeUsd: '0' } },
      `${key} has no meaning beside cascade`,
    ]),
  ];
  test.each(refused)('not %j', (move, message) => {
    const read = () => moveKnobs([{ ...PAIR, ...move }], parametersWith());
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(`simulate.modelChoice[0]`);
    expect(read).toThrow(message);
  });

  test('a curve that is none, by its place in the config', () => {
    const move = { ...PAIR, router: { recoveredQualityPercent: 80, curve: [[0, 0]] as CurvePoint[] } };
    expect(() => moveKnobs([MOVE, move], parametersWith())).toThrow('simulate.modelChoice[1].router.curve: must begin');
  });
});

/** 100 sessions of two calls; 0.003 USD each on the first model, 0.001 on the other. */
const CALLS = Array.from({ length: 200 }, (_, n) =>
  loggedCall({
    timeMs: Date.UTC(2026, 9, 1 + Math.floor(n / 10), n % 10),
    sessionId: `s${Math.floor(n / 2)}`,
    tokens: { input: 1_000 },
  }),
);
const simulated = (move: Partial<ConfiguredMove>): Promise<Simulation> =>
  simulationOf(CALLS, { levers: { moves: [{ ...RATIOS, ...move }] } });
const said = ({ levers }: Simulation): readonly string[] =>
  levers.find(({ lever }) => lever === 'model_choice')?.assumptions ?? [];

describe('a router', () => {
  test('with an own curve is the share it gives, exactly', async () => {
    const byCurve = await simulated({
      retryPercent: 0,
      router: { recoveredQualityPercent: 80, curve: OWN, curveSource: '500 tickets' },
      routerUsd: '0.0001',
    });
    const byShare = await simulated({ retryPercent: 0, sharePercent: 70, routerUsd: '0.0001' });
    const moving = byCurve.moves[0]?.moving ?? 0;
    expect(moving).toBeGreaterThan(100);
    expect(moving).toBe(byShare.moves[0]?.moving);
    // 0.002 USD for each that moves, less 0.0001 for each of 200
    expect(byCurve.plan.savingPico).toBe(BigInt(moving) * 2_000_000_000n - 200n * 100_000_000n);
    expect(byShare.plan.savingPico).toBe(byCurve.plan.savingPico);
    expect(byCurve.ranges.plan).toEqual(byShare.ranges.plan);
    expect(said(byCurve)).toContain(
      'router from claude-sonnet-4-5 to claude-haiku-4-5: 70 % of the sessions move to recover 80 % of the quality gap, by your curve (500 tickets)',
    );
    // weak costs a third; 1 − (0.0001 / 0.003) / (1 − 1/3) = 0.95
    expect(byCurve.moves[0]?.breakEvenStrongShare).toBeCloseTo(0.95, 12);
    expect(byCurve.moves[0]?.breakEvenEscalatedShare).toBeNull();
    expect(byCurve.moves[0]?.share).toEqual({ low: 0.7, value: 0.7, high: 0.7 });
  });

  test('without one varies as far as the published ones do, and is said to be theirs', async () => {
    const simulation = await simulated({ retryPercent: 0, router: { recoveredQualityPercent: 80 }, routerUsd: '0' });
    const bar = simulation.ranges.tornado.find(({ name }) => name === 'modelChoice[0].sharePercent');
    expect([bar?.low, bar?.value, bar?.high].map((percent) => Number(percent?.toFixed(9)))).toEqual([29.7, 36.7, 68.7]);
    const { savingPico } = simulation.plan;
    const { lowPico = 0n, highPico = 0n } = simulation.ranges.plan ?? {};
    expect(lowPico < savingPico && savingPico < highPico).toBe(true);
    const text = said(simulation).find((words) => words.startsWith('router from'));
    expect(text).toContain('29.7 % to 68.7 % of the sessions move to recover 80 % of the quality gap');
    expect(text).toContain("other people's benchmarks and models of 2024; quality is not assessed for this traffic");
    const json = JSON.stringify(simulationJson(simulation));
    expect(json).toMatch(/"moved_share":0\.367\d*,"moved_share_low":0\.297\d*,"moved_share_high":0\.687/);
  });

  test('runs on what others saw where config does not tell', async () => {
    const router = { recoveredQualityPercent: 80, curve: OWN };
    const [assumed, free] = [
      await simulated({ retryPercent: 0, router }),
      await simulated({ retryPercent: 0, router, routerUsd: '0' }),
    ];
    // 21 USD for a million of calls, for each of 200
    expect(free.plan.savingPico - assumed.plan.savingPico).toBe(200n * 21_000_000n);
    const bar = assumed.ranges.tornado.find(({ name }) => name === 'modelChoice[0].router.usdPerMillionCalls');
    expect([bar?.low, bar?.value, bar?.high]).toEqual([3, 21, 39]);
  });

  test('saves below its break-even, not above', () => {
    fc.assert(
      fc.property(drawnBetween(0, 1), drawnBetween(0, 1), drawnBetween(0, 0.99), (strong, router, weak) => {
        const edge = breakEvenStrongShare(weak, router);
        const saved = (share: number): number => 1 - (share + (1 - share) * weak + router);
        expect(saved(edge)).toBeCloseTo(0, 9);
        expect(Math.abs(strong - edge) < 1e-9 || saved(strong) > 0 === strong < edge).toBe(true);
      }),
    );
    expect(breakEvenStrongShare(1, 0)).toBe(0);
  });
});

describe('a cascade', () => {
  const cascade = { escalatedPercent: 40, judgeUsd: '0.0002' };

  test('asks the other model every call, judges, and asks some again of the first one', async () => {
    const simulation = await simulated({ cascade });
    // 0.001 + 0.0002 + 0.4 · 0.003 = 0.0024 instead of 0.003
    expect(simulation.plan.savingPico).toBe(200n * 600_000_000n);
    // 1 − (0.001 + 0.0002) / 0.003
    expect(simulation.moves[0]?.breakEvenEscalatedShare).toBeCloseTo(0.6, 12);
    expect(simulation.moves[0]).toMatchObject({ moving: 200, breakEvenStrongShare: null });
    expect(simulation.ranges.plan?.lowPico).toBe(simulation.plan.savingPico);
  });

  test('is one try less of the other model than answers that are rejected', async () => {
    const rejected = await simulated({ retryPercent: 40, routerUsd: '0.0002' });
    const judged = await simulated({ cascade });
    // 0.001 + 0.0002 + 0.4 · (0.001 + 0.003) = 0.0028
    expect(rejected.plan.savingPico).toBe(200n * 200_000_000n);
    expect(judged.plan.savingPico - rejected.plan.savingPico).toBe((200n * 4n * 1_000_000_000n) / 10n);
  });

  test('has a range where its escalations have one', async () => {
    const { ranges } = await simulated({
      cascade: { ...cascade, escalatedPercent: { value: 40, low: 20, high: 70 } },
    });
    const bar = ranges.tornado.find(({ name }) => name === 'modelChoice[0].cascade.escalatedPercent');
    // 0.003 − 0.0012 − e · 0.003 at 20 % and at 70 %, for 200 calls
    expect([bar?.outcomeAtLow, bar?.outcomeAtHigh].map((pico) => (pico ?? 0) / 1e12)).toEqual([0.24, -0.06]);
  });

  test('saves iff e < 1 − (Cw + Cj)/Cs, in the lever itself', () => {
    expect(breakEvenEscalatedShare(0.1, 0.05)).toBeCloseTo(0.85, 12);
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 5_000 }), fc.nat(3_000), (escalated, output, judge) => {
        const [strong, weak] = [3_000 + 15 * output, 1_000 + 5 * output];
        const edge = breakEvenEscalatedShare(weak / strong, judge / strong);
        if (Math.abs(escalated / 1000 - edge) < 1e-6) return;
        const scenario = scenarioOf(
          [loggedCall({ tokens: { input: 1_000, output } })],
          [{ ...MOVE, escalatedPercent: escalated / 10, routerPico: judge * 1e6 }],
        );
        const [cost = NaN] = scenarioCosts(scenario, leverBit('model_choice')).costPico;
        expect(cost < strong * 1e6).toBe(escalated / 1000 < edge);
      }),
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
