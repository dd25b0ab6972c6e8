/** Which weeks are compared, and every way in which silence could look like saving. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comparableDays,
  completeThrough,
  gapsBetween,
  rangesOf,
  sourceName,
  weeksToCompare,
} from '../../lib/report/weeks.ts';
import { addDays, daysBetween } from '../../lib/time.ts';
import { source } from './report-lake.ts';

const SPAN = { firstDay: '2026-09-28', lastDay: '2026-11-01' };
const WEEKS = { current: { from: '2026-10-26', to: '2026-11-01' }, previous: { from: '2026-10-19', to: '2026-10-25' } };

describe('the compared weeks', () => {
  test.each([
    ['Monday morning takes the week that has just ended', '2026-11-02', 1, '2026-10-26'],
    ['Sunday still runs', '2026-11-01', 1, '2026-10-19'],
    ['weeks may start on Sunday', '2026-11-02', 7, '2026-10-25'],
    ['weeks may start on Wednesday', '2026-11-02', 3, '2026-10-21'],
  ])('%s', (_what, asOfDay, weekStart, from) => {
    const weeks = weeksToCompare(SPAN, asOfDay, weekStart);
    expect(weeks?.current).toEqual({ from, to: addDays(from, 6) });
    expect(weeks?.previous).toEqual({ from: addDays(from, -7), to: addDays(from, -1) });
  });

  test('a ledger that ended long ago is compared by its own last week', () => {
    const weeks = weeksToCompare({ firstDay: '2026-01-01', lastDay: '2026-03-31' }, '2026-11-02', 1);
    expect(weeks?.current).toEqual({ from: '2026-03-23', to: '2026-03-29' });
  });

  test('a ledger that fell silent a week ago is not: the empty days show', () => {
    const weeks = weeksToCompare({ firstDay: '2026-01-01', lastDay: '2026-10-24' }, '2026-11-02', 1);
    expect(weeks?.current).toEqual(WEEKS.current);
  });

  test('too young a ledger has no week, or no earlier one', () => {
    expect(weeksToCompare({ firstDay: '2026-11-02', lastDay: '2026-11-03' }, '2026-11-04', 1)).toBeNull();
    expect(weeksToCompare({ firstDay: '2026-10-27', lastDay: '2026-11-03' }, '2026-11-04', 1)).toEqual({
      current: WEEKS.current,
      previous: null,
    });
  });

  test('are always seven days, adjacent, ended, and start on the weekday asked for', () => {
    const dayGen = fc.integer({ min: 0, max: 4000 }).map((n) => addDays('2020-01-01', n));
    fc.assert(
      fc.property(
        dayGen,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 1, max: 7 }),
        (firstDay, length, ago, weekStart) => {
          const span = { firstDay, lastDay: addDays(firstDay, length) };
          const asOfDay = addDays(span.lastDay, ago);
          const weeks = weeksToCompare(span, asOfDay, weekStart);
          expect(weeks !== null || length + ago < 14).toBe(true);
          if (weeks === null) return;
          const { current, previous } = weeks;
          expect(new Date(`${current.from}T00:00:00Z`).getUTCDay() || 7).toBe(weekStart);
          expect(daysBetween(current.from, current.to)).toHaveLength(7);
          expect(current.to < asOfDay && current.to >= span.firstDay).toBe(true);
          expect(previous === null ? current.from : addDays(previous.to, 1)).toBe(current.from);
        },
      ),
    );
  });
});

describe('gaps', () => {
  const none = new Set<string>();

  test('there is none when every source reported', () => {
    expect(gapsBetween(WEEKS, SPAN, [source({})], none)).toEqual([]);
  });

  test('a silent source is named with the days it owes inside the weeks, and explains their incompleteness', () => {
    const silent = source({
      lastDay: '2026-10-30',
      status: 'silent',
      missingDays: ['2026-10-31', '2026-11-01', '2026-11-02'],
    });
    const incomplete = new Set(['2026-10-31', '2026-11-01', '2026-11-02']);
    expect(gapsBetween(WEEKS, SPAN, [silent], incomplete)).toEqual([
      { kind: 'silent', source: 'chat/ (openai.chat)', days: ['2026-10-31', '2026-11-01'] },
    ]);
  });

  test('days left out by a source that reports again are a gap of their own kind', () => {
    const back = source({ missingDays: ['2026-10-21', '2026-10-22', '2026-09-30'] });
    expect(gapsBetween(WEEKS, SPAN, [back], new Set(back.missingDays))).toEqual([
      { kind: 'missing', source: 'chat/ (openai.chat)', days: ['2026-10-21', '2026-10-22'] },
    ]);
  });

  test('a source that never came owes, and is neither new nor stopped', () => {
    const never = source({ firstDay: null, lastDay: null, status: 'silent', missingDays: ['2026-10-30'] });
    expect(gapsBetween(WEEKS, SPAN, [never], none)).toMatchObject([{ kind: 'silent', days: ['2026-10-30'] }]);
    expect(gapsBetween(WEEKS, SPAN, [{ ...never, missingDays: [] }], none)).toEqual([]);
  });

  test('a source that stopped after the earlier week is named although it owes nothing any more', () => {
    expect(gapsBetween(WEEKS, SPAN, [source({ lastDay: '2026-10-23' })], none)).toEqual([
      { kind: 'stopped', source: 'chat/ (openai.chat)', days: ['2026-10-23'] },
    ]);
    expect(gapsBetween(WEEKS, SPAN, [source({ lastDay: '2026-10-18' })], none)).toEqual([]);
  });

  test('a source that began within the weeks is named: its spend is not growth', () => {
    expect(gapsBetween(WEEKS, SPAN, [source({ firstDay: '2026-10-28' })], none)).toEqual([
      { kind: 'new', source: 'chat/ (openai.chat)', days: ['2026-10-28'] },
    ]);
    expect(gapsBetween(WEEKS, SPAN, [source({ firstDay: '2026-10-19' })], none)).toEqual([]);
  });

  test('a ledger that begins in the earlier week is named once, not per source', () => {
    const young = { firstDay: '2026-10-21', lastDay: '2026-11-01' };
    expect(gapsBetween(WEEKS, young, [source({ firstDay: '2026-10-21' })], none)).toEqual([
      { kind: 'ledger_begins', source: null, days: ['2026-10-21'] },
    ]);
  });

  test('incomplete days nobody explains are named', () => {
    expect(gapsBetween(WEEKS, SPAN, [source({})], new Set(['2026-10-18', '2026-10-22', '2026-11-02']))).toEqual([
      { kind: 'incomplete', source: null, days: ['2026-10-22'] },
    ]);
  });

  test('a source at the top of the inbox is named by its format', () => {
    expect(sourceName({ prefix: '', sourceFormat: 'native', billingAccountId: null })).toBe('native');
    expect(sourceName({ prefix: '', sourceFormat: 'native', billingAccountId: 'a' })).toBe('native (account a)');
    expect(sourceName({ prefix: 'x/', sourceFormat: 'native', billingAccountId: 'a' })).toBe('x/ (native, account a)');
  });
});

describe('the compared days', () => {
  test('are complete in both weeks, and not before the ledger begins', () => {
    const incomplete = new Set(['2026-10-31', '2026-10-21']);
    expect(comparableDays(WEEKS, { firstDay: '2026-10-20', lastDay: '2026-11-01' }, incomplete)).toEqual([
      '2026-10-27', // 26: a week before, the ledger had not begun; 28: a week before is the 21st; 31: itself
      '2026-10-29',
      '2026-10-30',
      '2026-11-01',
    ]);
  });

  test('are asked as ranges that hold each day once, in order', () => {
    const subset = fc.subarray(daysBetween('2026-10-26', '2026-11-01'));
    fc.assert(
      fc.property(subset, (days) => {
        const ranges = rangesOf(days);
        expect(ranges.flatMap(({ from, to }) => daysBetween(from, to))).toEqual(days);
        // never two ranges where one would do
        expect(ranges.slice(1).filter((range, i) => range.from === addDays(ranges[i]?.to ?? '', 1))).toEqual([]);
      }),
    );
  });
});

describe('complete through', () => {
  test.each([
    ['yesterday, when nothing is owed', '2026-11-02', [], '2026-11-01'],
    ['the day before the first incomplete one', '2026-11-02', ['2026-10-30', '2026-11-01'], '2026-10-29'],
    ['no day, when the first is incomplete', '2026-11-02', ['2026-09-28'], null],
    ['the last day of a ledger that ended long ago', '2027-03-01', ['2027-03-01'], '2026-11-01'],
  ])('%s', (_what, asOfDay, incomplete, expected) => {
    expect(completeThrough(SPAN, asOfDay, new Set(incomplete))).toBe(expected);
  });
});
