/**
 * Which row of a rule table speaks of a model. In: a model id as the ledger carries it, and the names of a row. Out: how closely they match.
 * A name is an id, which also covers the id's dated snapshots and versions, or, where a source speaks of a whole family, a beginning
 * followed by `*`. Invariant: never by a part in the middle; an id beats a family, a longer family beats a shorter one.
 */

const GEOGRAPHY = /^(?:global|us-gov|us|eu|apac|jp|au|ca|sa)\./;
const VERSION = /(?:-v\d+(?::\d+)?|@default|-latest)$/;
const SNAPSHOT = /[-@](?:20\d{6}|20\d\d-\d\d-\d\d)$/;
/** Larger than the length of any family's beginning. */
const EXACT = 1_000_000;

/** 0: does not match; the larger, the closer. */
export function matchCloseness(names: readonly string[], model: string): number {
  const id = model.toLowerCase().replace(GEOGRAPHY, '');
  const bare = id.replace(VERSION, '').replace(SNAPSHOT, '');
  let closest = 0;
  for (const name of names) {
    if (name.endsWith('*')) {
      if (id.startsWith(name.slice(0, -1))) closest = Math.max(closest, name.length);
    } else if (name === id) return EXACT + 1;
    else if (name === bare) closest = EXACT;
  }
  return closest;
}
