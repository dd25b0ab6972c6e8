/**
 * Everything a weekly report is made of, read once for everybody; a team's document is a part of it. In: an engine that sees the public tables, the
 * report's SQL, a week. Out: facts as plain data. No clock: a past week reads as it did. Invariant: every grouping sums exactly to its total,
 * and what drove the change sums to the change, or this throws.
 */
import { LedgerError } from '../errors.ts';
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import type { SqlEngine } from '../ports.ts';
import { addDays, daysBetween } from '../time.ts';
import { recordingAsk } from './ask.ts';
import type { AskedQuery } from './ask.ts';
import { readSide } from './comparison.ts';
import type { Side } from './comparison.ts';
import { NO_MEASURES, addMeasures, checkParts, measuresOf, moneyIn, textIn } from './measures.ts';
import type { Measures } from './measures.ts';
import { readPlans } from './plan-facts.ts';
import type { PlanFacts } from './plan-facts.ts';
import { readPriceChanges } from './price-facts.ts';
import type { PriceChange } from './price-facts.ts';
import { readTeams } from './spend.ts';
import type { Ask, TeamSpend } from './spend.ts';
import { incompleteDays, summaryOf } from './summary.ts';
import type { Summary } from './summary.ts';
import { readLateCalls, readReconciliation, readSources } from './trust-facts.ts';
import type { LateCalls, ReconciledPart } from './trust-facts.ts';
import { readWatch } from './watch-facts.ts';
import type { WatchFacts } from './watch-facts.ts';
import { rangesOf } from './weeks.ts';
import type { Week } from './weeks.ts';

export interface TeamModel extends Measures {
  readonly team: string;
  readonly provider: string;
  readonly model: string;
}

export interface TrendRow {
  readonly day: string;
  readonly team: string;
  readonly provider: string;
  readonly model: string;
  readonly costPico: Pico | null;
}

/** The month the week ends in, until the week's last day. */
export interface MonthFacts extends Week {
  readonly actual: Side;
  /** days of it that are complete, and complete `shiftDays` before: the same weekdays */
  readonly comparedDays: readonly string[];
  readonly shiftDays: number;
  readonly compared: { readonly current: Side; readonly previous: Side } | null;
}

export interface WeekFacts {
  readonly title: string;
  readonly week: Week;
  /** totals, groups, comparison and quality of the week; `period` is the week */
  readonly summary: Omit<Summary, 'queries'>;
  readonly incomplete: ReadonlySet<string>;
  readonly previousTeams: readonly TeamSpend[];
  readonly teamModels: readonly TeamModel[];
  /** over the compared days */
  readonly comparedTeamModels: { readonly current: readonly TeamModel[]; readonly previous: readonly TeamModel[] };
  readonly month: MonthFacts;
  readonly trend: { readonly days: readonly string[]; readonly rows: readonly TrendRow[] };
  readonly watch: WatchFacts;
  readonly plans: { readonly current: PlanFacts | null; readonly before: PlanFacts | null };
  readonly priceChanges: readonly PriceChange[];
  readonly late: readonly LateCalls[];
  readonly reconciliation: readonly ReconciledPart[];
  readonly queries: readonly AskedQuery[];
}

export interface WeekOptions {
  readonly week: Week;
  readonly title: string;
  /** 1 = Monday … 7 = Sunday */
  readonly weekStart: number;
}

const TREND_DAYS = 28;

/** Reads the facts. Throws `LedgerError` where parts do not sum to their total. */
export async function readWeekFacts(
  engine: SqlEngine,
  queries: Readonly<Record<string, string>>,
  { week, title, weekStart }: WeekOptions,
): Promise<WeekFacts> {
  const { ask, asked } = recordingAsk(engine, queries);
  const sources = await readSources(ask, week.to);
  const options = {
    asOfDay: addDays(week.to, 1),
    weekStart,
    sources,
    title,
    chartDays: 7,
    isOpenAfterLedger: true,
    ...week,
  };
  const summary = await summaryOf(ask, options);
  const incomplete = summary.span === null ? new Set<string>() : await incompleteDays(ask, summary.span, options);
  const comparison = summary.week;
  const teamModels = await readTeamModels(ask, [week], summary.totals);
  const [now, then] = [comparison?.comparedDays ?? [], (comparison?.comparedDays ?? []).map((day) => addDays(day, -7))];
  const watch = await readWatch(ask, week);
  checkDrivers(watch, comparison?.changePico ?? null);
  const facts: Omit<WeekFacts, 'queries'> = {
    title,
    week,
    summary,
    incomplete,
    previousTeams: comparison?.previous ? await readTeams(ask, comparison.previous) : [],
    teamModels,
    comparedTeamModels: {
      current: await readTeamModels(ask, rangesOf(now), comparison?.compared?.current ?? NO_MEASURES),
      previous: await readTeamModels(ask, rangesOf(then), comparison?.compared?.previous ?? NO_MEASURES),
    },
    month: await readMonth(ask, week, summary.span, incomplete),
    trend: await readTrend(ask, week),
    watch,
    plans: await readPlans(ask, week),
    priceChanges: await readPriceChanges(ask, week.to),
    late: await readLateCalls(ask, week),
    reconciliation: await readReconciliation(ask, week),
  };
  return { ...facts, queries: asked() };
}

/** True where nothing at all was used in the week. */
export function isEmptyWeek({ summary }: Pick<WeekFacts, 'summary'>): boolean {
  return summary.span === null || (summary.totals.calls === 0 && summary.totals.tokens === 0);
}

async function readTeamModels(ask: Ask, ranges: readonly Week[], total: Measures): Promise<TeamModel[]> {
  const sums = new Map<string, TeamModel>();
  for (const range of ranges)
    for (const row of await ask('by-team-model', range.from, range.to)) {
      const name = {
        team: textIn(row, 'team') ?? '',
        provider: textIn(row, 'provider') ?? '',
        model: textIn(row, 'model') ?? '',
      };
      const key = JSON.stringify(name);
      sums.set(key, { ...name, ...addMeasures(sums.get(key) ?? NO_MEASURES, measuresOf(row)) });
    }
  const rows = [...sums.values()];
  checkParts('by-team-model', rows, total);
  return rows;
}

const FOUR_WEEKS = 28;

async function readMonth(
  ask: Ask,
  week: Week,
  span: Summary['span'],
  incomplete: ReadonlySet<string>,
): Promise<MonthFacts> {
  const from = `${week.to.slice(0, 7)}-01`;
  const days = daysBetween(from, week.to);
  // the same weekdays, and no day on both sides
  const shiftDays = days.length > FOUR_WEEKS ? FOUR_WEEKS + 7 : FOUR_WEEKS;
  const comparedDays =
    span === null
      ? []
      : days.filter((day) => {
          const before = addDays(day, -shiftDays);
          return before >= span.firstDay && !incomplete.has(day) && !incomplete.has(before);
        });
  const earlier = comparedDays.map((day) => addDays(day, -shiftDays));
  return {
    from,
    to: week.to,
    actual: await readSide(ask, days),
    comparedDays,
    shiftDays,
    compared:
      comparedDays.length === 0
        ? null
        : { current: await readSide(ask, comparedDays), previous: await readSide(ask, earlier) },
  };
}

async function readTrend(ask: Ask, week: Week): Promise<WeekFacts['trend']> {
  const days = daysBetween(addDays(week.to, 1 - TREND_DAYS), week.to);
  const rows = (await ask('daily-by-team-model', days[0] ?? week.from, week.to)).map((row) => ({
    day: textIn(row, 'day') ?? '',
    team: textIn(row, 'team') ?? '',
    provider: textIn(row, 'provider') ?? '',
    model: textIn(row, 'model') ?? '',
    costPico: moneyIn(row, 'cost'),
  }));
  return { days, rows };
}

/** The drivers were made from the same tables: what they explain must be the change, to the picodollar. */
function checkDrivers({ drivers }: WatchFacts, changePico: Pico | null): void {
  if (drivers.length === 0 || changePico === null) return;
  const sum = drivers.reduce<Pico>((all, { amountPico }) => addPico(all, amountPico), 0);
  if (sum !== changePico)
    throw new LedgerError(`week-drivers.sql: the parts sum to ${sum} and the change is ${changePico} (picodollars)`, {
      hint: 'the ledger changed after they were made, or config week_start did: make the report again',
    });
}
