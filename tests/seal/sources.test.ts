/** Which source a row belongs to, what config `sources` changes, and which days are incomplete for it. */
import { describe, expect, test } from 'vitest';
import { folderOf, incompleteDays, sourceStates, topFolder } from '../../lib/seal/sources.ts';
import type { EmptyObject, ExpectedSource, SourceDay, SourceState } from '../../lib/seal/sources.ts';
import { MS_PER_DAY, dayNumber, daysBetween } from '../../lib/time.ts';

const at = (text: string): number => Date.parse(text);
/** Monday to Sunday three times; the fourth Monday is running. */
const DAYS = daysBetween('2026-11-02', '2026-11-22');
const NOW = at('2026-11-23T06:00:00Z');

function reports(days: readonly string[], overrides: Partial<SourceDay> = {}): SourceDay[] {
  return days.map((day) => ({
    sourceFormat: 'native',
    billingAccountId: null,
    folder: 'app/',
    day: dayNumber(day),
    firstMs: at(`${day}T08:00:00Z`),
    lastMs: at(`${day}T20:00:00Z`),
    lastObjectMs: at(`${day}T21:00:00Z`),
    ...overrides,
  }));
}

const short = (s: SourceState): unknown[] => [
  s.prefix,
  s.sourceFormat,
  s.billingAccountId,
  s.status,
  s.missingDays.length,
];
const statesOf = (rows: SourceDay[], expected: ExpectedSource[] = [], empty: EmptyObject[] = [], nowMs = NOW) =>
  sourceStates(rows, nowMs, expected, empty);

describe('folders', () => {
  test.each([
    ['gateway/eu/2026/11/a.jsonl', 'gateway/'],
    ['a.jsonl', ''],
    ['2026-11-20/a.jsonl', ''],
    ['2026/11/20/a.jsonl', ''],
    ['20261120/a.jsonl', ''],
    ['dt=2026-11-20/a.jsonl', ''],
    ['2026-11-20T05/a.jsonl', '2026-11-20T05/'],
    ['team=search/a.jsonl', 'team=search/'],
    ['v2026/a.jsonl', 'v2026/'],
  ])('%s counts under %j', (object, folder) => {
    expect(topFolder(object)).toBe(folder);
  });

  test('the longest prefix of the config wins over the top folder', () => {
    const expected = [{ prefix: 'gateway/' }, { prefix: 'gateway/eu/' }];
    expect(folderOf('gateway/eu/a', expected)).toBe('gateway/eu/');
    expect(folderOf('gateway/us/a', expected)).toBe('gateway/');
    expect(folderOf('other/a', expected)).toBe('other/');
  });
});

describe('learned sources', () => {
  test('are apart by format, account and folder, and each has its own rhythm', () => {
    const states = statesOf([
      ...reports(DAYS),
      ...reports(DAYS.slice(0, -3), { billingAccountId: 'acme' }),
      ...reports(DAYS, { folder: 'web/' }),
      ...reports(DAYS.slice(0, -1), { sourceFormat: 'openai.chat' }),
    ]);
    expect(states.map(short)).toEqual([
      ['app/', 'native', null, 'ok', 0],
      ['app/', 'native', 'acme', 'silent', 3],
      ['app/', 'openai.chat', null, 'late', 1],
      ['web/', 'native', null, 'ok', 0],
    ]);
  });

  test('tell when they were seen and how often they come', () => {
    const [state] = statesOf(reports(DAYS));
    expect(state).toMatchObject({
      firstDay: '2026-11-02',
      lastDay: '2026-11-22',
      firstEventMs: at('2026-11-02T08:00:00Z'),
      lastEventMs: at('2026-11-22T20:00:00Z'),
      lastObjectAtMs: at('2026-11-22T21:00:00Z'),
      usualGapHours: 24,
      isExpected: false,
    });
  });

  test('rows of one day come in any order and number', () => {
    const rows = reports(DAYS).flatMap((row) => [row, { ...row, lastMs: row.lastMs - 3_600_000 }]);
    expect(statesOf(rows.toReversed())).toEqual(statesOf(reports(DAYS)));
  });

  test('an object without a call moves the time of the last object only', () => {
    const empty = { sourceFormat: 'native', folder: 'app/', lastModifiedMs: at('2026-11-23T05:00:00Z') };
    const rows = reports(DAYS.slice(0, -3));
    const [state] = statesOf(rows, [], [empty, { ...empty, folder: 'web/', lastModifiedMs: NOW + 1 }]);
    expect(state).toMatchObject({ status: 'silent', lastObjectAtMs: at('2026-11-23T05:00:00Z') });
    expect(state?.missingDays).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  });
});

describe('sources of the config', () => {
  test('one that never came is silent and owes every day since the ledger began', () => {
    const states = statesOf(reports(DAYS), [{ prefix: 'gateway/', source_format: 'litellm.slp' }]);
    expect(states.map(short)).toEqual([
      ['app/', 'native', null, 'ok', 0],
      ['gateway/', 'litellm.slp', null, 'silent', 21],
    ]);
    expect(states[1]).toMatchObject({ firstDay: null, lastObjectAtMs: null, usualGapHours: null, isExpected: true });
  });

  test('in an empty ledger it is silent and owes no day', () => {
    expect(statesOf([], [{ prefix: 'gateway/' }]).map(short)).toEqual([['gateway/', 'any', null, 'silent', 0]]);
  });

  test('stays known after fourteen days of silence', () => {
    const rows = [...reports(DAYS.slice(0, 5)), ...reports(DAYS, { folder: 'web/' })];
    expect(statesOf(rows).map(short)[0]).toEqual(['app/', 'native', null, 'ok', 0]);
    const [state] = statesOf(rows, [{ prefix: 'app/' }]);
    expect(state).toMatchObject({ sourceFormat: 'native', status: 'silent' });
    // five weekdays were seen, so the weekends may have been data, too
    expect(state?.missingDays).toEqual(DAYS.slice(5));
  });

  test('with a cadence of hours is late after it, and silent after three times as long', () => {
    const status = (now: string): unknown[] =>
      statesOf(reports(DAYS), [{ prefix: 'app/', usual_gap_hours: 6 }], [], at(now))
        .map((s) => [s.status, s.usualGapHours, s.missingDays])
        .flat();
    // the last object is of 21:00
    expect(status('2026-11-23T03:00:00Z')).toEqual(['ok', 6, []]);
    expect(status('2026-11-23T03:00:01Z')).toEqual(['late', 6, []]);
    expect(status('2026-11-23T15:00:00Z')).toEqual(['late', 6, []]);
    expect(status('2026-11-23T15:00:01Z')).toEqual(['silent', 6, []]);
    expect(status('2026-11-24T00:00:00Z')).toEqual(['silent', 6, ['2026-11-23']]);
  });

  test('with a weekly cadence is not late before it has passed, but days that are not there are not complete', () => {
    const weekly = [{ prefix: 'app/', usual_gap_hours: 168 }];
    const early = statesOf(reports(DAYS), weekly, [], at('2026-11-27T06:00:00Z'))[0];
    expect(early?.status).toBe('ok');
    expect(early?.missingDays).toEqual(daysBetween('2026-11-23', '2026-11-26'));
    expect(statesOf(reports(DAYS), weekly, [], at('2026-11-29T21:00:01Z'))[0]?.status).toBe('late');
    // two sightings are no rhythm: once the cadence has passed every day since is owed
    const young = statesOf(reports(['2026-11-02', '2026-11-09']), weekly, [], at('2026-11-18T06:00:00Z'))[0];
    expect(young).toMatchObject({ status: 'late', missingDays: daysBetween('2026-11-10', '2026-11-17') });
  });

  test('without a format stands for all of its folder, beside the sources in it', () => {
    const rows = [...reports(DAYS), ...reports(DAYS.slice(0, 18), { sourceFormat: 'openai.chat' })];
    expect(statesOf(rows, [{ prefix: 'app/' }]).map(short)).toEqual([
      ['app/', 'any', null, 'ok', 0],
      ['app/', 'native', null, 'ok', 0],
      ['app/', 'openai.chat', null, 'silent', 3],
    ]);
  });

  test('with a format leaves the other formats of its folder to their top folder', () => {
    const rows = [
      ...reports(DAYS, { folder: 'gateway/eu/' }),
      ...reports(DAYS, { folder: 'gateway/eu/', sourceFormat: 'openai.chat' }),
    ];
    const states = statesOf(rows, [{ prefix: 'gateway/eu/', source_format: 'native' }]);
    expect(states.map((s) => [s.prefix, s.sourceFormat, s.isExpected])).toEqual([
      ['gateway/', 'openai.chat', false],
      ['gateway/eu/', 'native', true],
    ]);
  });

  test('named twice is one source', () => {
    const entry = { prefix: 'app/', source_format: 'native' };
    expect(statesOf(reports(DAYS), [entry, { ...entry }]).map(short)).toEqual([['app/', 'native', null, 'ok', 0]]);
  });
});

test('incomplete are the running day and every day that any source owes', () => {
  const states = statesOf([
    ...reports(DAYS.filter((day) => day !== '2026-11-17')),
    ...reports(DAYS.slice(0, -1), { folder: 'web/' }),
  ]);
  expect([...incompleteDays(states, NOW)].toSorted()).toEqual(['2026-11-17', '2026-11-22', '2026-11-23']);
  expect([...incompleteDays([], NOW - MS_PER_DAY)]).toEqual(['2026-11-22']);
});
