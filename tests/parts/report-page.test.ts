/** report.html of the demo in a real browser: it fits every width, asks nothing of the network, and its tables sort without a mouse. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoLedger } from '../cli/demo-ledger.ts';
import type { DemoLedger } from '../cli/demo-ledger.ts';
import { startBrowser } from './browser.ts';
import { contrasts, focusedHeader, groundColor, overflowing, pageWidthPx, sortValues, totals } from './page-probes.ts';

let demo: DemoLedger;
let browser: Browser;
let address: string;

beforeAll(async () => {
  demo = await demoLedger();
  address = pathToFileURL(join(demo.lake, 'report.html')).href;
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

interface Opened {
  readonly page: Page;
  /** addresses it asked for beside its own */
  readonly requests: string[];
  /** what went to the console, and errors nobody caught */
  readonly complaints: string[];
}

async function open(width: number, colorScheme: 'light' | 'dark'): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) requests.push(request.url());
  });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address, { waitUntil: 'networkidle' });
  return { page, requests, complaints };
}

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  test.each([360, 800, 1200])('at %d px nothing sticks out, nothing is requested, nothing complains', async (width) => {
    const { page, requests, complaints } = await open(width, scheme);
    expect(await page.evaluate(pageWidthPx)).toBeLessThanOrEqual(width);
    expect(await page.evaluate(overflowing)).toEqual([]);
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.locator('main section').count()).toBeGreaterThan(4);
    await page.close();
  });

  test('the page follows the color scheme and its text stays readable', async () => {
    const { page } = await open(1200, scheme);
    const [red = 0] = await page.evaluate(groundColor);
    expect(red < 128).toBe(scheme === 'dark');
    for (const selector of [
      'h1',
      '.sub',
      '.label',
      '.figure',
      '.hint',
      'caption',
      'thead th',
      'td',
      'figcaption',
      'code',
    ]) {
      const found = await page.evaluate(contrasts, selector);
      expect([selector, found.filter((contrast) => contrast < 4.5)]).toEqual([selector, []]);
      expect([selector, found.length > 0]).toEqual([selector, true]);
    }
    await page.close();
  });
});

describe('tables', () => {
  /** The sort values of one column of the first table, top to bottom. */
  const columnValues = async (page: Page, column: number): Promise<string[]> =>
    await page
      .locator('table[data-sort]')
      .first()
      .locator(`tbody tr > :nth-child(${column + 1})`)
      .evaluateAll(sortValues);

  test('the headers are reached by Tab and sort on Enter and Space', async () => {
    const { page } = await open(1200, 'light');
    const table = page.locator('table[data-sort]').first();
    const heads = table.locator('thead th');
    const column = await heads.evaluateAll((cells) => cells.findIndex((cell) => cell.classList.contains('n')));
    expect(column).toBeGreaterThan(0);
    await tabTo(page, column);
    await page.keyboard.press('Enter');
    expect(await heads.nth(column).getAttribute('aria-sort')).toBe('descending');
    const falling = (await columnValues(page, column)).map(Number);
    expect(new Set(falling).size).toBeGreaterThan(1);
    expect(falling).toEqual([...falling].toSorted((a, b) => b - a));
    await page.keyboard.press('Space');
    expect(await heads.nth(column).getAttribute('aria-sort')).toBe('ascending');
    expect((await columnValues(page, column)).map(Number)).toEqual([...falling].toSorted((a, b) => a - b));
    await page.close();
  });

  test('names sort upwards first, and only one column is marked', async () => {
    const { page } = await open(1200, 'light');
    await tabTo(page, 0);
    await page.keyboard.press('Enter');
    const names = await columnValues(page, 0);
    expect(names.length).toBeGreaterThan(3);
    expect(names).toEqual([...names].toSorted((a, b) => a.localeCompare(b)));
    expect(await page.locator('table[data-sort]').first().locator('th[aria-sort]').count()).toBe(1);
    await page.close();
  });

  /** Presses Tab until a button of this column of the first table has the focus. */
  async function tabTo(page: Page, column: number): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const reached = await page.evaluate(focusedHeader);
      if (reached === column) return;
    }
    throw new Error('60 presses of Tab did not reach the header');
  }

  test('every figure a table sums is the total it shows', async () => {
    const { page } = await open(1200, 'light');
    const columns = await page.locator('table[data-sort]').evaluateAll(totals);
    const money = columns.filter(({ total, isExact }) => isExact && /^-?\d+\.\d+$/.test(total));
    expect(money.length).toBeGreaterThan(1);
    for (const { caption, total, parts } of money) {
      const sum = parts.reduce((before, part) => before + picodollars(part), 0n);
      expect([caption, sum]).toEqual([caption, picodollars(total)]);
    }
    await page.close();
  });
});

/** Decimal text as whole picodollars, worked out here so that the page's own arithmetic is not trusted; unknown adds nothing. */
function picodollars(text: string): bigint {
  if (text === '') return 0n;
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole) * 10n ** 12n + BigInt(fraction.padEnd(12, '0').slice(0, 12));
  return text.startsWith('-') ? -value : value;
}
