/**
 * What of a saving reaches the bank: a minimum spend is owed whether it is used or not, a credit is spent before money is, provisioned capacity
 * and seats are paid by the month. In: baseline and saving by group, commitments of the config, the period. Out: cash by group and what
 * blocks the rest. Amounts over a longer time count for the period in proportion to its days. Invariant: cash is never above the saving, and
 * a saving that is negative stays as it is.
 */
import { divideHalfEven, parseDecimal, splitByWeights } from '../money.ts';
import { dayNumber } from '../time.ts';

export interface CommitmentTerms {
  readonly id: string;
  readonly provider: string;
  readonly account?: string | undefined;
  readonly kind: 'spend' | 'credit' | 'provisioned' | 'seats';
  /** USD over [from, to) as decimal text */
  readonly amount: string;
  readonly from: string;
  readonly to: string;
  readonly eligible?: readonly string[] | undefined;
}

export interface SpendGroup {
  readonly provider: string;
  readonly account: string | null;
  readonly model: string;
  readonly baselinePico: bigint;
  readonly savingPico: bigint;
}

export interface CashSaving {
  readonly cashPico: bigint;
  /** commitments that keep a part of the saving from the bank */
  readonly blockedBy: readonly string[];
}

/** Days as `2026-11-01`, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** Cash of each group, in order. */
export function cashSavings(
  groups: readonly SpendGroup[],
  commitments: readonly CommitmentTerms[],
  period: Period,
): CashSaving[] {
  const cash = groups.map(({ savingPico }) => savingPico);
  const blockedBy = groups.map((): string[] => []);
  for (const terms of commitments) {
    const sharePico = amountInPeriod(terms, period);
    if (sharePico === 0n) continue;
    const covered = groups.flatMap((group, at) => (isCovered(group, terms) && (cash[at] as bigint) > 0n ? [at] : []));
    const saving = covered.reduce((sum, at) => sum + (cash[at] as bigint), 0n);
    const spend = groups.reduce((sum, group) => (isCovered(group, terms) ? sum + group.baselinePico : sum), 0n);
    const reaches = reachesBank(terms.kind, spend, saving, sharePico);
    if (reaches >= saving) continue;
    const parts = splitByWeights(
      reaches,
      covered.map((at) => cash[at] as bigint),
    );
    for (const [part, at] of covered.entries()) {
      const left = parts[part] as bigint;
      // of an amount too small to share in the rounding nothing is kept
      if (left < (cash[at] as bigint)) (blockedBy[at] as string[]).push(terms.id);
      cash[at] = left;
    }
  }
  return cash.map((cashPico, at) => ({ cashPico, blockedBy: blockedBy[at] as string[] }));
}

/** Of `saving` on `spend`, what is not owed anyway. */
function reachesBank(kind: CommitmentTerms['kind'], spend: bigint, saving: bigint, sharePico: bigint): bigint {
  if (kind === 'provisioned' || kind === 'seats') return 0n;
  // a minimum is owed in any case, and a credit pays the first part of the bill: money is only what lies above either
  const above = spend > sharePico ? spend - sharePico : 0n;
  return above < saving ? above : saving;
}

function isCovered({ provider, account, model }: SpendGroup, terms: CommitmentTerms): boolean {
  if (provider !== terms.provider) return false;
  if (terms.account !== undefined && account !== terms.account) return false;
  return terms.eligible === undefined || terms.eligible.includes(model);
}

/** The part of the amount that falls on the days of the period. */
function amountInPeriod(terms: CommitmentTerms, period: Period): bigint {
  const amount = parseDecimal(terms.amount, 12) ?? 0n;
  const [from, to] = [dayNumber(terms.from), dayNumber(terms.to)];
  const days = to - from;
  const common = Math.min(to, dayNumber(period.to) + 1) - Math.max(from, dayNumber(period.from));
  return days <= 0 || common <= 0 ? 0n : divideHalfEven(amount * BigInt(common), BigInt(days));
}
