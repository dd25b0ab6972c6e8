/**
 * The text part of a mail: the same document in lines that read the same in any mail program. In: a document. Out: text.
 * Invariant: nothing of the HTML part is missing but pictures, and those are said in a sentence.
 */
import type { ReportBlock, ReportDocument } from './document.ts';
import { shownName } from './format.ts';
import { rowsLeftOut } from './mail-table.ts';
import { filledSql } from './ask.ts';
import type { Cell, TableSpec } from './table.ts';

const WIDTH = 78;
const TEXT_LIMIT = 900;
const CELL_LIMIT = 40;

/** Ends with a newline. */
export function mailText(document: ReportDocument): string {
  const lines = [shownName(document.title, WIDTH), shownName(document.subtitle, WIDTH), ''];
  for (const { label, text, query } of document.first.lines) {
    lines.push(...wrapped(`${shownName(label)}: ${shownName(text, TEXT_LIMIT)}${named(query)}`));
  }
  if (document.first.chart !== null) lines.push(...blockLines({ kind: 'chart', chart: document.first.chart }));
  for (const { title, blocks } of document.sections) {
    lines.push('', shownName(title, WIDTH), '-'.repeat(Array.from(shownName(title, WIDTH)).length));
    for (const block of blocks) lines.push(...blockLines(block));
  }
  if (document.queries.length > 0) lines.push('', 'Queries', '-------');
  for (const query of document.queries) lines.push('', `[${query.name}]`, filledSql(query).trim());
  return `${[...lines, '', ...wrapped(shownName(document.footer, TEXT_LIMIT))].join('\n')}\n`;
}

const named = (query: string | undefined): string => (query === undefined ? '' : ` [${query}]`);

function blockLines(block: ReportBlock): string[] {
  switch (block.kind) {
    case 'paragraph':
      return wrapped(
        `${block.tone === 'warning' ? 'Note: ' : ''}${shownName(block.text, TEXT_LIMIT)}${named(block.query)}`,
      );
    case 'list':
      return block.items.flatMap((item) => wrapped(shownName(item, TEXT_LIMIT), '- '));
    case 'chart':
      return wrapped(
        `${shownName(block.chart.title, TEXT_LIMIT)}: ${shownName(block.chart.alt, TEXT_LIMIT)}${named(block.chart.query)}`,
      );
    case 'table':
      return ['', ...tableLines(block.table, block.mailRows), ''];
  }
}

/** The table with its columns under each other; figures to the right. */
export function tableLines(table: TableSpec, mailRows: number): string[] {
  const heads = table.columns.map((column) => shownName(column.title, CELL_LIMIT));
  const rows = [...table.rows.slice(0, mailRows), ...(table.foot ? [table.foot] : [])].map((row) => row.map(cellText));
  const widths = heads.map((head, i) => Math.max(...[head, ...rows.map((row) => row[i] ?? '')].map(lengthOf)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - lengthOf(cell)));
        return table.columns[i]?.isNumeric ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  const left = rowsLeftOut(table, mailRows);
  return [
    ...wrapped(`${shownName(table.caption, TEXT_LIMIT)}${named(table.query)}`),
    line(heads),
    ...rows.map(line),
    ...(left === null ? [] : [`(${left})`]),
  ];
}

function cellText({ shown, dim }: Cell): string {
  return shownName(dim === undefined ? shown : `${shown} ${dim}`, CELL_LIMIT);
}

const lengthOf = (text: string): number => Array.from(text).length;

function wrapped(text: string, bullet = ''): string[] {
  const lines: string[] = [];
  let line = bullet;
  for (const word of text.split(' ')) {
    if (line.trim() !== bullet.trim() && lengthOf(line) + lengthOf(word) > WIDTH) {
      lines.push(line.trimEnd());
      line = ' '.repeat(bullet.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
