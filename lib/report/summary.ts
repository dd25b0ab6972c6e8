/**
 * The numbers of a report, as plain data: what `run` prints, what report.html shows, what JSON carries.
 * In: an engine that sees the public tables, the SQL of `lib/report/queries` by name, the state of the sources.
 * Out: a `Summary`. Invariant: every grouping sums exactly to its total, or this throws.
 */
import { LedgerError } from '../errors.ts';
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import type { SqlEngine, SqlRow, SqlValue } from '../ports.ts';
import { addDays, dayNumber } from '../time.ts';
import { NO_MEASURES, checkParts, countIn, measuresOf, moneyIn, textIn } from './measures.ts';
import type { Measures } from './measures.ts';
import { readQuality } from './quality.ts';
import type { Quality } from './quality.ts';
import { completeThrough, gapsBetween, weeksToCompare } from './weeks.ts';
import type { Gap, SourceStatus, Span, Week } from './weeks.ts';

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
  /** days of the daily chart, counted back from the end of the period; default 35 */
  readonly chartDays?: number;
}

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

/** One name in two weeks. A side without any usage costs 0; a side whose cost nobody knows is null, and so is the change. */
export interface Change {
  readonly provider: string | null;
  readonly name: string;
  readonly currentPico: Pico | null;
  readonly previousPico: Pico | null;
  readonly changePico: Pico | null;
  readonly currentCalls: number;
  readonly previousCalls: number;
}

export interface WeekComparison {
  readonly current: Week & { readonly totals: Measures };
  readonly previous: (Week & { readonly totals: Measures }) | null;
  readonly changePico: Pico | null;
  readonly byTeam: readonly Change[];
  readonly byModel: readonly Change[];
  /** empty = the two weeks can be compared */
  readonly gaps: readonly Gap[];
}

/** A query as it was asked: its file, its parameters, its text. */
export interface AskedQuery {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly sql: string;
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
  readonly sources: readonly SourceStatus[];
  readonly pricesAsOf: string | null;
  /** every query behind the numbers above, once per name, with the parameters of the period */
  readonly queries: readonly AskedQuery[];
}

/** Asks one query of the folder by name. */
export type Ask = (name: string, ...parameters: readonly string[]) => Promise<SqlRow[]>;

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
  const asked = new Map<string, AskedQuery>();
  const ask: Ask = async (name, ...parameters) => {
    const sql = queries[name];
    if (sql === undefined) throw new LedgerError(`the query ${name}.sql of the report is missing`);
    if (!asked.has(name)) asked.set(name, { name, parameters, sql });
    return await engine.query(sql, parameters as readonly SqlValue[]);
  };
  const span = await readSpan(ask);
  const period = span === null ? null : { from: options.from ?? span.firstDay, to: options.to ?? span.lastDay };
  const spend = await readSpend(ask, period ?? NOTHING, options.chartDays ?? DEFAULT_CHART_DAYS);
  const incomplete = new Set(options.sources.flatMap((source) => source.missingDays));
  if (span !== null) for (const day of await readDaily(ask, weekReach(span, options))) if (!day.isComplete) incomplete.add(day.day);
  incomplete.add(options.asOfDay);
  return {
    title: options.title ?? 'Inference ledger',
    ...{ asOfDay: options.asOfDay, weekStart: options.weekStart, span, period },
    completeThrough: span === null ? null : completeThrough(span, options.asOfDay, incomplete),
    ...spend,
    week: span === null ? null : await readWeek(ask, span, options, incomplete),
    quality: await readQuality(ask, period ?? NOTHING),
    sources: options.sources,
    pricesAsOf: options.pricesAsOf ?? null,
    queries: [...asked.values()],
  };
}

/** All days of the ledger: completeness is asked for the whole of it, however short the period. */
const weekReach = (span: Span, options: SummaryOptions): Week => ({
  from: span.firstDay,
  to: span.lastDay > options.asOfDay ? span.lastDay : options.asOfDay,
});

async function readSpan(ask: Ask): Promise<Span | null> {
  const row = (await ask('span'))[0];
  const firstDay = row ? textIn(row, 'first_day') : null;
  const lastDay = row ? textIn(row, 'last_day') : null;
  return firstDay === null || lastDay === null ? null : { firstDay, lastDay };
}

async function readTotals(ask: Ask, week: Week): Promise<Measures> {
  const row = (await ask('totals', week.from, week.to))[0];
  return row ? measuresOf(row) : NO_MEASURES;
}

async function readTeams(ask: Ask, week: Week): Promise<TeamSpend[]> {
  const rows = await ask('by-team', week.from, week.to);
  return rows.map((row) => ({ team: textIn(row, 'team') ?? '', ...measuresOf(row) }));
}

async function readModels(ask: Ask, week: Week): Promise<ModelSpend[]> {
  const rows = await ask('by-model', week.from, week.to);
  return rows.map((row) => ({ provider: textIn(row, 'provider') ?? '', model: textIn(row, 'model') ?? '', ...measuresOf(row) }));
}

async function readDaily(ask: Ask, week: Week): Promise<DaySpend[]> {
  const rows = await ask('daily', week.from, week.to);
  return rows.map((row) => ({ day: textIn(row, 'day') ?? '', isComplete: row['complete'] === true, ...measuresOf(row) }));
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
  const rows = await ask('daily-by-team', chartFrom > period.from ? chartFrom : period.from, period.to);
  const dailyByTeam = rows.map((row) => ({
    day: textIn(row, 'day') ?? '',
    team: textIn(row, 'team') ?? '',
    costPico: moneyIn(row, 'cost'),
  }));
  return { totals, byTeam, byModel, daily, dailyByTeam, chartDays: Math.min(chartDays, lengthInDays(period)) };
}

const lengthInDays = (week: Week): number => dayNumber(week.to) - dayNumber(week.from) + 1;

async function readWeek(
  ask: Ask,
  span: Span,
  options: SummaryOptions,
  incomplete: ReadonlySet<string>,
): Promise<WeekComparison | null> {
  const weeks = weeksToCompare(span, options.asOfDay, options.weekStart);
  if (weeks === null) return null;
  const { current, previous } = weeks;
  const totals = await readTotals(ask, current);
  const before = previous === null ? null : await readTotals(ask, previous);
  const teams = await readTeams(ask, current);
  const models = await readModels(ask, current);
  checkParts('by-team', teams, totals);
  checkParts('by-model', models, totals);
  return {
    current: { ...current, totals },
    previous: previous === null || before === null ? null : { ...previous, totals: before },
    changePico: before === null ? null : difference(costOf(totals), costOf(before)),
    byTeam: changes(teams, previous ? await readTeams(ask, previous) : [], ({ team }) => ({ provider: null, name: team })),
    byModel: changes(models, previous ? await readModels(ask, previous) : [], (m) => ({ provider: m.provider, name: m.model })),
    gaps: gapsBetween(weeks, span, options.sources, incomplete),
  };
}

/** Spend of a group in a week: 0 where nothing was used, null where something was and none of it has a known cost. */
export function costOf(measures: Measures | undefined): Pico | null {
  if (measures === undefined) return 0;
  const isEmpty = measures.calls === 0 && measures.tokens === 0;
  return measures.costPico ?? (isEmpty ? 0 : null);
}

const difference = (a: Pico | null, b: Pico | null): Pico | null =>
  a === null || b === null ? null : addPico(a, typeof b === 'number' ? -b : -b);

/** Joins two weeks by name; largest change first, unknown changes last. */
function changes<T extends Measures>(
  current: readonly T[],
  previous: readonly T[],
  nameOf: (row: T) => { provider: string | null; name: string },
): Change[] {
  const keyOf = (row: T): string => JSON.stringify(nameOf(row));
  const before = new Map(previous.map((row) => [keyOf(row), row]));
  const after = new Map(current.map((row) => [keyOf(row), row]));
  const all = [...current, ...previous.filter((row) => !after.has(keyOf(row)))];
  const rows = all.map((row): Change => {
    const [now, then] = [after.get(keyOf(row)), before.get(keyOf(row))];
    const [currentPico, previousPico] = [costOf(now), costOf(then)];
    return {
      ...nameOf(row),
      ...{ currentPico, previousPico, changePico: difference(currentPico, previousPico) },
      ...{ currentCalls: now?.calls ?? 0, previousCalls: then?.calls ?? 0 },
    };
  });
  return rows.toSorted((a, b) => compareSize(b.changePico, a.changePico) || (a.name < b.name ? -1 : 1));
}

/** Orders by absolute size; null counts as smallest. */
function compareSize(a: Pico | null, b: Pico | null): number {
  const size = (pico: Pico | null): bigint => (pico === null ? -1n : BigInt(pico) < 0n ? -BigInt(pico) : BigInt(pico));
  const [x, y] = [size(a), size(b)];
  return x === y ? 0 : x > y ? 1 : -1;
}
