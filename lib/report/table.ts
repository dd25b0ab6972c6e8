/**
 * Tables of the report: caption, scoped headers, right-aligned figures with their exact value in the title, sortable by keyboard.
 * In: columns and rows of cells that carry what is shown, what it exactly is and what it sorts by. Out: HTML that scrolls in its own box.
 * Invariant: every text passes `escapeHtml`; there is no other way into a cell.
 */
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import {
  UNKNOWN,
  barPercent,
  count,
  escapeHtml,
  exactMoney,
  money,
  percent,
  shortCount,
  shownName,
  signedMoney,
  signedPercent,
  titleName,
} from './format.ts';

export interface TableColumn {
  readonly title: string;
  readonly isNumeric?: boolean;
  /** gives prose enough width */
  readonly isWide?: boolean;
}

export interface Cell {
  readonly shown: string;
  readonly title?: string;
  /** what it sorts by: decimal text; empty = unknown */
  readonly sort?: string;
  /** width of a share bar, in percent */
  readonly bar?: string;
  /** small print after it */
  readonly dim?: string;
  readonly mark?: 'ok' | 'bad';
}

export interface TableSpec {
  readonly caption: string;
  /** name of the query the figures are from */
  readonly query?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** total row: sums exactly to the rows above */
  readonly foot?: readonly Cell[];
}

/** An amount: two decimals shown, exact in the title. */
export function moneyCell(pico: Pico | null): Cell {
  return { shown: money(pico), title: exactMoney(pico), sort: pico === null ? '' : usdText(pico) };
}

/** A change of an amount, with its sign. */
export function changeCell(pico: Pico | null): Cell {
  return { ...moneyCell(pico), shown: signedMoney(pico) };
}

/** A change as a share of what was before; `new` where nothing was. */
export function changeShareCell(change: Pico | null, before: Pico | null): Cell {
  if (change === null || before === null) return { shown: UNKNOWN, sort: '' };
  if (BigInt(before) === 0n)
    return { shown: BigInt(change) === 0n ? UNKNOWN : 'new', sort: BigInt(change) === 0n ? '' : '1e9' };
  return {
    shown: signedPercent(change, before),
    sort: String((Number(usdText(change)) / Number(usdText(before))) * 100),
  };
}

export function countCell(n: number): Cell {
  return { shown: count(n), sort: String(n) };
}

/** Tokens: short, exact in the title. */
export function tokensCell(n: number): Cell {
  return { shown: shortCount(n), title: count(n), sort: String(n) };
}

/** A count as a share of another, without a bar. */
export function percentCell(part: number, whole: number): Cell {
  return { shown: percent(part, whole), sort: whole === 0 ? '' : String(part / whole) };
}

/** Two ends of a range; in a column of figures, so that it is never cut. */
export function rangeCell(range: { readonly lowPico: Pico; readonly highPico: Pico } | null): Cell {
  if (range === null) return { shown: UNKNOWN, sort: '' };
  const { lowPico, highPico } = range;
  return {
    shown: `${money(lowPico)} to ${money(highPico)}`,
    title: `${exactMoney(lowPico)} to ${exactMoney(highPico)}`,
    sort: usdText(lowPico),
  };
}

/** A share with its bar. */
export function shareCell(part: Pico | null, whole: Pico | null): Cell {
  if (part === null) return { shown: UNKNOWN, sort: '' };
  return { shown: percent(part, whole), bar: barPercent(part, whole), sort: usdText(part) };
}

/** A name from a log: made safe, cut, the longer form in the title. */
export function nameCell(name: string, dim?: string): Cell {
  const shown = shownName(name);
  return {
    shown,
    sort: titleName(name),
    ...(shown === name ? {} : { title: titleName(name) }),
    ...(dim ? { dim: shownName(dim, 24) } : {}),
  };
}

export function textCell(text: string): Cell {
  return { shown: text };
}

/** The table as HTML, inside a box that scrolls sideways on narrow screens. */
export function renderHtmlTable(table: TableSpec): string {
  const { columns } = table;
  const heads = columns.map((column) => `<th scope="col"${classOf(column)}>${escapeHtml(column.title)}</th>`).join('');
  const body = table.rows
    .map((row) => `<tr>${row.map((cell, i) => renderCell(cell, columns[i], i === 0)).join('')}</tr>`)
    .join('\n');
  const foot = table.foot
    ? `\n<tfoot><tr>${table.foot.map((cell, i) => renderCell(cell, columns[i], i === 0)).join('')}</tr></tfoot>`
    : '';
  const link = table.query ? ` <a href="#sql-${escapeHtml(table.query)}">SQL</a>` : '';
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(table.caption)}"><table data-sort>
<caption>${escapeHtml(table.caption)}${link}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody>${foot}
</table></div>`;
}

function classOf(column: TableColumn | undefined, extra = ''): string {
  const names = [column?.isNumeric ? 'n' : '', column?.isWide ? 'wide-text' : '', extra].filter(Boolean);
  return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
}

function renderCell(cell: Cell, column: TableColumn | undefined, isHead: boolean): string {
  const title = cell.title === undefined ? '' : ` title="${escapeHtml(cell.title)}"`;
  const sort = cell.sort === undefined ? '' : ` data-v="${escapeHtml(cell.sort)}"`;
  const attributes = `${classOf(column, [cell.bar === undefined ? '' : 'share', cell.mark ?? ''].filter(Boolean).join(' '))}${title}${sort}`;
  const shown = column?.isNumeric ? escapeHtml(cell.shown) : `<bdi>${escapeHtml(cell.shown)}</bdi>`;
  const dim = cell.dim === undefined ? '' : ` <bdi class="dim">${escapeHtml(cell.dim)}</bdi>`;
  const text =
    cell.bar === undefined
      ? shown
      : `<span><i aria-hidden="true"><b style="width:${cell.bar}%"></b></i><em>${shown}</em></span>`;
  return isHead ? `<th scope="row"${attributes}>${text}${dim}</th>` : `<td${attributes}>${text}${dim}</td>`;
}
