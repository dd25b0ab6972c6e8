/** Typed arrays that grow: a longer copy, its new places filled. Twice as long each time, so that each value is copied a constant number of times. */

/** At least `length` long, and twice as long as before. */
export function longerInts(old: Int32Array<ArrayBuffer>, length: number, fill = 0): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(Math.max(length, old.length * 2)).fill(fill, old.length);
  longer.set(old);
  return longer;
}

/** The same for numbers. */
export function longerNumbers(old: Float64Array<ArrayBuffer>, length: number, fill = 0): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(Math.max(length, old.length * 2)).fill(fill, old.length);
  longer.set(old);
  return longer;
}
