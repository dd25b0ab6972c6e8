/**
 * Many small objects that a statement would read again and again are read once, into a table of few. Opening an object costs a request and
 * its footer whatever it holds, and a statement in stages reads the rows of landing a dozen times. In: the parts of a statement and the
 * tables named for it. Out: those to be copied first, with the columns that the parts read. Invariant: a copy gives the same rows.
 */
import { sqlIdentifier } from '../../sql-identifier.ts';
import type { NamedTable } from './named-tables.ts';
import { mentions, withoutComments } from './sql-statement.ts';

/** A table of fewer objects is read as fast where it lies. */
const FEW_OBJECTS = 16;
/** Read less often, a copy would cost what it saves. */
const FEW_READS = 3;

/** The tables worth a copy, with the quoted names of the columns that it needs. */
export function toGather(
  parts: readonly string[],
  named: ReadonlyMap<string, NamedTable>,
): ReadonlyMap<string, readonly string[]> {
  const gathered = new Map<string, readonly string[]>();
  for (const [name, { columns, objects }] of named) {
    const reads = parts.reduce((sum, part) => sum + mentions(part, name), 0);
    if (objects > FEW_OBJECTS && reads >= FEW_READS) gathered.set(name, columnsRead(parts, columns).map(sqlIdentifier));
  }
  return gathered;
}

/** The columns that the parts may read: all where a star takes all of something, else those whose names stand anywhere. */
function columnsRead(parts: readonly string[], columns: readonly string[]): readonly string[] {
  const bare = withoutComments(parts.join('\n'));
  if (TAKES_ALL.test(bare)) return columns;
  const words = new Set(bare.toLowerCase().match(/\w+/g));
  const read = columns.filter((name) => words.has(name));
  // a table of which only rows are counted still needs a column
  return read.length > 0 ? read : columns.slice(0, 1);
}

/** `select *`, `l.*`; the star of `count(*)` and of a product is another one. */
const TAKES_ALL = /(?:\bselect\s+(?:distinct\s+)?|,\s*|[\w"]\s*\.\s*)\*/i;
