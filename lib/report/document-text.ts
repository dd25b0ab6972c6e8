/**
 * report.txt of a week: the document as plain text that reads the same in any terminal and mail program. In: a document. Out: lines of at most 100
 * signs; charts are their sentences. Invariant: says what the page says; no control or direction mark of a name gets through.
 */
import { wrapped } from './text-lines.ts';
import type { ReportBlock, ReportDocument } from './document.ts';
import { plainText, shownName } from './format.ts';
import type { Cell, TableSpec } from './table.ts';

const WIDTH = 98;
const ROWS = 25;

/** The whole report as text; ends with a newline. */
export function renderDocumentText(document: ReportDocument): string {
  const title = shownName(document.title, WIDTH);
  const lines = [title, shownName(document.subtitle, WIDTH), '='.repeat(Math.min(WIDTH, signs(title))), ''];
  const labels = Math.max(0, ...document.first.lines.map(({ label }) => signs(label)));
  for (const { label, text } of document.first.lines) {
    const [first = '', ...rest] = wrapped(plainText(text), '', WIDTH - labels - 2);
    lines.push(`${label.padEnd(labels)}  ${first}`, ...rest.map((line) => `${' '.repeat(labels)}  ${line}`));
  }
  for (const section of document.sections) {
    lines.push('', section.title, '-'.repeat(signs(section.title)));
    for (const block of section.blocks) lines.push(...blockLines(block));
  }
  lines.push('', ...wrapped(plainText(document.footer), '', WIDTH));
  return `${lines.join('\n')}\n`;
}

const signs = (text: string): number => Array.from(text).length;

function blockLines(block: ReportBlock): string[] {
  switch (block.kind) {
    case 'paragraph':
      return wrapped(plainText(block.text), block.tone === 'warning' ? '! ' : '', WIDTH);
    case 'list':
      return block.items.flatMap((item) => wrapped(plainText(item), '- ', WIDTH));
    case 'table':
      return ['', ...tableLines(block.table), ''];
    case 'chart':
      return wrapped(plainText(`[${block.chart.alt}]`), '', WIDTH);
  }
}

/** Narrower columns of words are hardly read. */
const LEAST = 9;

function tableLines({ caption, columns, rows, foot }: TableSpec): string[] {
  const shown = rows.slice(0, ROWS);
  if (columns[0]?.isWide === true) return [...wrapped(plainText(caption), '', WIDTH), ...shown.flatMap(proseLines)];
  const beside = columns.map((column, i) => ({ column, i })).filter(({ column }) => column.isWide !== true);
  const below = columns.map((column, i) => ({ column, i })).filter(({ column, i }) => column.isWide === true && i > 0);
  const all = foot === undefined ? shown : [...shown, foot];
  const widths = fitted(
    beside.map(({ column, i }) => {
      const filled = Math.max(0, ...all.map((row) => signs(cellText(row[i]))));
      const isNumeric = column.isNumeric === true;
      return { width: Math.max(signs(column.title), filled), least: isNumeric ? filled : LEAST };
    }),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => {
        const width = widths[at] ?? 0;
        const fits = cut(text, width);
        const gap = ' '.repeat(Math.max(0, width - signs(fits)));
        return beside[at]?.column.isNumeric === true ? gap + fits : fits + gap;
      })
      .join('  ')
      .trimEnd();
  const rowLines = (row: readonly Cell[]): string[] => [
    line(beside.map(({ i }) => cellText(row[i]))),
    ...below.flatMap(({ i }) => (cellText(row[i]) === '' ? [] : wrapped(cellText(row[i]), '    ', WIDTH))),
  ];
  const head = line(beside.map(({ column }) => column.title));
  const hidden = rows.length - shown.length;
  return [
    ...wrapped(plainText(caption), '', WIDTH),
    head,
    ...shown.flatMap(rowLines),
    ...(hidden > 0 ? [`… ${hidden} more in report.html`] : []),
    ...(foot === undefined ? [] : ['-'.repeat(Math.min(WIDTH, signs(head))), ...rowLines(foot)]),
  ];
}

/** A row that begins with prose: one point, its other cells behind it. */
function proseLines(row: readonly Cell[]): string[] {
  const [first, ...rest] = row.map(cellText);
  return wrapped(`${first} (${rest.filter((text) => text !== '').join('; ')})`, '- ', WIDTH);
}

const cellText = (cell: Cell | undefined): string =>
  cell === undefined ? '' : plainText(cell.dim === undefined ? cell.shown : `${cell.shown} ${cell.dim}`);

/** Heads of figures and columns of words give way, the widest first, until the line fits; figures are never cut. */
function fitted(columns: readonly { readonly width: number; readonly least: number }[]): number[] {
  const widths = columns.map(({ width }) => width);
  const total = (): number => widths.reduce((sum, width) => sum + width + 2, -2);
  while (total() > WIDTH) {
    const [widest] = columns
      .map(({ least }, i) => ({ i, width: widths[i] ?? 0, room: (widths[i] ?? 0) - least }))
      .filter(({ room }) => room > 0)
      .toSorted((a, b) => b.width - a.width || a.i - b.i);
    if (widest === undefined) break;
    widths[widest.i] = widest.width - 1;
  }
  return widths;
}

function cut(text: string, width: number): string {
  const all = Array.from(text);
  return all.length > width ? `${all.slice(0, Math.max(0, width - 1)).join('')}…` : text;
}
