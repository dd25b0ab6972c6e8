/** The first screen in words: silence is never a saving, the unknown is named. */
import { expect, test } from 'vitest';
import { gapSentence, sourceSentences, unknownSentences, weekSentence } from '../../lib/report/sentences.ts';
import { readSummary } from '../../lib/report/summary.ts';
import type { Summary } from '../../lib/report/summary.ts';
import type { SourceStatus } from '../../lib/report/weeks.ts';
import { call, openReportLake, source } from './report-lake.ts';
import type { Row } from './report-lake.ts';

async function summaryOf(
  usage: Row[],
  sources: SourceStatus[] = [source({})],
  incompleteDays: string[] = [],
): Promise<Summary> {
  const lake = await openReportLake({ usage, incompleteDays });
  const summary = await readSummary(lake.engine, lake.queries, { asOfDay: '2026-11-02', weekStart: 1, sources });
  await lake.close();
  return summary;
}

const START = call({ day: '2026-10-01', cost: '1' });
const before = (cost: string): Row => call({ day: '2026-10-20', cost });
const now = (cost: string): Row => call({ day: '2026-10-27', cost });

test('a rise, with its size and share', async () => {
  expect(weekSentence(await summaryOf([START, before('10'), now('12.5')]))).toBe(
    '$2.50 more than the week before, Oct 19 – Oct 25, 2026, which was $10.00 (+25.0%).',
  );
});

test('a fall on complete data is just a fall', async () => {
  expect(weekSentence(await summaryOf([START, before('10'), now('4')]))).toBe(
    '$6.00 less than the week before, Oct 19 – Oct 25, 2026, which was $10.00 (−60.0%).',
  );
});

test('a fall while a source is silent is not a saving, and the source is named', async () => {
  const silent = source({
    prefix: 'bot/',
    lastDay: '2026-10-28',
    status: 'silent',
    missingDays: ['2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01'],
  });
  const summary = await summaryOf([START, before('10'), now('4')], [silent]);
  expect(weekSentence(summary)).toBe(
    '$6.00 less than on the same days of the week before, which were $10.00 (−60.0%). Compared are Oct 26 – Oct 28, 2026, complete in both weeks; the other 4 days are left out: missing data is not a saving.',
  );
  expect(summary.week?.gaps.map(gapSentence)).toEqual([
    'bot/ (openai.chat) is silent: nothing for Oct 29 – Nov 1, 2026. That is missing data, not a saving.',
  ]);
  expect(summary.completeThrough).toBe('2026-10-28');
});

test('a week with nothing in it after the only source fell silent', async () => {
  const silent = source({
    lastDay: '2026-10-25',
    status: 'silent',
    missingDays: ['2026-10-26', '2026-10-27', '2026-10-28', '2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01'],
  });
  const summary = await summaryOf([START, call({ day: '2026-10-25', cost: '10' })], [silent]);
  expect(weekSentence(summary)).toBe(
    'No comparison with Oct 19 – Oct 25, 2026: data is missing, and no day is complete in both weeks. A lower sum is not a saving.',
  );
  expect(summary.week).toMatchObject({ compared: null, changePico: null, byTeam: [], byModel: [] });
});

test('what a silent source did not bring is on neither side', async () => {
  const silent = source({ prefix: 'bot/', lastDay: '2026-10-30', status: 'late', missingDays: ['2026-10-31'] });
  // Saturday the bot cost $90 and then nothing; Tuesday rose by $2
  const usage = [START, before('10'), call({ day: '2026-10-24', team: 'bot', cost: '90' }), now('12')];
  const summary = await summaryOf(usage, [silent]);
  expect(weekSentence(summary)).toBe(
    '$2.00 more than on the same days of the week before, which were $10.00 (+20.0%). Compared are 6 days between Oct 26, 2026 and Nov 1, 2026, complete in both weeks; the other 1 day is left out: missing data is not a saving.',
  );
  expect(summary.week?.byTeam.map(({ name, changePico }) => [name, changePico])).toEqual([
    ['alpha', 2_000_000_000_000],
  ]);
  // the whole weeks stay as recorded, and say how much of them is complete
  expect(summary.week?.previous?.totals.costPico).toBe(100_000_000_000_000);
  expect(summary.week?.current.completeDays).toBe(6);
});

test('a source that stopped without owing a day still makes a fall no saving', async () => {
  const stopped = source({ prefix: 'bot/', lastDay: '2026-10-23' });
  expect(weekSentence(await summaryOf([START, before('10'), now('4')], [source({}), stopped]))).toContain(
    '(−60.0%); data is missing, so this is not a saving.',
  );
});

test('days sealed as incomplete count as a gap even when no source owes them now', async () => {
  const summary = await summaryOf([START, before('10'), now('4')], [source({})], ['2026-10-27']);
  expect(summary.week?.gaps.map(gapSentence)).toEqual(['Oct 27, 2026 is not complete.']);
  // $10 of Tuesday against $4 of the Tuesday that is not complete: neither counts
  expect(weekSentence(summary)).toMatch(/^Exactly as much as on the same days .* missing data is not a saving\.$/);
});

test('a week whose cost nobody knows is not compared', async () => {
  const summary = await summaryOf([
    START,
    before('10'),
    call({ day: '2026-10-27', cost: null, list_cost: null, cost_status: 'unpriced' }),
  ]);
  expect(weekSentence(summary)).toBe(
    'No comparison with Oct 19 – Oct 25, 2026: the spend of one of the two weeks is not known.',
  );
});

test('from nothing there is no percentage; nothing to nothing is no change', async () => {
  expect(weekSentence(await summaryOf([START, now('4')]))).toBe(
    '$4.00 more than the week before, Oct 19 – Oct 25, 2026, which was $0.00.',
  );
  expect(weekSentence(await summaryOf([START, before('4'), now('4')]))).toBe(
    'Exactly as much as in the week before, Oct 19 – Oct 25, 2026.',
  );
});

test('young and empty ledgers say so', async () => {
  expect(weekSentence(await summaryOf([]))).toBe('The ledger is empty.');
  expect(weekSentence(await summaryOf([call({ day: '2026-11-02' })]))).toContain(
    'There is no full week yet: the ledger begins on Nov 2, 2026',
  );
  expect(weekSentence(await summaryOf([now('4')]))).toBe('There is no earlier week to compare with.');
});

test('every kind of gap has its sentence', () => {
  const days = ['2026-10-20', '2026-10-22'];
  expect(
    (['missing', 'stopped', 'new', 'ledger_begins', 'incomplete'] as const).map((kind) =>
      gapSentence({ kind, source: 'a/ (x)', days }),
    ),
  ).toEqual([
    'a/ (x) left out Oct 20, 2026, Oct 22, 2026, although it usually reports. That is missing data, not a saving.',
    'a/ (x) reported until Oct 20, 2026 and nothing in the later week.',
    'a/ (x) began on Oct 20, 2026; there is nothing of it before.',
    'The ledger begins on Oct 20, 2026; the earlier week is not all there.',
    '2 days between Oct 20, 2026 and Oct 22, 2026 are not complete.',
  ]);
});

test('sources that owe days are named, the silent first, and those that came back', () => {
  expect(
    sourceSentences([
      source({}),
      source({ prefix: 'back/', missingDays: ['2026-10-20', '2026-10-21'] }),
      source({
        prefix: 'late/',
        status: 'late',
        usualGapHours: 72,
        lastDay: '2026-10-30',
        missingDays: ['2026-11-01'],
      }),
      source({
        prefix: 'hourly/',
        status: 'silent',
        usualGapHours: 6,
        billingAccountId: 'acme',
        lastDay: '2026-11-01',
      }),
      source({
        prefix: 'never/',
        sourceFormat: 'any',
        status: 'silent',
        firstDay: null,
        lastDay: null,
        usualGapHours: null,
        missingDays: ['2026-10-31', '2026-11-01'],
      }),
    ]),
  ).toEqual([
    'hourly/ (openai.chat, account acme) is silent: last seen Nov 1, 2026, usually every 6 hours.',
    'never/ (any) has never come, although config sources expects it: missing Oct 31 – Nov 1, 2026.',
    'late/ (openai.chat) is late: last seen Oct 30, 2026, usually every 3 days: missing Nov 1, 2026.',
    'back/ (openai.chat) reports again, but left out days: missing Oct 20 – Oct 21, 2026.',
  ]);
});

test('what is not known is said with its share', async () => {
  const summary = await summaryOf([
    call({ cost: '3' }),
    call({ cost: '1', team: 'unallocated' }),
    call({ cost: null, list_cost: null, cost_status: 'unpriced', calls: 2 }),
    call({ cost: null, list_cost: '0.5', cost_status: 'billing_unknown', calls: 4 }),
    call({ cost: '0', usage_basis: 'missing', calls: 2 }),
  ]);
  expect(unknownSentences(summary)).toEqual([
    '2 calls (20.0%) have no price and are not in any sum.',
    '4 calls have no proof of how they are billed: list value $0.50, not counted as spend.',
    '$1.00 (25.0%) belongs to no team.',
    '2 calls carry no token counts.',
  ]);
});
