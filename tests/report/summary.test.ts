/** Numbers of the summary over a lake small enough to add up by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerError } from '../../lib/errors.ts';
import { readSummary } from '../../lib/report/summary.ts';
import type { Summary, SummaryOptions } from '../../lib/report/summary.ts';
import { call, object, openReportLake, source } from './report-lake.ts';
import type { ReportLake } from './report-lake.ts';

const OPTIONS: SummaryOptions = { asOfDay: '2026-11-02', weekStart: 1, sources: [source({})] };

/** What a weekly report asks beside the summary; report-document.test.ts asks them all. */
const WEEKLY = [
  'by-team-model',
  'daily-by-team-model',
  'late-calls',
  'month-budgets',
  'month-forecasts',
  'month-reconciliation',
  'price-changes',
  'saving-periods',
  'savings-by-lever',
  'savings-by-team',
  'source-state',
  'week-anomalies',
  'week-drivers',
];

/** Oct 19–25 and Oct 26–Nov 1 are the two weeks (Monday to Sunday). */
const USAGE = [
  call({ day: '2026-10-20', team: 'alpha', cost: '1.000000000001' }),
  call({ day: '2026-10-21', team: 'beta', cost: '2.5', model: 'gpt-5-mini' }),
  call({
    day: '2026-10-27',
    team: 'alpha',
    cost: '4.000000000002',
    cache_read_tokens: 1000,
    cache_write_5m_tokens: 30,
    cache_write_1h_tokens: 4,
  }),
  call({ day: '2026-10-28', team: 'unallocated', cost: '0.25', key_id: 'key-x', calls: 3 }),
  call({ day: '2026-10-28', team: 'beta', cost: '0.125', cost_status: 'estimated', usage_basis: 'counted' }),
  call({
    day: '2026-10-29',
    team: 'gamma',
    cost: null,
    list_cost: null,
    cost_status: 'unpriced',
    cost_reason: 'unknown_model',
    model: 'acme-1',
    calls: 7,
    input_tokens: 700,
  }),
  call({
    day: '2026-10-30',
    team: 'alpha',
    cost: '0',
    list_cost: '9.75',
    cost_status: 'included',
    billing_mode: 'subscription',
    calls: 2,
  }),
  call({
    day: '2026-10-31',
    team: 'beta',
    cost: null,
    list_cost: '3.5',
    cost_status: 'billing_unknown',
    billing_mode: 'unknown',
  }),
];

describe('a summary', () => {
  let lake: ReportLake;
  let summary: Summary;
  beforeAll(async () => {
    lake = await openReportLake({
      usage: USAGE,
      excluded: [
        call({ day: '2026-10-27', cost: '4', excluded_reason: 'duplicate', kept_record_id: 'r' }),
        call({ day: '2026-10-27', cost: '1', excluded_reason: 'duplicate', kept_record_id: 'r' }),
        call({ day: '2026-10-28', cost: '50', calls: 20, excluded_reason: 'covered_by_calls' }),
      ],
      rejects: [
        {
          source_object: 'a.jsonl',
          source_line: 1,
          reason: 'invalid_json',
          detail: 'd',
          keys: '',
          ingested_day: '2026-11-01',
        },
        {
          source_object: 'b.jsonl',
          source_line: 2,
          reason: 'invalid_json',
          detail: 'd',
          keys: '',
          ingested_day: '2026-11-01',
        },
      ],
      objects: [
        object({ object: 'a.jsonl', lines: 9, usage_lines: 6, skipped: 2, rejected: 1, records: 7 }),
        object({ object: 'b.jsonl', lines: 5, usage_lines: 4, rejected: 1, records: 4 }),
        object({ object: 'b.jsonl', version: 'v0', outcome: 'superseded', lines: 3, usage_lines: 3, records: 3 }),
        object({ object: 'c.zip', outcome: 'failed' }),
      ],
    });
    summary = await readSummary(lake.engine, lake.queries, OPTIONS);
  });
  afterAll(async () => await lake.close());

  test('adds up spend exactly and keeps token value out of it', () => {
    expect(summary.totals.costPico).toBe(7_875_000_000_003); // 1.000000000001 + 2.5 + 4.000000000002 + 0.25 + 0.125 + 0
    expect(summary.totals.includedValuePico).toBe(9_750_000_000_000);
    expect(summary.totals.billingUnknownValuePico).toBe(3_500_000_000_000);
    expect(summary.totals.estimatedCostPico).toBe(125_000_000_000);
    expect(summary.totals).toMatchObject({
      calls: 17,
      includedCalls: 2,
      billingUnknownCalls: 1,
      unpricedCalls: 7,
      unpricedTokens: 710,
    });
    // 8 rows of 100 + 10, one with 600 input tokens more, one with 1034 cached
    expect(summary.totals).toMatchObject({
      tokens: 2514,
      inputTokens: 1400,
      cacheReadTokens: 1000,
      cacheWriteTokens: 34,
      outputTokens: 80,
    });
  });

  test('groups by team, most expensive first, and says null where nothing is known', () => {
    expect(summary.byTeam.map(({ team, costPico, calls }) => [team, costPico, calls])).toEqual([
      ['alpha', 5_000_000_000_003, 4],
      ['beta', 2_625_000_000_000, 3],
      ['unallocated', 250_000_000_000, 3],
      ['gamma', null, 7],
    ]);
  });

  test('groups by provider and model', () => {
    expect(summary.byModel.map(({ provider, model, costPico }) => [provider, model, costPico])).toEqual([
      ['openai', 'gpt-5', 5_375_000_000_003],
      ['openai', 'gpt-5-mini', 2_500_000_000_000],
      ['openai', 'acme-1', null],
    ]);
  });

  test('compares the last full week with the one before, by team', () => {
    expect(summary.week?.current).toMatchObject({
      from: '2026-10-26',
      to: '2026-11-01',
      totals: { costPico: 4_375_000_000_002 },
    });
    expect(summary.week?.previous).toMatchObject({
      from: '2026-10-19',
      to: '2026-10-25',
      totals: { costPico: 3_500_000_000_001 },
    });
    expect(summary.week?.changePico).toBe(875_000_000_001);
    expect(
      summary.week?.byTeam.map(({ name, currentPico, previousPico, changePico }) => [
        name,
        currentPico,
        previousPico,
        changePico,
      ]),
    ).toEqual([
      ['alpha', 4_000_000_000_002, 1_000_000_000_001, 3_000_000_000_001],
      ['beta', 125_000_000_000, 2_500_000_000_000, -2_375_000_000_000],
      ['unallocated', 250_000_000_000, 0, 250_000_000_000],
      ['gamma', null, 0, null],
    ]);
  });

  test('names what is unpriced, unallocated, excluded and rejected', () => {
    const { quality } = summary;
    expect(quality.unpriced).toEqual([
      { provider: 'openai', model: 'acme-1', reason: 'unknown_model', calls: 7, tokens: 710 },
    ]);
    expect(quality.unallocated).toEqual([
      {
        provider: 'openai',
        model: 'gpt-5',
        sourceFormat: 'openai.chat',
        keyId: 'key-x',
        principal: null,
        calls: 3,
        tokens: 110,
        costPico: 250_000_000_000,
      },
    ]);
    expect(quality.excluded).toEqual([
      { reason: 'duplicate', rows: 2, calls: 2, tokens: 220, listCostPico: 5_000_000_000_000 },
      { reason: 'covered_by_calls', rows: 1, calls: 20, tokens: 110, listCostPico: 50_000_000_000_000 },
    ]);
    expect(quality.rejects).toEqual([
      { reason: 'invalid_json', detail: 'd', lines: 2, objects: 2, exampleObject: 'a.jsonl' },
    ]);
    expect(quality.usageBasis).toEqual([
      { basis: 'counted', calls: 1, tokens: 110, costPico: 125_000_000_000 },
      { basis: 'reported', calls: 16, tokens: 2404, costPico: 7_750_000_000_003 },
    ]);
  });

  test('gives the two sums of the ledger over live objects only', () => {
    expect(summary.quality.objects).toEqual({
      objects: 2,
      lines: 14,
      usageLines: 10,
      skippedLines: 2,
      rejectedLines: 2,
      records: 11,
      usageRows: 8,
      excludedRows: 3,
      linesAddUp: true,
      rowsAddUp: true,
      notRead: { failed: 1 },
    });
  });

  test('can be limited to a period; the compared weeks stay', async () => {
    const part = await readSummary(lake.engine, lake.queries, { ...OPTIONS, from: '2026-10-21', to: '2026-10-27' });
    expect(part.totals.costPico).toBe(6_500_000_000_002);
    expect(part.daily.map(({ day }) => day)).toEqual(['2026-10-21', '2026-10-27']);
    expect(part.week?.changePico).toBe(875_000_000_001);
  });

  test('says which query gave which figure, with its parameters', () => {
    const byTeam = summary.queries.find(({ name }) => name === 'by-team');
    expect(byTeam?.runs).toEqual([
      ['2026-10-20', '2026-10-31'],
      // the ledger begins on a Tuesday: its Monday is in neither week
      ['2026-10-27', '2026-11-01'],
      ['2026-10-20', '2026-10-25'],
    ]);
    expect(byTeam?.sql).toBe(lake.queries['by-team']);
    // the others are asked where there are corpora (bin/corpora-text.ts), or for a weekly report
    const ofOthers = new Set(['corpora', 'rejected-documents', ...WEEKLY]);
    expect(summary.queries.map(({ name }) => name).toSorted()).toEqual(
      Object.keys(lake.queries)
        .filter((name) => !ofOthers.has(name))
        .toSorted(),
    );
  });

  test('fails when the parts do not give the total', async () => {
    const sql = String(lake.queries['by-team']).replace(
      'from spend_daily\nwhere',
      `from spend_daily\nwhere team <> 'beta' and`,
    );
    await expect(readSummary(lake.engine, { ...lake.queries, 'by-team': sql }, OPTIONS)).rejects.toThrow(
      /by-team\.sql: the parts do not sum/,
    );
  });

  test('fails with the name of a query that is not there', async () => {
    const { totals: _, ...rest } = lake.queries;
    await expect(readSummary(lake.engine, rest, OPTIONS)).rejects.toThrow(LedgerError);
    await expect(readSummary(lake.engine, rest, OPTIONS)).rejects.toThrow(/totals\.sql/);
  });
});

describe('what does not add up in the lake', () => {
  test('lost rows and lost lines are seen', async () => {
    const lake = await openReportLake({
      usage: USAGE,
      objects: [object({ lines: 9, usage_lines: 6, skipped: 2, rejected: 0, records: 9 })],
    });
    const { quality } = await readSummary(lake.engine, lake.queries, OPTIONS);
    expect(quality.objects).toMatchObject({ linesAddUp: false, rowsAddUp: false });
    await lake.close();
  });

  test('amounts past 2^53 picodollars stay exact', async () => {
    const usage = Array.from({ length: 40 }, (_, i) =>
      call({ record_id: `r${i}`, team: `t${i % 3}`, cost: '899999.999999999999' }),
    );
    const lake = await openReportLake({ usage });
    const summary = await readSummary(lake.engine, lake.queries, OPTIONS);
    expect(summary.totals.costPico).toBe(35_999_999_999_999_999_960n);
    expect(summary.byTeam[0]?.costPico).toBe(12_599_999_999_999_999_986n);
    await lake.close();
  });
});

test('an empty ledger gives zero calls and no known spend', async () => {
  const lake = await openReportLake({});
  const summary = await readSummary(lake.engine, lake.queries, { ...OPTIONS, sources: [] });
  expect(summary).toMatchObject({ span: null, period: null, week: null, completeThrough: null, byTeam: [], daily: [] });
  expect(summary.totals).toMatchObject({ calls: 0, tokens: 0, costPico: null });
  await lake.close();
});
