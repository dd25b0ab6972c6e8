/**
 * Charts as PNG for mail: a chart as data becomes SVG, the SVG becomes pixels in WebAssembly, with the font that is shipped and no other.
 * In: a chart, a theme, a width. Out: PNG bytes and what has to be said beside them. Invariant: the same chart gives the same bytes on every machine;
 * a name in letters that the font lacks gets a number in the picture and stands in full beside it.
 */
import { Resvg, initWasm } from '@resvg/resvg-wasm';
import type { ChartTheme } from './chart-theme.ts';
import { chartSvg } from './charts.ts';
import type { ReportChart } from './document.ts';
import { fontCoverage, isCovered } from './font-coverage.ts';
import type { Coverage } from './font-coverage.ts';
import { shownName } from './format.ts';

/** What painting needs, as bytes: `index_bg.wasm` of resvg, and `fonts/NotoSans-Regular.ttf`. */
export interface PaintingFiles {
  readonly wasm: Uint8Array;
  readonly font: Uint8Array;
}

export interface ChartPainter {
  /** PNG of a chart, `width` CSS pixels wide, with twice as many of its own for sharp screens. */
  paint(chart: Pick<ReportChart, 'data'>, look: { width: number; theme: ChartTheme }): Promise<Painting>;
  readonly covers: Coverage;
}

export interface Painting {
  readonly png: Uint8Array;
  /** CSS pixels */
  readonly width: number;
  readonly height: number;
}

const PIXELS_PER_CSS_PIXEL = 2;
const FAMILY = 'Noto Sans';

/** The module can be set up once in a process only. */
let isReady: Promise<void> | null = null;

/** A painter with this font. */
export async function createPainter({ wasm, font }: PaintingFiles): Promise<ChartPainter> {
  isReady ??= initWasm(new Uint8Array(wasm));
  await isReady;
  return {
    covers: fontCoverage(font),
    paint: async (chart, { width, theme }) => {
      const svg = await chartSvg(chart, { width, theme });
      const image = new Resvg(svg, {
        fitTo: { mode: 'zoom', value: PIXELS_PER_CSS_PIXEL },
        font: { fontBuffers: [font], defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
      });
      try {
        const drawn = image.render();
        return {
          png: drawn.asPng(),
          width: Math.round(drawn.width / PIXELS_PER_CSS_PIXEL),
          height: Math.round(drawn.height / PIXELS_PER_CSS_PIXEL),
        };
      } finally {
        image.free();
      }
    },
  };
}

/** A name that stands beside a picture, under the number it has in it. */
export interface NamedMark {
  readonly mark: string;
  readonly name: string;
}

/** The chart with a number such as `#2` for each name that the font cannot write, and those names in full. */
export function readableChart<C extends Pick<ReportChart, 'data'>>(
  chart: C,
  covers: Coverage,
): { readonly chart: C; readonly marks: readonly NamedMark[] } {
  const { data } = chart;
  // names of a trend are not written into the picture
  if (data.kind === 'trend') return { chart, marks: [] };
  const marks: NamedMark[] = [];
  const written = (name: string, at: number): string => {
    if (isCovered(shownName(name), covers)) return name;
    const mark = `#${at + 1}`;
    marks.push({ mark, name: shownName(name) });
    return mark;
  };
  const changed: ReportChart['data'] =
    data.kind === 'bars'
      ? { ...data, rows: data.rows.map((row, i) => ({ ...row, name: written(row.name, i) })) }
      : { ...data, steps: data.steps.map((step, i) => ({ ...step, name: written(step.name, i) })) };
  return { chart: { ...chart, data: changed }, marks };
}
