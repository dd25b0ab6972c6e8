/**
 * Fair shares of a plan's saving (Shapley 1953): each lever gets its marginal saving averaged over every order in which the levers could be
 * added. In: the saving of every subset, indexed by bit mask. Out: one share per lever. Invariant: the shares sum to the saving of all
 * levers to the last picodollar (largest remainder, lower index first).
 */
import { roundedShares } from './rounded-shares.ts';

const MAX_LEVERS = 12;

/** Exact shares of `levers` levers; `savingOf[mask]` is the saving of the levers whose bits are set, and that of mask 0 is 0. */
export function shapleyShares(levers: number, savingOf: readonly bigint[]): bigint[] {
  if (levers > MAX_LEVERS || savingOf.length !== 1 << levers) {
    throw new RangeError(`Shapley shares of ${levers} levers need ${1 << levers} savings, got ${savingOf.length}`);
  }
  const factorial = [1n];
  for (let k = 1; k <= levers; k++) factorial.push((factorial[k - 1] as bigint) * BigInt(k));
  const orders = factorial[levers] as bigint;
  const scaled = Array.from({ length: levers }, (_, lever) => {
    let sum = 0n;
    for (let mask = 0; mask < savingOf.length; mask++) {
      if (mask & (1 << lever)) continue;
      const before = setBits(mask);
      const weight = (factorial[before] as bigint) * (factorial[levers - before - 1] as bigint);
      sum += weight * ((savingOf[mask | (1 << lever)] as bigint) - (savingOf[mask] as bigint));
    }
    return sum;
  });
  // all orders together share out the whole saving, so this sum is divisible
  const total = scaled.reduce((sum, share) => sum + share, 0n) / orders;
  return roundedShares(scaled, orders, total);
}

function setBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
}
