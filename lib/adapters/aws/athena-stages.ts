/**
 * Splits a statement whose WITH list Athena could not plan. Athena puts a named query into every place that mentions it, again and again
 * below each other, so a list of fifty becomes millions of scans. In: a statement. Out: the named queries to be written as tables first,
 * in order, and the statement that then reads them. Invariant: every part reads what the whole would read; only where it stands differs.
 */
import { mentions, readStatement, withoutComments, writeStatement } from './sql-statement.ts';
import type { NamedQuery } from './sql-statement.ts';

export interface Stages {
  /** statements to be written as tables of these names, each after those before it */
  readonly stages: readonly NamedQuery[];
  readonly last: string;
}

/** Up to here a statement stays whole: it is planned in less than a second. */
const MAX_SCANS = 20;
/** Writing a table and reading it again costs as much as planning this many scans (Trino 476, 2026-11: 0.3 s against 0.06 s). */
const TABLE_COST = 5;

/** The statement in stages; one without stages is small enough as it is. */
export function inStages(sql: string): Stages {
  const { named, rest } = readStatement(sql);
  const list = named.map((query) => ({ ...query, sources: sources(query.sql) }));
  const end = sources(rest);
  if (costOf(list, end, new Set()) <= MAX_SCANS) return { stages: [], last: sql };
  const staged = cheapestStages(list, end);
  const inPlace = new Map(named.filter(({ name }) => !staged.has(name)).map((query) => [query.name, query]));
  const complete = (text: string): string => writeStatement({ named: needed(text, named, inPlace), rest: text });
  const stages = named
    .filter(({ name }) => staged.has(name))
    .map(({ name, sql: text }) => ({ name, sql: complete(selectOf(text)) }));
  return { stages, last: complete(rest) };
}

interface Query extends NamedQuery {
  /** names it reads, each time it does */
  readonly sources: readonly string[];
}

/** Turns the one query into a table, or back, that saves most, until none saves anything. */
function cheapestStages(list: readonly Query[], end: readonly string[]): ReadonlySet<string> {
  let staged = new Set<string>();
  let cost = costOf(list, end, staged);
  for (;;) {
    let best = staged;
    for (const { name } of list) {
      const other = new Set(staged);
      if (!other.delete(name)) other.add(name);
      const itsCost = costOf(list, end, other);
      if (itsCost < cost) [best, cost] = [other, itsCost];
    }
    if (best === staged) return staged;
    staged = best;
  }
}

/** Scans of tables that all statements come to together, and what writing those tables costs that something reads. */
function costOf(list: readonly Query[], end: readonly string[], staged: ReadonlySet<string>): number {
  const scans = new Map<string, number>();
  const scansOf = (names: readonly string[]): number => names.reduce((sum, name) => sum + (scans.get(name) ?? 1), 0);
  for (const { name, sources: own } of list) scans.set(name, staged.has(name) ? 1 : scansOf(own));
  let cost = scansOf(end);
  // a query only mentions earlier ones, so one pass from the last to the first finds all that is read
  const read = new Set(end);
  for (const { name, sources: own } of list.toReversed()) {
    if (!read.has(name)) continue;
    for (const source of own) read.add(source);
    if (staged.has(name)) cost += TABLE_COST + scansOf(own);
  }
  return cost;
}

/** A named query may have a WITH list of its own, before which no other can stand. */
function selectOf(text: string): string {
  return readStatement(text).named.length === 0 ? text.trim() : `select * from (${text}\n) as own_list`;
}

const SOURCE = /\b(?:from|join)\s+"?(\w+)"?/gi;

/** Names that a query reads, each time it does. */
function sources(sql: string): string[] {
  return [...withoutComments(sql).matchAll(SOURCE)].map(([, name]) => (name ?? '').toLowerCase());
}

/** The named queries that a text needs in its WITH list, directly or through others, in their order. */
function needed(
  text: string,
  named: readonly NamedQuery[],
  inPlace: ReadonlyMap<string, NamedQuery>,
): readonly NamedQuery[] {
  const wanted = new Set<string>();
  let reach = text;
  // a query only mentions earlier ones, so one pass from the last to the first finds all
  for (const { name } of named.toReversed()) {
    const query = inPlace.get(name);
    if (query === undefined || mentions(reach, name) === 0) continue;
    wanted.add(name);
    reach += `\n${query.sql}`;
  }
  return named.filter(({ name }) => wanted.has(name));
}
