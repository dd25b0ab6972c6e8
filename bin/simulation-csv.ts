/** A simulation as CSV: the rows that table `savings` has of a period, in its columns and order. Money is decimal text; empty is unknown. */
import { usdText } from '../lib/money.ts';
import { savingsInput } from '../lib/simulate/savings-input.ts';
import { savingsRows } from '../lib/simulate/savings-rows.ts';
import type { Simulation } from '../lib/simulate/simulate.ts';
import { formatRows } from './rows-text.ts';

export function simulationCsv(simulation: Simulation): string {
  const money = (pico: bigint | null): string | null => (pico === null ? null : usdText(pico));
  const rows = savingsRows(savingsInput(simulation)).map((row) => ({
    scenario: row.scenario,
    lever: row.lever,
    team: row.team,
    model: row.model,
    calls: row.calls,
    baseline_cost: money(row.baselinePico),
    saving: money(row.savingPico),
    cash_saving: money(row.cashPico),
    saving_alone: money(row.alonePico),
    saving_last: money(row.lastPico),
    low: money(row.lowPico),
    high: money(row.highPico),
    blocked_by: row.blockedBy,
    basis: row.basis,
    assumptions: row.assumptions,
    evidence: row.evidence,
  }));
  return formatRows(rows, 'csv');
}
