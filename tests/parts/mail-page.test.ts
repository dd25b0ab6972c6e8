/** The HTML of a mail in a real browser, as a telephone and a desktop show it, light and dark: nothing sticks out, the right picture is shown, WCAG AA. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailBytes } from '../../lib/report/mail.ts';
import type { ReportDocument } from '../../lib/report/document.ts';
import { exampleDocument, hostileDocument, quietDocument } from '../fixtures/report-document.ts';
import { ENVELOPE, testPainter } from '../report/mail-tools.ts';
import { axeFindings } from './accessibility.ts';
import { startBrowser } from './browser.ts';
import { mailAsPage } from './mail-page.ts';
import { foreignElements, groundColor, overflowing, pageWidthPx } from './page-probes.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => await browser?.close());

const made = new Map<ReportDocument, Promise<string>>();

/** The mail of a document as a page, made once. */
async function pageOf(document: ReportDocument): Promise<string> {
  const page =
    made.get(document) ??
    testPainter().then(async (painter) => await mailAsPage(await mailBytes(document, ENVELOPE, painter)));
  made.set(document, page);
  return await page;
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

const [EXAMPLE, HOSTILE, QUIET] = [exampleDocument(), hostileDocument(), quietDocument()];

/** A mail is a part of the mail program's page, which has the landmarks. */
const NOT_FOR_MAIL = ['region', 'landmark-one-main'];

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  test.each([320, 360, 600, 660, 1200])(
    'at %d px nothing sticks out, nothing is requested, axe finds nothing',
    async (width) => {
      for (const document of [EXAMPLE, HOSTILE, QUIET]) {
        const { page, requests } = await open(await pageOf(document), width, scheme);
        expect(await page.evaluate(pageWidthPx)).toBeLessThanOrEqual(width);
        expect(await page.evaluate(overflowing)).toEqual([]);
        expect(requests).toEqual([]);
        const { broken, met } = await axeFindings(page, NOT_FOR_MAIL);
        expect(broken).toEqual([]);
        expect(met).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'document-title']));
        await page.close();
      }
    },
  );

  test.each([
    [360, scheme === 'light' ? 'nl' : 'nd'],
    [1200, scheme === 'light' ? 'wl' : 'wd'],
  ])('at %d px each chart shows its picture %s alone', async (width, kind) => {
    const { page } = await open(await pageOf(EXAMPLE), width, scheme);
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
  const { page } = await open(await pageOf(HOSTILE), 600, 'light');
  const { counts, cells } = await page.evaluate(foreignElements);
  expect(counts).toEqual({ scripts: 0, pictures: 0, handlers: 0, links: 0 });
  expect(cells).toContain('<script>alert(1)</script>"\'&amp;');
  await page.close();
});

test('without its styles the mail still reads: one picture a chart, no doubled names', async () => {
  const { page } = await open((await pageOf(EXAMPLE)).replace(/<style[\s\S]*?<\/style>/g, ''), 1200, 'light');
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
