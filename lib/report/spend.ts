/**
 * Spend of a period by team, model and day: rows of the report's queries, as plain data.
 * In: a way to ask a query by name, two days. Out: one entry per group, in the order of the query (most expensive first).
 */
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { NO_MEASURES, measuresOf, moneyIn, textIn } from './measures.ts';
import type { Measures } from './measures.ts';
import type { Week } from './weeks.ts';

/** Asks one query of the folder by name. */
export type Ask = (name: string, ...parameters: readonly string[]) => Promise<SqlRow[]>;

export interface TeamSpend extends Measures {
  readonly team: string;
}

export interface ModelSpend extends Measures {
  readonly provider: string;
  readonly model: string;
}

export interface DaySpend extends Measures {
  readonly day: string;
  readonly isComplete: boolean;
}

export interface TeamDay {
  readonly day: string;
  readonly team: string;
  readonly costPico: Pico | null;
}

export async function readTotals(ask: Ask, week: Week): Promise<Measures> {
  const row = (await ask('totals', week.from, week.to))[0];
  return row ? measuresOf(row) : NO_MEASURES;
}

export async function readTeams(ask: Ask, week: Week): Promise<TeamSpend[]> {
  const rows = await ask('by-team', week.from, week.to);
  return rows.map((row) => ({ team: textIn(row, 'team') ?? '', ...measuresOf(row) }));
}

export async function readModels(ask: Ask, week: Week): Promise<ModelSpend[]> {
  const rows = await ask('by-model', week.from, week.to);
  return rows.map((row) => ({
    provider: textIn(row, 'provider') ?? '',
    model: textIn(row, 'model') ?? '',
    ...measuresOf(row),
  }));
}

export async function readDaily(ask: Ask, week: Week): Promise<DaySpend[]> {
  const rows = await ask('daily', week.from, week.to);
  return rows.map((row) => ({
    day: textIn(row, 'day') ?? '',
    isComplete: row['complete'] === true,
    ...measuresOf(row),
  }));
}

/** Spend by day and team, for charts. */
export async function readTeamDays(ask: Ask, week: Week): Promise<TeamDay[]> {
  const rows = await ask('daily-by-team', week.from, week.to);
  return rows.map((row) => ({
    day: textIn(row, 'day') ?? '',
    team: textIn(row, 'team') ?? '',
    costPico: moneyIn(row, 'cost'),
  }));
}
