/** Forecasts: what must come out of histories without chance, and laws over any. How wide a range must be is measured in docs/accuracy.md. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecastSum } from '../../lib/watch/forecast.ts';
import { monthForecasts } from '../../lib/watch/month-forecast.ts';
import { weeklyShape } from '../../lib/watch/weekly-shape.ts';
import { weekday } from '../../lib/watch/window.ts';
import type { SpendWindow } from '../../lib/watch/window.ts';
import { addDays, daysBetween } from '../../lib/time.ts';

const ahead = (days: number, from: number): { ahead: number; weekday: number }[] =>
  Array.from({ length: days }, (_, i) => ({ ahead: i + 1, weekday: (from + i) % 7 }));
/** How far a value lies from what is wanted, as a share of it. */
const off = (value: number | undefined, wanted: number): number => Math.abs((value ?? Infinity) / wanted - 1);

test('as much every day goes on as it was', () => {
  const made = forecastSum({ firstWeekday: 0, costs: Array.from({ length: 56 }, () => 10) }, ahead(10, 0));
  expect(off(made?.expected, 100)).toBeLessThan(0.01);
  expect(made?.low).toBeLessThan(100);
  expect(made?.high).toBeGreaterThan(100);
});

test('weekends of nothing stay weekends of nothing', () => {
  const costs = Array.from({ length: 56 }, (_, at) => (at % 7 >= 5 ? 0 : 10));
  expect(off(forecastSum({ firstWeekday: 0, costs }, ahead(7, 0))?.expected, 50)).toBeLessThan(0.02);
  expect(off(forecastSum({ firstWeekday: 0, costs }, ahead(5, 0))?.expected, 50)).toBeLessThan(0.02);
  expect(forecastSum({ firstWeekday: 0, costs }, ahead(2, 5))?.expected).toBeLessThan(1);
});

test('a steady trend goes on, fading', () => {
  const costs = Array.from({ length: 56 }, (_, at) => 10 * 1.01 ** at);
  const made = forecastSum({ firstWeekday: 0, costs }, ahead(7, 0))?.expected ?? 0;
  const last = costs.at(-1) ?? 0;
  expect(made).toBeGreaterThan(7 * last * 1.01);
  expect(made).toBeLessThan(7 * last * 1.06);
});

test('days that lack a source are neither days of nothing nor in the way', () => {
  const whole = Array.from({ length: 56 }, () => 10);
  const gaps = whole.map((cost, at) => (at % 9 === 4 ? null : cost));
  expect(off(forecastSum({ firstWeekday: 0, costs: gaps }, ahead(7, 0))?.expected, 70)).toBeLessThan(0.01);
});

test('one wild day moves the expectation by no more than what such days add on average', () => {
  const costs = Array.from({ length: 56 }, (_, at) => (at === 50 ? 100 : 10 + (at % 3)));
  const made = forecastSum({ firstWeekday: 0, costs }, ahead(7, 0))?.expected ?? 0;
  expect(made).toBeLessThan(77 * 1.15);
  expect(made).toBeGreaterThan(77 * 0.95);
});

test('too short a past, or none, gives nothing; a month without days left costs what it did', () => {
  const days = (n: number): number[] => Array.from({ length: n }, () => 3);
  expect(forecastSum({ firstWeekday: 0, costs: days(6) }, ahead(3, 0))).toBeNull();
  expect(forecastSum({ firstWeekday: 0, costs: [0, 0, 0, ...days(6)] }, ahead(3, 0))).toBeNull();
  expect(forecastSum({ firstWeekday: 0, costs: [] }, ahead(3, 0))).toBeNull();
  expect(forecastSum({ firstWeekday: 0, costs: days(7) }, ahead(3, 0))).not.toBeNull();
  expect(forecastSum({ firstWeekday: 0, costs: days(6) }, [])).toMatchObject({ low: 0, expected: 0, high: 0 });
});

test('spend that comes now and then: mean of four weeks, and a wide range', () => {
  const costs = Array.from({ length: 56 }, (_, at) => ([1, 4, 6, 8].includes(at % 10) ? 10 : 0));
  const made = forecastSum({ firstWeekday: 0, costs }, ahead(10, 0));
  expect(made?.method).toContain('mean of 28 days');
  expect(off(made?.expected, 40)).toBeLessThan(0.15);
  expect((made?.high ?? 0) / (made?.low ?? 1)).toBeGreaterThan(1.5);
});

const history = fc.array(
  fc.option(
    fc.integer({ min: 0, max: 2 ** 40 }).map((micros) => micros / 1e6),
    { freq: 8 },
  ),
  { maxLength: 70 },
);

test('laws: in order, finite, the same twice, and in any currency', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 31 }), (costs, firstWeekday, n) => {
      const days = ahead(n, 3);
      const made = forecastSum({ firstWeekday, costs }, days);
      expect(forecastSum({ firstWeekday, costs }, days)).toEqual(made);
      if (made === null) return;
      expect(made.low).toBeGreaterThanOrEqual(0);
      expect(made.low).toBeLessThanOrEqual(made.high);
      expect(Number.isFinite(made.high) && Number.isFinite(made.expected)).toBe(true);
      // a power of two changes no digit of the numbers themselves
      const other = forecastSum({ firstWeekday, costs: costs.map((cost) => (cost === null ? null : cost * 4)) }, days);
      expect(Math.abs((other?.expected ?? NaN) - 4 * made.expected)).toBeLessThanOrEqual(1e-6 * made.expected);
    }),
  );
});

describe('weekdays', () => {
  test('are found as they are, around a mean of 0', () => {
    const wanted = [0.2, 0.2, 0.2, 0.2, 0.2, -0.5, -0.5];
    const logs = Array.from({ length: 56 }, (_, at) => 3 + (wanted[at % 7] as number) + 0.01 * ((at * 7919) % 5));
    for (const [at, addend] of weeklyShape(logs, 0).entries())
      expect(Math.abs(addend - (wanted[at] as number))).toBeLessThan(0.02);
  });

  test('are not read out of one week, nor out of noise', () => {
    expect(weeklyShape([1, 2, 3, 4, 5, 6, 7], 0)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    const noise = Array.from({ length: 56 }, (_, at) => ((at * 2_654_435_761) % 1_000) / 1_000);
    expect(Math.max(...weeklyShape(noise, 0).map(Math.abs))).toBeLessThan(0.15);
  });

  test('Monday is 0', () => {
    expect(['2026-11-09', '2026-11-15'].map(weekday)).toEqual([0, 6]);
  });
});

describe('of a month', () => {
  const DOLLAR = 10n ** 12n;
  const windowOf = (from: string, to: string, missing: readonly string[]): SpendWindow => {
    const days = daysBetween(from, to);
    return {
      days,
      isComplete: days.map((day) => !missing.includes(day)),
      firstWeekday: weekday(from),
      cells: [],
      amounts: new Map(),
      teams: new Map([
        ['b', days.map(() => 2n * DOLLAR)],
        ['a', days.map(() => DOLLAR + 1n)],
      ]),
    };
  };

  test('actual is exact, of complete days before the day it is made on; the others are forecast, also those past', () => {
    const rows = monthForecasts(windowOf('2026-09-20', '2026-11-18', ['2026-11-05']), '2026-11-16', '2026-11');
    expect(rows.map(({ scope, id, actualPico }) => [scope, id, actualPico])).toEqual([
      ['total', '', 14n * (3n * DOLLAR + 1n)],
      ['team', 'a', 14n * (DOLLAR + 1n)],
      ['team', 'b', 28n * DOLLAR],
    ]);
    for (const { lowPico, expectedPico, highPico, actualPico } of rows) {
      expect([lowPico > actualPico, lowPico < expectedPico, expectedPico < highPico]).toEqual([true, true, true]);
      expect((expectedPico - actualPico) % 1_000_000n).toBe(0n);
    }
    // 16 days are open: 15 ahead and the one that lacks a source
    expect(off(Number((rows[2]?.expectedPico ?? 0n) / DOLLAR), 60)).toBeLessThan(0.03);
  });

  test('days from the one it is made on are not looked at', () => {
    const whole = windowOf('2026-09-20', '2026-11-18', []);
    const cut = windowOf('2026-09-20', '2026-11-15', []);
    const wild = {
      ...whole,
      teams: new Map(
        [...whole.teams].map(([team, spent]) => [team, spent.map((pico, at) => (at > 56 ? 99n * DOLLAR : pico))]),
      ),
    };
    expect(addDays('2026-09-20', 56)).toBe('2026-11-15');
    expect(monthForecasts(wild, '2026-11-16', '2026-11')).toEqual(monthForecasts(cut, '2026-11-16', '2026-11'));
  });

  test('a month that is over is what it was', () => {
    const [total] = monthForecasts(windowOf('2026-10-01', '2026-11-30', []), '2026-12-01', '2026-11');
    const all = 30n * (3n * DOLLAR + 1n);
    expect(total).toMatchObject({ actualPico: all, lowPico: all, expectedPico: all, highPico: all });
  });
});
