/**
 * What `doctor` finds: what it is, where it is, what to do. Checks look and change nothing; they run over the ports, so that every state
 * can be made in a test. Invariant: a problem always says what to do, and a message carries names of keys, never values of a log.
 */

/** ok: looked at and right. note: worth knowing, nothing is wrong. problem: a figure is wrong or missing until something is done. */
export type Level = 'ok' | 'note' | 'problem';

export interface Finding {
  readonly level: Level;
  /** stable name of the check */
  readonly check: string;
  readonly message: string;
  /** object keys, record ids, days or providers it is about; the first of them where there are many */
  readonly where?: readonly string[];
  readonly todo?: string;
}

/** At most this many places are named; the message says how many there are. */
const PLACES = 20;

/** The first places of a list, in order. */
export function firstPlaces(places: Iterable<string>): string[] {
  const first: string[] = [];
  for (const place of places) {
    if (first.length >= PLACES) break;
    first.push(place);
  }
  return first;
}

/** `1 file`, `2 files`, with thousands separators. */
export function several(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}
