/** Mail and page of a report in a real browser, as telephone and desktop show them, light and dark: nothing sticks out, the right picture is shown, WCAG AA. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailBytes } from '../../lib/report/mail.ts';
import type { ReportDocument } from '../../lib/report/document.ts';
import { exampleDocument, hostileDocument, quietDocument } from '../fixtures/report-document.ts';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { renderPage } from '../../lib/report/page.ts';
import { makeReports } from '../../lib/reporting.ts';
import { openReportLake } from '../report/report-lake.ts';
import { WEEK, weekLake } from '../report/week-lake.ts';
import { ENVELOPE, testPainter } from '../report/mail-tools.ts';
import { axeFindings } from './accessibility.ts';
import { startBrowser } from './browser.ts';
import { mailAsPage } from './mail-page.ts';
import { foreignElements, groundColor, overflowing, pageWidthPx } from './page-probes.ts';

let browser: Browser;

beforeAll(async () => {
  const { everybody, team } = await weekDocuments();
  documents = { example: exampleDocument(), hostile: hostileDocument(), quiet: quietDocument(), everybody, team };
  browser = await startBrowser();
});

afterAll(async () => await browser?.close());

/** Each form of a report as HTML, and the rules of axe that do not fit it: a mail is a part of the mail program's page, which has the landmarks. */
const FORMS: Readonly<
  Record<string, { render: (document: ReportDocument) => Promise<string>; skipped: readonly string[] }>
> = {
  mail: {
    render: async (document) => await mailAsPage(await mailBytes(document, ENVELOPE, await testPainter())),
    skipped: ['region', 'landmark-one-main'],
  },
  page: { render: renderPage, skipped: [] },
};

let documents: Readonly<Record<string, ReportDocument>>;
const made = new Map<string, Promise<string>>();

/** A form of a document, made once. */
async function htmlOf(form: string, name: string): Promise<string> {
  const document = documents[name];
  if (document === undefined) throw new Error(`no document ${name}`);
  const html = made.get(`${form} ${name}`) ?? FORMS[form]?.render(document);
  if (html === undefined) throw new Error(`no form ${form}`);
  made.set(`${form} ${name}`, html);
  return await html;
}

async function open(
  html: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<{ page: Page; requests: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const requests: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.setContent(html, { waitUntil: 'networkidle' });
  return { page, requests };
}

/** The documents of six made-up weeks in a ledger: everybody's and a team's. */
async function weekDocuments(): Promise<{ everybody: ReportDocument; team: ReportDocument }> {
  const lake = await openReportLake(weekLake());
  try {
    const { overall, teams } = await makeReports({ ...lake, config: DEFAULT_CONFIG }, WEEK);
    const team = teams[0]?.document;
    if (team === undefined) throw new Error('the week has no team');
    return { everybody: overall, team };
  } finally {
    await lake.close();
  }
}

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  describe.each(['mail', 'page'])('%s', (form) => {
    test.each([360, 600, 1200])('at %d px axe finds nothing', async (width) => {
      for (const name of Object.keys(documents)) {
        const { page } = await open(await htmlOf(form, name), width, scheme);
        const { broken, met } = await axeFindings(page, FORMS[form]?.skipped);
        expect([name, ...broken]).toEqual([name]);
        expect(met).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'document-title']));
        await page.close();
      }
    });

    test.each([320, 360, 600, 660, 1200])('at %d px nothing sticks out, nothing is requested', async (width) => {
      for (const name of Object.keys(documents)) {
        const { page, requests } = await open(await htmlOf(form, name), width, scheme);
        expect([name, await page.evaluate(pageWidthPx)]).toEqual([name, width]);
        expect([name, ...(await page.evaluate(overflowing))]).toEqual([name]);
        expect(requests).toEqual([]);
        await page.close();
      }
    });
  });

  test.each([
    [360, scheme === 'light' ? 'nl' : 'nd'],
    [1200, scheme === 'light' ? 'wl' : 'wd'],
  ])('at %d px each chart shows its picture %s alone', async (width, kind) => {
    const { page } = await open(await htmlOf('mail', 'example'), width, scheme);
    for (const each of ['wl', 'wd', 'nl', 'nd']) {
      const pictures = page.locator(`.${each} img`);
      expect(await pictures.count()).toBe(3);
      for (const picture of await pictures.all())
        expect([each, await picture.isVisible()]).toEqual([each, each === kind]);
    }
    const [red = 0] = await page.evaluate(groundColor);
    expect(red < 128).toBe(scheme === 'dark');
    await page.close();
  });
});

test('names that mean harm are text', async () => {
  const { page } = await open(await htmlOf('mail', 'hostile'), 600, 'light');
  const { counts, cells } = await page.evaluate(foreignElements);
  expect(counts).toEqual({ scripts: 0, pictures: 0, handlers: 0, links: 0 });
  expect(cells).toContain('<script>alert(1)</script>"\'&amp;');
  await page.close();
});

test('without its styles the mail still reads: one picture a chart, no doubled names', async () => {
  const { page } = await open((await htmlOf('mail', 'example')).replace(/<style[\s\S]*?<\/style>/g, ''), 1200, 'light');
  expect(await page.locator('img:visible').count()).toBe(3);
  expect(await page.locator('td:visible', { hasText: '$1,212.40' }).last().innerText()).toBe('$1,212.40');
  await page.close();
});

test('axe finds what is broken', async () => {
  const { page } = await open(
    '<html><body><h1 style="color:#999;background:#fff">a</h1><img src="data:,"></body></html>',
    600,
    'light',
  );
  const { broken } = await axeFindings(page);
  const rules = broken.map((each) => each.split(':')[0]);
  expect(rules).toEqual(expect.arrayContaining(['html-has-lang', 'image-alt']));
  await page.close();
});
