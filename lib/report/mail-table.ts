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
    .map(
      (column, i) =>
        `<th scope="col"${i === 0 ? ' class="a" align="left"' : numeric(column)}>${shownHtml(column.title, CELL_LIMIT)}</th>`,
    )
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

const numeric = (column: TableColumn | undefined): string =>
  column?.isNumeric ? ' class="n" align="right"' : ' align="left"';

function rowOf(row: readonly Cell[], columns: readonly TableColumn[]): string {
  return `<tr>${row.map((cell, i) => cellOf(cell, columns[i], i === 0)).join('')}</tr>`;
}

function cellOf(cell: Cell, column: TableColumn | undefined, isHead: boolean): string {
  const dim = cell.dim === undefined ? '' : ` <span class="m">${shownHtml(cell.dim, CELL_LIMIT)}</span>`;
  const limit = column?.isWide ? CELL_LIMIT * 4 : CELL_LIMIT;
  const text = shownHtml(cell.shown, limit);
  const marked = cell.mark === undefined ? text : `<span class="${cell.mark}">${text}</span>`;
  if (isHead) return `<th scope="row" class="a" align="left" dir="auto">${marked}${dim}</th>`;
  const bar = cell.bar === undefined ? '' : barOf(cell.bar);
  const label = `<span class="l" style="display:none">${shownHtml(column?.title ?? '', CELL_LIMIT)} </span>`;
  const direction = column?.isNumeric ? '' : ' dir="auto"';
  return `<td${numeric(column)}>${label}<span class="v"${direction}>${marked}${dim}</span>${bar}</td>`;
}

/** A share as a bar; the number stands beside it. */
function barOf(percent: string): string {
  return `<div class="br"><div style="width:${Number(percent)}%"></div></div>`;
}
