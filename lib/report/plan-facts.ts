/**
 * What the table `savings` says about a week: the plan, its levers, whose they are, and what the plan of the period before said.
 * In: a way to ask, a week. Out: facts. Invariant: levers sum exactly to the plan, teams to their lever, or this throws.
 */
import { LedgerError } from '../errors.ts';
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { monthDays, periodName, weekDays } from '../period.ts';
import type { DayRange } from '../period.ts';
import type { SqlRow } from '../ports.ts';
import { addDays } from '../time.ts';
import { countIn, moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';

/** One lever, or `plan`: all of them together. */
export interface LeverFacts {
  readonly lever: string;
  readonly basis: string;
  /** null where the log does not tell */
  readonly savingPico: Pico | null;
  readonly cashPico: Pico | null;
  readonly alonePico: Pico | null;
  readonly baselinePico: Pico | null;
  /** range of the saving of all teams together; null where the log supports none */
  readonly range: { readonly lowPico: Pico; readonly highPico: Pico } | null;
  readonly isInPlan: boolean;
  /** why nothing is known or saved */
  readonly why: string | null;
  /** what to log or configure to know more */
  readonly toKnow: string | null;
}

export interface TeamLever {
  readonly lever: string;
  readonly team: string;
  readonly basis: string;
  readonly savingPico: Pico;
  readonly cashPico: Pico;
  readonly alonePico: Pico;
  readonly baselinePico: Pico;
}

/** A simulated period. */
export interface PlanFacts {
  readonly period: string;
  readonly days: DayRange;
  readonly plan: LeverFacts;
  /** without the plan, largest saving first */
  readonly levers: readonly LeverFacts[];
  readonly byTeam: readonly TeamLever[];
}

export const PLAN = 'plan';

/**
 * The plan of the week and of the one before it. Where exactly these days were not simulated (a week that does not begin on Monday): the last
 * simulated ISO week that ended in the seven days to the week's last, else the month of it. Null where there is none.
 */
export async function readPlans(
  ask: Ask,
  week: DayRange,
): Promise<{ readonly current: PlanFacts | null; readonly before: PlanFacts | null }> {
  const simulated = new Set((await ask('saving-periods')).map((row) => textIn(row, 'period') ?? ''));
  const current = periodOf(simulated, week.to);
  if (current === null) return { current: null, before: null };
  const before = periodOf(simulated, addDays(current.days.from, -1), current.period.length);
  return { current: await readPlan(ask, current), before: before === null ? null : await readPlan(ask, before) };
}

interface NamedPeriod {
  readonly period: string;
  readonly days: DayRange;
}

/** The simulated week or month that ended last up to a day, and no longer ago than its own length; `length` of the name keeps to one of both. */
function periodOf(simulated: ReadonlySet<string>, to: string, length?: number): NamedPeriod | null {
  const named = (period: string | null): NamedPeriod | null => {
    if (period === null || !simulated.has(period) || (length !== undefined && period.length !== length)) return null;
    const days = weekDays(period) ?? monthDays(period);
    return days === null ? null : { period, days };
  };
  for (let back = 0; back < 7; back++) {
    const end = addDays(to, -back);
    const week = named(periodName(addDays(end, -6), end));
    if (week !== null) return week;
  }
  return named(to.slice(0, 7)) ?? named(addDays(`${to.slice(0, 7)}-01`, -1).slice(0, 7));
}

async function readPlan(ask: Ask, { period, days }: NamedPeriod): Promise<PlanFacts | null> {
  const all = (await ask('savings-by-lever', period)).map(leverOf);
  const plan = all.find(({ lever }) => lever === PLAN);
  if (plan === undefined) return null;
  const levers = all.filter(({ lever }) => lever !== PLAN);
  const byTeam = (await ask('savings-by-team', period)).map(teamLeverOf);
  checkSums(plan, levers, byTeam);
  return { period, days, plan, levers, byTeam };
}

function leverOf(row: SqlRow): LeverFacts {
  const isKnown = countIn(row, 'has_amounts') === 1;
  const [lowPico, highPico] = [moneyIn(row, 'low'), moneyIn(row, 'high')];
  const evidence = jsonIn(textIn(row, 'evidence'));
  const text = (name: string): string | null => (typeof evidence[name] === 'string' ? evidence[name] : null);
  return {
    lever: textIn(row, 'lever') ?? '',
    basis: textIn(row, 'basis') ?? '',
    savingPico: isKnown ? moneyIn(row, 'saving') : null,
    cashPico: isKnown ? moneyIn(row, 'cash_saving') : null,
    alonePico: isKnown ? moneyIn(row, 'saving_alone') : null,
    baselinePico: isKnown ? moneyIn(row, 'baseline_cost') : null,
    range: lowPico === null || highPico === null ? null : { lowPico, highPico },
    isInPlan: evidence['in_plan'] === true,
    why: text('why'),
    toKnow: text('to_know'),
  };
}

function jsonIn(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function teamLeverOf(row: SqlRow): TeamLever {
  return {
    lever: textIn(row, 'lever') ?? '',
    team: textIn(row, 'team') ?? '',
    basis: textIn(row, 'basis') ?? '',
    savingPico: moneyIn(row, 'saving') ?? 0,
    cashPico: moneyIn(row, 'cash_saving') ?? 0,
    alonePico: moneyIn(row, 'saving_alone') ?? 0,
    baselinePico: moneyIn(row, 'baseline_cost') ?? 0,
  };
}

/** Levers to plan, teams to lever, saving and cash. */
function checkSums(plan: LeverFacts, levers: readonly LeverFacts[], byTeam: readonly TeamLever[]): void {
  for (const name of ['savingPico', 'cashPico'] as const) {
    if (sumPico(levers.map((lever) => lever[name])) !== (plan[name] ?? 0))
      throw new LedgerError(`savings-by-lever.sql: the levers do not sum to the plan (${name})`);
    for (const lever of [plan, ...levers])
      if (sumPico(byTeam.filter((row) => row.lever === lever.lever).map((row) => row[name])) !== (lever[name] ?? 0))
        throw new LedgerError(`savings-by-team.sql: the teams do not sum to ${lever.lever} (${name})`);
  }
}

/** Sum of what is known; 0 of nothing. */
export function sumPico(amounts: readonly (Pico | null)[]): Pico {
  return amounts.reduce<Pico>((sum, pico) => addPico(sum, pico ?? 0), 0);
}
