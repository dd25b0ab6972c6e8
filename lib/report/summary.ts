/**
 * The numbers of a report, as plain data: what `run` prints, what report.html shows, what JSON carries.
 * In: an engine that sees the public tables, the SQL of `lib/report/queries` by name, the state of the sources.
 * Out: a `Summary`. Invariant: every grouping sums exactly to its total, or this throws.
 */
import type { SqlEngine } from '../ports.ts';
import { addDays, dayNumber, daysBetween } from '../time.ts';
import { recordingAsk } from './ask.ts';
import type { AskedQuery } from './ask.ts';
import { readAssumptions } from './assumptions.ts';
import type { Assumption } from './assumptions.ts';
import { readComparison } from './comparison.ts';
import type { WeekComparison } from './comparison.ts';
import { checkParts, textIn } from './measures.ts';
import type { Measures } from './measures.ts';
import { readQuality } from './quality.ts';
import type { Quality } from './quality.ts';
import { readDaily, readModels, readTeamDays, readTeams, readTotals } from './spend.ts';
import type { Ask, DaySpend, ModelSpend, TeamDay, TeamSpend } from './spend.ts';
import { completeThrough } from './weeks.ts';
import type { SourceStatus, Span, Week } from './weeks.ts';

export interface SummaryOptions {
  /** the UTC day that is running when the report is made: it and later days are never called complete */
  readonly asOfDay: string;
  /** 1 = Monday … 7 = Sunday */
  readonly weekStart: number;
  readonly sources: readonly SourceStatus[];
  /** period of the totals; default: the whole ledger */
  readonly from?: string;
  readonly to?: string;
  readonly title?: string;
  /** day of the oldest price fact that priced something, where the caller knows it */
  readonly pricesAsOf?: string;
  /** true: days after the ledger's last are not complete, also where no source is known to owe them */
  readonly isOpenAfterLedger?: boolean;
  /** days of the daily chart, counted back from the end of the period; default 35 */
  readonly chartDays?: number;
}

export interface Summary {
  readonly title: string;
  readonly asOfDay: string;
  readonly weekStart: number;
  /** null = the ledger is empty */
  readonly span: Span | null;
  readonly period: Week | null;
  readonly completeThrough: string | null;
  readonly totals: Measures;
  readonly byTeam: readonly TeamSpend[];
  readonly byModel: readonly ModelSpend[];
  readonly daily: readonly DaySpend[];
  /** days and teams of the chart only */
  readonly dailyByTeam: readonly TeamDay[];
  readonly chartDays: number;
  readonly week: WeekComparison | null;
  readonly quality: Quality;
  /** what is taken for granted in the period, with the money that hangs on it */
  readonly assumptions: readonly Assumption[];
  readonly sources: readonly SourceStatus[];
  readonly pricesAsOf: string | null;
  /** every query behind the numbers above, once per name */
  readonly queries: readonly AskedQuery[];
}

const DEFAULT_CHART_DAYS = 35;
const NOTHING = { from: '1970-01-01', to: '1970-01-01' };

/**
 * Reads the summary of a lake. Money in picodollars, days in UTC. Throws `LedgerError` if a query is missing, fails, or if parts do not
 * sum to their total.
 */
export async function readSummary(
  engine: SqlEngine,
  queries: Readonly<Record<string, string>>,
  options: SummaryOptions,
): Promise<Summary> {
  const { ask, asked } = recordingAsk(engine, queries);
  return { ...(await summaryOf(ask, options)), queries: asked() };
}

/** The summary by way of asking, for what asks more than it. */
export async function summaryOf(ask: Ask, options: SummaryOptions): Promise<Omit<Summary, 'queries'>> {
  const span = await readSpan(ask);
  const period = span === null ? null : { from: options.from ?? span.firstDay, to: options.to ?? span.lastDay };
  const spend = await readSpend(ask, period ?? NOTHING, options.chartDays ?? DEFAULT_CHART_DAYS);
  const incomplete = span === null ? new Set<string>() : await incompleteDays(ask, span, options);
  return {
    title: options.title ?? 'Inference ledger',
    asOfDay: options.asOfDay,
    weekStart: options.weekStart,
    span,
    period,
    completeThrough: span === null ? null : completeThrough(span, options.asOfDay, incomplete),
    ...spend,
    week: span === null ? null : await readComparison(ask, span, options, incomplete),
    quality: await readQuality(ask, period ?? NOTHING),
    assumptions: await readAssumptions(ask, period ?? NOTHING),
    sources: options.sources,
    pricesAsOf: options.pricesAsOf ?? null,
  };
}

/** Days of the whole ledger that are not complete: as sealed, as the sources owe by now, and the running day. */
export async function incompleteDays(ask: Ask, span: Span, options: SummaryOptions): Promise<Set<string>> {
  const incomplete = new Set(options.sources.flatMap((source) => source.missingDays));
  const daily = await readDaily(ask, { from: span.firstDay, to: span.lastDay });
  for (const day of daily) if (!day.isComplete) incomplete.add(day.day);
  if (options.isOpenAfterLedger === true)
    for (const day of daysBetween(addDays(span.lastDay, 1), options.asOfDay)) incomplete.add(day);
  return incomplete.add(options.asOfDay);
}

async function readSpan(ask: Ask): Promise<Span | null> {
  const row = (await ask('span'))[0];
  const firstDay = row ? textIn(row, 'first_day') : null;
  const lastDay = row ? textIn(row, 'last_day') : null;
  return firstDay === null || lastDay === null ? null : { firstDay, lastDay };
}

async function readSpend(
  ask: Ask,
  period: Week,
  chartDays: number,
): Promise<Pick<Summary, 'totals' | 'byTeam' | 'byModel' | 'daily' | 'dailyByTeam' | 'chartDays'>> {
  const totals = await readTotals(ask, period);
  const byTeam = await readTeams(ask, period);
  const byModel = await readModels(ask, period);
  const daily = await readDaily(ask, period);
  checkParts('by-team', byTeam, totals);
  checkParts('by-model', byModel, totals);
  checkParts('daily', daily, totals);
  const chartFrom = addDays(period.to, 1 - chartDays);
  const dailyByTeam = await readTeamDays(ask, {
    from: chartFrom > period.from ? chartFrom : period.from,
    to: period.to,
  });
  return { totals, byTeam, byModel, daily, dailyByTeam, chartDays: Math.min(chartDays, lengthInDays(period)) };
}

const lengthInDays = (week: Week): number => dayNumber(week.to) - dayNumber(week.from) + 1;
