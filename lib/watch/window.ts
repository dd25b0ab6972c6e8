/**
 * Some weeks of spend, day by day, as forecasts and anomalies look at them. In: a way to ask the stage's queries, the days of the ledger. Out: cells
 * with a day each, null where it is not complete, and exact amounts by team. Invariant: a day outside the ledger, or one that a source owes, is
 * not a day without spend.
 */
import { parseDecimal } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { dayNumber, daysBetween } from '../time.ts';
import type { CellDay, CellHistory } from './anomalies.ts';

/** Asks a query of lib/watch/queries by name. */
export type Ask = (name: string, ...parameters: readonly string[]) => Promise<SqlRow[]>;

/** UTC days, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

export interface SpendWindow {
  readonly days: readonly string[];
  readonly isComplete: readonly boolean[];
  /** weekday of the first day, 0 to 6 */
  readonly firstWeekday: number;
  readonly cells: readonly CellHistory[];
  /** exact amounts of each cell, by day, whether complete or not */
  readonly amounts: ReadonlyMap<CellHistory, readonly bigint[]>;
  /** what each team spent, by day, whether complete or not */
  readonly teams: ReadonlyMap<string, readonly bigint[]>;
}

/** `ledger`: first and last day that have rows; null where none has. */
export async function readWindow(ask: Ask, { from, to }: Days, ledger: Days | null): Promise<SpendWindow> {
  const days = daysBetween(from, to);
  const incomplete = new Set((await ask('incomplete-days', from, to)).map((row) => textOf(row, 'day')));
  const isComplete = days.map(
    (day) => ledger !== null && day >= ledger.from && day <= ledger.to && !incomplete.has(day),
  );
  const cells = new Map<string, CellHistory & { readonly days: (CellDay | null)[] }>();
  const amounts = new Map<CellHistory, bigint[]>();
  const teams = new Map<string, bigint[]>();
  const none = { cost: 0, calls: 0, tokens: 0 };
  for (const row of await ask('cells', from, to)) {
    const at = dayNumber(textOf(row, 'day')) - dayNumber(from);
    const [team, provider, model] = [textOf(row, 'team'), textOf(row, 'provider'), textOf(row, 'model')];
    const key = JSON.stringify([team, provider, model]);
    const cell = cells.get(key) ?? { team, provider, model, days: isComplete.map((known) => (known ? none : null)) };
    cells.set(key, cell);
    const costPico = picoOf(row, 'cost');
    const own = amounts.get(cell) ?? days.map(() => 0n);
    amounts.set(cell, own);
    own[at] = costPico;
    if (isComplete[at] === true)
      cell.days[at] = {
        cost: usd(costPico),
        calls: Number(countOf(row, 'calls')),
        tokens: Number(countOf(row, 'tokens')),
      };
    const spent = teams.get(team) ?? days.map(() => 0n);
    teams.set(team, spent);
    spent[at] = (spent[at] as bigint) + costPico;
  }
  return { days, isComplete, firstWeekday: weekday(from), cells: [...cells.values()], amounts, teams };
}

/** Monday is 0. */
export function weekday(day: string): number {
  // 1970-01-01 was a Thursday
  return (((dayNumber(day) + 3) % 7) + 7) % 7;
}

/** Dollars for statistics; amounts that are shown are exact. */
export function usd(pico: bigint): number {
  return Number(pico) / 1e12;
}

/** A text of a row; null as the empty one. */
export function textOf(row: SqlRow, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

/** An amount of a row in picodollars; null as 0. */
export function picoOf(row: SqlRow, name: string): bigint {
  const value = parseDecimal(textOf(row, name) || '0', 12);
  if (value === null) throw new RangeError(`the engine gave no amount in column ${name}`);
  return value;
}

/** A whole number of a row; null as 0. */
export function countOf(row: SqlRow, name: string): bigint {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? BigInt(value) : 0n;
}
