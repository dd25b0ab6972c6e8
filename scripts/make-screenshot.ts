/** Makes docs/report.png, the picture of the README, from a demo's report.  node scripts/make-screenshot.ts ledger-demo/lake/report.html */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [, , report = 'ledger-demo/lake/report.html'] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 860 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.screenshot({ path: new URL('../docs/report.png', import.meta.url).pathname });
} finally {
  await browser.close();
}
