/**
 * `simulate`: what each lever would have saved on the calls of a period, each call at most once; as text or as JSON. Of a whole week or month
 * the table `savings` then holds the same.
 */
import { randomBytes } from 'node:crypto';
import { readShippedLimits } from '../../lib/adapters/local/limits-file.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { Misconfigured } from '../../lib/errors.ts';
import type { LakeSealInput } from '../../lib/lake-seal.ts';
import { modelLimits } from '../../lib/model-limits.ts';
import { monthDays, periodName, weekDays } from '../../lib/period.ts';
import { exposeCalls, writeSavings } from '../../lib/savings.ts';
import type { ObjectStore, SqlEngine } from '../../lib/ports.ts';
import type { RewriteRow } from '../../lib/simulate/measured-rewrites.ts';
import { savingsInput } from '../../lib/simulate/savings-input.ts';
import { savingsRows } from '../../lib/simulate/savings-rows.ts';
import type { PeriodSize } from '../../lib/simulate/sampling.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { Simulation } from '../../lib/simulate/simulate.ts';
import { simulatePeriod } from '../../lib/simulation.ts';
import { daysBetween } from '../../lib/time.ts';
import { dayOption } from '../options.ts';
import { checkPrompts, measurePrompts } from '../prompts-folder.ts';
import { engineWithLine, terminalProgress } from '../progress.ts';
import { openSimulationHome } from '../simulation-home.ts';
import type { SimulationHome, SimulationHomeOptions } from '../simulation-home.ts';
import { simulationCsv } from '../simulation-csv.ts';
import { simulationText } from '../simulation-text.ts';
import { consoleLog } from '../terminal.ts';

interface PeriodOptions {
  readonly from?: string;
  readonly to?: string;
  readonly week?: string;
  readonly month?: string;
}

export interface SimulateOptions extends SimulationHomeOptions, PeriodOptions {
  /** folder with logs whose prompts are measured */
  readonly prompts?: string;
  readonly format: string;
}

/** Prints first: where the table cannot be written, as beside a running `run`, the answer is not lost. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const days = daysOf(options);
  checkPrompts(options);
  const home = await openSimulationHome(options);
  try {
    const { simulation, sealedDays } = await simulateHome(home, days, {
      rewrites: await measurePrompts(home.rules, options),
    });
    process.stdout.write(printed(simulation, options.format));
    consoleLog().info(await keepSavings(home, days, simulation, sealedDays));
  } finally {
    await home.close();
  }
}

function printed(simulation: Simulation, format: string): string {
  if (format === 'json') return `${JSON.stringify(simulationJson(simulation), null, 1)}\n`;
  return format === 'csv' ? simulationCsv(simulation) : simulationText(simulation);
}

/** Simulates and writes nothing. */
export async function simulateLake(options: Omit<SimulateOptions, 'format'>): Promise<Simulation> {
  const days = daysOf(options);
  checkPrompts(options);
  const home = await openSimulationHome(options);
  try {
    return (await simulateHome(home, days, { rewrites: await measurePrompts(home.rules, options) })).simulation;
  } finally {
    await home.close();
  }
}

/** Simulates a week and keeps it in table `savings`; returns what a person is told of it. `seal`: the ledger, opened for writing. */
export async function simulateWeek(options: SimulationHomeOptions, week: Days, seal: LakeSealInput): Promise<string> {
  const home = await openSimulationHome(options);
  try {
    const { simulation, sealedDays } = await simulateHome(home, week);
    const openForWriting = async (): ReturnType<SimulationHome['openForWriting']> =>
      await Promise.resolve({ seal, close: () => undefined });
    return await keepSavings({ openForWriting }, week, simulation, sealedDays);
  } finally {
    await home.close();
  }
}

/** First and last day asked for; null: those of the ledger. */
interface Days {
  readonly from: string | null;
  readonly to: string | null;
}

function daysOf({ from, to, week, month }: PeriodOptions): Days {
  if (week !== undefined)
    return named(weekDays(week), `--week ${week}: must be an ISO week (Monday to Sunday) such as 2026-W46`);
  if (month !== undefined) return named(monthDays(month), `--month ${month}: must be a month such as 2026-11`);
  const days = {
    from: from === undefined ? null : dayOption('--from', from),
    to: to === undefined ? null : dayOption('--to', to),
  };
  if (days.from !== null && days.to !== null && days.to < days.from)
    throw new Misconfigured(`--to ${days.to} is before --from ${days.from}`);
  return days;
}

function named(days: Days | null, problem: string): Days {
  if (days === null) throw new Misconfigured(problem);
  return days;
}

/** The same engine and store, telling how many of the copied calls have been read. */
function withCallProgress(engine: SqlEngine, store: ObjectStore): { engine: SqlEngine; store: ObjectStore } {
  const progress = terminalProgress('simulating', 'calls');
  const rowsOf = new Map<string, number>();
  const copying = engineWithLine(engine, 'copying the period');
  return {
    engine: {
      ...copying,
      write: async (select, prefix, partitionBy) => {
        const files = await copying.write(select, prefix, partitionBy);
        for (const { key, rows } of files) rowsOf.set(key, rows);
        progress.start({ objects: files.length, bytes: files.reduce((sum, { rows }) => sum + rows, 0) });
        return files;
      },
    },
    store: {
      ...store,
      read: async (key) => {
        const rows = rowsOf.get(key) ?? 0;
        const bytes = await store.read(key);
        rowsOf.delete(key);
        progress.advance({ bytes: rows, records: rows });
        if (rowsOf.size === 0) progress.stop();
        return bytes;
      },
      remove: async (keys) => {
        progress.stop();
        await store.remove(keys);
      },
    },
  };
}

interface SimulationChoices {
  /** what shortening logged prompts without loss saves; null: not measured */
  readonly rewrites?: readonly RewriteRow[] | null;
  /** of what is looked at call by call; those of the stage where absent */
  readonly limits?: PeriodSize;
}

/** Simulates on one reading of the catalog, so that a run beside it changes nothing in between; returns the days that have calls, too. */
export async function simulateHome(
  home: Pick<SimulationHome, 'rules' | 'similar' | 'engine' | 'store' | 'state' | 'maxDays'>,
  { from, to }: Days,
  { rewrites = null, limits }: SimulationChoices = {},
): Promise<{ simulation: Simulation; sealedDays: readonly string[] }> {
  const { engine, store, state, rules, similar, maxDays } = home;
  const sealedDays = await exposeCalls(engine, state, { from: from ?? '0001-01-01', to: to ?? '9999-12-31' });
  if (sealedDays.length > maxDays)
    throw new Misconfigured(`${sealedDays.length} days are more than the ${maxDays} that Athena copies at once`, {
      hint: 'name fewer with --week, --month, or --from and --to',
    });
  const queries = await loadSqlFolder('simulate/queries');
  const simulation = await simulatePeriod(queries, {
    ...withCallProgress(engine, store),
    ...rules,
    limitsOf: modelLimits(await readShippedLimits()),
    similar,
    rewrites,
    from,
    to,
    limits,
    workPrefix: `work/simulate-${randomBytes(6).toString('hex')}/`,
  });
  return { simulation, sealedDays };
}

/** Writes the table if the days are a whole week or month; returns what a person is told of it. */
async function keepSavings(
  home: Pick<SimulationHome, 'openForWriting'>,
  { from, to }: Days,
  simulation: Simulation,
  sealedDays: readonly string[],
): Promise<string> {
  const period = from === null || to === null ? null : periodName(from, to);
  if (period === null || from === null || to === null)
    return 'table savings: not written; it holds whole weeks and months (--week 2026-W46, --month 2026-11)';
  const rows = savingsRows(savingsInput(simulation));
  const writer = await home.openForWriting();
  try {
    const isChanged = await writeSavings(writer.seal, period, rows);
    if (rows.length === 0) return `table savings: no calls in ${period}, so it has no rows of it`;
    const days = daysBetween(from, to).length;
    const note = sealedDays.length === days ? '' : `; the ledger has calls on ${sealedDays.length} of its ${days} days`;
    return `table savings: ${rows.length} rows of ${period} ${isChanged ? 'written' : 'were there already'}${note}`;
  } finally {
    await writer.close();
  }
}
