/** Anomalies: days that must be told of and days that must not, each with its cause. How many are found of drawn ones is in docs/accuracy.md. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anomalyRows } from '../../lib/watch/anomaly-rows.ts';
import { findAnomalies } from '../../lib/watch/anomalies.ts';
import type { CellDay, CellHistory } from '../../lib/watch/anomalies.ts';
import type { SpendWindow } from '../../lib/watch/window.ts';
import { daysBetween } from '../../lib/time.ts';

/** A day of some calls of 1,000 tokens at 0.01 USD a call, a little different each day. */
const day = (at: number, over: { calls?: number; length?: number; price?: number } = {}): CellDay => {
  const calls = (over.calls ?? 1) * (1_000 + 10 * ((at * 7) % 5));
  const tokens = calls * 1_000 * (over.length ?? 1);
  return { calls, tokens, cost: tokens * 1e-5 * (over.price ?? 1) };
};
const NOTHING: CellDay = { calls: 0, tokens: 0, cost: 0 };
const steady = (days: number, change: Readonly<Record<number, Parameters<typeof day>[1]>> = {}): CellDay[] =>
  Array.from({ length: days }, (_, at) => day(at, change[at]));
const cellOf = (days: readonly (CellDay | null)[], over: Partial<CellHistory> = {}): CellHistory => ({
  team: 'search',
  provider: 'openai',
  model: 'gpt-4o',
  days,
  ...over,
});
const told = (cells: readonly CellHistory[], from = 0): (string | number)[][] =>
  findAnomalies(cells, 0, from).map(({ at, cell, cause }) => [at, cell.team, cell.model, cause]);

test('three times the calls of a steady cell is told of, with what was expected', () => {
  const [found, ...others] = findAnomalies([cellOf(steady(60, { 50: { calls: 3 } }))], 0, 0);
  expect(others).toEqual([]);
  expect([found?.at, found?.cause]).toEqual([50, 'calls']);
  expect(found?.actual).toBeCloseTo(day(50, { calls: 3 }).cost, 9);
  expect(Math.abs((found?.expected ?? 0) - 10.2)).toBeLessThan(0.3);
});

test.each([
  ['tokens per call', { length: 3 }],
  ['price', { price: 3 }],
  ['tokens per call', { calls: 1.2, length: 2.5 }],
] as const)('the cause is %s where %j', (cause, change) => {
  expect(told([cellOf(steady(60, { 50: change }))])).toEqual([[50, 'search', 'gpt-4o', cause]]);
});

test('half as much again is not told of, and neither is a day of nothing', () => {
  const days = steady(60, { 50: { calls: 1.5 } });
  days[40] = NOTHING;
  expect(told([cellOf(days)])).toEqual([]);
});

test('weekends of nothing are usual, and a Monday after one is', () => {
  const days = steady(60).map((one, at) => (at % 7 >= 5 ? NOTHING : one));
  expect(told([cellOf(days)])).toEqual([]);
});

test('a weekday that is always dear is usual on that weekday, and told of on another', () => {
  const change = Object.fromEntries(
    Array.from({ length: 70 }, (_, at) => at)
      .filter((at) => at % 7 === 2)
      .map((at) => [at, { calls: 3 }]),
  );
  expect(told([cellOf(steady(70, change))], 28)).toEqual([]);
  expect(told([cellOf(steady(70, { ...change, 60: { calls: 3 } }))], 28)).toEqual([[60, 'search', 'gpt-4o', 'calls']]);
});

test('a cell that is noisy by itself is given more room', () => {
  const noisy = steady(60).map((one, at) => ({ ...one, cost: one.cost * Math.exp(Math.sin(at * 12.9898) * 1.1) }));
  const usual = noisy
    .slice(0, 55)
    .map(({ cost }) => cost)
    .toSorted((a, b) => a - b)[27] as number;
  noisy[56] = { ...day(56), cost: 2.2 * usual };
  expect(told([cellOf(noisy)], 50).filter(([at]) => at === 56)).toEqual([]);
});

test('small change is not told of: half a dollar, or a hundredth of what the team spends', () => {
  const cents = steady(60, { 50: { calls: 3 } }).map((one) => ({ ...one, cost: one.cost / 100 }));
  expect(told([cellOf(cents)])).toEqual([]);
  const dear = steady(60).map((one) => ({ ...one, cost: one.cost * 1_000 }));
  const small = steady(60, { 50: { calls: 3 } });
  expect(told([cellOf(small), cellOf(dear, { model: 'gpt-5' })])).toEqual([]);
  expect(told([cellOf(small), cellOf(dear, { team: 'other' })])).toHaveLength(1);
});

test('a model that is new to a team is told of once, if it is a large part of its day', () => {
  const late = (times: number): CellDay[] =>
    steady(60).map((one, at) => (at < 40 ? NOTHING : { ...one, cost: one.cost * times }));
  const old = cellOf(steady(60));
  expect(told([old, cellOf(late(1), { model: 'gpt-5' })])).toEqual([[40, 'search', 'gpt-5', 'new model']]);
  expect(told([old, cellOf(late(0.1), { model: 'gpt-5' })])).toEqual([]);
});

test('nothing is unusual in a ledger of less than two weeks', () => {
  expect(told([cellOf(steady(13, { 12: { calls: 9 } }))])).toEqual([]);
  expect(told([cellOf(steady(15, { 14: { calls: 9 } }))])).toHaveLength(1);
});

test('a step is told of until it is the usual', () => {
  const change = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [40 + i, { calls: 3 }]));
  const days = told([cellOf(steady(80, change))]).map(([at]) => at as number);
  expect(days[0]).toBe(40);
  expect(Math.max(...days)).toBeLessThan(40 + 8);
});

test('a day that lacks a source is not judged and does not count as usual', () => {
  const days: (CellDay | null)[] = steady(60, { 50: { calls: 3 } });
  for (const at of [30, 31, 49]) days[at] = null;
  expect(told([cellOf(days)])).toHaveLength(1);
  days[50] = null;
  expect(told([cellOf(days)])).toEqual([]);
});

test('law: what comes after a day does not change how it is judged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 30, maxLength: 60 }),
      fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 10 }),
      (past, future) => {
        const cell = (costs: readonly number[]): CellHistory =>
          cellOf(costs.map((cost) => ({ calls: cost, tokens: cost * 10, cost: cost / 10 })));
        const [alone, later] = [past, [...past, ...future]].map((costs) =>
          told([cell(costs)]).filter(([at]) => (at as number) < past.length),
        );
        expect(later).toEqual(alone);
      },
    ),
    { numRuns: 60 },
  );
});

test('rows: exact amounts, fresh keys as a cause, and what goes on is continued', () => {
  const DAYS = daysBetween('2026-09-10', '2026-11-08');
  const cell = cellOf(steady(60, { 50: { calls: 3 }, 51: { calls: 3 }, 58: { length: 4 } }));
  const amounts = cell.days.map((_one, at) => 10n ** 12n + BigInt(at));
  const window: SpendWindow = {
    days: DAYS,
    isComplete: DAYS.map(() => true),
    firstWeekday: 3,
    cells: [cell],
    amounts: new Map([[cell, amounts]]),
    teams: new Map(),
  };
  const fresh = [
    { day: DAYS[51], team: 'search', provider: 'openai', model: 'gpt-4o', cost: '20.000000000000' },
    { day: DAYS[58], team: 'search', provider: 'openai', model: 'gpt-4o', cost: '2.000000000000' },
  ];
  const rows = anomalyRows(window, { from: DAYS[50] ?? '', to: DAYS[59] ?? '' }, fresh);
  expect(rows.map(({ day: name, cause, state, actualPico }) => [name, cause, state, actualPico])).toEqual([
    [DAYS[50], 'calls', 'new', amounts[50]],
    [DAYS[51], 'new key', 'continued', amounts[51]],
    [DAYS[58], 'tokens per call', 'new', amounts[58]],
  ]);
  // the day before the first is looked at, though not told of
  expect(anomalyRows(window, { from: DAYS[51] ?? '', to: DAYS[51] ?? '' }, [])).toMatchObject([{ state: 'continued' }]);
});
