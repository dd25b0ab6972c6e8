/**
 * Amounts divided by one divisor, rounded so that they sum to a given total. In: numerators, which may be negative, a divisor above 0, the total.
 * Out: whole amounts: floors, then one more for those that lost most, the earlier of equals. The total must not be further from the exact sum
 * than rounding can make up for.
 */
export function roundedShares(numerators: readonly bigint[], divisor: bigint, total: bigint): bigint[] {
  const rests = numerators.map((value) => ((value % divisor) + divisor) % divisor);
  const floors = numerators.map((value, at) => (value - (rests[at] as bigint)) / divisor);
  const missing = total - floors.reduce((sum, floor) => sum + floor, 0n);
  const order = rests
    .map((rest, at) => ({ rest, at }))
    .toSorted((a, b) => (a.rest === b.rest ? a.at - b.at : a.rest > b.rest ? -1 : 1));
  for (const { at } of order.slice(0, Number(missing))) floors[at] = (floors[at] as bigint) + 1n;
  return floors;
}
