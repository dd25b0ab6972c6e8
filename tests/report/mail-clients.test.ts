/**
 * The HTML of a mail against the data of caniemail.com: what Gmail, Apple Mail and Outlook do not know is listed here with what they show instead.
 * A feature that is not on the list fails.
 */
import { doIUseEmail } from '@jsx-email/doiuse-email';
import { beforeAll, expect, test } from 'vitest';
import { fittingHtml } from '../../lib/report/mail.ts';
import { paintCharts } from '../../lib/report/mail-figures.ts';
import { DARK_STYLE, MAIL_STYLE } from '../../lib/report/mail-style.ts';
import { exampleDocument } from '../fixtures/report-document.ts';
import { testPainter } from './mail-tools.ts';

/** Where a mail becomes a part of another page, its `<body>` becomes a `<div>`; MJML's own `<div class="g">` carries the ground. */
const BODY = '`<body> element`';

/** Client → features of the mail that it does not know. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  'gmail.desktop-webmail': [],
  'gmail.ios': [],
  'gmail.android': [],
  'apple-mail.macos': [],
  'apple-mail.ios': [],
  'outlook.macos': [BODY],
  'outlook.ios': [BODY],
  // the hidden pictures are hidden by `display` too
  'outlook.android': [BODY, '`overflow`'],
  // wide and light only, by @media; figures are aligned by `align`, hidden pictures left out by a conditional comment; the rest is MJML's or looks
  'outlook.windows': [
    '`@media`',
    '`Chaining selectors`',
    '`border-radius`',
    '`opacity`',
    '`outline`',
    '`overflow`',
    '`table-layout`',
    '`white-space`',
    '`word-spacing`',
  ],
};

let html: string;

beforeAll(async () => {
  const document = exampleDocument();
  html = await fittingHtml(document, await paintCharts(document, await testPainter()));
}, 120_000);

test.each(Object.entries(UNKNOWN))('%s knows all but %j', (client, unknown) => {
  const result = doIUseEmail(html, { emailClients: [client] });
  const errors = 'errors' in result ? (result.errors ?? []) : [];
  const features = new Set(errors.map((error) => error.split(' is not supported')[0] ?? error));
  expect([...features].toSorted()).toEqual(unknown.toSorted());
});

test('the check finds what a mail must not use', () => {
  const result = doIUseEmail('<style>@import "x"; p:first-child{color:red}</style><p style="position:fixed">a</p>', {
    emailClients: ['gmail.desktop-webmail'],
  });
  expect(result.success).toBe(false);
});

test('no block of styles is longer than what Gmail reads', () => {
  for (const style of [MAIL_STYLE, DARK_STYLE]) expect(Buffer.byteLength(style)).toBeLessThan(8192);
  const blocks = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map((match) =>
    Buffer.byteLength(match[1] ?? ''),
  );
  expect(blocks.length).toBeGreaterThan(2);
  expect(Math.max(...blocks)).toBeLessThan(8192);
});
