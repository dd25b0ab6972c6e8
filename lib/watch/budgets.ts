/** Budgets that hold in a month. In: config `budgets`, a month. Out: one for each scope that has one, the total first, then teams by name. */
import type { BudgetConfig } from '../config-budgets.ts';
import { parseDecimal } from '../money.ts';

export interface Budget {
  readonly scope: 'total' | 'team';
  /** the team; empty for the total */
  readonly id: string;
  readonly amountPico: bigint;
  readonly owner: string | null;
  /** ascending */
  readonly alertPercent: readonly number[];
}

export function budgetsOf(config: readonly BudgetConfig[], month: string): Budget[] {
  return config
    .filter(({ from, to }) => (from === undefined || from <= month) && (to === undefined || month < to))
    .map(({ scope, team, amount, owner, alert_percent: percent }) => ({
      scope,
      id: team ?? '',
      amountPico: parseDecimal(amount, 12) ?? 0n,
      owner: owner ?? null,
      alertPercent: percent.toSorted((a, b) => a - b),
    }))
    .toSorted((a, b) => (a.scope === b.scope ? (a.id < b.id ? -1 : 1) : a.scope === 'total' ? -1 : 1));
}
