/** The weekly page and text: complete, self-contained, deaf to what names say, and the same bytes again. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderDocumentText } from '../../lib/report/document-text.ts';
import type { ReportDocument } from '../../lib/report/document.ts';
import { renderPage } from '../../lib/report/page.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { makeReports } from '../../lib/reporting.ts';
import { HOSTILE_NAMES } from '../fixtures/hostile-names.ts';
import { exampleDocument, hostileDocument, quietDocument } from '../fixtures/report-document.ts';
import { call, openReportLake } from './report-lake.ts';
import { WEEK, sourceRow, weekLake } from './week-lake.ts';

/** Names of all tags the page opens. */
const tagsOf = (html: string): Set<string> => new Set([...html.matchAll(/<([a-zA-Z][\w-]*)/g)].map((m) => m[1] ?? ''));
const PAGE_TAGS =
  'html head meta title style body a header h1 h2 p main section div dl dt dd ul li i b em bdi span button figure figcaption svg g path text line rect table caption thead tbody tfoot tr th td details summary pre footer script'.split(
    ' ',
  );
const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;

async function documentOf(content = weekLake()): Promise<ReportDocument> {
  const lake = await openReportLake(content);
  const { overall } = await makeReports({ ...lake, config: DEFAULT_CONFIG }, WEEK);
  await lake.close();
  return overall;
}

describe('the page of a week', () => {
  let document: ReportDocument;
  let html: string;
  beforeAll(async () => {
    document = await documentOf();
    html = await renderPage(document);
  });

  test('asks nothing of the network and names no address', () => {
    expect(html).not.toMatch(/https?:|\/\/[a-z]|src=|url\(|@import|<link|<img|<iframe|xmlns/i);
    expect([...html.matchAll(/href="([^"]*)"/g)].map((m) => m[1]).filter((href) => !href?.startsWith('#'))).toEqual([]);
  });

  test('lets only its own script run', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(html).toContain(`sha256-${hash(script)}`);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/ on\w+="/);
  });

  test('has every section, every first line, and links only to SQL that is there', () => {
    expect([...html.matchAll(/<h2 id="([a-z]+)">/g)].map((m) => m[1])).toEqual(document.sections.map(({ id }) => id));
    for (const { text } of document.first.lines) expect(html).toContain(text);
    const links = [...html.matchAll(/href="#(sql-[\w-]+)"/g)];
    expect(links.length).toBeGreaterThan(20);
    for (const [, id] of links) expect(html).toContain(`id="${id}"`);
  });

  test('gives every bar its text and every series a button', () => {
    const bars = html.match(/<path aria-label="[^"]+" role="graphics-symbol"/g) ?? [];
    // 28 days × 3 models, 3 teams, 4 steps of the plan, each wide and narrow
    expect(bars.length).toBe(2 * (28 * 3 + 3 + 4));
    expect(html).toContain('aria-label="Nov 9, 2026, claude-sonnet-4-5 (anthropic): $80.00"');
    expect(html.match(/<button type="button" aria-pressed="true"/g)).toHaveLength(3);
    expect(html.match(/<svg role="graphics-document" aria-label="/g)).toHaveLength(6);
  });

  test('gives every table a caption and scoped headers', () => {
    const tables = html.match(/<table[\s\S]*?<\/table>/g) ?? [];
    expect(tables.length).toBeGreaterThan(9);
    for (const table of tables) {
      expect(table).toContain('<caption>');
      expect(table).not.toMatch(/<th(?!ead| scope=)/);
    }
  });

  test('opens only the tags it means to', () => {
    expect([...tagsOf(html)].filter((tag) => !PAGE_TAGS.includes(tag))).toEqual([]);
  });

  test('is the same bytes again, from the lake on', async () => {
    expect(hash(await renderPage(await documentOf()))).toBe(hash(html));
  });

  test('has a text version with the same figures', () => {
    const text = renderDocumentText(document);
    for (const { text: said } of document.first.lines)
      for (const word of said.split(' ').filter((one) => one.includes('$'))) expect(text).toContain(word);
    expect(text).toMatch(/^search +\$777\.00 +52\.6% +\+\$7\.00 +7,770/m);
    expect(text).toMatch(/^Plan +\$76\.00 +\$66\.00 +\$45\.00 to \$95\.00/m);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

test('a quiet week is short, and has no chart above', async () => {
  const html = await renderPage(quietDocument());
  const glance = html.slice(html.indexOf('class="glance"'), html.indexOf('<h2'));
  expect(glance.match(/<dt>/g)).toHaveLength(3);
  expect(glance).not.toContain('<svg');
});

test.each([
  ['the example', exampleDocument],
  ['hostile names', hostileDocument],
])('%s renders as page and text', async (_name, make) => {
  const document = make();
  const [html, text] = [await renderPage(document), renderDocumentText(document)];
  expect([...tagsOf(html)].filter((tag) => !PAGE_TAGS.includes(tag))).toEqual([]);
  expect(html).not.toMatch(DIRECTION);
  expect(text).not.toMatch(DIRECTION);
  expect(html).not.toContain('x'.repeat(301));
  expect(text).not.toContain('x'.repeat(100));
  expect(/NaN|undefined|\[object/.exec(html.replace(/<script>[\s\S]*/, '') + text)?.[0]).toBeUndefined();
});

test('names that mean harm are escaped, cut and without direction marks, wherever they stand', async () => {
  const names = [...HOSTILE_NAMES, 'evil\u202egnp.exe\u2066', 'x'.repeat(10_000), ']]></style><svg onload=alert(1)>'];
  const usage = names.flatMap((name) => [
    call({ day: '2026-11-05', team: name, model: name, provider: name, cost: '1' }),
    call({ day: '2026-11-10', team: name, model: name, provider: name, cost: '3' }),
    call({ day: '2026-11-10', team: 'unallocated', model: name, key_id: name, principal: name, source_format: name }),
    call({ day: '2026-11-10', model: name, cost: null, list_cost: null, cost_status: 'unpriced', cost_reason: name }),
  ]);
  const document = await documentOf({
    usage,
    sources: names.map((name) => sourceRow({ prefix: name, source_format: name, missing_days: '["2026-11-14"]' })),
    budgets: names.map((name) => ({ period: '2026-11', scope: 'team', id: name, amount: '1', owner: name })),
    anomalies: names.map((name) => ({
      day: '2026-11-10',
      team: name,
      provider: name,
      model: name,
      expected: '1',
      actual: '3',
      cause: name,
      state: 'new',
    })),
  });
  const [html, text] = [await renderPage(document), renderDocumentText(document)];
  expect([...tagsOf(html)].filter((tag) => !PAGE_TAGS.includes(tag))).toEqual([]);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\son\w+=/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  for (const form of [html, text, document.subject]) {
    expect(form).not.toMatch(DIRECTION);
    // eslint-disable-next-line no-control-regex
    expect(form).not.toMatch(/[\u0000-\u0008\u000e-\u001f]/);
  }
  expect(html).not.toContain('x'.repeat(301));
  expect(text).not.toContain('x'.repeat(100));
});
