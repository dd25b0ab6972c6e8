import { expect, test } from 'vitest';
import { summaryDocument } from '../../lib/report/json.ts';
import { readSummary } from '../../lib/report/summary.ts';
import { call, openReportLake, source } from './report-lake.ts';

test('money is exact text, the unknown is null, names are snake_case', async () => {
  const usage = [
    call({ day: '2026-10-20', cost: '899999.000000000001' }),
    call({ day: '2026-10-28', cost: null, list_cost: null, cost_status: 'unpriced', team: 'beta' }),
  ];
  const lake = await openReportLake({ usage });
  const summary = await readSummary(lake.engine, lake.queries, {
    asOfDay: '2026-11-02',
    weekStart: 1,
    sources: [source({})],
  });
  await lake.close();
  const document = JSON.parse(JSON.stringify(summaryDocument(summary))) as Record<string, unknown>;
  expect(document['totals']).toMatchObject({
    calls: 2,
    cost: '899999.000000000001',
    estimated_cost: null,
    unpriced_calls: 1,
    cache_read_tokens: 0,
  });
  expect(document['by_team']).toMatchObject([
    { team: 'alpha', cost: '899999.000000000001' },
    { team: 'beta', cost: null },
  ]);
  expect(document['complete_through']).toBe('2026-11-01');
  expect(document['queries']).toContainEqual({
    name: 'totals',
    runs: [
      ['2026-10-20', '2026-10-28'],
      ['2026-10-26', '2026-11-01'],
      ['2026-10-19', '2026-10-25'],
      // the ledger begins on a Tuesday: compared are the days from there on
      ['2026-10-27', '2026-11-01'],
      ['2026-10-20', '2026-10-25'],
    ],
  });
  expect(JSON.stringify(document)).not.toMatch(/pico|[a-z][A-Z]\w*":/);
});
