/**
 * One simulation of a week in AWS. In: the world of a lake, and the week of the report. Out: what was written. The table `savings` holds ISO weeks:
 * where the owner's weeks begin on another day, the newest ISO week that ended with the owner's or before is simulated.
 */
import type { Config } from '../lib/config.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import type { LimitsOf } from '../lib/model-limits.ts';
import { periodName } from '../lib/period.ts';
import type { DayRange } from '../lib/period.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import type { Log, ObjectStore, SqlEngine, TableCatalog } from '../lib/ports.ts';
import { exposeCalls, writeSavings } from '../lib/savings.ts';
import { savingsInput } from '../lib/simulate/savings-input.ts';
import { savingsRows } from '../lib/simulate/savings-rows.ts';
import type { SimilarEvidence } from '../lib/simulate/simulate.ts';
import { simulatePeriod } from '../lib/simulation.ts';
import { addDays, weekStart } from '../lib/time.ts';

export interface SimulatePorts {
  readonly rules: Pick<LedgerRules, 'config' | 'book' | 'customer'>;
  readonly engine: SqlEngine;
  readonly store: ObjectStore;
  readonly catalog: Pick<TableCatalog, 'read'>;
  readonly seal: LakeSealInput;
  readonly queries: Readonly<Record<string, string>>;
  readonly limitsOf: LimitsOf;
  /** what the owner knows of similar questions */
  readonly similar: (config: Config) => Promise<SimilarEvidence | null>;
  readonly newName: () => string;
  readonly log: Log;
}

export interface SimulateResult {
  readonly period: string;
  readonly days: number;
  readonly rows: number;
  readonly isChanged: boolean;
}

/** Simulates and writes `savings`. */
export async function simulateRound(ports: SimulatePorts, week: DayRange): Promise<SimulateResult> {
  const { engine, store, rules, queries, limitsOf, log } = ports;
  const { from, to } = isoWeekUpTo(week.to);
  const period = periodName(from, to) ?? '';
  const days = await exposeCalls(engine, await ports.catalog.read(), { from, to });
  const simulation = await simulatePeriod(queries, {
    engine,
    store,
    ...rules,
    limitsOf,
    similar: await ports.similar(rules.config),
    from,
    to,
    workPrefix: `work/simulate-${ports.newName()}/`,
  });
  const rows = savingsRows(savingsInput(simulation));
  const isChanged = await writeSavings(ports.seal, period, rows);
  log.info(
    `savings of ${period}: ${rows.length} rows ${isChanged ? 'written' : 'were there already'}, ${days.length} days with calls`,
  );
  return { period, days: days.length, rows: rows.length, isChanged };
}

/** The newest week from Monday to Sunday that ended on a day or before. */
export function isoWeekUpTo(day: string): DayRange {
  const monday = weekStart(addDays(day, 1));
  return { from: addDays(monday, -7), to: addDays(monday, -1) };
}
