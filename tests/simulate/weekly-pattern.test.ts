import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChance } from '../../lib/simulate/chance.ts';
import { calendarSpan, hasWeeklyPattern, weekBlocks, weekdayStatistic } from '../../lib/simulate/weekly-pattern.ts';

const consecutive = (count: number, first = 20_758): Int32Array =>
  Int32Array.from({ length: count }, (_, at) => first + at);

describe('the weekly pattern', () => {
  test('of seven quite different weekdays, by hand', () => {
    // six weeks, weekday j costs 100·j and more: its ranks are 6j + 1 … 6j + 6 with sum 36j + 21.
    // Σ (36j + 21)² = 152,775; H = 12/(42·43) · 152,775/6 − 3·43 = 40.18605
    const cost = Float64Array.from({ length: 42 }, (_, at) => 100 * (at % 7) + Math.floor(at / 7));
    expect(weekdayStatistic(consecutive(42), cost)).toBeCloseTo(40.18605, 4);
  });

  test('of weekends alone, by hand, where most days tie', () => {
    // two values that weekdays separate without exception: H = N − 1
    const cost = Float64Array.from({ length: 42 }, (_, at) => (at % 7 < 5 ? 8 : 0));
    expect(weekdayStatistic(consecutive(42), cost)).toBeCloseTo(41, 9);
  });

  test('is none where all days cost the same, or there is nothing', () => {
    expect(weekdayStatistic(consecutive(60), new Float64Array(60).fill(3))).toBe(0);
    expect(hasWeeklyPattern(consecutive(1), Float64Array.of(3))).toBe(false);
    expect(hasWeeklyPattern(new Int32Array(), new Float64Array())).toBe(false);
  });

  test('is seen by mistake in about one log of twenty', () => {
    const chance = createChance(1, 'no pattern');
    const logs = 2_000;
    let seen = 0;
    for (let log = 0; log < logs; log++)
      if (
        hasWeeklyPattern(
          consecutive(56),
          Float64Array.from({ length: 56 }, () => chance.uniform()),
        )
      )
        seen++;
    expect(seen / logs).toBeGreaterThan(0.03);
    expect(seen / logs).toBeLessThan(0.07);
  });

  test('does not hang on the first day or on days before 1970', () => {
    const cost = Float64Array.from({ length: 42 }, (_, at) => 100 * (at % 7) + Math.floor(at / 7));
    expect(weekdayStatistic(consecutive(42, -17), cost)).toBeCloseTo(weekdayStatistic(consecutive(42), cost), 9);
  });
});

describe('blocks of a week', () => {
  test('hold every day in seven blocks', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 80 }), { minLength: 7, maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (numbers, plans) => {
          const dayNumbers = Int32Array.from(numbers.toSorted((a, b) => a - b));
          const base = Float64Array.from(dayNumbers, (day) => day + 1);
          const next = Float64Array.from({ length: dayNumbers.length * plans }, (_, at) => at % 11);
          const blocks = weekBlocks(dayNumbers, { base, next, plans });
          const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
          expect(blocks.base).toHaveLength(calendarSpan(dayNumbers));
          expect(sum(blocks.base)).toBe(7 * sum(base));
          expect(sum(blocks.next)).toBe(7 * sum(next));
        },
      ),
    );
  });

  test('are a day and the six after it, around the end, with a missing day left empty', () => {
    // days 0 … 8 without day 4; costs are powers of two, so that a sum tells its days
    const dayNumbers = Int32Array.of(0, 1, 2, 3, 5, 6, 7, 8);
    const base = Float64Array.from(dayNumbers, (day) => 2 ** day);
    const blocks = weekBlocks(dayNumbers, { base, next: base, plans: 1 });
    expect(blocks.base[0]).toBe(1 + 2 + 4 + 8 + 32 + 64);
    expect(blocks.base[7]).toBe(128 + 256 + 1 + 2 + 4 + 8);
    expect(blocks.next).toEqual(blocks.base);
    expect(calendarSpan(new Int32Array())).toBe(0);
    expect(() => weekBlocks(Int32Array.of(1, 6), { base: base.slice(2), next: base.slice(2), plans: 1 })).toThrow(
      'need seven days of calendar, got 6',
    );
  });
});
