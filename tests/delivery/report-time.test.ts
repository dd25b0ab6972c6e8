/** When a report is due: never before six hours after the end of its week, whatever the zone does with its clocks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config.ts';
import type { Config } from '../../lib/config.ts';
import { WEEKDAYS } from '../../lib/config-schema.ts';
import { dueMs, lastReportWeek, sendSlot, weekEndingOn } from '../../lib/report-time.ts';
import { addDays } from '../../lib/time.ts';

function config(timezone: string, hour?: number, weekStart: string = 'monday'): Config {
  const mail = hour === undefined ? {} : { mail: { from: 'a@example.com', send_hour: hour } };
  return parseConfig(JSON.stringify({ week_start: weekStart, report: { timezone, ...mail } }), 'c.json');
}
const at = (iso: string): number => Date.parse(iso);

describe('the week that is reported', () => {
  test.each([
    ['2026-11-16T05:59:59Z', 'monday', '2026-11-02', '2026-11-08'],
    ['2026-11-16T06:00:00Z', 'monday', '2026-11-09', '2026-11-15'],
    ['2026-11-22T23:00:00Z', 'monday', '2026-11-09', '2026-11-15'],
    ['2026-11-15T06:00:00Z', 'sunday', '2026-11-08', '2026-11-14'],
    ['2027-01-04T06:00:00Z', 'monday', '2026-12-28', '2027-01-03'],
  ])('at %s, with weeks from %s, is %s to %s', (now, week_start, from, to) => {
    expect(lastReportWeek(at(now), { week_start: week_start as Config['week_start'] })).toEqual({ from, to });
  });

  test('is named by its last day, and by no other', () => {
    const monday = { week_start: 'monday' } as const;
    expect(weekEndingOn('2026-11-15', monday)).toEqual({ from: '2026-11-09', to: '2026-11-15' });
    expect(weekEndingOn('2026-11-14', monday)).toBeNull();
    expect(weekEndingOn('2026-11-14', { week_start: 'sunday' })).toEqual({ from: '2026-11-08', to: '2026-11-14' });
  });
});

describe('the slot', () => {
  test.each([
    // eight o'clock in Berlin is six or seven UTC
    ['Europe/Berlin', 8, 'monday', { weekday: 1, hour: 8 }],
    // seven in summer would be five UTC
    ['Europe/Berlin', 7, 'monday', { weekday: 2, hour: 7 }],
    ['UTC', 6, 'monday', { weekday: 1, hour: 6 }],
    ['UTC', 5, 'monday', { weekday: 2, hour: 5 }],
    // Monday morning in Tokyo is still Sunday in UTC
    ['Asia/Tokyo', 8, 'monday', { weekday: 2, hour: 8 }],
    ['Pacific/Kiritimati', 8, 'monday', { weekday: 2, hour: 8 }],
    ['America/Los_Angeles', 8, 'monday', { weekday: 1, hour: 8 }],
    // eleven on Sunday evening in Los Angeles is six or seven UTC on Monday
    ['America/Los_Angeles', 23, 'monday', { weekday: 7, hour: 23 }],
    ['Asia/Kolkata', 11, 'monday', { weekday: 2, hour: 11 }],
    ['Asia/Kolkata', 12, 'monday', { weekday: 1, hour: 12 }],
    ['UTC', 8, 'sunday', { weekday: 7, hour: 8 }],
    ['UTC', 8, 'saturday', { weekday: 6, hour: 8 }],
  ])('in %s at %i, with weeks from %s', (zone, hour, weekStart, slot) => {
    expect(sendSlot(config(zone, hour, weekStart))).toEqual(slot);
  });

  test('without mail is at eight', () => {
    expect(sendSlot(config('UTC')).hour).toBe(8);
  });

  test('a report is due in its slot, six hours or more after its week and less than two days, in every zone and week', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const weeks = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 23 }),
        fc.constantFrom(...WEEKDAYS),
        weeks,
        (zone, hour, start, n) => {
          const own = config(zone, hour, start);
          const running = lastReportWeek(at('2026-03-05T12:00:00Z'), own);
          const week = { from: addDays(running.from, 7 * n), to: addDays(running.to, 7 * n) };
          const endMs = at(`${week.to}T00:00:00Z`) + 86_400_000;
          const due = dueMs(week, own);
          expect(due - endMs).toBeGreaterThanOrEqual(6 * 3_600_000);
          expect(due - endMs).toBeLessThan(54 * 3_600_000);
          // at that moment it is the week that is reported
          expect(lastReportWeek(due, own)).toEqual(week);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('in a week in which clocks change, it is due at the same hour of the day', () => {
    const own = config('Europe/Berlin', 8);
    const localHour = (ms: number): string =>
      new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit' }).format(ms);
    for (const to of ['2026-10-18', '2026-10-25', '2026-11-01', '2027-03-21', '2027-03-28', '2027-04-04']) {
      expect(localHour(dueMs({ from: addDays(to, -6), to }, own))).toBe('Mon, 08');
    }
  });
});
