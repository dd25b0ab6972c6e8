/**
 * Pairs of two numbers per call, such as group and workspace, as one number: sums by pair can then be summed by either. In: two columns. Out:
 * the pair of each call, and what each pair consists of. Only pairs that occur have a number.
 */

export interface Cells {
  /** by call */
  readonly of: Int32Array;
  /** by pair */
  readonly first: readonly number[];
  readonly second: readonly number[];
}

/** Numbers the pairs in order of their first call. Neither column has a negative number. */
export function pairsOf(first: Int32Array, second: Int32Array): Cells {
  const width = second.reduce((most, number) => Math.max(most, number), 0) + 1;
  const numbers = new Map<number, number>();
  const firsts: number[] = [];
  const seconds: number[] = [];
  const of = first.map((one, call) => {
    const other = second[call] as number;
    const name = one * width + other;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = firsts.push(one) - 1;
    seconds.push(other);
    numbers.set(name, number);
    return number;
  });
  return { of, first: firsts, second: seconds };
}
