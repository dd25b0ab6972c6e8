/**
 * Excel workbooks: each sheet as rows of cells parted by tabs, sheets parted by an empty line. A cell counts as the value in it, a formula
 * as its last result, a date as ISO text.
 */
import type { ExtractInput } from './extraction.ts';
import { officeParts } from './office-archive.ts';

/** What the library makes of a cell; its own type says the constructor of dates where it means a date. */
type CellValue = string | number | boolean | Date | null | undefined;

const TEXT_PARTS =
  /^(\[Content_Types\]\.xml|_rels\/.*|xl\/(workbook|styles|sharedStrings)\.xml|xl\/_rels\/.*|xl\/worksheets\/[^/]+\.xml)$/i;

/** The text of each sheet. */
export async function* extractXlsx(input: ExtractInput): AsyncGenerator<string> {
  const { default: readSheets } = await import('read-excel-file/universal');
  const { zipSync } = await import('fflate');
  const parts = await officeParts(input, (path) => TEXT_PARTS.test(path));
  const archive = new Uint8Array(zipSync({ ...parts }, { level: 0 }));
  const sheets = await readSheets(archive.buffer, { trim: false });
  let isFirst = true;
  for (const { data } of sheets) {
    if (data.length === 0) continue;
    yield (
      (isFirst ? '' : '\n') + data.map((row) => `${(row as readonly CellValue[]).map(cellText).join('\t')}\n`).join('')
    );
    isFirst = false;
  }
}

function cellText(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
  return String(value);
}
