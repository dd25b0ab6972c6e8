/**
 * Tables of a chat message: lines of a fixed-width block, figures to the right, prose left out. In: a table, how many rows. Out: lines.
 * Invariant: names are without control and direction marks, and cut.
 */
import { shownName } from './format.ts';
import { rowsLeftOut } from './mail-table.ts';
import type { Cell, TableSpec } from './table.ts';
import { wrapped } from './text-lines.ts';

const TEXT_LIMIT = 300;
const CELL_LIMIT = 32;

/** The table with its columns under each other; figures to the right. */
export function tableLines(table: TableSpec, mailRows: number): string[] {
  // prose would make lines that a chat breaks
  const columns = table.columns.map((column, i) => ({ ...column, i })).filter(({ i, isWide }) => i === 0 || !isWide);
  const heads = columns.map((column) => shownName(column.title, CELL_LIMIT));
  const rows = [...table.rows.slice(0, mailRows), ...(table.foot ? [table.foot] : [])].map((row) =>
    columns.map(({ i }) => cellText(row[i])),
  );
  const widths = heads.map((head, i) => Math.max(...[head, ...rows.map((row) => row[i] ?? '')].map(lengthOf)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - lengthOf(cell)));
        return columns[i]?.isNumeric ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  const left = rowsLeftOut(table, mailRows);
  return [
    ...wrapped(shownName(table.caption, TEXT_LIMIT), ''),
    line(heads),
    ...rows.map(line),
    ...(left === null ? [] : [`(${left})`]),
  ];
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return shownName(cell.dim === undefined ? cell.shown : `${cell.shown} ${cell.dim}`, CELL_LIMIT);
}

const lengthOf = (text: string): number => Array.from(text).length;
