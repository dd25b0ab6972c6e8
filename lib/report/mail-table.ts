/**
 * Tables of the mail as HTML: caption, scoped headers, a total row; on telephones each row is a card whose values carry their column's name.
 * In: a table of the document, how many rows it may have. Out: the inside of a `<table>`. Invariant: every text passes `shownHtml`.
 */
import type { Cell, TableColumn, TableSpec } from './table.ts';
import { escapeHtml, plural, shownName } from './format.ts';

/** Letters of a cell and of a caption at most. */
const CELL_LIMIT = 64;
const CAPTION_LIMIT = 160;

/** A text of the document as HTML: without control and direction marks, cut, escaped. */
export function shownHtml(text: string, limit: number): string {
  return escapeHtml(shownName(text, limit));
}

/** What stands in `<table>`; rows beyond `rows` are named, not shown. */
export function mailTable(table: TableSpec, rows: number): string {
  const { columns } = table;
  const shown = table.rows.slice(0, rows);
  const query = table.query === undefined ? '' : ` <span class="q">[${shownHtml(table.query, 48)}]</span>`;
  const heads = columns
    .map((column, i) => `<th scope="col"${headAttributes(column, i)}>${shownHtml(column.title, CELL_LIMIT)}</th>`)
    .join('');
  const body = shown.map((row) => rowOf(row, columns)).join('\n');
  const foot = table.foot === undefined ? '' : `\n<tfoot>${rowOf(table.foot, columns)}</tfoot>`;
  return `<caption>${shownHtml(table.caption, CAPTION_LIMIT)}${query}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${body}</tbody>${foot}`;
}

/** `12 more rows on the page`, or nothing where all are shown. */
export function rowsLeftOut(table: TableSpec, rows: number): string | null {
  const left = table.rows.length - rows;
  return left > 0 ? `${plural(left, 'more row')} in report.html${table.foot ? '; the last row counts all' : ''}` : null;
}

function headAttributes(column: TableColumn, at: number): string {
  if (column.isNumeric) return ' class="n" align="right"';
  return at === 0 ? ' class="a" align="left"' : ' align="left"';
}

/** Figures longer than this are ranges, which may break. */
const LONG_FIGURE = 14;
/** Tables of more columns are set smaller. */
const MANY_COLUMNS = 6;

function rowOf(row: readonly Cell[], columns: readonly TableColumn[]): string {
  return `<tr>${row.map((cell, i) => cellOf(cell, columns[i], i === 0, columns.length > MANY_COLUMNS)).join('')}</tr>`;
}

function cellOf(cell: Cell, column: TableColumn | undefined, isHead: boolean, isSmall: boolean): string {
  const limit = column?.isWide ? CELL_LIMIT * 4 : CELL_LIMIT;
  const dim = cell.dim === undefined ? '' : ` <span class="m">${breakable(cell.dim, CELL_LIMIT)}</span>`;
  const text = breakable(cell.shown, limit);
  const marked = cell.mark === undefined ? text : `<span class="${cell.mark}">${text}</span>`;
  const small = isSmall ? ' k' : '';
  if (isHead) return `<th scope="row" class="a${small}" align="left" dir="auto">${marked}${dim}</th>`;
  const label = `<span class="l" style="display:none">${shownHtml(column?.title ?? '', CELL_LIMIT)} </span>`;
  const bar = cell.bar === undefined ? '' : barOf(cell.bar);
  const empty = cell.shown === '' ? ' e' : '';
  if (column?.isNumeric) {
    const long = cell.shown.length > LONG_FIGURE ? ' u' : '';
    return `<td class="n${long}${small}${empty}" align="right">${label}${marked}${dim}${bar}</td>`;
  }
  const names = `${small}${empty}`.trim();
  return `<td${names === '' ? '' : ` class="${names}"`}>${label}<span class="v" dir="auto">${marked}${dim}</span>${bar}</td>`;
}

/** Signs of a word after which a line may break, so that one long name does not push a table out of its mail. */
const WORD_LIMIT = 14;

function breakable(text: string, limit: number): string {
  return shownName(text, limit)
    .split(' ')
    .map((word) => piecesOf(word).map(escapeHtml).join('<wbr>'))
    .join(' ');
}

function piecesOf(word: string): string[] {
  const signs = Array.from(word);
  if (signs.length <= WORD_LIMIT) return [word];
  // names break where they are joined, else anywhere
  const pieces = word.match(/[^-_/.:@]+[-_/.:@]*|[-_/.:@]+/g) ?? [word];
  return pieces.flatMap((piece) => {
    const own = Array.from(piece);
    return Array.from({ length: Math.ceil(own.length / WORD_LIMIT) }, (_, i) =>
      own.slice(i * WORD_LIMIT, (i + 1) * WORD_LIMIT).join(''),
    );
  });
}

/** A share as a bar; the number stands beside it. */
function barOf(percent: string): string {
  return `<div class="br"><div style="width:${Number(percent)}%"></div></div>`;
}
