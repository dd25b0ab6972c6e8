/**
 * Makes the pictures of a report: page and mail in a real Chromium at 360, 600 and 1200 px, light and dark.
 *   node scripts/make-screenshots.ts REPORT [OUT]
 * REPORT is a folder that `inference-ledger report --out` wrote (report.html, report.eml). Without OUT the three that the documents show are made:
 * docs/report.png, docs/mail.png and docs/mail-phone.png; with it all twelve, whole pages, to be looked at.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../tests/parts/browser.ts';
import { mailAsPage } from '../tests/parts/mail-page.ts';

interface Shot {
  readonly html: string;
  readonly path: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  /** pixels; without it the whole page */
  readonly height?: number;
}

const [, , report = 'ledger-demo/report', out] = process.argv;
const page = await readFile(join(report, 'report.html'), 'utf8');
const mail = await mailAsPage(await readFile(join(report, 'report.eml')));
const docs = (name: string): string => new URL(`../docs/${name}`, import.meta.url).pathname;

function shots(): Shot[] {
  if (out === undefined) {
    return [
      { html: page, path: docs('report.png'), width: 1100, height: 860, scheme: 'light' },
      { html: mail, path: docs('mail.png'), width: 720, height: 860, scheme: 'light' },
      { html: mail, path: docs('mail-phone.png'), width: 360, height: 860, scheme: 'dark' },
    ];
  }
  return Object.entries({ page, mail }).flatMap(([form, html]) =>
    [360, 600, 1200].flatMap((width) =>
      (['light', 'dark'] as const).map((scheme) => ({
        html,
        path: join(resolve(out), `${form}-${width}-${scheme}.png`),
        width,
        scheme,
      })),
    ),
  );
}

async function take(browser: Browser, { html, path, width, height, scheme }: Shot): Promise<void> {
  const tab = await browser.newPage({ viewport: { width, height: height ?? 800 }, colorScheme: scheme });
  await tab.setContent(html, { waitUntil: 'load' });
  await tab.screenshot({ path, fullPage: height === undefined });
  await tab.close();
  process.stdout.write(`${path}\n`);
}

if (out !== undefined) await mkdir(out, { recursive: true });
const browser = await startBrowser();
try {
  for (const shot of shots()) await take(browser, shot);
} finally {
  await browser.close();
}
