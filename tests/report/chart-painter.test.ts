/** Pictures of charts: painted with the shipped font alone, and honest about letters that it lacks. */
import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readPaintingFiles } from '../../lib/adapters/local/painting-files.ts';
import { readableChart } from '../../lib/report/chart-painter.ts';
import { MAIL_THEME } from '../../lib/report/chart-theme.ts';
import type { ReportChart } from '../../lib/report/document.ts';
import { fontCoverage, isCovered } from '../../lib/report/font-coverage.ts';
import { chartsOf } from '../../lib/report/mail-figures.ts';
import { DARK_MAIL_THEME } from '../../lib/report/mail-style.ts';
import { exampleDocument } from '../fixtures/report-document.ts';
import { testPainter } from './mail-tools.ts';

const bars = (names: readonly string[]): Pick<ReportChart, 'data'> => ({
  data: { kind: 'bars', rows: names.map((name) => ({ name, currentPico: 5n * 10n ** 12n, previousPico: null })) },
});

/** Width and height of a PNG, and how many different pixels it has (RGBA, no interlace), read by the format and not by the painter. */
function pixelsOf(png: Uint8Array): { width: number; height: number; colors: number } {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.subarray(at + 4, at + 8).toString('latin1');
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  return { width, height, colors: new Set(raw).size };
}

test('the font covers Latin, Greek and Cyrillic, and the signs of money and ranges', async () => {
  const { font } = await readPaintingFiles();
  const coverage = fontCoverage(font);
  const covered = 'AZaz09 éßłŞơ ΑΩαωΐ АЯаяѢҐ $€−–…%×<>&"#\ufffd';
  expect(Array.from(covered).filter((sign) => !isCovered(sign, coverage))).toEqual([]);
  const missing = '日本ש فর🚀𝒳→●\u0007';
  expect(Array.from(missing).filter((sign) => sign !== ' ' && isCovered(sign, coverage))).toEqual([]);
  // as many as fontTools 4 counts in the font's own map
  const all = Array.from({ length: 0x11_0000 }, (_, code) => coverage(code)).filter(Boolean).length;
  expect(all).toBe(3094);
  expect(font.length).toBeLessThan(700_000);
});

test('its licence lies beside it', async () => {
  const text = await readFile(new URL('../../lib/report/fonts/OFL.txt', import.meta.url), 'utf8');
  expect(text).toContain('SIL OPEN FONT LICENSE Version 1.1');
});

test('a file that is no font says so', () => {
  expect(() => fontCoverage(new Uint8Array(64))).toThrow('has no table cmap');
});

test('a chart is painted at twice its size, the same bytes each time, in both themes', async () => {
  const painter = await testPainter();
  for (const chart of chartsOf(exampleDocument())) {
    for (const theme of [MAIL_THEME, DARK_MAIL_THEME]) {
      const look = { width: 320, theme };
      const { png, width, height } = await painter.paint(chart, look);
      expect((await painter.paint(chart, look)).png).toEqual(png);
      const pixels = pixelsOf(png);
      expect([pixels.width, pixels.height]).toEqual([2 * width, 2 * height]);
      expect(Math.abs(width - 320)).toBeLessThanOrEqual(1);
      expect(pixels.colors).toBeGreaterThan(8);
    }
  }
});

test('names are painted: two charts that differ in a name differ in the picture', async () => {
  const painter = await testPainter();
  const look = { width: 320, theme: MAIL_THEME };
  const one = await painter.paint(bars(['search']), look);
  expect((await painter.paint(bars(['starch']), look)).png).not.toEqual(one.png);
  expect((await painter.paint(bars(['search']), look)).png).toEqual(one.png);
});

test('a name in letters that the font lacks gets a number and is named beside the picture', async () => {
  const { covers } = await testPainter();
  const { chart, marks } = readableChart(bars(['búsqueda', '日本語', 'поиск', 'rocket 🚀']), covers);
  expect(chart.data.kind === 'bars' && chart.data.rows.map(({ name }) => name)).toEqual([
    'búsqueda',
    '#2',
    'поиск',
    '#4',
  ]);
  expect(marks).toEqual([
    { mark: '#2', name: '日本語' },
    { mark: '#4', name: 'rocket 🚀' },
  ]);
});

test('levers of a plan are treated alike, and a trend holds no names', async () => {
  const { covers } = await testPainter();
  const step = { savingPico: 1n, lowPico: 0n, highPico: 2n };
  const plan = readableChart(
    { data: { kind: 'waterfall', baselinePico: 9n, steps: [{ name: '批量', ...step }] } },
    covers,
  );
  expect(plan.chart.data.kind === 'waterfall' && plan.chart.data.steps[0]?.name).toBe('#1');
  expect(plan.marks).toEqual([{ mark: '#1', name: '批量' }]);
  const trend = exampleDocument(['日本語']).first.chart;
  expect(trend && readableChart(trend, covers)).toEqual({ chart: trend, marks: [] });
});
