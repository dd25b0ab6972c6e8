/**
 * What the ledger assumes because nobody has said otherwise, and the money that hangs on it: accounts that calls and provider reports do
 * not name, agent sessions without proof of how they are paid, costs that are estimates. In: a way to ask queries by name, a period.
 * Out: one assumption each, with the config key that settles it. Invariant: token value is never added to spend.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { count, money, plural, shownName } from './format.ts';
import { countIn, moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';
import type { Week } from './weeks.ts';

/**
 * one_account: calls or provider reports name no account and are compared as those of the provider's one. account_unknown: one side names
 * one of several accounts, the other none, so that they are not compared. billing_unknown: no proof of how usage is paid. estimated_cost: price or tokens rest on an assumption.
 */
export type AssumptionKind = 'one_account' | 'account_unknown' | 'billing_unknown' | 'estimated_cost';

export interface Assumption {
  readonly kind: AssumptionKind;
  /** provider, log format or reason it is about */
  readonly subject: string;
  readonly calls: number;
  /** spend of the calls, or token value where that is no spend; null = unknown */
  readonly amountPico: Pico | null;
  /** what the provider's own reports show beside it, at list price */
  readonly comparedPico: Pico | null;
  /** where to say how it is */
  readonly settledBy: string;
}

/** Reads everything that is assumed in a period. */
export async function readAssumptions(ask: Ask, period: Week): Promise<Assumption[]> {
  const accounts = await ask('assumed-accounts', period.from, period.to);
  const billing = await ask('assumed-billing', period.from, period.to);
  const costs = await ask('assumed-costs', period.from, period.to);
  return [
    ...accountAssumptions(accounts),
    ...billing.map((row) => ({
      kind: 'billing_unknown' as const,
      subject: textIn(row, 'source_format') ?? '',
      calls: countIn(row, 'calls'),
      amountPico: moneyIn(row, 'list_cost'),
      comparedPico: null,
      settledBy: 'billing',
    })),
    ...costs.map((row) => ({
      kind: 'estimated_cost' as const,
      subject: textIn(row, 'cost_reason') ?? 'unknown',
      calls: countIn(row, 'calls'),
      amountPico: moneyIn(row, 'cost'),
      comparedPico: null,
      settledBy: 'prices.overlays',
    })),
  ];
}

interface AccountSum {
  readonly account: string | null;
  readonly calls: number;
  readonly callCost: Pico | null;
  readonly bucketValue: Pico | null;
}

/**
 * Sealing takes what names no account as the one account of its provider, or, where there are several, as another one. Nothing hangs on
 * that where there is nothing to compare: no provider reports, or every side named.
 */
function accountAssumptions(rows: readonly SqlRow[]): Assumption[] {
  const byProvider = Map.groupBy(rows, (row) => textIn(row, 'provider') ?? '');
  return [...byProvider].flatMap(([subject, own]) => {
    const sums = own.map(accountSum);
    const unnamed = sums.filter(({ account }) => account === null);
    const named = sums.filter(({ account }) => account !== null);
    const found: Assumption[] = [];
    const add = (kind: AssumptionKind, calls: readonly AccountSum[], reports: readonly AccountSum[]): void => {
      const count = calls.reduce((sum, one) => sum + one.calls, 0);
      const comparedPico = sumOf(reports.map(({ bucketValue }) => bucketValue));
      const amountPico = sumOf(calls.map(({ callCost }) => callCost));
      if (count > 0 && comparedPico !== null)
        found.push({ kind, subject, calls: count, amountPico, comparedPico, settledBy: 'accounts' });
    };
    if (named.length < 2) {
      add('one_account', unnamed, sums);
      if (found.length === 0) add('one_account', named, unnamed);
    } else {
      add('one_account', unnamed, unnamed);
      add('account_unknown', unnamed, named);
      add('account_unknown', named, unnamed);
    }
    return found;
  });
}

function accountSum(row: SqlRow): AccountSum {
  return {
    account: textIn(row, 'billing_account_id'),
    calls: countIn(row, 'calls'),
    callCost: moneyIn(row, 'call_cost'),
    bucketValue: moneyIn(row, 'bucket_value'),
  };
}

function sumOf(amounts: readonly (Pico | null)[]): Pico | null {
  return amounts.reduce<Pico | null>((sum, pico) => (pico === null ? sum : addPico(sum ?? 0, pico)), null);
}

/** One assumption as a sentence, without what settles it. */
export function assumptionSentence(assumption: Assumption): string {
  const subject = shownName(assumption.subject, 60);
  const amount = assumption.amountPico === null ? 'unknown spend' : money(assumption.amountPico);
  const calls = plural(assumption.calls, 'call');
  const compared = assumption.comparedPico === null ? 'unknown' : money(assumption.comparedPico);
  switch (assumption.kind) {
    case 'one_account':
      return `${subject}: what names no account is taken as the provider's one account: ${amount} of ${calls} compared with ${compared} of its usage reports.`;
    case 'account_unknown':
      return `${subject}: there are several accounts and only one side names its own: ${amount} of ${calls} and ${compared} of usage reports are not compared, and may be the same usage counted twice.`;
    case 'billing_unknown':
      return `${subject}: no proof of how ${calls} ${assumption.calls === 1 ? 'is' : 'are'} paid: ${assumption.amountPico === null ? 'unknown' : money(assumption.amountPico)} token value, not counted as spend.`;
    case 'estimated_cost':
      return `${amount} of ${count(assumption.calls)} calls is an estimate (${subject.replaceAll('_', ' ')}).`;
  }
}

/** What to do about it: the config key that settles it. */
export function assumptionTodo(assumption: Assumption): string {
  const what: Record<AssumptionKind, string> = {
    one_account: 'right if there is one account; with several, say in config accounts which source is whose',
    account_unknown: 'say in config accounts which account the unnamed side belongs to',
    billing_unknown: 'say in config billing whether this is on_demand or subscription',
    estimated_cost: 'cost_reason in table usage names the calls; docs/prices.md says how to add a fact',
  };
  return what[assumption.kind];
}
