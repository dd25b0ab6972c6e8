/**
 * A modelled share of an exact amount. In: picodollars and a share (a probability, a kept share, a ratio). Out: picodollars. The share is
 * read as a whole number of 10⁻¹², so the product is an integer division with one half-even rounding: the same inputs give the same
 * picodollar everywhere. Invariant: share 0 gives 0, share 1 the amount, and a larger share never a smaller part of a positive amount.
 */
import { divideHalfEven } from '../money.ts';

const PARTS = 1_000_000_000_000n;

export function shareOfPico(pico: bigint, share: number): bigint {
  const parts = Math.round(share * 1e12);
  if (!Number.isSafeInteger(parts)) throw new RangeError(`a share must be a number below 9000, got ${share}`);
  return divideHalfEven(pico * BigInt(parts), PARTS);
}
