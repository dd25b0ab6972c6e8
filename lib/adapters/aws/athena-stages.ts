/**
 * Splits a statement whose WITH list Athena could not plan. Athena puts a named query into every place that mentions it, again and again
 * below each other, so a list of fifty becomes millions of scans. In: a statement. Out: the named queries to be written as tables first,
 * in order, and the statement that then reads them. Invariant: every part reads what the whole would read; only where it stands differs.
 */
import { mentions, readStatement, writeStatement } from './sql-statement.ts';
import type { NamedQuery } from './sql-statement.ts';

export interface Stages {
  /** statements to be written as tables of these names, each after those before it */
  readonly stages: readonly NamedQuery[];
  readonly last: string;
}

/** Up to here a statement stays whole: Athena plans it in a second or two. */
const MAX_SCANS = 40;
/** A named query that comes to fewer scans is cheaper in place than as a table. */
const WORTH_A_TABLE = 8;

/** The statement in stages; one without stages is small enough as it is. */
export function inStages(sql: string): Stages {
  const { named, rest } = readStatement(sql);
  const whole = scanCounts(named, rest, () => false);
  if (whole.rest <= MAX_SCANS) return { stages: [], last: sql };
  const uses = useCounts(named, rest);
  const isStage = (name: string, scans: number): boolean => scans >= WORTH_A_TABLE && (uses.get(name) ?? 0) > 1;
  const { staged } = scanCounts(named, rest, isStage);
  const inPlace = new Map(named.filter(({ name }) => !staged.has(name)).map((query) => [query.name, query]));
  const complete = (text: string): string => writeStatement({ named: needed(text, named, inPlace), rest: text });
  const stages = named
    .filter(({ name }) => staged.has(name))
    .map(({ name, sql: text }) => ({ name, sql: complete(selectOf(text)) }));
  return { stages, last: complete(rest) };
}

/** A named query may have a WITH list of its own, before which no other can stand. */
function selectOf(text: string): string {
  return readStatement(text).named.length === 0 ? text.trim() : `select * from (${text}\n) as own_list`;
}

/** Scans that each named query comes to where those of `isStage` are tables already. */
function scanCounts(
  named: readonly NamedQuery[],
  rest: string,
  isStage: (name: string, scans: number) => boolean,
): { staged: ReadonlySet<string>; rest: number } {
  const counts = new Map<string, number>();
  const staged = new Set<string>();
  for (const { name, sql } of named) {
    const scans = scansOf(sql, counts);
    if (isStage(name, scans)) staged.add(name);
    counts.set(name, staged.has(name) ? 1 : scans);
  }
  return { staged, rest: scansOf(rest, counts) };
}

const SOURCE = /\b(?:from|join)\s+"?(\w+)"?/gi;

/** Names that a query reads, each time it does. */
function sources(sql: string): string[] {
  const bare = sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  return [...bare.matchAll(SOURCE)].map(([, name]) => (name ?? '').toLowerCase());
}

/** A name that is not in the list is a table: one scan. */
function scansOf(sql: string, counts: ReadonlyMap<string, number>): number {
  return sources(sql).reduce((sum, name) => sum + (counts.get(name) ?? 1), 0);
}

function useCounts(named: readonly NamedQuery[], rest: string): Map<string, number> {
  const uses = new Map<string, number>();
  for (const sql of [...named.map((query) => query.sql), rest])
    for (const name of sources(sql)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
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
