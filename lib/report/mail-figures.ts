/**
 * Charts of the mail: four pictures each (light and dark, wide and narrow; styles show one of them), and the HTML around them. In: a document, a painter.
 * Out: pictures by content id. Invariant: every picture has a text that says the same; a name that a picture cannot hold stands beside it.
 */
import { createHash } from 'node:crypto';
import { readableChart } from './chart-painter.ts';
import type { ChartPainter, NamedMark } from './chart-painter.ts';
import { COLORED_SERIES, MAIL_THEME } from './chart-theme.ts';
import type { ChartTheme } from './chart-theme.ts';
import type { ReportChart, ReportDocument } from './document.ts';
import { DARK_MAIL_THEME, NARROW_CHART, WIDE_CHART } from './mail-style.ts';
import { shownHtml } from './mail-table.ts';

/** Also the class of a picture's element: wide and narrow, light and dark. */
export type PictureKind = 'wl' | 'wd' | 'nl' | 'nd';

const FORMS: readonly {
  readonly kind: PictureKind;
  readonly width: number;
  readonly theme: ChartTheme;
  readonly suffix: string;
}[] = [
  { kind: 'wl', width: WIDE_CHART, theme: MAIL_THEME, suffix: '' },
  { kind: 'wd', width: WIDE_CHART, theme: DARK_MAIL_THEME, suffix: '-dark' },
  { kind: 'nl', width: NARROW_CHART, theme: MAIL_THEME, suffix: '-narrow' },
  { kind: 'nd', width: NARROW_CHART, theme: DARK_MAIL_THEME, suffix: '-narrow-dark' },
];

export interface Picture {
  readonly kind: PictureKind;
  /** content id without `cid:` and brackets */
  readonly cid: string;
  readonly filename: string;
  readonly png: Uint8Array;
  /** CSS pixels */
  readonly width: number;
  readonly height: number;
}

export interface ChartPictures {
  readonly pictures: readonly Picture[];
  readonly marks: readonly NamedMark[];
}

/** All charts of a document, in its order. */
export function chartsOf({ first, sections }: ReportDocument): ReportChart[] {
  const blocks = sections.flatMap((section) => section.blocks);
  return [
    ...(first.chart === null ? [] : [first.chart]),
    ...blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : [])),
  ];
}

/** Paints the charts of a document; by id of the chart. */
export async function paintCharts(
  document: ReportDocument,
  painter: ChartPainter,
): Promise<Map<string, ChartPictures>> {
  const painted = new Map<string, ChartPictures>();
  for (const own of chartsOf(document)) {
    const { chart, marks } = readableChart(own, painter.covers);
    const pictures: Picture[] = [];
    for (const { kind, width, theme, suffix } of FORMS) {
      const painting = await painter.paint(chart, { width, theme });
      const hash = createHash('sha256').update(painting.png).digest('hex').slice(0, 16);
      pictures.push({
        kind,
        cid: `${chart.id}${suffix}.${hash}@inference-ledger`,
        filename: `${chart.id}${suffix}.png`,
        ...painting,
      });
    }
    painted.set(own.id, { pictures, marks });
  }
  return painted;
}

const TITLE_LIMIT = 120;
const ALT_LIMIT = 400;

/** The name of a query, small, after what it gave. */
export function queryMark(query: string | undefined): string {
  return query === undefined ? '' : ` <span class="q">[${shownHtml(query, 48)}]</span>`;
}

/** Title, picture, and beside it the names of colors and numbers. Without pictures the sentence about it stands alone. */
export function figureHtml(chart: ReportChart, painted: ChartPictures | undefined): string {
  const title = `<p class="m x">${shownHtml(chart.title, TITLE_LIMIT)}${queryMark(chart.query)}</p>`;
  if (painted === undefined) return `${title}<p>${shownHtml(chart.alt, ALT_LIMIT)}</p>`;
  const [light, ...others] = painted.pictures.map((picture) => image(picture, chart.alt));
  // Outlook on Windows hides nothing: it gets the first only
  return `${title}${light}<!--[if !mso]><!-->${others.join('')}<!--<![endif]-->${legend(chart)}${marksHtml(painted.marks)}`;
}

/** A picture; all but the first are hidden unless a style shows them, also where `display` is not known. */
function image({ kind, cid, width, height }: Picture, alt: string): string {
  const hidden = kind === 'wl' ? '' : ' style="display:none;max-height:0;overflow:hidden"';
  return `<div class="${kind}"${hidden}><img src="cid:${cid}" alt="${shownHtml(alt, ALT_LIMIT)}" width="${width}" height="${height}" style="display:block;width:100%;max-width:${width}px;height:auto;border:0"></div>`;
}

/** What the colors of stacked bars mean. */
function legend({ data }: ReportChart): string {
  if (data.kind !== 'trend') return '';
  const named = data.series.slice(0, COLORED_SERIES).map(({ name }, i) => ({ name, swatch: `s${i}` }));
  const all = data.series.length > COLORED_SERIES ? [...named, { name: 'others', swatch: 'so' }] : named;
  const items = all.map(
    ({ name, swatch }) =>
      `<span class="lg"><span class="sw ${swatch}">&#8203;</span><span dir="auto">${shownHtml(name, 28)}</span></span>`,
  );
  const pale = data.days.some(({ isComplete }) => !isComplete) ? note('Pale: a day that is not complete.') : '';
  return `<p class="x" style="margin:8px 0 0">${items.join(' ')}</p>${pale}`;
}

const note = (text: string): string => `<p class="m x">${text}</p>`;

function marksHtml(marks: readonly NamedMark[]): string {
  if (marks.length === 0) return '';
  return `<p class="m x">${marks.map(({ mark, name }) => `${mark}: <span dir="auto">${shownHtml(name, 48)}</span>`).join('; ')}</p>`;
}
