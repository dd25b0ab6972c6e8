/** The weekly page in a real browser: it fits, asks nothing of the network, and its charts and tables answer without a mouse. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../lib/config.ts';
import { renderPage } from '../../lib/report/page.ts';
import { makeReports } from '../../lib/reporting.ts';
import { hostileDocument } from '../fixtures/report-document.ts';
import { openReportLake } from '../report/report-lake.ts';
import { WEEK, weekLake } from '../report/week-lake.ts';
import { startBrowser } from './browser.ts';
import { contrasts, overflowing, pageWidthPx } from './page-probes.ts';

let folder: string;
let browser: Browser;
const pages = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-page-'));
  const lake = await openReportLake(weekLake());
  const { overall } = await makeReports({ ...lake, config: DEFAULT_CONFIG }, WEEK);
  await lake.close();
  for (const [name, document] of [['week', overall] as const, ['hostile', hostileDocument()] as const]) {
    const path = join(folder, `${name}.html`);
    await writeFile(path, await renderPage(document));
    pages.set(name, pathToFileURL(path).href);
  }
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** what it asked for beside itself, and what it complained of */
  readonly complaints: string[];
}

async function open(name: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const address = pages.get(name) ?? '';
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  await page.goto(address, { waitUntil: 'networkidle' });
  return { page, complaints };
}

const bars = (page: Page): Locator => page.locator('.glance .wide [role=graphics-symbol]');
const tip = (page: Page): Locator => page.locator('.glance .tip');

describe.each(['week', 'hostile'])('%s', (name) => {
  test.each([
    [360, 'light'],
    [600, 'dark'],
    [1200, 'light'],
    [1200, 'dark'],
  ] as const)('at %d px, %s, nothing sticks out and nothing complains', async (width, scheme) => {
    const { page, complaints } = await open(name, width, scheme);
    expect(await page.evaluate(pageWidthPx)).toBeLessThanOrEqual(width);
    expect(await page.evaluate(overflowing)).toEqual([]);
    expect(complaints).toEqual([]);
    for (const selector of ['h1', 'h2', 'dt', 'dd', '.say', '.hint', 'caption', 'thead th', 'td', '.legend button']) {
      const found = await page.evaluate(contrasts, selector);
      expect([selector, found.filter((contrast) => contrast < 4.5)]).toEqual([selector, []]);
      expect([selector, found.length > 0]).toEqual([selector, true]);
    }
    await page.close();
  });
});

describe('the chart', () => {
  test('says the bar under the pointer, and the one with the focus', async () => {
    const { page } = await open('week', 1200);
    await bars(page).nth(3).hover();
    expect(await tip(page).textContent()).toBe(await bars(page).nth(3).getAttribute('aria-label'));
    await page.mouse.move(0, 0);
    expect(await tip(page).isHidden()).toBe(true);
    await bars(page).first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await tip(page).textContent()).toBe(await bars(page).nth(1).getAttribute('aria-label'));
    await page.keyboard.press('End');
    expect(await tip(page).textContent()).toBe(await bars(page).last().getAttribute('aria-label'));
    await page.keyboard.press('Escape');
    expect(await tip(page).isHidden()).toBe(true);
    expect(await page.locator('.glance .wide [role=graphics-symbol][tabindex="0"]').count()).toBe(1);
    await page.close();
  });

  test('hides and shows a series from the keyboard, and what stood on it falls', async () => {
    const { page, complaints } = await open('week', 1200);
    const button = page.locator('.glance .legend button').first();
    const top = bars(page).last();
    const before = await top.boundingBox();
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    expect(await bars(page).first().isHidden()).toBe(true);
    const after = await top.boundingBox();
    expect((after?.y ?? 0) - (before?.y ?? 0)).toBeGreaterThan(20);
    await page.keyboard.press('Space');
    expect(await bars(page).first().isVisible()).toBe(true);
    expect(await top.boundingBox()).toEqual(before);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('tables sort from the keyboard', async () => {
  const { page } = await open('week', 1200);
  const table = page.locator('#groups ~ .scroll table').first();
  const spend = table.locator('thead th').nth(1);
  await spend.locator('button').focus();
  await page.keyboard.press('Enter');
  expect(await spend.getAttribute('aria-sort')).toBe('descending');
  await page.keyboard.press('Enter');
  expect(await spend.getAttribute('aria-sort')).toBe('ascending');
  expect(await table.locator('tbody th').allTextContents()).toEqual(['unallocated', 'bots', 'search']);
  await page.close();
});
