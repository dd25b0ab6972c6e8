/** docs/architecture.svg in a real browser, as a page shows it: its texts stay in their boxes and can be read, in light and dark. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BOXES } from '../../scripts/make-architecture.ts';
import { ROOT } from '../architecture/imports.ts';
import { startBrowser } from './browser.ts';
import { pictureContrasts, textsOutside } from './page-probes.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => browser?.close());

test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
  const page = await browser.newPage({ viewport: { width: 1120, height: 720 }, colorScheme });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(join(ROOT, 'docs/architecture.svg')).href);
  const { outside, boxed } = await page.evaluate(textsOutside);
  expect(outside).toEqual([]);
  expect(boxed).toBeGreaterThanOrEqual(BOXES.length * 2);
  const contrasts = await page.evaluate(pictureContrasts, ['rect.ground', 'rect.box', 'rect.lake']);
  expect(contrasts.length).toBeGreaterThanOrEqual(6);
  expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
  expect(requests).toHaveLength(1);
  // a picture of one color would be small
  expect((await page.screenshot()).length).toBeGreaterThan(20_000);
  await page.close();
});
