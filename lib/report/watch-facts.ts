/**
 * What `watch` wrote before the report: budgets, forecasts, anomalies and what drove the change. In: a way to ask, a week. Out: rows as plain data.
 */
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { addDays } from '../time.ts';
import { moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';
import type { Week } from './weeks.ts';

/** Whose a budget or forecast is: a team, or null for everybody. */
interface Scoped {
  readonly team: string | null;
}

export interface BudgetFacts extends Scoped {
  readonly amountPico: Pico;
  readonly owner: string | null;
}

export interface ForecastFacts extends Scoped {
  /** the month, `2026-11` */
  readonly month: string;
  /** of its complete days so far */
  readonly actualPico: Pico;
  readonly lowPico: Pico;
  readonly expectedPico: Pico;
  readonly highPico: Pico;
  readonly method: string;
}

export interface AnomalyFacts {
  readonly day: string;
  readonly team: string;
  readonly provider: string;
  readonly model: string;
  readonly expectedPico: Pico;
  readonly actualPico: Pico;
  readonly cause: string;
  readonly state: string;
}

export interface DriverFacts {
  readonly team: string;
  readonly driver: string;
  readonly amountPico: Pico;
}

export interface WatchFacts {
  /** of the month of the week's last day */
  readonly budgets: readonly BudgetFacts[];
  /** made on the day after the week; of the month of the week's last day */
  readonly forecasts: readonly ForecastFacts[];
  readonly anomalies: readonly AnomalyFacts[];
  readonly drivers: readonly DriverFacts[];
}

export async function readWatch(ask: Ask, week: Week): Promise<WatchFacts> {
  const forecasts = (await ask('month-forecasts', addDays(week.to, 1))).map(forecastOf);
  return {
    budgets: (await ask('month-budgets', week.to)).map((row) => ({
      team: teamOf(row),
      amountPico: known(row, 'amount'),
      owner: textIn(row, 'owner'),
    })),
    forecasts: forecasts.filter(({ month }) => month === week.to.slice(0, 7)),
    anomalies: (await ask('week-anomalies', week.from, week.to)).map((row) => ({
      day: textIn(row, 'day') ?? '',
      team: textIn(row, 'team') ?? '',
      provider: textIn(row, 'provider') ?? '',
      model: textIn(row, 'model') ?? '',
      expectedPico: known(row, 'expected'),
      actualPico: known(row, 'actual'),
      cause: textIn(row, 'cause') ?? '',
      state: textIn(row, 'state') ?? '',
    })),
    drivers: (await ask('week-drivers', week.to)).map((row) => ({
      team: textIn(row, 'team') ?? '',
      driver: textIn(row, 'driver') ?? '',
      amountPico: known(row, 'amount'),
    })),
  };
}

function forecastOf(row: SqlRow): ForecastFacts {
  return {
    team: teamOf(row),
    month: textIn(row, 'period') ?? '',
    actualPico: known(row, 'actual'),
    lowPico: known(row, 'low'),
    expectedPico: known(row, 'expected'),
    highPico: known(row, 'high'),
    method: textIn(row, 'method') ?? '',
  };
}

const teamOf = (row: SqlRow): string | null => (textIn(row, 'scope') === 'team' ? (textIn(row, 'id') ?? '') : null);

const known = (row: SqlRow, name: string): Pico => moneyIn(row, name) ?? 0;
