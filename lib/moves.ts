/**
 * What deciding again moved. In: the rows of one record before and after. Out: running counts and sums over many records, before
 * duplicates are taken out. Invariant: a cost that is unknown is in no sum, and becoming known counts as another price.
 */
import { addPico } from './money.ts';
import type { Pico } from './money.ts';
import type { LedgerRow } from './write/landing-row.ts';

/** What deciding again came to, before duplicates are taken out. */
export interface Moves {
  /** records decided again */
  records: number;
  /** of them: with another price, cost or way of payment */
  repriced: number;
  /** of them: with another owner */
  reattributed: number;
  costBefore: Pico;
  costAfter: Pico;
}

export function noMoves(): Moves {
  return { records: 0, repriced: 0, reattributed: 0, costBefore: 0, costAfter: 0 };
}

const OWNER = ['team', 'level', 'project', 'application', 'environment', 'feature', 'customer'] as const;

/** Adds one record's move; `before` and `after` are its rows, several where its cost is too large for one. */
export function noteMove(moves: Moves, before: readonly LedgerRow[], after: readonly LedgerRow[]): void {
  const [a] = before;
  const [b] = after;
  if (a === undefined || b === undefined) return;
  const total = (rows: readonly LedgerRow[], of: 'cost' | 'listCost'): Pico | null =>
    rows.reduce<Pico | null>((sum, row) => (sum === null || row[of] === null ? null : addPico(sum, row[of])), 0);
  const costBefore = total(before, 'cost');
  const costAfter = total(after, 'cost');
  moves.records++;
  const isRepriced =
    costBefore !== costAfter ||
    total(before, 'listCost') !== total(after, 'listCost') ||
    a.costStatus !== b.costStatus ||
    a.priced.priceRows !== b.priced.priceRows ||
    a.attribution.billingMode !== b.attribution.billingMode ||
    a.attribution.billingAccountId !== b.attribution.billingAccountId;
  if (isRepriced) moves.repriced++;
  if (OWNER.some((field) => a.attribution[field] !== b.attribution[field])) moves.reattributed++;
  moves.costBefore = addPico(moves.costBefore, costBefore ?? 0);
  moves.costAfter = addPico(moves.costAfter, costAfter ?? 0);
}
