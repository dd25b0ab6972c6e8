/**
 * When an entry of the config holds. In: `from` and `to` as written (checked by the config). Out: a half-open range of instants, UTC ms:
 * `from` counts, `to` no longer does, so that a change of owner on a day is one date written twice.
 */
import { fromIso } from '../time.ts';

export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The range of an entry; without a bound it is open on that side. */
export function validity(entry: { readonly from?: string | undefined; readonly to?: string | undefined }): Validity {
  return {
    fromMs: entry.from === undefined ? -Infinity : (fromIso(entry.from) ?? -Infinity),
    toMs: entry.to === undefined ? Infinity : (fromIso(entry.to) ?? Infinity),
  };
}

/** True at `fromMs`, false at `toMs`. */
export function inForce(range: Validity, atMs: number): boolean {
  return atMs >= range.fromMs && atMs < range.toMs;
}

/**
 * Numbers the stretches of time between the bounds of all ranges: within one stretch the same entries are in force. The search is binary,
 * as it runs for every call.
 */
export function stretches(ranges: readonly Validity[]): (atMs: number) => number {
  const bounds = [...new Set(ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))]
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  return (atMs) => {
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? Infinity) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
