/**
 * The one decision of a week and who has to make it: a budget that will not hold, data that is missing, a day that stands out, a saving, spend that
 * belongs to nobody, in this order. In: a scope. Out: one sentence, or null where nothing needs anybody. Names are cut short: it is for the first screen.
 */
import type { Pico } from '../money.ts';
import { count, money, percent, shortDay, shownName } from './format.ts';
import { leverStep } from './lever-steps.ts';
import { UNALLOCATED } from './quality.ts';
import type { Scope } from './scope.ts';
import type { BudgetFacts, ForecastFacts } from './watch-facts.ts';

export interface Decision {
  readonly text: string;
  readonly query: string;
}

/** Names on the first screen have at most this many signs and words. */
const NAME_SIGNS = 28;
const NAME_WORDS = 4;

/** A name for the first screen. */
export function briefName(name: string): string {
  const words = shownName(name, NAME_SIGNS).split(/\s+/);
  return words.length > NAME_WORDS ? `${words.slice(0, NAME_WORDS).join(' ')}…` : words.join(' ');
}

/** What has to be decided, most pressing first; null: nothing. */
export function decide(scope: Scope): Decision | null {
  return overBudget(scope) ?? missingData(scope) ?? oddDay(scope) ?? largestSaving(scope) ?? nobodysSpend(scope);
}

/** A budget and what is expected of it; null where there is no forecast. */
export function forecastOf(
  { forecasts }: Pick<Scope, 'forecasts'>,
  budget: Pick<BudgetFacts, 'team'>,
): ForecastFacts | null {
  return forecasts.find(({ team }) => team === budget.team) ?? null;
}

function overBudget(scope: Scope): Decision | null {
  const over = scope.budgets.flatMap((budget) => {
    const forecast = forecastOf(scope, budget);
    const excess = forecast === null ? 0n : BigInt(forecast.expectedPico) - BigInt(budget.amountPico);
    return excess > 0n ? [{ budget, excess }] : [];
  });
  // the whole before its parts, then the largest
  const [first] = over.toSorted(
    (a, b) => Number(a.budget.team !== null) - Number(b.budget.team !== null) || (b.excess > a.excess ? 1 : -1),
  );
  if (first === undefined) return null;
  const { team, owner, amountPico } = first.budget;
  const who = owner ?? (team === null ? 'Owner of the budget' : team);
  const whose = team === null ? 'the month' : briefName(team);
  return {
    text: `${briefName(who)}: ${whose} is heading ${money(first.excess)} over its budget of ${money(amountPico)}: raise it, or save.`,
    query: 'month-forecasts',
  };
}

function missingData({ comparison }: Scope): Decision | null {
  const gap = comparison?.gaps.find(({ kind }) => kind === 'silent' || kind === 'missing' || kind === 'stopped');
  if (gap?.source == null) return null;
  return {
    text: `Owner of ${briefName(gap.source)}: find out why its logs are missing (${count(gap.days.length)} ${gap.days.length === 1 ? 'day' : 'days'}).`,
    query: 'source-state',
  };
}

const part = (whole: Pico | null, percentage: bigint): bigint => (BigInt(whole ?? 0) * percentage) / 100n;

function oddDay({ anomalies, totals }: Scope): Decision | null {
  const excess = (row: Scope['anomalies'][number]): bigint => BigInt(row.actualPico) - BigInt(row.expectedPico);
  const [worst] = anomalies
    .filter((row) => row.state === 'new' && excess(row) >= part(totals.costPico, 1n))
    .toSorted((a, b) => (excess(b) > excess(a) ? 1 : -1));
  if (worst === undefined) return null;
  return {
    text: `${briefName(worst.team)}: was ${money(worst.actualPico)} on ${briefName(worst.model)} on ${shortDay(worst.day)} meant (${money(worst.expectedPico)} expected)?`,
    query: 'week-anomalies',
  };
}

/** A lever must bring this part of the spend it was simulated on before somebody is asked. */
const WORTH_PERCENT = 2n;

function largestSaving({ plan, team }: Scope): Decision | null {
  if (plan === null) return null;
  const [best] = plan.levers
    .filter(({ basis, cashPico }) => basis !== 'illustrative' && cashPico !== null && BigInt(cashPico) > 0n)
    .toSorted((a, b) => (BigInt(b.cashPico ?? 0) > BigInt(a.cashPico ?? 0) ? 1 : -1));
  if (best === undefined || BigInt(best.cashPico ?? 0) < part(plan.plan.baselinePico, WORTH_PERCENT)) return null;
  const who = team ?? plan.ownerOf(best.lever) ?? 'Owner of the gateway';
  const owner = who === UNALLOCATED ? 'Owner of the gateway' : briefName(who);
  return {
    text: `${owner}: ${leverStep(best.lever)} (${money(best.cashPico)}).`,
    query: team === null ? 'savings-by-lever' : 'savings-by-team',
  };
}

function nobodysSpend({ team, totals, facts }: Scope): Decision | null {
  if (team !== null) return null;
  const cost = facts.summary.byTeam.find((row) => row.team === UNALLOCATED)?.costPico ?? 0;
  if (BigInt(cost) === 0n || BigInt(cost) < part(totals.costPico, 10n)) return null;
  return {
    text: `Owner of the ledger: add attribution rules; ${money(cost)} (${percent(cost, totals.costPico)}) belongs to no team.`,
    query: 'by-team',
  };
}
