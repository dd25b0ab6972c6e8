import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { monthDays, periodName, weekDays } from '../lib/period.ts';
import { addDays, isoDay } from '../lib/time.ts';

describe('weeks', () => {
  // `date -d DAY +%G-W%V` of each Monday
  test.each([
    ['2026-W46', '2026-11-09', '2026-11-15'],
    ['2020-W53', '2020-12-28', '2021-01-03'],
    ['2021-W01', '2021-01-04', '2021-01-10'],
    ['2026-W01', '2025-12-29', '2026-01-04'],
    ['2026-W53', '2026-12-28', '2027-01-03'],
  ])('%s is %s to %s', (week, from, to) => {
    expect(weekDays(week)).toEqual({ from, to });
    expect(periodName(from, to)).toBe(week);
  });

  test.each(['2025-W53', '2026-W00', '2026-W54', '2026-W6', '2026-46', '2026-w46', '2026-W460', ''])(
    '%s is none',
    (week) => {
      expect(weekDays(week)).toBeNull();
    },
  );
});

describe('months', () => {
  test.each([
    ['2026-11', '2026-11-01', '2026-11-30'],
    ['2026-12', '2026-12-01', '2026-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2026-02', '2026-02-01', '2026-02-28'],
  ])('%s is %s to %s', (month, from, to) => {
    expect(monthDays(month)).toEqual({ from, to });
    expect(periodName(from, to)).toBe(month);
  });

  test.each(['2026-13', '2026-00', '2026-1', '2026', '2026-11-01', ''])('%s is none', (month) => {
    expect(monthDays(month)).toBeNull();
  });
});

test('days that are no whole week or month have no name', () => {
  for (const [from, to] of [
    ['2026-11-09', '2026-11-14'],
    ['2026-11-09', '2026-11-22'],
    ['2026-11-10', '2026-11-16'],
    ['2026-11-01', '2026-11-29'],
    ['2026-11-01', '2026-12-31'],
    ['2026-10-31', '2026-11-30'],
  ] as const)
    expect([from, to, periodName(from, to)]).toEqual([from, to, null]);
});

test('every day lies in one week, and the week after begins where it ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 16_436, max: 47_000 }), (number) => {
      const day = isoDay(number);
      const monday = [0, 1, 2, 3, 4, 5, 6]
        .map((back) => addDays(day, -back))
        .find((at) => new Date(at).getUTCDay() === 1);
      const name = periodName(monday ?? '', addDays(monday ?? '', 6)) ?? '';
      expect(weekDays(name)).toEqual({ from: monday, to: addDays(monday ?? '', 6) });
      const next = periodName(addDays(monday ?? '', 7), addDays(monday ?? '', 13)) ?? '';
      expect(next > name).toBe(true);
    }),
  );
});
