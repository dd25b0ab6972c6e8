/**
 * A SQL statement taken apart at its WITH list, without understanding the rest: texts, quoted names and comments are stepped over, and
 * parentheses are matched. In: the product's own SQL. Out: its parts, to put named tables before them or to run some of them ahead.
 */
import { LedgerError } from '../../errors.ts';

export interface NamedQuery {
  readonly name: string;
  readonly sql: string;
}

export interface Statement {
  /** the queries of the WITH list, in order */
  readonly named: readonly NamedQuery[];
  /** what comes after it */
  readonly rest: string;
}

const BLANK = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const WITH = /^with(?=\s|--|\/\*)/i;
const NAME = /^(?:"([^"]+)"|(\w+))/;

/** Takes the WITH list off a statement. */
export function readStatement(sql: string): Statement {
  let at = blankEnd(sql, 0);
  const word = WITH.exec(sql.slice(at));
  if (word === null) return { named: [], rest: sql.slice(at) };
  at += word[0].length;
  const named: NamedQuery[] = [];
  for (;;) {
    at = blankEnd(sql, at);
    const name = NAME.exec(sql.slice(at, at + 200));
    if (name === null) throw new LedgerError('SQL: a WITH list names no query where one should begin');
    at = blankEnd(sql, at + name[0].length);
    const as = /^as\b/i.exec(sql.slice(at, at + 3));
    const open = as === null ? -1 : blankEnd(sql, at + as[0].length);
    if (open < 0 || sql[open] !== '(') throw new LedgerError(`SQL: WITH ${name[0]} lacks AS ( … )`);
    const close = closing(sql, open);
    named.push({ name: (name[1] ?? name[2] ?? '').toLowerCase(), sql: sql.slice(open + 1, close) });
    at = blankEnd(sql, close + 1);
    if (sql[at] !== ',') return { named, rest: sql.slice(at) };
    at++;
  }
}

/** The statement of these parts. */
export function writeStatement({ named, rest }: Statement): string {
  if (named.length === 0) return rest;
  return `with\n${named.map(({ name, sql }) => `"${name}" as (${sql}\n)`).join(',\n')}\n${rest}`;
}

/** SQL without its comments. */
export function withoutComments(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
}

/** How often a name stands in SQL as a word of its own, comments left out. */
export function mentions(sql: string, name: string): number {
  return withoutComments(sql).match(new RegExp(`(?<![\\w.'])"?${name}"?(?![\\w'])`, 'gi'))?.length ?? 0;
}

function blankEnd(sql: string, from: number): number {
  return from + (BLANK.exec(sql.slice(from))?.[0].length ?? 0);
}

/** Where the parenthesis that opens at `open` closes. */
function closing(sql: string, open: number): number {
  const step = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[()]/g;
  step.lastIndex = open;
  let depth = 0;
  for (let found = step.exec(sql); found !== null; found = step.exec(sql)) {
    if (found[0] === '(') depth++;
    else if (found[0] === ')' && --depth === 0) return found.index;
  }
  throw new LedgerError('SQL: a parenthesis is not closed');
}
