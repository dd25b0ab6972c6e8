/**
 * The tables of docs/costs.md, read and reckoned again. In: Markdown, formulas such as `30 * F * max(a, b)`. Out: cells, and numbers.
 * Invariant: a name that nobody gave, or a sign that is no arithmetic, is an error and never a zero.
 */

/** Rows of the table whose head begins with these cells, without its head; cells are trimmed. */
export function tableOf(markdown: string, ...head: readonly string[]): string[][] {
  const rows = markdown.split('\n').map((line) => (line.startsWith('|') ? cells(line) : []));
  const at = rows.findIndex((row) => row.length >= head.length && head.every((cell, i) => row[i] === cell));
  if (at < 0) throw new Error(`there is no table with the head ${head.join(', ')}`);
  const end = rows.findIndex((row, i) => i > at && row.length === 0);
  return rows.slice(at + 2, end < 0 ? undefined : end);
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/** The formula between the back quotes of a cell; null if there is none. */
export function formulaIn(cell: string): string | null {
  return /`([^`]+)`/.exec(cell)?.[1] ?? null;
}

/** A printed amount: 1,440 or 0.05. */
export function amountOf(cell: string): number {
  if (!/^\d{1,3}(,\d{3})*(\.\d+)?$|^\d+(\.\d+)?$/.test(cell)) throw new Error(`${cell} is no amount`);
  return Number(cell.replaceAll(',', ''));
}

/** Digits after the point of a printed amount: how exactly it can be compared. */
export function digitsOf(cell: string): number {
  return /\.(\d+)$/.exec(cell)?.[1]?.length ?? 0;
}

const SIGN = /\s*(?:(\d+(?:\.\d+)?(?:e-?\d+)?)|([A-Za-z]\w*)|([-+*/(),]))/y;

/** Reckons a formula; multiplication binds as usual. */
export function reckon(formula: string, values: Readonly<Record<string, number>>): number {
  const signs = signsOf(formula);
  let at = 0;
  const take = (...wanted: readonly string[]): string | null =>
    wanted.includes(signs[at] ?? '') ? (signs[at++] ?? null) : null;
  const must = (sign: string): void => {
    if (take(sign) === null) throw new Error(`${formula}: ${sign} is missing at ${signs.slice(at).join(' ')}`);
  };
  const sum = (): number => {
    let total = product();
    for (let sign = take('+', '-'); sign !== null; sign = take('+', '-')) total += (sign === '+' ? 1 : -1) * product();
    return total;
  };
  const product = (): number => {
    let total = single();
    for (let sign = take('*', '/'); sign !== null; sign = take('*', '/'))
      total = sign === '*' ? total * single() : total / single();
    return total;
  };
  const single = (): number => {
    const sign = signs[at++] ?? '';
    if (/^\d/.test(sign)) return Number(sign);
    if (sign === '(') {
      const inner = sum();
      must(')');
      return inner;
    }
    if (sign === 'min' || sign === 'max') {
      must('(');
      const [first, second] = [sum(), (must(','), sum())];
      must(')');
      return sign === 'min' ? Math.min(first, second) : Math.max(first, second);
    }
    const value = values[sign];
    if (value === undefined) throw new Error(`${formula}: ${sign || 'its end'} is not known`);
    return value;
  };
  const result = sum();
  if (at < signs.length) throw new Error(`${formula}: ${signs.slice(at).join(' ')} is left over`);
  return result;
}

function signsOf(formula: string): string[] {
  const signs: string[] = [];
  SIGN.lastIndex = 0;
  while (SIGN.lastIndex < formula.trimEnd().length) {
    const from = SIGN.lastIndex;
    const match = SIGN.exec(formula);
    if (match === null) throw new Error(`${formula}: cannot read ${formula.slice(from)}`);
    signs.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return signs;
}
