/**
 * Whether the numbers of a document are what its queries answer: every query is asked again as the document shows it, and every amount and count of
 * the document must be a value of an answer, a sum of a column (of all rows, or of those alike in one column), or the difference of two such.
 */
import type { ReportBlock, ReportDocument } from '../../lib/report/document.ts';
import { money } from '../../lib/report/format.ts';
import type { Cell, TableSpec } from '../../lib/report/table.ts';
import { picoFromUsd } from '../../lib/money.ts';
import type { SqlEngine, SqlRow } from '../../lib/ports.ts';

interface Answers {
  /** picodollars of amounts */
  readonly amounts: Set<bigint>;
  readonly counts: Set<bigint>;
}

/** Numbers of the document that no answer explains, each with its place; and how many were looked at. */
export async function unexplained(
  document: ReportDocument,
  engine: SqlEngine,
): Promise<{ readonly places: string[]; readonly checked: number }> {
  const byQuery = new Map<string, Answers>();
  const tables: SqlRow[][] = [];
  for (const { name, sql, runs } of document.queries) {
    const answers: SqlRow[][] = [];
    for (const parameters of runs) answers.push(await engine.query(sql, parameters));
    tables.push(...answers);
    byQuery.set(name, answersOf(answers));
  }
  const all: Answers = { amounts: new Set(), counts: new Set() };
  for (const { amounts, counts } of byQuery.values()) {
    for (const amount of amounts) all.amounts.add(amount);
    for (const count of counts) all.counts.add(count);
  }
  addOver(all.amounts, tables.flat());
  const shown = new Set([...all.amounts].flatMap((pico) => [money(pico), money(-pico)].map(bare)));
  // prices are shown as they are published
  for (const row of tables.flat()) for (const value of Object.values(row)) shown.add(`$${String(value)}`);
  const places: string[] = [];
  let checked = 0;
  const text = (place: string, value: string): void => {
    for (const [found] of value.matchAll(/\$[\d,]+\.\d\d/g)) {
      checked++;
      if (!shown.has(found)) places.push(`${place}: ${found}`);
    }
  };
  const cell = (place: string, own: Cell, answers: Answers): void => {
    const exact = /^−?\$([\d.]+)$/.exec(own.title ?? '')?.[1];
    if (exact !== undefined) {
      checked++;
      const pico = BigInt(picoFromUsd(exact) ?? -1);
      if (!answers.amounts.has(pico) && !answers.amounts.has(-pico)) places.push(`${place}: ${exact}`);
    } else if (own.bar === undefined && /^[\d,]+$/.test(own.shown)) {
      checked++;
      if (!answers.counts.has(BigInt(own.shown.replaceAll(',', '')))) places.push(`${place}: ${own.shown}`);
    } else text(place, own.shown);
  };
  const table = (place: string, { query, rows, foot }: TableSpec): void => {
    const answers = byQuery.get(query ?? '') ?? all;
    // budgets and forecasts stand in one table, and so do both weeks and the month
    const known = query === 'month-budgets' || query === 'by-team-model' || query === 'totals' ? all : answers;
    for (const row of [...rows, ...(foot === undefined ? [] : [foot])]) {
      // the others as one row: with them the column must give its foot
      if (/^[\d,]+ other /.test(row[0]?.shown ?? '')) places.push(...wrongSums(place, rows, foot));
      else for (const one of row) cell(place, one, known);
    }
  };
  const block = (place: string, own: ReportBlock): void => {
    if (own.kind === 'paragraph') text(place, own.text);
    if (own.kind === 'list') for (const item of own.items) text(place, item);
    if (own.kind === 'table') table(`${place}/${own.table.caption}`, own.table);
    if (own.kind === 'chart') text(place, own.chart.alt);
  };
  for (const line of document.first.lines) text(line.label, line.text);
  for (const section of document.sections) for (const own of section.blocks) block(section.id, own);
  return { places, checked };
}

/** Columns of amounts whose rows do not sum to the foot. */
function wrongSums(place: string, rows: TableSpec['rows'], foot: TableSpec['foot']): string[] {
  const amountIn = (cell: Cell | undefined): bigint | null => {
    const [, sign, digits] = /^(−?)\$([\d.]+)$/.exec(cell?.title ?? '') ?? [];
    if (digits === undefined) return null;
    return BigInt(picoFromUsd(digits) ?? 0) * (sign === '' ? 1n : -1n);
  };
  return (foot ?? []).flatMap((cell, at) => {
    const total = amountIn(cell);
    const sum = rows.reduce((all, row) => all + (amountIn(row[at]) ?? 0n), 0n);
    return total === null || total === sum ? [] : [`${place}: column ${at} sums to ${sum}, not ${total}`];
  });
}

const bare = (shown: string): string => shown.replace('−', '');

/** Values, sums and differences of all answers of one query. */
function answersOf(answers: readonly SqlRow[][]): Answers {
  const amounts = new Set<bigint>([0n]);
  const counts = new Set<bigint>([0n]);
  const sums = answers.map((rows) => sumsOf(rows));
  for (const own of sums) for (const value of own.values()) (value.isAmount ? amounts : counts).add(value.sum);
  // a change is the same sum in two runs
  for (const a of sums)
    for (const b of sums) {
      if (a === b) continue;
      for (const [key, { sum, isAmount }] of a) if (isAmount) amounts.add(sum - (b.get(key)?.sum ?? 0n));
      for (const [key, { sum, isAmount }] of b) if (isAmount && !a.has(key)) amounts.add(sum);
    }
  for (const row of answers.flat()) {
    const own = Object.values(row).flatMap((value) => amountOf(value) ?? []);
    for (const a of own) for (const b of own) amounts.add(a - b);
  }
  return { amounts, counts };
}

/** Sums of each column, over all rows, over those alike in one or two columns of words, and over each row alone. */
function sumsOf(rows: readonly SqlRow[]): Map<string, { sum: bigint; isAmount: boolean }> {
  const sums = new Map<string, { sum: bigint; isAmount: boolean }>();
  const add = (key: string, sum: bigint, isAmount: boolean): void => {
    sums.set(key, { sum: (sums.get(key)?.sum ?? 0n) + sum, isAmount });
  };
  for (const row of rows) {
    const words = Object.entries(row).filter(([, value]) => amountOf(value) === null && countOf(value) === null);
    const groups = ['all', JSON.stringify(words)];
    for (const [i, a] of words.entries()) {
      groups.push(JSON.stringify([a]));
      for (const b of words.slice(i + 1)) groups.push(JSON.stringify([a, b]));
    }
    for (const [name, value] of Object.entries(row)) {
      const [amount, count] = [amountOf(value), countOf(value)];
      for (const group of new Set(groups)) {
        if (amount !== null) add(`${name} ${group}`, amount, true);
        else if (count !== null) add(`${name} ${group}`, count, false);
      }
    }
  }
  return sums;
}

/** Decimals come with twelve digits, whole numbers without. */
function amountOf(value: unknown): bigint | null {
  return typeof value === 'string' && /^-?\d+\.\d{12}$/.test(value) ? BigInt(value.replace('.', '')) : null;
}

function countOf(value: unknown): bigint | null {
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : null;
}

/** What a forecast is over a budget. */
function addOver(amounts: Set<bigint>, rows: readonly SqlRow[]): void {
  const of = (name: string): bigint[] => rows.flatMap((row) => amountOf(row[name]) ?? []);
  for (const expected of of('expected')) for (const budget of of('amount')) amounts.add(expected - budget);
}
