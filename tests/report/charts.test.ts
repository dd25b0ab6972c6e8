/** Charts from data alone: the same in the colors of a page and of a picture, whatever the names. */
import { describe, expect, test } from 'vitest';
import { MAIL_THEME, PAGE_THEME } from '../../lib/report/chart-theme.ts';
import { chartSvg } from '../../lib/report/charts.ts';
import type { ReportChart } from '../../lib/report/document.ts';
import { exampleDocument, hostileDocument } from '../fixtures/report-document.ts';
import type { ReportDocument } from '../../lib/report/document.ts';

function chartsOf({ first, sections }: ReportDocument): ReportChart[] {
  const below = sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : [])),
  );
  return [...(first.chart === null ? [] : [first.chart]), ...below];
}

const usd = (dollars: number): bigint => BigInt(dollars) * 1_000_000_000_000n;

/** Left edge and width of every bar, in pixels. */
function barsOf(svg: string): [x: number, width: number][] {
  return [...svg.matchAll(/role="graphics-symbol"[^>]* d="M([\d.-]+),[\d.-]+h([\d.-]+)v/g)].map((m) => [
    Number(m[1]),
    Number(m[2]),
  ]);
}

test.each([
  ['the example', exampleDocument],
  ['hostile names', hostileDocument],
])('%s: a picture stands alone, a page draws it in its variables', async (_name, make) => {
  for (const chart of chartsOf(make())) {
    const picture = await chartSvg(chart, { width: 600, theme: MAIL_THEME });
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(picture).not.toMatch(/var\(|<script|<image|href=|[\u202a-\u202e\u2066-\u2069]/);
    const page = await chartSvg(chart, { width: 600, theme: PAGE_THEME });
    expect(page).not.toMatch(/xmlns|#[0-9a-f]{6}|<script|<image|href=/);
    expect(await chartSvg(chart, { width: 600, theme: MAIL_THEME })).toBe(picture);
  }
});

describe('the waterfall', () => {
  const data = {
    kind: 'waterfall' as const,
    baselinePico: usd(100),
    steps: [
      { name: 'saves', savingPico: usd(30), lowPico: usd(20), highPico: usd(50) },
      { name: 'costs', savingPico: usd(-10), lowPico: usd(-10), highPico: usd(-10) },
    ],
  };

  test('hangs each step where the one before ended', async () => {
    const bars = barsOf(await chartSvg({ data }, { width: 600, theme: PAGE_THEME }));
    const perDollar = (bars[0]?.[1] ?? 0) / 100;
    expect(bars.map(([x, width]) => [Math.round(x / perDollar), Math.round(width / perDollar)])).toEqual([
      [0, 100],
      [70, 30],
      [70, 10],
      [0, 80],
    ]);
  });

  test('says each amount with its range', async () => {
    const svg = await chartSvg({ data }, { width: 600, theme: PAGE_THEME });
    expect([...svg.matchAll(/aria-label="([^"]+)"/g)].map((m) => m[1])).toEqual([
      'Spent: $100.00',
      'saves: $30.00, range $20.00 to $50.00',
      'costs: −$10.00, range −$10.00 to −$10.00',
      'With the plan: $80.00',
    ]);
  });
});

test('the trend leaves out what is not known and pales what is not complete', async () => {
  const svg = await chartSvg(
    {
      data: {
        kind: 'trend',
        days: [
          { day: '2026-11-14', isComplete: true },
          { day: '2026-11-15', isComplete: false },
        ],
        series: [
          { name: 'a', costPico: [usd(1), null] },
          { name: 'b', costPico: [usd(2), usd(3)] },
        ],
      },
    },
    { width: 300, theme: PAGE_THEME },
  );
  expect([...svg.matchAll(/aria-label="([^"]+)"[^>]*fill-opacity="([\d.]+)"/g)].map((m) => [m[1], m[2]])).toEqual([
    ['Nov 14, 2026, a: $1.00', '1'],
    ['Nov 14, 2026, b: $2.00', '1'],
    ['Nov 15, 2026, b: $3.00 (day not complete)', '0.45'],
  ]);
});
