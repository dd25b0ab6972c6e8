/**
 * Anomalies of some days as rows of the table. In: the spend of the weeks before and of the days, what fresh keys cost on them. Out: rows in order of
 * day, the largest excess first. A row is `continued` where the day before was one of the same team and model, too: what goes on is told of once.
 */
import type { SqlRow } from '../ports.ts';
import { findAnomalies } from './anomalies.ts';
import type { Cause, CellHistory } from './anomalies.ts';
import { picoOf, textOf, usd } from './window.ts';
import type { Days, SpendWindow } from './window.ts';

export interface AnomalyRow {
  readonly day: string;
  readonly team: string;
  readonly provider: string;
  readonly model: string;
  readonly expectedPico: bigint;
  readonly actualPico: bigint;
  readonly cause: Cause | 'new key';
  readonly state: 'new' | 'continued';
}

/** Anomalies of `from` to `to`; the window must reach a day and the past that is looked at further back. `freshKeys`: rows of fresh-keys.sql. */
export function anomalyRows(window: SpendWindow, { from, to }: Days, freshKeys: readonly SqlRow[]): AnomalyRow[] {
  const first = window.days.indexOf(from);
  const last = window.days.indexOf(to);
  if (first < 0 || last < 0) throw new RangeError(`the window does not hold ${from} to ${to}`);
  const nameOf = (...parts: readonly string[]): string => JSON.stringify(parts);
  const fresh = new Map(
    freshKeys.map((row) => [
      nameOf(textOf(row, 'day'), textOf(row, 'team'), textOf(row, 'provider'), textOf(row, 'model')),
      usd(picoOf(row, 'cost')),
    ]),
  );
  const cells = window.cells.map((cell) => ({ ...cell, days: cell.days.slice(0, last + 1) }));
  const whole = new Map<CellHistory, CellHistory | undefined>(cells.map((cell, at) => [cell, window.cells[at]]));
  const found = findAnomalies(cells, window.firstWeekday, Math.max(0, first - 1));
  const places = new Set(found.map(({ at, cell }) => nameOf(String(at), cell.team, cell.provider, cell.model)));
  return found
    .filter(({ at }) => at >= first)
    .map(({ at, cell, expected, actual, cause }): AnomalyRow => {
      const { team, provider, model } = cell;
      const day = window.days[at] as string;
      const original = whole.get(cell);
      const amounts = original === undefined ? undefined : window.amounts.get(original);
      const byFreshKeys = fresh.get(nameOf(day, team, provider, model)) ?? 0;
      return {
        day,
        team,
        provider,
        model,
        expectedPico: BigInt(Math.round(expected * 1e6)) * 1_000_000n,
        actualPico: amounts?.[at] ?? 0n,
        cause: cause !== 'new model' && byFreshKeys >= (actual - expected) / 2 ? 'new key' : cause,
        state: places.has(nameOf(String(at - 1), team, provider, model)) ? 'continued' : 'new',
      };
    });
}
