/** Lines that spend has crossed. In: a budget, what the month has cost so far. Out: the percentages it has passed; equal is passed. */
import type { Budget } from './budgets.ts';

export function passedPercents({ amountPico, alertPercent }: Budget, spentPico: bigint): number[] {
  return alertPercent.filter((percent) => spentPico * 100n >= amountPico * BigInt(percent));
}

/** Spend as a share of a budget, in percent, rounded down: 100 only where all of it is spent. */
export function percentOf(spentPico: bigint, { amountPico }: Budget): number {
  return Number((spentPico * 100n) / amountPico);
}
