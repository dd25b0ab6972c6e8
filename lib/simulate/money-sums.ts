/**
 * Exact sums of money by group, fast: whole picodollars as numbers while they are safe, carried into a bigint before they are not. In: amounts
 * below 2⁵² picodollars (4,503 USD) each. Out: sums to the last digit. Numbers add twenty times as fast as bigints, and a plan adds billions.
 */

export interface MoneySums {
  add(group: number, pico: number): void;
  /** any amount */
  addExact(group: number, pico: bigint): void;
  sums(): bigint[];
}

/** Amounts from this on are not added as numbers. */
export const MAX_AMOUNT_PICO = 2 ** 52;

/** Zero for `groups` groups. */
export function createMoneySums(groups: number): MoneySums {
  const pending = new Float64Array(groups);
  const carried = Array.from({ length: groups }, () => 0n);
  return {
    add(group, pico) {
      const sum = (pending[group] as number) + pico;
      if (sum < MAX_AMOUNT_PICO && sum > -MAX_AMOUNT_PICO) pending[group] = sum;
      else {
        carried[group] = (carried[group] as bigint) + BigInt(sum);
        pending[group] = 0;
      }
    },
    addExact(group, pico) {
      carried[group] = (carried[group] as bigint) + pico;
    },
    sums: () => carried.map((sum, group) => sum + BigInt(pending[group] as number)),
  };
}
