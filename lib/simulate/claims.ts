/**
 * The rules of thumb people quote about LLM cost, recomputed. In: nothing but the dated inputs of `claims-data.ts`. Out: one claim per rule, in
 * the order they are printed. Invariant: no recomputed figure is typed in; each follows from prices, lengths, rents and measurements.
 */
import type { Claim } from './claim.ts';
import { claimsOfHosting } from './claims-of-hosting.ts';
import { claimOfImages } from './claims-of-images.ts';
import { claimsOfLevers } from './claims-of-levers.ts';
import { claimsOfPrices, monthlyBudget } from './claims-of-prices.ts';

/** All rules, recomputed. */
export function claims(): Claim[] {
  return [...claimsOfPrices(), ...claimsOfHosting(), claimOfImages(), ...claimsOfLevers(), monthlyBudget()];
}
