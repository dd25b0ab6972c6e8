/**
 * Aligned tables that fit the terminal. In: columns, rows of text, a width. Out: lines without borders, none wider than that. Invariant: a figure is
 * never cut, since a part of one is another number: headings are broken first, then texts are cut with an ellipsis, and where that does not do either,
 * each row becomes lines of its own.
 */
import Table from 'cli-table3';
import { paint } from './colors.ts';
import { printable, terminalWidth } from './terminal.ts';
import { brokenToWidth, cutToWidth, textWidth } from './text-width.ts';

export interface TextColumn {
  readonly title: string;
  /** right: figures */
  readonly align?: 'left' | 'right';
}

export interface TableChoices {
  /** columns of the terminal */
  readonly width?: number;
  /** texts that matter to the last letter are not cut: rows become lines */
  readonly isWhole?: boolean;
}

/** Columns between two columns. */
const GAP = 2;
/** A text is cut to no less: a day still shows whole. */
const LEAST = 10;
/** Longer cells are cut wherever they stand. */
const LONGEST = 1000;

/** The table as text, without a newline at its end. */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  { width = terminalWidth(), isWhole = false }: TableChoices = {},
): string {
  const cells = rows.map((row) => columns.map((_, i) => printable(row[i] ?? '', LONGEST)));
  const titles = columns.map(({ title }) => printable(title));
  const widest = columns.map((_, i) => cells.reduce((most, row) => Math.max(most, textWidth(row[i] ?? '')), 0));
  const room = width - GAP * (columns.length - 1);
  const isText = columns.map(({ align }) => align !== 'right' && !isWhole);
  const widths = fittedWidths(titles, widest, isText, room);
  return widths === null ? stacked(titles, cells, width) : aligned(columns, titles, cells, widths);
}

/** Widths of the columns within `room`; null where figures alone are wider than that. */
export function fittedWidths(
  titles: readonly string[],
  widest: readonly number[],
  canBeCut: readonly boolean[],
  room: number,
): number[] | null {
  const sum = (widths: readonly number[]): number => widths.reduce((all, one) => all + one, 0);
  const natural = widest.map((one, i) => Math.max(one, textWidth(titles[i] ?? '')));
  if (sum(natural) <= room) return natural;
  const broken = widest.map((one, i) => Math.max(one, ...(titles[i] ?? '').split(' ').map(textWidth)));
  const cutTo = (limit: number): number[] => broken.map((one, i) => (canBeCut[i] ? Math.min(one, limit) : one));
  if (sum(cutTo(LEAST)) > room) return null;
  let limit = LEAST;
  while (limit < Math.max(...broken) && sum(cutTo(limit + 1)) <= room) limit++;
  const widths = cutTo(limit);
  // what is left goes to headings and texts that are still cut, a column each
  let left = room - sum(widths);
  return widths.map((one, i) => {
    const wanted = Math.min(left, (natural[i] ?? one) - one);
    left -= wanted;
    return one + wanted;
  });
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']),
  ),
);

function aligned(
  columns: readonly TextColumn[],
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const { bold } = paint();
  const alignOf = (i: number): 'left' | 'right' => columns[i]?.align ?? 'left';
  const widthOf = (i: number): number => widths[i] ?? 0;
  const table = new Table({
    chars: { ...NO_BORDERS, middle: ' '.repeat(GAP) },
    colWidths: [...widths],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  const heading = titles.map((title, i) => ({
    content: brokenToWidth(title, Math.max(1, widthOf(i)))
      .map((line) => bold(line))
      .join('\n'),
    hAlign: alignOf(i),
    vAlign: 'bottom' as const,
  }));
  table.push(
    heading,
    ...rows.map((row) => row.map((cell, i) => ({ content: cutToWidth(cell, widthOf(i)), hAlign: alignOf(i) }))),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A row as lines: its first cell, then a line for each other that is not empty. */
function stacked(titles: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const { bold } = paint();
  const label = Math.min(Math.max(0, ...titles.slice(1).map(textWidth)), Math.floor(width / 2) - 2);
  const lineOf = (title: string, cell: string): string[] => {
    if (textWidth(title) > label)
      return [...brokenToWidth(title, width - 2), ...brokenToWidth(cell, width - 4).map((line) => `  ${line}`)];
    const [first = '', ...more] = brokenToWidth(cell, Math.max(1, width - label - 4));
    const pad = ' '.repeat(label + GAP);
    return [`${title}${' '.repeat(label - textWidth(title) + GAP)}${first}`, ...more.map((line) => pad + line)];
  };
  const blocks = rows.map(([head = '', ...cells]) => [
    ...brokenToWidth([titles[0] ?? '', head].filter((part) => part !== '').join(': '), width).map((line) => bold(line)),
    ...cells.flatMap((cell, i) => (cell === '' ? [] : lineOf(titles[i + 1] ?? '', cell))).map((line) => `  ${line}`),
  ]);
  return blocks.flat().join('\n');
}
