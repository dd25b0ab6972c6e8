/**
 * Week over week: the last complete week beside the one before it, in total, by team and by model.
 * In: two weeks of spend. Out: changes by name and the gaps that make them doubtful.
 * Invariant: the changes of the teams sum exactly to the change of the total wherever all costs are known.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { checkParts } from './measures.ts';
import type { Measures } from './measures.ts';
import { readModels, readTeams, readTotals } from './spend.ts';
import type { Ask } from './spend.ts';
import { gapsBetween, weeksToCompare } from './weeks.ts';
import type { Gap, SourceStatus, Span, Week } from './weeks.ts';

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

/** Compares the last complete week with the one before; null where the ledger holds no complete week. */
export async function readComparison(
  ask: Ask,
  span: Span,
  options: { readonly asOfDay: string; readonly weekStart: number; readonly sources: readonly SourceStatus[] },
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
    byTeam: changes(teams, previous ? await readTeams(ask, previous) : [], ({ team }) => ({
      provider: null,
      name: team,
    })),
    byModel: changes(models, previous ? await readModels(ask, previous) : [], (m) => ({
      provider: m.provider,
      name: m.model,
    })),
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
