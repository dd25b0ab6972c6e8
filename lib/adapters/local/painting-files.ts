/** What pictures of charts are painted with: the WebAssembly of resvg and the shipped font. In: where they lie; default: this package. Out: bytes. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PaintingFiles } from '../../report/chart-painter.ts';

const FONT = new URL('../../report/fonts/NotoSans-Regular.ttf', import.meta.url);

/** `folder`, a URL that ends in a slash, holds `index_bg.wasm` and `NotoSans-Regular.ttf`, as beside a bundled function. */
export async function readPaintingFiles(folder?: URL): Promise<PaintingFiles> {
  const wasm = folder
    ? new URL('index_bg.wasm', folder)
    : new URL(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'));
  const font = folder ? new URL('NotoSans-Regular.ttf', folder) : FONT;
  return { wasm: await readFile(fileURLToPath(wasm)), font: await readFile(font) };
}
