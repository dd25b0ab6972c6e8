/** The page: complete, self-contained, and deaf to what hostile names say. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../lib/report/html.ts';
import { filledSql } from '../../lib/report/ask.ts';
import { readSummary } from '../../lib/report/summary.ts';
import type { Summary } from '../../lib/report/summary.ts';
import { renderText } from '../../lib/report/text.ts';
import { call, object, openReportLake, source } from './report-lake.ts';
import type { LakeContent, ReportLake } from './report-lake.ts';
import { SAMPLE, SAMPLE_AS_OF, SAMPLE_SOURCES } from './sample-lake.ts';

async function summaryOf(
  content: LakeContent,
  options: { asOfDay?: string; sources?: typeof SAMPLE_SOURCES; title?: string } = {},
): Promise<Summary> {
  const lake = await openReportLake(content);
  const summary = await readSummary(lake.engine, lake.queries, {
    asOfDay: SAMPLE_AS_OF,
    weekStart: 1,
    sources: [source({})],
    ...options,
  });
  await lake.close();
  return summary;
}

/** Names of all tags the page opens. */
const tagsOf = (html: string): Set<string> => new Set([...html.matchAll(/<([a-zA-Z][\w-]*)/g)].map((m) => m[1] ?? ''));
const PAGE_TAGS =
  'html head meta title style body a header h1 h2 p main section div dl dt dd ul li strong i b em bdi span figure figcaption svg g path text line rect table caption thead tbody tfoot tr th td details summary pre code footer script'.split(
    ' ',
  );

describe('the sample report', () => {
  let lake: ReportLake;
  let summary: Summary;
  let html: string;
  beforeAll(async () => {
    lake = await openReportLake(SAMPLE);
    summary = await readSummary(lake.engine, lake.queries, {
      asOfDay: SAMPLE_AS_OF,
      weekStart: 1,
      sources: SAMPLE_SOURCES,
    });
    html = await renderReport(summary);
  });
  afterAll(async () => await lake.close());

  test('asks nothing of the network and names no address', () => {
    expect(html).not.toMatch(/https?:|\/\/[a-z]|src=|url\(|@import|<link|<img|<iframe|xmlns/i);
    expect([...html.matchAll(/href="([^"]*)"/g)].map((m) => m[1]).filter((href) => !href?.startsWith('#'))).toEqual([]);
  });

  test('lets only its own script run', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(html).toContain(`sha256-${createHash('sha256').update(script).digest('base64')}`);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/ on\w+="/);
  });

  test('has every section, and links to SQL that is there', () => {
    const headings = [...html.matchAll(/<h2 id="\w+">([^<]+)/g)].map((m) => m[1]);
    expect(headings).toEqual([
      'Daily spend',
      'Spend by team',
      'Spend by model',
      'Week over week',
      'Data quality',
      'What is assumed',
      'Sources',
      'How to get the same figures',
    ]);
    for (const [, id] of html.matchAll(/href="#(sql-[\w-]+)"/g)) expect(html).toContain(`id="${id}"`);
  });

  test('gives every table a caption and scoped headers, and every amount its exact value', () => {
    const tables = html.match(/<table[\s\S]*?<\/table>/g) ?? [];
    expect(tables.length).toBeGreaterThan(6);
    for (const table of tables) {
      expect(table).toContain('<caption>');
      expect(table).not.toMatch(/<th(?!ead| scope=)/);
    }
    const total = summary.totals.costPico;
    expect(total).not.toBeNull();
    expect(html).toMatch(/title="\$21196\.\d{6,12}" data-v="21196\.\d{6,12}">\$21,196\.\d\d/);
  });

  test('opens only the tags it means to', () => {
    expect([...tagsOf(html)].filter((tag) => !PAGE_TAGS.includes(tag))).toEqual([]);
  });

  test('says that the weeks do not compare, and why, on the first screen', () => {
    const first = html.slice(html.indexOf('class="hero"'), html.indexOf('id="daily"'));
    expect(first).toContain('4 of 7 days complete');
    expect(first).toContain('Compared are Oct 26 – Oct 29, 2026, complete in both weeks');
    expect(first).toContain('the other 3 days are left out: missing data is not a saving');
    expect(first).toContain('growth/ (openai.responses) is silent: nothing for Oct 30 – Nov 1, 2026.');
  });

  test('is the same bytes again', async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect(hash(await renderReport(summary))).toBe(hash(html));
  });

  test('shows SQL that runs as shown and gives the shown figure', async () => {
    for (const query of summary.queries) await lake.engine.query(filledSql(query));
    const totals = summary.queries.find(({ name }) => name === 'totals');
    if (totals === undefined) throw new Error('totals.sql was not asked');
    const row = (await lake.engine.query(filledSql(totals)))[0];
    expect(BigInt(String(row?.['cost']).replace('.', ''))).toBe(BigInt(summary.totals.costPico ?? -1));
  });

  test('has a text version with the same figures', () => {
    const text = renderText(summary);
    expect(text).toContain('Last full week, Oct 26 – Nov 1, 2026, 4 of 7 days complete: $4,385.87');
    expect(text).toContain('growth/ (openai.responses) is silent');
    expect(text).toMatch(/search +\$7,542\.27 +35\.6%/);
    expect(text).toContain('1 other ');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `'; drop table usage; --`,
  'evil\u202egnp.exe\u2066',
  'x'.repeat(10_000),
  ']]></style><svg onload=alert(1)>',
  '\\"\\u003cscript\\u003e\nnew line',
  '=HYPERLINK("a")',
  '&lt;b&gt;',
  '${alert(1)} `datum`',
];

test('hostile names appear escaped, cut and without direction marks, in every place', async () => {
  const content: LakeContent = {
    usage: HOSTILE.flatMap((name, i) => [
      call({ day: '2026-10-20', team: name, model: name, provider: name, cost: `${i + 1}` }),
      call({ day: '2026-10-28', team: name, model: name, provider: name, cost: `${i + 2}` }),
      call({ day: '2026-10-28', team: 'unallocated', model: name, key_id: name, principal: name, source_format: name }),
      call({ day: '2026-10-28', model: name, cost: null, list_cost: null, cost_status: 'unpriced', cost_reason: name }),
    ]),
    rejects: HOSTILE.map((name) => ({
      source_object: name,
      source_line: 1,
      reason: name,
      detail: name,
      keys: name,
      ingested_day: '2026-11-02',
    })),
    objects: [object({ lines: 10, rejected: 10 })],
  };
  const sources = HOSTILE.map((name) =>
    source({ prefix: name, sourceFormat: name, status: 'silent', lastDay: '2026-10-30', missingDays: ['2026-10-31'] }),
  );
  const summary = await summaryOf(content, { sources, title: HOSTILE.join(' ') });
  const html = await renderReport(summary);
  expect([...tagsOf(html)].filter((tag) => !PAGE_TAGS.includes(tag))).toEqual([]);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\son\w+=/);
  expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  expect(html).not.toContain('x'.repeat(301));
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('&amp;lt;b&amp;gt;');
  const text = renderText(summary);
  expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  expect(text).not.toContain('x'.repeat(100));
});

test('an empty ledger renders a page that says what to do', async () => {
  const summary = await summaryOf({}, { sources: [] });
  const html = await renderReport(summary);
  expect(html).toContain('The ledger is empty');
  expect(html).toContain('inference-ledger run --inbox DIR --lake DIR');
  expect(html).not.toMatch(/NaN|undefined|null/);
  expect(renderText(summary)).toContain('inference-ledger run --inbox DIR --lake DIR');
});

test('a ledger of one unpriced call renders without a made-up number', async () => {
  const summary = await summaryOf({
    usage: [call({ day: '2026-10-28', cost: null, list_cost: null, cost_status: 'unpriced' })],
  });
  const html = await renderReport(summary);
  expect(html).toContain('<p class="figure" title="unknown">–</p>');
  expect(html).toContain('1 call (100.0%) have no price');
  expect(html).not.toMatch(/NaN|undefined/);
});

test('more names than fit are one row that keeps the sum', async () => {
  const usage = Array.from({ length: 60 }, (_, i) =>
    call({ team: `team-${String(i).padStart(2, '0')}`, model: `m-${i}`, cost: String(100 - i) }),
  );
  const html = await renderReport(await summaryOf({ usage }));
  // teams 50 … 59 cost 50 + 49 + … + 41 = 455; all cost 100 + … + 41 = 4230
  expect(html).toMatch(/10 other teams[\s\S]{0,80}?\$455\.00/);
  expect(html).toMatch(/All teams[\s\S]{0,80}?\$4,230\.00/);
});
