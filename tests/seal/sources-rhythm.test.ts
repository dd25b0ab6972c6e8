/** What a source owes: weekdays, holidays, outages, irregular sources; a verdict on the past does not depend on the clock. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { owedDays } from '../../lib/seal/rhythm.ts';
import type { ActiveDay, Cadence, Owed } from '../../lib/seal/rhythm.ts';
import { MS_PER_DAY, dayNumber, isoDay } from '../../lib/time.ts';

/** A Monday. */
const START = dayNumber('2026-09-07');
const LEARNED: Cadence = { isDaily: false, isExpected: false };

/** Days 0 … n−1 from that Monday on which `reports` says yes; the last call at `hour`. */
function sightings(n: number, reports: (i: number) => boolean, hour: (i: number) => number = () => 20): ActiveDay[] {
  return Array.from({ length: n }, (_, i) => i)
    .filter(reports)
    .map((i) => ({ day: START + i, lastMs: (START + i) * MS_PER_DAY + hour(i) * 3_600_000 }));
}

/** As of day `today`, with the days counted from that Monday. */
function owed(active: readonly ActiveDay[], today: number, cadence = LEARNED): Omit<Owed, 'usualGapDays'> {
  const { missing, state } = owedDays(active, START + today, cadence);
  return { missing: missing.map((day) => day - START), state };
}

const daily = (): boolean => true;
const weekdays = (i: number): boolean => i % 7 < 5;

describe('a source that reports daily', () => {
  test('owes nothing while the day runs, one day after one, and is silent after three', () => {
    const active = sightings(30, daily);
    expect(owed(active, 30)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 31)).toEqual({ missing: [30], state: 'late' });
    expect(owed(active, 32)).toEqual({ missing: [30, 31], state: 'late' });
    expect(owed(active, 33)).toEqual({ missing: [30, 31, 32], state: 'silent' });
  });

  test('has ended after fourteen days, and owes nothing any more', () => {
    const active = sightings(30, daily);
    expect(owed(active, 43).missing).toHaveLength(13);
    expect(owed(active, 44)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 44, { ...LEARNED, isExpected: true }).missing).toHaveLength(14);
  });

  test('owes the days of an outage also after it came back', () => {
    expect(
      owed(
        sightings(40, (i) => i < 20 || i > 22),
        40,
      ),
    ).toEqual({ missing: [20, 21, 22], state: 'ok' });
  });

  test('is not tolerant for good after one long holiday', () => {
    const active = sightings(60, (i) => i < 30 || i >= 40);
    expect(owed(active, 63)).toEqual({
      missing: [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 60, 61, 62],
      state: 'silent',
    });
  });

  test('that pauses for months starts anew and does not owe the pause', () => {
    expect(
      owed(
        sightings(120, (i) => i < 30 || i >= 100),
        120,
      ),
    ).toEqual({ missing: [], state: 'ok' });
  });

  test('owes nothing before it has reported on three days', () => {
    expect(owed(sightings(2, daily), 6)).toEqual({ missing: [], state: 'ok' });
    expect(owed(sightings(3, daily), 4)).toEqual({ missing: [3], state: 'late' });
  });
});

describe('a source that never comes on weekends', () => {
  test('owes none on weekends, and is late on Tuesday for Monday', () => {
    const active = sightings(28, weekdays);
    for (const today of [26, 27, 28]) expect(owed(active, today)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 29)).toEqual({ missing: [28], state: 'late' });
    expect(owed(active, 31)).toEqual({ missing: [28, 29, 30], state: 'silent' });
    // the weekend after a silent week is not owed either
    expect(owed(active, 37).missing).toEqual([28, 29, 30, 31, 32, 35, 36]);
  });

  test('is not late on its first weekend, which nobody has seen before', () => {
    expect(owed(sightings(5, daily), 7)).toEqual({ missing: [], state: 'ok' });
    // without Monday the weekend could have been data, too
    expect(owed(sightings(5, daily), 8)).toEqual({ missing: [5, 6, 7], state: 'late' });
  });

  test('learns when it stops coming on weekends', () => {
    const active = sightings(70, (i) => i < 28 || weekdays(i));
    const { missing } = owed(active, 70);
    expect(missing.every((day) => day % 7 >= 5)).toBe(true);
    expect(missing.some((day) => day < 42)).toBe(true);
    expect(missing.filter((day) => day > 56)).toEqual([]);
  });
});

describe('rarer sources', () => {
  test('a weekly one is late the day after the day it always comes on', () => {
    const active = sightings(36, (i) => i % 7 === 0);
    expect(owed(active, 42)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 43)).toEqual({ missing: [42], state: 'late' });
  });

  test('one with even gaps of three days is late when one and a half of them are over', () => {
    const active = sightings(49, (i) => i % 3 === 0);
    expect(owed(active, 53)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 54)).toEqual({ missing: [49, 50, 51, 52, 53], state: 'late' });
    expect(owed(active, 58).state).toBe('silent');
  });

  test('a monthly one is not given up after fourteen days', () => {
    const active = sightings(151, (i) => i % 30 === 0);
    expect(owed(active, 180)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 196).state).toBe('late');
  });

  test('an irregular one is hardly ever called late, and a long silence of it is', () => {
    let state = 20_261_101;
    const chance = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    let days = 0;
    let called = 0;
    for (let n = 0; n < 60; n++) {
      const share = 0.3 + 0.5 * chance();
      const active = sightings(120, (i) => weekdays(i) && chance() < share);
      called += owed(active, (active.at(-1)?.day ?? 0) - START + 1).missing.length;
      days += 120;
      const silentFor = 40;
      expect(owed(active, 120 + silentFor, { ...LEARNED, isExpected: true }).state).not.toBe('ok');
    }
    expect(called / days).toBeLessThan(0.05);
  });
});

describe('the day on which a source falls silent', () => {
  const ends = (i: number): number => (i === 29 ? 11 : 22);

  test('is owed if it ended earlier than ever', () => {
    const active = sightings(30, daily, ends);
    expect(owed(active, 29)).toEqual({ missing: [], state: 'ok' });
    expect(owed(active, 30)).toEqual({ missing: [29], state: 'late' });
    expect(owed(active, 33)).toEqual({ missing: [29, 30, 31, 32], state: 'silent' });
  });

  test('is whole as soon as the next day reports', () => {
    expect(owed(sightings(31, daily, ends), 31)).toEqual({ missing: [], state: 'ok' });
  });

  test('is part of the outage that followed', () => {
    expect(
      owed(
        sightings(40, (i) => i < 30 || i > 32, ends),
        40,
      ).missing,
    ).toEqual([29, 30, 31, 32]);
  });
});

describe('a source that config expects daily', () => {
  test('owes every day without a call, weekends too', () => {
    const expected = { isDaily: true, isExpected: true };
    expect(owed(sightings(10, weekdays), 15, expected)).toEqual({
      missing: [5, 6, 10, 11, 12, 13, 14],
      state: 'silent',
    });
  });
});

const anySightings = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 150 })
  .map((reports) => sightings(reports.length, (i) => reports[i] === true));

test('only days without a sighting, before today, are owed, each once and in order; except the day it fell silent on', () => {
  fc.assert(
    fc.property(
      anySightings,
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
      fc.boolean(),
      (active, ago, isDaily, isExpected) => {
        const today = (active.at(-1)?.day ?? START) + ago;
        const { missing } = owedDays(active, today, { isDaily, isExpected });
        const seen = new Set(active.map(({ day }) => day));
        expect(missing).toEqual([...new Set(missing)].toSorted((a, b) => a - b));
        for (const day of missing) expect(day < today && !seen.has(day) && day > (active[0]?.day ?? 0)).toBe(true);
      },
    ),
  );
});

test('what was owed between two sightings stays owed, whatever comes later', () => {
  fc.assert(
    fc.property(anySightings, fc.integer({ min: 1, max: 30 }), (active, cut) => {
      const earlier = active.slice(0, Math.max(1, active.length - cut));
      const until = earlier.at(-1)?.day ?? START;
      const between = (all: readonly ActiveDay[]): string[] =>
        owedDays(all, (all.at(-1)?.day ?? START) + 1, LEARNED)
          .missing.filter((day) => day < until)
          .map(isoDay);
      expect(between(active)).toEqual(between(earlier));
    }),
  );
});
