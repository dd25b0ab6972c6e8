/**
 * The facts of a week as one reader may see them: everybody's, or those of one team alone. In: facts, a team or null. Out: a scope.
 * Invariant: a team's scope holds no row, no name and no source of another team.
 */
import type { Pico } from '../money.ts';
import { changes, costOf, difference, modelName } from './comparison.ts';
import type { WeekComparison } from './comparison.ts';
import { NO_MEASURES, addMeasures } from './measures.ts';
import type { Measures } from './measures.ts';
import type { LeverFacts, PlanFacts } from './plan-facts.ts';
import { sumPico } from './plan-facts.ts';
import type { PriceChange } from './price-facts.ts';
import type { ModelSpend } from './spend.ts';
import type { AnomalyFacts, BudgetFacts, DriverFacts, ForecastFacts } from './watch-facts.ts';
import type { TrendRow, WeekFacts } from './week-facts.ts';

/** A plan with what a reader may see of it. */
export interface ScopedPlan {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly plan: LeverFacts;
  readonly levers: readonly LeverFacts[];
  /** whose share of a lever's cash is largest; null for a team's own view and where nothing is saved */
  readonly ownerOf: (lever: string) => string | null;
}

export interface Scope {
  readonly facts: WeekFacts;
  /** null = everybody */
  readonly team: string | null;
  readonly totals: Measures;
  /** null where the ledger holds no such week */
  readonly comparison: WeekComparison | null;
  readonly models: readonly ModelSpend[];
  readonly month: {
    readonly actualPico: Pico | null;
    readonly compared: { readonly currentPico: Pico | null; readonly previousPico: Pico | null } | null;
  };
  /** its own budget first; those of all teams for everybody */
  readonly budgets: readonly BudgetFacts[];
  readonly forecasts: readonly ForecastFacts[];
  readonly anomalies: readonly AnomalyFacts[];
  readonly drivers: readonly DriverFacts[];
  readonly trend: readonly TrendRow[];
  readonly priceChanges: readonly PriceChange[];
  readonly plan: ScopedPlan | null;
  readonly planBefore: ScopedPlan | null;
}

/** What one reader sees. */
export function scopeOf(facts: WeekFacts, team: string | null): Scope {
  const isOwn = (row: { readonly team: string | null }): boolean => team === null || row.team === team;
  const { watch, plans, month } = facts;
  const isOwnFirst = (a: { readonly team: string | null }, b: { readonly team: string | null }): number =>
    Number(b.team === team) - Number(a.team === team);
  return {
    facts,
    team,
    totals: settled(team === null ? facts.summary.totals : measuresFor(facts.summary.byTeam, team)),
    comparison: withSettled(team === null ? facts.summary.week : teamComparison(facts, team)),
    models: team === null ? facts.summary.byModel : facts.teamModels.filter(isOwn),
    month: {
      actualPico: sideCost(month.actual, team),
      compared:
        month.compared === null
          ? null
          : {
              currentPico: sideCost(month.compared.current, team),
              previousPico: sideCost(month.compared.previous, team),
            },
    },
    budgets: watch.budgets.filter(isOwn).toSorted(isOwnFirst),
    forecasts: watch.forecasts.filter(isOwn).toSorted(isOwnFirst),
    anomalies: watch.anomalies.filter(isOwn),
    drivers: watch.drivers.filter(isOwn),
    trend: facts.trend.rows.filter(isOwn),
    priceChanges: facts.priceChanges.filter(isOwn),
    plan: scopedPlan(plans.current, team),
    planBefore: scopedPlan(plans.before, team),
  };
}

/** Where nothing was used nothing was spent: that is known. */
function settled(measures: Measures): Measures {
  return { ...measures, costPico: costOf(measures) };
}

function withSettled(comparison: WeekComparison | null): WeekComparison | null {
  if (comparison === null || comparison.compared === null) return comparison;
  const { current, previous } = comparison.compared;
  return { ...comparison, compared: { current: settled(current), previous: settled(previous) } };
}

type Teams = readonly (Measures & { readonly team: string })[];

const measuresFor = (teams: Teams, team: string): Measures => {
  const own = teams.find((row) => row.team === team);
  return own === undefined ? NO_MEASURES : addMeasures(NO_MEASURES, own);
};

function sideCost(side: { readonly totals: Measures; readonly teams: Teams }, team: string | null): Pico | null {
  return costOf(team === null ? side.totals : measuresFor(side.teams, team));
}

function teamComparison(facts: WeekFacts, team: string): WeekComparison | null {
  const all = facts.summary.week;
  if (all === null) return null;
  const isOwn = (row: { readonly team: string }): boolean => row.team === team;
  const sumOf = (rows: readonly Measures[]): Measures => rows.reduce(addMeasures, NO_MEASURES);
  const { current, previous } = facts.comparedTeamModels;
  const [now, then] = [current.filter(isOwn), previous.filter(isOwn)];
  const compared = all.compared === null ? null : { current: sumOf(now), previous: sumOf(then) };
  return {
    current: { ...all.current, totals: measuresFor(facts.summary.byTeam, team) },
    previous: all.previous === null ? null : { ...all.previous, totals: measuresFor(facts.previousTeams, team) },
    comparedDays: all.comparedDays,
    compared,
    changePico: compared === null ? null : difference(costOf(compared.current), costOf(compared.previous)),
    byTeam: [],
    byModel: changes(now, then, modelName),
    // whose source it is may be another team's name
    gaps: all.gaps.map((gap) => ({ ...gap, source: gap.source === null ? null : 'A source' })),
  };
}

function scopedPlan(facts: PlanFacts | null, team: string | null): ScopedPlan | null {
  if (facts === null) return null;
  const { period, days } = facts;
  const base = { period, from: days.from, to: days.to };
  if (team === null) {
    const ownerOf = (lever: string): string | null => {
      const rows = facts.byTeam.filter((row) => row.lever === lever && BigInt(row.cashPico) > 0n);
      return rows.toSorted((a, b) => (BigInt(b.cashPico) > BigInt(a.cashPico) ? 1 : -1))[0]?.team ?? null;
    };
    return { ...base, plan: facts.plan, levers: facts.levers, ownerOf };
  }
  const own = (all: LeverFacts): LeverFacts => {
    if (all.savingPico === null) return all;
    const rows = facts.byTeam.filter((row) => row.team === team && row.lever === all.lever);
    return {
      ...all,
      savingPico: sumPico(rows.map(({ savingPico }) => savingPico)),
      cashPico: sumPico(rows.map(({ cashPico }) => cashPico)),
      alonePico: sumPico(rows.map(({ alonePico }) => alonePico)),
      baselinePico: sumPico(rows.map(({ baselinePico }) => baselinePico)),
      // the range is of all teams together
      range: null,
    };
  };
  const levers = facts.levers
    .map(own)
    .toSorted((a, b) => Number(BigInt(b.savingPico ?? 0) > BigInt(a.savingPico ?? 0)) * 2 - 1);
  return { ...base, plan: own(facts.plan), levers, ownerOf: () => null };
}
