/** The bytes of a mail, read by two parsers that are not ours: parts, pictures by content id, headers, charset, size; and names that mean harm. */
import { load } from 'cheerio';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReportDocument } from '../../lib/report/document.ts';
import { MAIL_HTML_LIMIT, mailBytes } from '../../lib/report/mail.ts';
import { nameCell } from '../../lib/report/table.ts';
import { exampleDocument, hostileDocument, quietDocument } from '../fixtures/report-document.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { makeReports } from '../../lib/reporting.ts';
import { openReportLake } from './report-lake.ts';
import { WEEK, weekLake } from './week-lake.ts';
import { ENVELOPE, testPainter } from './mail-tools.ts';

/** Control characters but line breaks and tabs, and marks of direction. */
const INVISIBLE = /[^\P{Cc}\n\r\t]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

const FORMS = ['', '-dark', '-narrow', '-narrow-dark'];
const CHARTS = ['trend', 'teams', 'plan'];

const bytesOf = async (document: ReportDocument, changes: Partial<typeof ENVELOPE> = {}): Promise<Uint8Array> =>
  await mailBytes(document, { ...ENVELOPE, ...changes }, await testPainter());

async function htmlOf(document: ReportDocument): Promise<string> {
  const { html } = await PostalMime.parse(await bytesOf(document));
  return html ?? '';
}

describe('the mail of the example', () => {
  let bytes: Uint8Array;
  let html: string;
  beforeAll(async () => {
    bytes = await bytesOf(exampleDocument());
    html = (await PostalMime.parse(bytes)).html ?? '';
  }, 120_000);

  test('mailparser finds the headers as given', async () => {
    const mail = await simpleParser(Buffer.from(bytes), { skipImageLinks: true });
    expect(mail.subject).toBe('Inference ledger: $2,853.28 in the week to Nov 15, 2026 (+11.4%)');
    expect(mail.from?.value).toEqual([{ name: 'Inference ledger', address: 'ledger@example.com' }]);
    expect(mail.to).toMatchObject({
      value: [
        { name: '', address: 'finance@example.com' },
        { name: 'Plattform Größe', address: 'platform@example.org' },
      ],
    });
    expect(mail.replyTo?.value[0]?.address).toBe('owner@example.com');
    expect(mail.date?.toISOString()).toBe('2026-11-16T07:00:00.000Z');
    expect(mail.messageId).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.get('mime-version')).toBe('1.0');
  });

  test('it is alternative(text, related(html, pictures)), in UTF-8', async () => {
    const mail = await simpleParser(Buffer.from(bytes), { skipImageLinks: true });
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' });
    const source = Buffer.from(bytes).toString('latin1');
    const types = [...source.matchAll(/^Content-Type: ([\w/]+)/gm)].map((match) => match[1]);
    const pictures = Array.from({ length: CHARTS.length * FORMS.length }, () => 'image/png');
    expect(types).toEqual(['multipart/alternative', 'text/plain', 'multipart/related', 'text/html', ...pictures]);
    expect(source.match(/^Content-Type: text\/(plain|html); charset=utf-8\r$/gm)).toHaveLength(2);
    expect(source.split('\r\n').filter((line) => line.length > 78)).toEqual([]);
    expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n\u0080-\u00ff]/);
  });

  test('both parsers find every picture that the HTML shows, and no other', async () => {
    const [one, two] = [
      await simpleParser(Buffer.from(bytes), { skipImageLinks: true }),
      await PostalMime.parse(bytes),
    ];
    const shown = [...html.matchAll(/src="cid:([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(new Set(shown).size).toBe(CHARTS.length * FORMS.length);
    expect(one.attachments.map(({ cid }) => cid)).toEqual(shown);
    expect(two.attachments.map(({ contentId }) => contentId)).toEqual(shown.map((cid) => `<${cid}>`));
    expect(one.attachments.map(({ filename }) => filename)).toEqual(
      CHARTS.flatMap((chart) => FORMS.map((form) => `${chart}${form}.png`)),
    );
    for (const { content, contentType, contentDisposition, related } of one.attachments) {
      expect([contentType, contentDisposition, related]).toEqual(['image/png', 'inline', true]);
      expect(content.subarray(1, 4).toString()).toBe('PNG');
    }
  });

  test('it asks for nothing from outside', () => {
    expect(html.replace('xmlns="http://www.w3.org/1999/xhtml"', '')).not.toMatch(
      /https?:|\/\/\w|@import|<link|<script|<iframe|<object|<form|url\(|srcset|background="/i,
    );
  });

  test('it says its language, has one first heading, and says every picture in words', () => {
    const page = load(html);
    expect(page('html').attr('lang')).toBe('en');
    expect(page('title').text()).toBe('Inference ledger');
    expect(page('h1').length).toBe(1);
    expect(
      page('h2')
        .toArray()
        .map((heading) => page(heading).text()),
    ).toEqual(['Spend', 'By team and by model', 'Savings plan', 'Anomalies', 'How to get the same figures']);
    expect(
      page('img')
        .toArray()
        .map((image) => page(image).attr('alt')?.length ?? 0),
    ).not.toContain(0);
    const tables = page('table').filter((_, table) => page(table).find('> caption').length > 0);
    expect(tables.length).toBe(2);
    expect(page('table').not(tables).not('[role=presentation]').length).toBe(0);
    expect(tables.find('thead th:not([scope=col])').length + tables.find('tbody th:not([scope=row])').length).toBe(0);
    expect(tables.find('thead th').length).toBe(10);
  });

  test('the table shows as many rows as the document allows, its total, and says what is left out', () => {
    const page = load(html);
    const team = page('table').filter((_, table) => page(table).find('> caption').text().startsWith('By team'));
    expect(
      team
        .find('tbody > tr')
        .toArray()
        .map((row) => page(row).find('th').text()),
    ).toEqual(['search', 'support-bot', 'data-platform']);
    expect(team.find('tfoot td').first().text()).toContain('$2,853.28');
    expect(page.text()).toContain('2 more rows in report.html; the last row counts all.');
  });

  test('text and HTML say the same figures', async () => {
    const { text = '' } = await PostalMime.parse(bytes);
    const figures = (content: string): Set<string> => new Set(content.match(/[+−]?\$[\d,]+\.\d\d/g));
    const page = load(html);
    page('style, pre').remove();
    const inHtml = figures(page('body').text());
    expect(inHtml.size).toBeGreaterThan(15);
    const inText = figures(text);
    expect([...inHtml].filter((figure) => !inText.has(figure))).toEqual([]);
    expect(text).toContain('[week-teams]\nselect team');
    expect(text.split('\n').filter((line) => line.length > 100 && !line.startsWith('select'))).toEqual([]);
  });

  test('the queries stand below with their days filled in', () => {
    const page = load(html);
    expect(page('pre').text()).toContain("between date '2026-11-09' and date '2026-11-15'");
    expect(page('h3').text()).toBe('week-teams');
  });

  test('the same inputs give the same bytes; another receiver or week another message id', async () => {
    expect(await bytesOf(exampleDocument())).toEqual(bytes);
    const id = async (mail: Uint8Array): Promise<string | undefined> => (await PostalMime.parse(mail)).messageId;
    const ids = [
      await id(bytes),
      await id(await bytesOf(exampleDocument(), { to: ['other@example.com'] })),
      await id(await bytesOf({ ...exampleDocument(), weekEnd: '2026-11-22' })),
      await id(await bytesOf(exampleDocument(), { dateMs: ENVELOPE.dateMs + 1000 })),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('the mail of six made-up weeks', () => {
  test('holds every section, and every query in HTML or at least in the text', async () => {
    const lake = await openReportLake(weekLake());
    const { overall, teams } = await makeReports({ ...lake, config: DEFAULT_CONFIG }, WEEK);
    await lake.close();
    expect(teams.length).toBeGreaterThan(1);
    for (const document of [overall, ...teams.map((team) => team.document)]) {
      const { html = '', text = '' } = await PostalMime.parse(await bytesOf(document));
      expect(Buffer.byteLength(html)).toBeLessThan(MAIL_HTML_LIMIT);
      const page = load(html);
      const titles = document.sections.map(({ title }) => title);
      expect(
        page('h2')
          .toArray()
          .map((heading) => page(heading).text()),
      ).toEqual(titles);
      const names = document.queries.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(10);
      expect(names.filter((name) => !text.includes(`\n[${name}]\n`))).toEqual([]);
      expect(
        page('h3')
          .toArray()
          .map((heading) => page(heading).text()),
      ).toEqual(names);
    }
  });
});

describe('sizes', () => {
  test('a quiet week has no pictures and is short', async () => {
    const mail = await PostalMime.parse(await bytesOf(quietDocument()));
    expect(mail.attachments).toEqual([]);
    expect(mail.html).toContain('All sources complete');
  });

  /** The example with many tables of many rows. */
  function longDocument(sections: number, rows: number): ReportDocument {
    const document = exampleDocument();
    const teams = document.sections.find(({ id }) => id === 'teams');
    const table = teams?.blocks.find((block) => block.kind === 'table');
    if (teams === undefined || table === undefined) throw new Error('the example has no table of teams');
    const [row = []] = table.table.rows;
    const long = Array.from({ length: rows }, (_, i) => [nameCell(`team ${i} <&>`), ...row.slice(1)]);
    const block = { ...table, mailRows: rows, table: { ...table.table, rows: long } };
    const added = Array.from({ length: sections }, (_, i) => ({
      id: `more-${i}`,
      title: `More ${i}`,
      blocks: [block],
    }));
    return { ...document, sections: [...document.sections, ...added] };
  }

  test.each([
    [2, 10],
    [10, 30],
    [20, 2],
  ])('%d more sections of %d rows stay below the limit and say what is left out', async (sections, rows) => {
    const html = await htmlOf(longDocument(sections, rows));
    expect(Buffer.byteLength(html)).toBeLessThan(MAIL_HTML_LIMIT);
    const page = load(html);
    const shown = page('caption').toArray().length;
    expect(shown).toBe(2 + sections);
    expect(page.text().includes('more rows in report.html')).toBe(true);
    expect(page.text()).toContain('$2,853.28');
  });

  test('of very many sections the first stay, and the others are counted', async () => {
    const html = await htmlOf(longDocument(400, 20));
    expect(Buffer.byteLength(html)).toBeLessThan(MAIL_HTML_LIMIT);
    const page = load(html);
    const shown = page('h2').length;
    expect(shown).toBeGreaterThan(4);
    expect(page.text()).toContain(`${405 - shown} more sections in report.html.`);
  });

  test('a first screen that no mail can hold is refused by name', async () => {
    const { first, ...rest } = quietDocument();
    const lines = Array.from({ length: 2000 }, () => ({ label: 'Data', text: 'x'.repeat(100) }));
    await expect(bytesOf({ ...rest, first: { ...first, lines } })).rejects.toThrow(
      'the first screen of the week to 2026-11-15 is too long',
    );
  });
});

describe('names that mean harm', () => {
  test('stay text in every part and cut', async () => {
    const bytes = await bytesOf(hostileDocument());
    const mail = await PostalMime.parse(bytes);
    const page = load(mail.html ?? '');
    expect(page('script').length).toBe(0);
    expect(page('title').text().startsWith('<script>alert(1)</script>"\'&amp; =HYPERLINK(')).toBe(true);
    expect(page('[role=article]').attr('aria-label')).toBe(page('title').text());
    const attributes = new Set(
      page('*')
        .toArray()
        .flatMap((element) => Object.keys('attribs' in element ? element.attribs : {})),
    );
    expect([...attributes].filter((name) => name.startsWith('on') || !/^[a-z-]+(:[a-z]+)?$/.test(name))).toEqual([]);
    const rows = page('tbody th')
      .toArray()
      .map((cell) => page(cell).text());
    expect(rows).toContain('<script>alert(1)</script>"\'&amp;');
    expect(rows).toContain('=HYPERLINK("http://evil.example","x")');
    expect(rows).toContain('evil\ufffdgnp.exe\ufffd');
    const all = `${mail.html ?? ''}${mail.text ?? ''}`;
    expect(all.replaceAll('&#8203;', '')).not.toMatch(INVISIBLE);
    expect(all).not.toContain('x'.repeat(200));
    expect(page('p').text()).toContain('#5: 日本語チーム 🚀 فريق');
  });

  test('cannot add a header', async () => {
    const mail = await simpleParser(Buffer.from(await bytesOf(hostileDocument())), { skipImageLinks: true });
    expect(mail.bcc).toBeUndefined();
    expect([...mail.headers.keys()].toSorted()).toEqual(
      [
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'message-id',
        'mime-version',
        'reply-to',
        'subject',
        'to',
      ].toSorted(),
    );
    expect(mail.subject?.startsWith('<script>alert(1)</script>"\'&amp;\ufffd\ufffdBcc')).toBe(true);
    expect(Array.from(mail.subject ?? '').length).toBe(150);
  });

  test.each([
    ['a line break', { to: ['a@example.com\r\nBcc: b@example.com'] }],
    ['no address', { to: ['finance'] }],
    ['nobody', { to: [] }],
    ['a sender with a line break', { from: 'x\n@example.com' }],
  ])('%s is refused', async (_, changes) => {
    await expect(bytesOf(quietDocument(), changes)).rejects.toThrow(/not an address of a mail|nobody to go to/);
  });
});
