/**
 * Week over week: the last full week beside the one before it, in total, by team and by model, over the days that are complete in both.
 * In: two weeks of spend, the days that are not complete. Out: changes by name and the gaps that make them doubtful.
 * Invariant: a day without its data is on neither side, so silence never shows as saving; the changes of the teams sum exactly to the
 * change of the total wherever all costs are known.
 */
import { addPico } from '../money.ts';
import { addDays, daysBetween } from '../time.ts';
import type { Pico } from '../money.ts';
import { NO_MEASURES, addMeasures, checkParts } from './measures.ts';
import type { Measures } from './measures.ts';
import { readModels, readTeams, readTotals } from './spend.ts';
import type { Ask, ModelSpend, TeamSpend } from './spend.ts';
import { comparableDays, gapsBetween, rangesOf, weeksToCompare } from './weeks.ts';
import type { Gap, SourceStatus, Span, Week } from './weeks.ts';

/** A name, and who bills, where that belongs to it. */
export type Name = { readonly provider: string | null; readonly name: string };

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

/** A week with everything recorded in it, also on days that are not complete. */
export interface WeekSpend extends Week {
  readonly totals: Measures;
  readonly completeDays: number;
}

export interface WeekComparison {
  readonly current: WeekSpend;
  readonly previous: WeekSpend | null;
  /** the days of the later week that are compared, each with the same weekday a week before; the changes are over these only */
  readonly comparedDays: readonly string[];
  /** sums over the compared days of either week; null where no day is complete in both */
  readonly compared: { readonly current: Measures; readonly previous: Measures } | null;
  readonly changePico: Pico | null;
  readonly byTeam: readonly Change[];
  readonly byModel: readonly Change[];
  /** empty = nothing is missing in the two weeks */
  readonly gaps: readonly Gap[];
}

/** Compares the last full week with the one before; null where the ledger holds no full week. */
export async function readComparison(
  ask: Ask,
  span: Span,
  options: { readonly asOfDay: string; readonly weekStart: number; readonly sources: readonly SourceStatus[] },
  incomplete: ReadonlySet<string>,
): Promise<WeekComparison | null> {
  const weeks = weeksToCompare(span, options.asOfDay, options.weekStart);
  if (weeks === null) return null;
  const { current, previous } = weeks;
  const weekSpend = async (week: Week): Promise<WeekSpend> => ({
    ...week,
    totals: await readTotals(ask, week),
    completeDays: daysBetween(week.from, week.to).filter((day) => day >= span.firstDay && !incomplete.has(day)).length,
  });
  const sides = { current: await weekSpend(current), previous: previous === null ? null : await weekSpend(previous) };
  const gaps = gapsBetween(weeks, span, options.sources, incomplete);
  const days = previous === null ? [] : comparableDays({ current, previous }, span, incomplete);
  if (days.length === 0)
    return { ...sides, comparedDays: [], compared: null, changePico: null, byTeam: [], byModel: [], gaps };
  const now = await readSide(ask, days);
  const then = await readSide(
    ask,
    days.map((day) => addDays(day, -7)),
  );
  return {
    ...sides,
    comparedDays: days,
    compared: { current: now.totals, previous: then.totals },
    changePico: difference(costOf(now.totals), costOf(then.totals)),
    byTeam: changes(now.teams, then.teams, teamName),
    byModel: changes(now.models, then.models, modelName),
    gaps,
  };
}

/** Sums over some days. */
export interface Side {
  readonly totals: Measures;
  readonly teams: readonly TeamSpend[];
  readonly models: readonly ModelSpend[];
}

export const teamName = ({ team }: TeamSpend): Name => ({ provider: null, name: team });
export const modelName = ({ provider, model }: ModelSpend): Name => ({ provider, name: model });

/** Sums over some days of a week: at most four ranges, each asked like any other period. */
export async function readSide(ask: Ask, days: readonly string[]): Promise<Side> {
  let totals = NO_MEASURES;
  const teams = new Map<string, TeamSpend>();
  const models = new Map<string, ModelSpend>();
  for (const range of rangesOf(days)) {
    totals = addMeasures(totals, await readTotals(ask, range));
    addGroups(teams, await readTeams(ask, range), teamName);
    addGroups(models, await readModels(ask, range), modelName);
  }
  const side = { totals, teams: [...teams.values()], models: [...models.values()] };
  checkParts('by-team', side.teams, totals);
  checkParts('by-model', side.models, totals);
  return side;
}

function addGroups<T extends Measures>(sums: Map<string, T>, rows: readonly T[], nameOf: (row: T) => Name): void {
  for (const row of rows) {
    const key = JSON.stringify(nameOf(row));
    const known = sums.get(key);
    sums.set(key, known === undefined ? row : { ...row, ...addMeasures(known, row) });
  }
}

/** Spend of a group in a week: 0 where nothing was used, null where something was and none of it has a known cost. */
export function costOf(measures: Measures | undefined): Pico | null {
  if (measures === undefined) return 0;
  const isEmpty = measures.calls === 0 && measures.tokens === 0;
  return measures.costPico ?? (isEmpty ? 0 : null);
}

export const difference = (a: Pico | null, b: Pico | null): Pico | null =>
  a === null || b === null ? null : addPico(a, typeof b === 'number' ? -b : -b);

/** Joins two sides by name; largest change first, unknown changes last. */
export function changes<T extends Measures>(
  current: readonly T[],
  previous: readonly T[],
  nameOf: (row: T) => Name,
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
      currentPico,
      previousPico,
      changePico: difference(currentPico, previousPico),
      currentCalls: now?.calls ?? 0,
      previousCalls: then?.calls ?? 0,
    };
  });
  return rows.toSorted((a, b) => compareSize(b.changePico, a.changePico) || (keyText(a) < keyText(b) ? -1 : 1));
}

const keyText = (row: Pick<Change, 'provider' | 'name'>): string => `${row.name}\n${row.provider ?? ''}`;

/** Orders by absolute size; null counts as smallest. */
function compareSize(a: Pico | null, b: Pico | null): number {
  const size = (pico: Pico | null): bigint => (pico === null ? -1n : BigInt(pico) < 0n ? -BigInt(pico) : BigInt(pico));
  const [x, y] = [size(a), size(b)];
  return x === y ? 0 : x > y ? 1 : -1;
}
