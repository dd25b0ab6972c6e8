import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  dayNumber,
  dayOf,
  daysBetween,
  fromAny,
  fromIso,
  fromUnixSeconds,
  isoDay,
  weekStart,
} from '../lib/time.ts';

describe('reading time', () => {
  test.each([
    ['2026-08-01T00:00:00Z', '2026-08-01T00:00:00.000Z'],
    ['2026-08-01T00:00:00.250Z', '2026-08-01T00:00:00.250Z'],
    ['2026-08-01T00:00:00.999999999Z', '2026-08-01T00:00:00.999Z'], // floored, never into the next second
    ['2026-08-01 00:06:00.000000 UTC', '2026-08-01T00:06:00.000Z'],
    ['2026-08-01T02:00:00+02:00', '2026-08-01T00:00:00.000Z'],
    ['2026-08-01T02:00:00+0200', '2026-08-01T00:00:00.000Z'],
    ['2026-07-31T19:00:00-05', '2026-08-01T00:00:00.000Z'],
    ['2026-08-01 00:00:00', '2026-08-01T00:00:00.000Z'], // no zone is UTC
    ['2026-08-01', '2026-08-01T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(fromIso(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  test.each([
    '2026-13-01T00:00:00Z',
    '2026-02-30',
    '2026-08-01T25:00:00Z',
    'yesterday',
    '0001-01-01T00:00:00Z',
    '',
    null,
    12,
    {},
  ])('%j is no time', (value) => {
    expect(fromIso(value)).toBeNull();
  });

  test('fractions of seconds in floats survive', () => {
    expect(fromUnixSeconds(1_785_542_400.25)).toBe(1_785_542_400_250);
    expect(fromUnixSeconds('1785542400')).toBeNull();
  });

  test('seconds, milliseconds, microseconds and nanoseconds are told apart by magnitude', () => {
    const ms = 1_785_542_400_000;
    expect(
      [ms / 1000, ms, ms * 1000, ms * 1_000_000, String(ms), String(ms / 1000), '2026-08-01T00:00:00Z'].map(fromAny),
    ).toEqual(Array(7).fill(ms));
    expect(fromAny(12)).toBeNull();
  });
});

describe('days', () => {
  test('2025-12-04T02:00Z is that day in UTC, whatever the zone of the reader', () => {
    expect(dayOf(Date.UTC(2025, 11, 4, 2))).toBe('2025-12-04');
  });

  test('day numbers and names are inverse, and arithmetic crosses months and leap days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (n) => {
        expect(dayNumber(isoDay(n))).toBe(n);
      }),
    );
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-11-01', -1)).toBe('2026-10-31');
    expect(daysBetween('2026-12-30', '2027-01-02')).toEqual(['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02']);
  });

  test('weeks start on the configured weekday', () => {
    expect(weekStart('2026-11-24')).toBe('2026-11-23'); // a Tuesday → Monday
    expect(weekStart('2026-11-23')).toBe('2026-11-23');
    expect(weekStart('2026-11-24', 7)).toBe('2026-11-22'); // Sunday weeks
    expect(weekStart('2026-11-24', 3)).toBe('2026-11-18');
  });
});
