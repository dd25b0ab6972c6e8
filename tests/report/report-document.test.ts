/** The weekly document over a lake small enough to add up by hand. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { LedgerError } from '../../lib/errors.ts';
import type { ReportBlock, ReportDocument } from '../../lib/report/document.ts';
import { makeReports } from '../../lib/reporting.ts';
import type { Reports } from '../../lib/reporting.ts';
import { addDays } from '../../lib/time.ts';
import { HOSTILE_NAMES } from '../fixtures/report-document.ts';
import { unexplained } from './explained-numbers.ts';
import { call, openReportLake } from './report-lake.ts';
import type { LakeContent, ReportLake } from './report-lake.ts';
import { WEEK, savings, sourceRow, weekLake } from './week-lake.ts';

async function reportsOf(lake: ReportLake, week = WEEK): Promise<Reports> {
  return await makeReports({ ...lake, config: DEFAULT_CONFIG }, week);
}

async function reportsIn(content: LakeContent, week = WEEK): Promise<Reports> {
  const lake = await openReportLake(content);
  try {
    return await reportsOf(lake, week);
  } finally {
    await lake.close();
  }
}

const lines = ({ first }: ReportDocument): [string, string][] => first.lines.map(({ label, text }) => [label, text]);

const lineOf = (document: ReportDocument, label: string): string | undefined =>
  document.first.lines.find((line) => line.label === label)?.text;

/** Words of the first screen as a reader counts them. */
function wordsOf({ first }: ReportDocument): number {
  return first.lines.flatMap(({ label, text }) => `${label} ${text}`.split(/\s+/)).length;
}

function blocksOf(document: ReportDocument, id: string): readonly ReportBlock[] {
  const section = document.sections.find((one) => one.id === id);
  if (section === undefined) throw new Error(`no section ${id}`);
  return section.blocks;
}

/** Shown cells of a table, its foot last. */
function tableOf(document: ReportDocument, id: string, caption: RegExp): string[][] {
  const block = blocksOf(document, id).find((one) => one.kind === 'table' && caption.test(one.table.caption));
  if (block?.kind !== 'table') throw new Error(`no table ${caption.source} in ${id}`);
  const { rows, foot = [] } = block.table;
  return [...rows, ...(foot.length > 0 ? [foot] : [])].map((row) => row.map(({ shown }) => shown));
}

const textsOf = (document: ReportDocument, id: string): string[] =>
  blocksOf(document, id).flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []));

describe('the week of three teams', () => {
  let lake: ReportLake;
  let overall: ReportDocument;
  let bots: ReportDocument;
  let reports: Reports;
  beforeAll(async () => {
    lake = await openReportLake(weekLake());
    reports = await reportsOf(lake);
    overall = reports.overall;
    bots = reports.teams.find(({ team }) => team === 'bots')?.document as ReportDocument;
  });
  afterAll(async () => await lake.close());

  test('says on the first screen what there is to know, in at most 120 words and one chart', () => {
    expect(lines(overall)).toEqual([
      ['Data', 'All sources complete through Nov 15, 2026.'],
      [
        'Month to date',
        '$2,837.00 since Nov 1, 2026, 47.3% of the budget of $6,000.00. Month end: $5,900.00 expected, $5,500.00 to $6,300.00.',
      ],
      [
        'This week',
        '$1,477.00 in Nov 9 – Nov 15, 2026, +$287.00 (+24.1%) against the week before, mostly more calls of bots (+$300.00).',
      ],
      ['Saving to the bank', '$66.00 a week (4.9% of $1,337.00); whole plan $45.00 to $95.00.'],
      ['Decision', 'Bo: bots is heading $400.00 over its budget of $1,500.00: raise it, or save.'],
    ]);
    expect(wordsOf(overall)).toBeLessThanOrEqual(120);
    expect(overall.first.chart?.data.kind).toBe('trend');
    expect(overall.subject).toBe('Inference ledger: $1,477.00 in the week to Nov 15, 2026 (+24.1%)');
  });

  test('has the sections in their order', () => {
    expect(overall.sections.map(({ id }) => id)).toEqual([
      'spend',
      'change',
      'groups',
      'savings',
      'anomalies',
      'prices',
      'quality',
      'reproduce',
    ]);
  });

  test('compares the week with the last, and the month with the same weekdays four weeks before', () => {
    // 2 Nov to 15 Nov: 7 × 170 + 7 × 211; 5 Oct to 18 Oct: 14 × 170; Nov 1 has no day four weeks before it
    expect(tableOf(overall, 'spend', /^This week/)).toEqual([
      ['Week', '$1,477.00', '$1,477.00', '$1,190.00', '+$287.00', '+24.1%'],
      ['Month to date', '$2,837.00', '$2,667.00', '$2,380.00', '+$287.00', '+12.1%'],
    ]);
    expect(textsOf(overall, 'spend').join(' ')).toContain(
      'of the month Nov 2 – Nov 15, 2026 with Oct 5 – Oct 18, 2026',
    );
    expect(tableOf(overall, 'spend', /^Budgets of November 2026, USD/).map(([name, owner]) => [name, owner])).toEqual([
      ['Everybody', 'Finance'],
      ['bots', 'Bo'],
    ]);
  });

  test('takes the change apart, and the parts add up', () => {
    expect(tableOf(overall, 'change', /^Causes/)).toEqual([
      ['Volume', '+$300.00', '+25.2%'],
      ['Tokens per call', '−$20.00', '−1.7%'],
      ['Price', '+$7.00', '+0.6%'],
      ['Change', '+$287.00', '+24.1%'],
    ]);
  });

  test('ranks the levers, sums them to the plan, and shows nothing illustrative', () => {
    expect(tableOf(overall, 'savings', /^Levers/).map((row) => row.slice(0, 4))).toEqual([
      ['Batch', '$77.00', '$67.00', '$50.00 to $90.00'],
      ['Exact cache', '−$1.00', '−$1.00', '–'],
      ['Plan', '$76.00', '$66.00', '$45.00 to $95.00'],
    ]);
    const said = JSON.stringify(blocksOf(overall, 'savings'), (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(said).toContain('Would cost more than it saves: Exact cache');
    expect(said).toContain('To know: name a fleet');
    expect(said).not.toMatch(/Semantic|illustrative|999/);
    // last week 90 + 7 − 1 were promised, 76 are still open
    expect(tableOf(overall, 'savings', /^The plan before/).at(-1)).toEqual(['Plan', '$96.00', '$76.00']);
  });

  test('works out price changes ahead from the tokens of 28 days', () => {
    // gpt-5: 21 days of 120 and 7 of 121 dollars, 100,000 tokens a dollar, 0.25 more per million
    expect(tableOf(overall, 'prices', /^Dated/)).toEqual([
      ['Dec 1, 2026', 'gpt-5', 'input', '$1.25', '$1.50', '336.7M', '+$84.18'],
      ['Dec 24, 2026', 'gpt-5', 'output', '$10', 'none', '33.7M', '–'],
      ['Sum', '', '', '', '', '', '+$84.18'],
    ]);
    expect(textsOf(bots, 'prices')[0]).toContain('no change of a price in use');
  });

  test('gives each team its own rows and no name of another', () => {
    expect(reports.teams.map(({ team }) => team)).toEqual(['bots', 'search']);
    const text = JSON.stringify({ ...bots, queries: [] }, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).not.toMatch(/search|gpt-5|unallocated|Finance|chat\//);
    expect(lineOf(bots, 'This week')).toBe(
      '$560.00 in Nov 9 – Nov 15, 2026, +$280.00 (+100.0%) against the week before, mostly more calls (+$300.00).',
    );
    expect(lineOf(bots, 'Saving to the bank')).toBe('$6.00 a week (1.1% of $560.00).');
  });

  test('shows no number that its queries do not answer', async () => {
    for (const document of [overall, ...reports.teams.map((one) => one.document)]) {
      const { places, checked } = await unexplained(document, lake.engine);
      expect(places).toEqual([]);
      expect(checked).toBeGreaterThan(40);
    }
  });

  test('and a number changed by a cent is found', async () => {
    const [spend, ...rest] = overall.sections;
    if (spend === undefined) throw new Error('no section');
    const wrong = {
      ...spend,
      blocks: [{ kind: 'paragraph' as const, text: 'The week cost $1,477.01.' }, ...spend.blocks],
    };
    const { places } = await unexplained({ ...overall, sections: [wrong, ...rest] }, lake.engine);
    expect(places).toEqual(['spend: $1,477.01']);
  });

  test('is the same a second time', async () => {
    expect(await reportsOf(lake)).toEqual(reports);
  });

  test('asks every query of the folder but those about corpora', () => {
    const rest = new Set(Object.keys(lake.queries));
    for (const { name } of overall.queries) rest.delete(name);
    expect([...rest].toSorted()).toEqual(['corpora', 'rejected-documents']);
  });

  test('names a query that is there wherever it names one', () => {
    const asked = new Set(overall.queries.map(({ name }) => name));
    const named = [
      ...overall.first.lines.flatMap(({ query }) => query ?? []),
      ...overall.sections.flatMap(({ blocks }) =>
        blocks.flatMap((block) => {
          if (block.kind === 'table') return block.table.query ?? [];
          if (block.kind === 'chart') return block.chart.query;
          return block.kind === 'paragraph' ? (block.query ?? []) : [];
        }),
      ),
    ];
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !asked.has(name))).toEqual([]);
  });
});

test('a past week says the same when later days have come', async () => {
  const later = call({ day: '2026-11-20', team: 'search', cost: '999', ingested_at: '2026-11-21 00:00:00' });
  const lake = weekLake();
  const sources = [sourceRow({ last_event_at: '2026-11-20 12:00:00', missing_days: '["2026-11-18"]', status: 'late' })];
  const [now, then] = [
    await reportsIn(lake),
    await reportsIn({ ...lake, usage: [...(lake.usage ?? []), later], sources }),
  ];
  expect(then.overall.first).toEqual(now.overall.first);
  // only the sums over the whole lake know of the later day
  expect(then.overall.sections.filter(({ id }) => id !== 'quality')).toEqual(
    now.overall.sections.filter(({ id }) => id !== 'quality'),
  );
});

test('a week in which nothing needs anybody is three lines without a chart', async () => {
  const usage = weekLake().usage?.map((row) => ({ ...row, cost: row['team'] === 'unallocated' ? '1' : '50' }));
  const { overall } = await reportsIn(
    weekLake({ usage: usage ?? [], budgets: [], anomalies: [], drivers: [], savings: savings('2026-W46', 10) }),
  );
  expect(overall.first.isQuiet).toBe(true);
  expect(overall.first.chart).toBeNull();
  expect(lines(overall)).toEqual([
    ['Data', 'All sources complete through Nov 15, 2026.'],
    [
      'Month to date',
      '$2,265.00 since Nov 1, 2026, no budget set. Month end: $5,900.00 expected, $5,500.00 to $6,300.00.',
    ],
    ['This week', '$1,057.00 in Nov 9 – Nov 15, 2026, as much as the week before. Nothing to decide.'],
  ]);
});

describe('the decision', () => {
  const decision = async (content: LakeContent): Promise<string | undefined> =>
    lineOf((await reportsIn(content)).overall, 'Decision');

  test('is about a day that stood out where budgets hold', async () => {
    expect(await decision(weekLake({ budgets: [] }))).toBe(
      'bots: was $80.00 on claude-sonnet-4-5 on Nov 9 meant ($40.00 expected)?',
    );
  });

  test('else about the largest saving, and whose it is', async () => {
    expect(await decision(weekLake({ budgets: [], anomalies: [] }))).toBe(
      'search: send calls that may wait through the batch API ($67.00).',
    );
  });

  test('else about spend of no team, from a tenth of all on', async () => {
    const usage = weekLake().usage?.map((row) => ({ ...row, cost: row['team'] === 'unallocated' ? '50' : '50' }));
    expect(await decision(weekLake({ usage: usage ?? [], budgets: [], anomalies: [], savings: [], drivers: [] }))).toBe(
      'Owner of the ledger: add attribution rules; $350.00 (25.0%) belongs to no team.',
    );
  });
});

test('more names than fit are one row, and with it every column still adds up', async () => {
  const usage = Array.from({ length: 60 }, (_, i) => [
    call({ team: `team-${i}`, day: '2026-11-10', cost: String(100 - i) }),
    call({ team: `team-${i}`, day: '2026-11-03', cost: '1' }),
    call({ team: `gone-${i}`, day: '2026-11-03', cost: '2' }),
    call({ team: 'team-0', day: '2026-11-15', cost: '1' }),
  ]).flat();
  const { overall } = await reportsIn({ usage, sources: [sourceRow({})] });
  const rows = tableOf(overall, 'groups', /^By team/);
  expect(rows).toHaveLength(52);
  // teams 50 … 59 cost 50 + … + 41 = 455 and 1 each before; 60 that are gone cost 2 each
  expect(rows.at(-2)?.slice(0, 4)).toEqual(['70 other teams', '$455.00', '10.6%', '+$325.00']);
  expect(rows.at(-1)?.slice(0, 4)).toEqual(['All', '$4,290.00', '100.0%', '+$4,110.00']);
});

test('a price of the owner that begins while the shipped one holds on is compared with that', async () => {
  const base = weekLake().prices?.[0];
  const prices = [
    { ...base, price_id: 'shipped', value: '1.25', valid_from: '2026-01-01 00:00:00', valid_to: null },
    { ...base, price_id: 'own', value: '1.00', valid_from: '2026-12-01 00:00:00', valid_to: '2027-01-01 00:00:00' },
  ];
  const { overall } = await reportsIn(weekLake({ prices }));
  // there and back again: 336.7 M tokens at 0.25
  expect(tableOf(overall, 'prices', /^Dated/).map((row) => [row[0], row[3], row[4], row[6]])).toEqual([
    ['Dec 1, 2026', '$1.25', '$1.00', '−$84.18'],
    ['Jan 1, 2027', '$1.00', '$1.25', '+$84.18'],
    ['Sum', '', '', '$0.00'],
  ]);
});

test('a silent source is named, its days are compared with nothing, and the decision is its owner’s', async () => {
  const missing = ['2026-11-13', '2026-11-14', '2026-11-15'];
  const { overall, teams } = await reportsIn(
    weekLake({
      budgets: [],
      drivers: [],
      incompleteDays: missing,
      sources: [
        sourceRow({
          prefix: 'growth/',
          last_event_at: '2026-11-12 00:00:00',
          missing_days: JSON.stringify(missing),
          status: 'silent',
        }),
      ],
    }),
  );
  expect(lineOf(overall, 'Data')).toBe(
    'growth/ missing: 3 days of the week not complete. A lower sum is not a saving.',
  );
  expect(lineOf(overall, 'Decision')).toContain('find out why its logs are missing (3 days)');
  expect(lineOf(overall, 'This week')).toContain('over 4 days complete in both weeks');
  // 4 × (211 − 170)
  expect(tableOf(overall, 'spend', /^This week/)[0]?.[4]).toBe('+$164.00');
  for (const { document } of teams) expect(JSON.stringify(document.first.lines)).not.toContain('growth');
});

test('a week without data says so, and so does an empty ledger', async () => {
  const late = { from: '2026-12-07', to: '2026-12-13' };
  const { overall, teams } = await reportsIn(weekLake(), late);
  expect(lines(overall)[0]).toEqual([
    'Data',
    'There is no data for Dec 7 – Dec 13, 2026. That is missing data, not a saving.',
  ]);
  expect(lines(overall)[1]).toEqual(['Ledger', 'The ledger holds Oct 5 – Nov 15, 2026.']);
  expect(overall.subject).toBe('Inference ledger: no data for the week to Dec 13, 2026');
  expect(teams).toEqual([]);
  const empty = await reportsIn({});
  expect(lines(empty.overall)[1]).toEqual(['Ledger', 'The ledger is empty.']);
});

test('a first week has nothing to compare with', async () => {
  const { overall } = await reportsIn(weekLake({ drivers: [] }, WEEK.from));
  expect(lineOf(overall, 'This week')).toBe('$1,477.00 in Nov 9 – Nov 15, 2026; no earlier week to compare with.');
  expect(textsOf(overall, 'change')[0]).toContain('nothing to compare with');
});

test('causes that do not add up to the change are refused', async () => {
  const drivers = [{ week: WEEK.to, team: 'bots', driver: 'volume', amount: '287.000000000001' }];
  await expect(reportsIn(weekLake({ drivers }))).rejects.toThrow(LedgerError);
});

test('levers that do not add up to the plan are refused', async () => {
  const rows = savings('2026-W46').map((row) =>
    row['lever'] === 'batch' && row['team'] === 'bots' ? { ...row, saving: '7.000000000001' } : row,
  );
  await expect(reportsIn(weekLake({ savings: rows }))).rejects.toThrow(/do not sum to/);
});

test('the first screen stays within 120 words whatever names and amounts a lake holds', async () => {
  const name = fc.oneof(
    fc.constantFrom(...HOSTILE_NAMES, 'a b c d e f g h i j k l m n o p'),
    fc.string({ minLength: 1 }),
  );
  const usd = fc.bigInt({ min: 0n, max: 99_999n }).map((n) => `${n}.000000000001`);
  const row = fc.record({
    team: name,
    model: name,
    provider: name,
    cost: fc.oneof(usd, fc.constant(null)),
    back: fc.nat(13),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), name, usd, async (rows, owner, amount) => {
      const usage = rows.map(({ back, cost, ...names }) =>
        call({
          ...names,
          cost,
          list_cost: cost,
          cost_status: cost === null ? 'unpriced' : 'priced',
          day: addDays(WEEK.to, -back),
        }),
      );
      const team = rows[0]?.team ?? '';
      const { overall, teams } = await reportsIn({
        usage,
        budgets: [{ period: '2026-11', scope: 'team', id: team, amount: '1', owner }],
        forecasts: [
          {
            made_on: '2026-11-16',
            scope: 'team',
            id: team,
            period: '2026-11',
            actual: '1',
            low: '1',
            expected: amount,
            high: amount,
            method: owner,
          },
        ],
        sources: [sourceRow({ prefix: owner, missing_days: `["${WEEK.to}"]`, status: 'silent' })],
      });
      for (const document of [overall, ...teams.map((one) => one.document)]) {
        expect(wordsOf(document)).toBeLessThanOrEqual(120);
        expect(document.first.lines.length).toBe(document.first.isQuiet ? 3 : 5);
      }
    }),
    { numRuns: 15 },
  );
});
