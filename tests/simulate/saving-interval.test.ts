import { describe, expect, test } from 'vitest';
import { createChance } from '../../lib/simulate/chance.ts';
import { quantileOf } from '../../lib/simulate/distributions.ts';
import type { ClusterCosts } from '../../lib/simulate/resampling.ts';
import { resampleSavings, savingRange } from '../../lib/simulate/resampling.ts';
import type { Horizon, LogCosts, SavingRanges } from '../../lib/simulate/saving-interval.ts';
import { savingIntervals } from '../../lib/simulate/saving-interval.ts';
import { weekBlocks } from '../../lib/simulate/weekly-pattern.ts';

const FIRST_DAY = 20_758; // 2026-11-01
const MANY_CALLS = { sum: 1_000, sumOfSquares: 1_000 };

function table(rows: readonly (readonly [number, number])[]): ClusterCosts {
  return {
    base: Float64Array.from(rows, ([base]) => base),
    next: Float64Array.from(rows, ([, next]) => next),
    plans: 1,
  };
}

function logOf(rows: readonly (readonly [number, number])[], more: Partial<LogCosts> = {}): LogCosts {
  const dayNumbers = Int32Array.from(rows, (_, at) => FIRST_DAY + at);
  return { days: table(rows), dayNumbers, groups: null, callCost: MANY_CALLS, ...more };
}

/** Days around 100 a day, or with weekends at a tenth. */
function days(count: number, hasWeekends: boolean): [number, number][] {
  const chance = createChance(count, 'days');
  return Array.from({ length: count }, (_, at): [number, number] => {
    const base = (90 + 20 * chance.uniform()) * (hasWeekends && at % 7 > 4 ? 0.1 : 1);
    return [base, base * (0.5 + 0.2 * chance.uniform())];
  });
}

function sessions(count: number): NonNullable<LogCosts['groups']> {
  return { unit: 'session', costs: table(days(count, false)) };
}

function found(log: LogCosts, horizon: Horizon = 'month'): SavingRanges {
  const result = savingIntervals(log, horizon);
  if (result.kind === 'refused') throw new Error(result.message);
  return result;
}

describe('the log decides what is drawn', () => {
  test.each<[string, LogCosts, string, string, number, boolean]>([
    ['14 days', logOf(days(14, false)), 'day', 'percentile', 14, false],
    ['41 days with weekends', logOf(days(41, true)), 'day', 'percentile', 41, false],
    ['42 days with weekends', logOf(days(42, true)), 'week', 'percentile', 42, false],
    ['60 days without a pattern', logOf(days(60, false)), 'day', 'percentile', 60, false],
    ['14 days and sessions', logOf(days(14, false), { groups: sessions(50) }), 'day', 'percentile', 14, false],
    ['13 days and sessions', logOf(days(13, false), { groups: sessions(50) }), 'session', 'percentile', 50, true],
    [
      '13 days and tenants',
      logOf(days(13, false), { groups: { ...sessions(20), unit: 'tenant' } }),
      'tenant',
      'percentile',
      20,
      true,
    ],
    ['13 days and few tenants', logOf(days(13, false), { groups: sessions(13) }), 'day', 'student', 13, true],
    ['13 days alone', logOf(days(13, false)), 'day', 'student', 13, true],
    ['2 days alone', logOf(days(2, false)), 'day', 'student', 2, true],
  ])('%s', (_name, log, unit, method, clusters, isFewDays) => {
    expect(found(log)).toMatchObject({ unit, method, clusters, isFewDays });
  });

  test('days without cost do not count as days, nor sessions without cost as sessions', () => {
    const silent = days(16, false).map(([base, next], at): [number, number] => (at % 5 === 2 ? [0, 0] : [base, next]));
    expect(found(logOf(silent))).toMatchObject({ method: 'student', daysWithCost: 13, clusters: 13, isFewDays: true });
    const costs = table([...days(13, false), ...Array.from({ length: 40 }, (): [number, number] => [0, 0])]);
    expect(found(logOf(days(5, false), { groups: { unit: 'session', costs } }))).toMatchObject({ method: 'student' });
  });

  test('days are drawn with the day after them, weeks as many as the log has', () => {
    const plain = days(20, false);
    const pairs = plain.map(([base, next], at): [number, number] => {
      const [baseAfter, nextAfter] = plain[(at + 1) % 20] as [number, number];
      return [base + baseAfter, next + nextAfter];
    });
    expect(found(logOf(plain)).ranges[0]).toEqual(savingRange(resampleSavings(table(pairs), { drawn: 10 }), 0));
    const weekly = logOf(days(44, true));
    // 44 days are 6.3 weeks: six blocks to a replicate
    const blocks = resampleSavings(weekBlocks(weekly.dayNumbers, weekly.days), { drawn: 6 });
    expect(found(weekly).ranges[0]).toEqual(savingRange(blocks, 0));
  });

  test('how evenly the units weigh is told', () => {
    const { effectiveClusters, effectiveCalls } = found(
      logOf(
        Array.from({ length: 14 }, (_, at): [number, number] => [at < 2 ? 6 : 1, 0.5]),
        { callCost: { sum: 60, sumOfSquares: 60 } },
      ),
    );
    // (2·6 + 12)² / (2·36 + 12) = 576 / 84
    expect(effectiveClusters).toBeCloseTo(576 / 84, 10);
    expect(effectiveCalls).toBe(60);
  });
});

describe('refused, with the reason', () => {
  test.each<[string, LogCosts, Horizon, string]>([
    ['a month from one day', logOf(days(1, false), { groups: sessions(500) }), 'month', 'one_day'],
    [
      'a month from one day among silent ones',
      logOf([
        [0, 0],
        [9, 3],
        [0, 0],
      ]),
      'month',
      'one_day',
    ],
    ['one day without sessions', logOf(days(1, false)), 'log', 'no_clusters'],
    ['one day with 13 sessions', logOf(days(1, false), { groups: sessions(13) }), 'log', 'no_clusters'],
    [
      'no cost',
      logOf([
        [0, 0],
        [0, 0],
      ]),
      'month',
      'no_cost',
    ],
    ['no days', logOf([]), 'log', 'no_cost'],
    [
      'one call that is nearly everything',
      logOf(days(30, false), { callCost: { sum: 1e6, sumOfSquares: 9e11 } }),
      'month',
      'few_effective_calls',
    ],
    [
      'calls that weigh like 29.9',
      logOf(days(30, false), { callCost: { sum: 299, sumOfSquares: 2_990 } }),
      'month',
      'few_effective_calls',
    ],
  ])('%s', (_name, log, horizon, reason) => {
    const result = savingIntervals(log, horizon);
    expect(result).toMatchObject({ kind: 'refused', reason });
    expect(result).toHaveProperty('message', expect.stringMatching(/\w+ \w+/));
  });

  test('but 30 effective calls are enough, and one day of sessions tells of its own log', () => {
    expect(found(logOf(days(30, false), { callCost: { sum: 300, sumOfSquares: 3_000 } })).effectiveCalls).toBe(30);
    expect(found(logOf(days(1, false), { groups: sessions(14) }), 'log')).toMatchObject({
      unit: 'session',
      isFewDays: true,
    });
  });

  test('and a programming error is none of these', () => {
    expect(() => savingIntervals({ ...logOf(days(3, false)), dayNumbers: Int32Array.of(1, 2) }, 'log')).toThrow(
      '3 days of costs need as many day numbers, got 2',
    );
    expect(() => savingIntervals({ ...logOf(days(2, false)), dayNumbers: Int32Array.of(2, 2) }, 'log')).toThrow(
      'must ascend',
    );
  });
});

describe('few days', () => {
  test('three equal days by hand', () => {
    // ratios 0.5, 0.6, 0.72 are ln 1.2 apart: mean ln 0.6, s = ln 1.2, standard error ln 1.2 / √3 = 0.105264;
    // Student with two degrees: 4.302653 at 97.5 %, 1.885618 at 90 %. Ratio of sums 1.82 / 3.
    const { ranges } = found(
      logOf([
        [100, 50],
        [100, 60],
        [100, 72],
      ]),
    );
    const ratio = 1.82 / 3;
    const error = Math.log(1.2) / Math.sqrt(3);
    const range = ranges[0];
    expect(range?.saving).toBeCloseTo(1 - ratio, 12);
    expect(range?.p50).toBeCloseTo(1 - ratio, 12);
    expect(range?.low).toBeCloseTo(1 - ratio * Math.exp(4.302653 * error), 6);
    expect(range?.high).toBeCloseTo(1 - ratio * Math.exp(-4.302653 * error), 6);
    expect(range?.p10).toBeCloseTo(1 - ratio * Math.exp(1.885618 * error), 6);
    expect(range?.p90).toBeCloseTo(1 - ratio * Math.exp(-1.885618 * error), 6);
  });

  test('a day that is most of the cost leaves less certainty', () => {
    const even = found(
      logOf([
        [100, 50],
        [100, 60],
        [100, 72],
      ]),
    ).ranges[0];
    const uneven = found(
      logOf([
        [10, 5],
        [1_000, 600],
        [10, 7.2],
      ]),
    ).ranges[0];
    const widthOf = (range: typeof even): number => (range?.high ?? NaN) - (range?.low ?? NaN);
    expect(widthOf(uneven)).toBeGreaterThan(1.5 * widthOf(even));
  });

  test('several plans keep apart, also where a silent day is left out', () => {
    const both: ClusterCosts = {
      base: Float64Array.of(100, 0, 100, 100),
      next: Float64Array.of(50, 90, 0, 0, 60, 80, 72, 85),
      plans: 2,
    };
    const one = (next: readonly number[]): SavingRanges => found(logOf(next.map((cost) => [100, cost])));
    const log = { ...logOf([]), days: both, dayNumbers: Int32Array.of(1, 2, 3, 4) };
    expect(found(log).ranges).toEqual([one([50, 60, 72]).ranges[0], one([90, 80, 85]).ranges[0]]);
  });

  test('a plan that costs nothing on some day is taken on the plain scale, and saves no more than everything', () => {
    // ratios 0, 0.1, 0.2: s = 0.1, error 0.1/√3 = 0.057735
    const range = found(
      logOf([
        [10, 0],
        [10, 1],
        [10, 2],
      ]),
    ).ranges[0];
    expect(range?.saving).toBeCloseTo(0.9, 12);
    expect(range?.low).toBeCloseTo(0.9 - 4.302653 * 0.057735, 5);
    expect(range?.high).toBe(1);
  });

  test.each([3, 5, 10])('%i days at a nominal 95 % hold the truth nearly as often', (count) => {
    const chance = createChance(count, 'few days');
    const ratio = quantileOf({ kind: 'lognormal', mode: 0.4, sigma: 0.2 });
    // the mean of that distribution: mode·e^(1.5σ²)
    const truth = 1 - 0.4 * Math.exp(1.5 * 0.04);
    const trials = 2_000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const rows = Array.from({ length: count }, (): [number, number] => {
        const base = 80 + 40 * chance.uniform();
        return [base, base * ratio(chance.uniform())];
      });
      const range = found(logOf(rows)).ranges[0];
      if (range !== undefined && range.low <= truth && truth <= range.high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.93);
    expect(covered / trials).toBeLessThan(0.97);
  });
});

test('weeks hold what days lose: with a drift from week to week the blocks are wider', () => {
  const chance = createChance(1, 'drift');
  let level = 0.5;
  const rows = Array.from({ length: 56 }, (_, at): [number, number] => {
    if (at % 7 === 0) level = 0.3 + 0.4 * chance.uniform();
    const base = at % 7 > 4 ? 10 : 100;
    return [base, base * level];
  });
  const { unit, ranges } = found(logOf(rows));
  const byDay = savingRange(resampleSavings(table(rows)), 0);
  expect(unit).toBe('week');
  expect((ranges[0]?.high ?? 0) - (ranges[0]?.low ?? 0)).toBeGreaterThan(1.3 * (byDay.high - byDay.low));
});

test('what goes on after midnight makes days alike: pairs hold the truth where single days promise too much', () => {
  const chance = createChance(1, 'midnight');
  // what is saved of a day's 100 is the mean of its own luck and that of the day before, 0.5 in the long run
  const trials = 400;
  let held = 0;
  let heldByDay = 0;
  for (let trial = 0; trial < trials; trial++) {
    const luck = Array.from({ length: 29 }, () => chance.uniform());
    const rows = luck.slice(1).map((own, at): [number, number] => [100, 50 * (own + (luck[at] as number))]);
    const holds = ({ low, high }: { low: number; high: number }): number => Number(low <= 0.5 && 0.5 <= high);
    held += holds(found(logOf(rows)).ranges[0] as { low: number; high: number });
    heldByDay += holds(savingRange(resampleSavings(table(rows)), 0));
  }
  expect(held / trials).toBeGreaterThan(0.88);
  expect(heldByDay).toBeLessThan(held - 0.03 * trials);
});
