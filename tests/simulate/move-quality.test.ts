import { describe, expect, test } from 'vitest';
import { moveQualities } from '../../lib/simulate/move-quality.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import { loggedCall, simulationOf } from '../fixtures/logged-calls.ts';

const MOVE = {
  from: 'claude-sonnet-4-5',
  to: 'claude-haiku-4-5',
  inputPercent: 100,
  outputPercent: 100,
  retryPercent: 0,
};
const parameters = parametersWith({ 'model.quality_margin': 0.05 });
const tasks = (passedFrom: number, passedTo: number, checked: number) => [
  { task: 'extraction', from: { passed: passedFrom, checked }, to: { passed: passedTo, checked } },
];

describe('an evaluation of a move', () => {
  test('none: not assessed, and no number', () => {
    expect(moveQualities([MOVE], parameters)).toEqual([
      {
        from: MOVE.from,
        to: MOVE.to,
        task: null,
        low: null,
        high: null,
        status: 'not_assessed',
        text: 'quality not assessed',
      },
    ]);
  });

  test('says not inferior, inferior or undecided by the range of the difference', () => {
    const status = (passedFrom: number, passedTo: number, checked: number): string | undefined =>
      moveQualities([{ ...MOVE, evaluation: tasks(passedFrom, passedTo, checked) }], parameters)[0]?.status;
    expect(status(900, 895, 1_000)).toBe('not_inferior');
    expect(status(900, 700, 1_000)).toBe('inferior');
    expect(status(45, 44, 50)).toBe('undecided');
  });

  test('the range is that of Newcombe’s method 10: 56 of 70 against 48 of 80', () => {
    // Newcombe, Statistics in Medicine 17 (1998) 873, table II, example (a): 0.2, from 0.0524 to 0.3339
    const evaluation = [{ task: 't', from: { passed: 48, checked: 80 }, to: { passed: 56, checked: 70 } }];
    const [quality] = moveQualities([{ ...MOVE, evaluation }], parameters);
    expect(quality?.low).toBeCloseTo(0.0524, 4);
    expect(quality?.high).toBeCloseTo(0.3339, 4);
  });

  test('stands beside the lever that it speaks of', async () => {
    const calls = Array.from({ length: 30 }, (_, n) =>
      loggedCall({ timeMs: n * 86_400_000, tokens: { input: 1_000 } }),
    );
    const run = async (evaluation?: ReturnType<typeof tasks>): Promise<string> =>
      JSON.stringify(simulationJson(await simulationOf(calls, { levers: { moves: [{ ...MOVE, evaluation }] } })));
    expect(await run()).toContain('claude-sonnet-4-5 to claude-haiku-4-5: quality not assessed');
    const evaluated = await run(tasks(9_000, 8_990, 10_000));
    expect(evaluated).toContain('(extraction): not inferior at');
    expect(evaluated).toContain('"quality":"not_inferior"');
  });
});

describe('the backtest of a plan', () => {
  // twenty days of ten calls; in the second half only half of the calls may go
  const calls = Array.from({ length: 200 }, (_, n) => {
    const day = Math.floor(n / 10);
    const model = day >= 10 && n % 2 === 0 ? 'claude-haiku-4-5' : 'claude-sonnet-4-5';
    return loggedCall({
      timeMs: Date.UTC(2026, 9, 1 + day, n % 10),
      model,
      modelReported: model,
      tokens: { input: 1_000 },
    });
  });

  test('holds the first half’s share against the second half', async () => {
    const { ranges } = await simulationOf(calls, { levers: { moves: [MOVE] } });
    // first half: 0.003 to 0.001 each, two thirds; second: 50 calls of 0.003 and 50 of 0.001, of 0.2 USD 0.1 is saved
    expect(ranges.backtest).toMatchObject({ kind: 'tested', actualSavingPico: 100_000_000_000n });
    expect(ranges.backtest).toHaveProperty('forecastShare', expect.closeTo(2 / 3, 12));
    expect(ranges.backtest).toHaveProperty('actualShare', expect.closeTo(0.5, 12));
    expect(ranges.backtest).toHaveProperty('errorPoints', expect.closeTo(100 * (2 / 3 - 1 / 2), 9));
  });

  test('needs two weeks', async () => {
    const { ranges } = await simulationOf(calls.slice(0, 130), { levers: { moves: [MOVE] } });
    expect(ranges.backtest).toMatchObject({ kind: 'not_testable' });
  });
});
