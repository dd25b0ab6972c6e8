/**
 * Days on which a team spent far more than usual on a model. In: what each team spent on each model on each complete day, with calls and tokens.
 * Out: few days, each with what was expected and what moved most. Only days before a day decide what is usual for it, so a day of the past is
 * judged the same whenever it is looked at.
 *
 * Usual: the middle of the last 14 days with spend, each without its weekday's share (weekly-shape.ts, 56 days), times the weekday's. A day is
 * told of if it is at least 1.8 times that, further off than the cell's own noise explains (`NOISE_LIMIT` spreads of how far the days before lay from
 * theirs), and not small change: half a dollar and a hundredth of what the team spends on a day. A cell that was never seen has no usual: it is told of
 * once, if it is a large part of the team's day. Days of nothing do not count as usual nor as unusual; that a source fell silent is told by
 * table `sources`.
 */
import { HISTORY_DAYS } from './forecast.ts';
import { median, spread } from './robust.ts';
import { weekdayAt, weeklyShape } from './weekly-shape.ts';

/** What a team spent on a model on a day. */
export interface CellDay {
  /** USD of calls with a known cost */
  readonly cost: number;
  readonly calls: number;
  readonly tokens: number;
}

/** A team and a model; days in the order of the window, null where not complete, absent spend as zeros. */
export interface CellHistory {
  readonly team: string;
  readonly provider: string;
  readonly model: string;
  readonly days: readonly (CellDay | null)[];
}

export type Cause = 'calls' | 'tokens per call' | 'price' | 'new model';

export interface FoundAnomaly {
  /** place of the day in the window */
  readonly at: number;
  readonly cell: CellHistory;
  readonly expected: number;
  readonly actual: number;
  readonly cause: Cause;
}

const LEVEL_DAYS = 14;
/** Complete days a ledger must have before anything can be unusual in it, and active ones a cell must have. */
const LEAST_LEDGER_DAYS = 14;
const LEAST_CELL_DAYS = 5;
const LEAST_RATIO = 1.8;
const NOISE_LIMIT = 2.8;
/** noise that is taken for granted as if it had been seen on this many days */
const PRIOR_NOISE = 0.2;
const PRIOR_DAYS = 5;
/** small change: less than this, in USD and as a share of the team's usual day */
const LEAST_USD = 0.5;
const LEAST_SHARE = 0.01;
/** the same of a model that is new to a team, and of a team that is new to the ledger, as a share of everybody's usual day */
const LEAST_NEW_SHARE = 0.25;
const LEAST_NEW_TEAM_SHARE = 0.05;

/** Anomalies of the days `from` to the end of the window, in order of day, the largest excess first. `firstWeekday`: 0 to 6, of the window's first day. */
export function findAnomalies(cells: readonly CellHistory[], firstWeekday: number, from: number): FoundAnomaly[] {
  const length = Math.max(0, ...cells.map(({ days }) => days.length));
  const teams = Map.groupBy(cells, ({ team }) => team);
  const sumsOf = (own: readonly CellHistory[]): (number | null)[] =>
    Array.from({ length }, (_, at) =>
      own.some(({ days }) => days[at] === null) ? null : own.reduce((sum, { days }) => sum + (days[at]?.cost ?? 0), 0),
    );
  const everybody = sumsOf(cells);
  const found: FoundAnomaly[] = [];
  for (const own of teams.values()) {
    const team = sumsOf(own);
    for (let at = from; at < length; at++) {
      const days = { team: usualDay(team, at), all: usualDay(everybody, at) };
      if (days.all === null) continue;
      for (const cell of own) {
        const anomaly = judged(cell, at, firstWeekday, { team: days.team ?? 0, all: days.all });
        if (anomaly !== null) found.push(anomaly);
      }
    }
  }
  return found.toSorted((a, b) => a.at - b.at || b.actual - b.expected - (a.actual - a.expected));
}

/** The middle of the complete days before; null where they are too few. */
function usualDay(costs: readonly (number | null)[], at: number): number | null {
  const before = costs.slice(Math.max(0, at - HISTORY_DAYS), at);
  const begin = before.findIndex((cost) => cost !== null && cost > 0);
  const known = (begin < 0 ? [] : before.slice(begin)).filter((cost) => cost !== null);
  return known.length < LEAST_LEDGER_DAYS ? null : median(known.slice(-4 * 7));
}

function judged(
  cell: CellHistory,
  at: number,
  firstWeekday: number,
  usual: { readonly team: number; readonly all: number },
): FoundAnomaly | null {
  const day = cell.days[at];
  if (day === null || day === undefined || day.cost < LEAST_USD) return null;
  const start = Math.max(0, at - HISTORY_DAYS);
  const before = cell.days.slice(start, at);
  const active = before.filter((one) => one !== null && one.cost > 0).length;
  if (active === 0) {
    const isLarge =
      usual.team > 0
        ? day.cost >= LEAST_NEW_SHARE * usual.team
        : day.cost >= LEAST_NEW_TEAM_SHARE * usual.all && usual.all > 0;
    return isLarge ? { at, cell, expected: 0, actual: day.cost, cause: 'new model' } : null;
  }
  if (active < LEAST_CELL_DAYS) return null;
  const weekday = weekdayAt(firstWeekday, at);
  const first = weekdayAt(firstWeekday, start);
  const { middle, noise } = usualLog(
    before.map((one) => one?.cost ?? null),
    first,
    weekday,
  );
  const expected = Math.exp(middle);
  const excess = day.cost - expected;
  const limit = Math.max(Math.log(LEAST_RATIO), NOISE_LIMIT * noise);
  if (Math.log(day.cost) - middle < limit) return null;
  if (excess < Math.max(LEAST_USD, LEAST_SHARE * usual.team)) return null;
  return { at, cell, expected, actual: day.cost, cause: causeOf(before, day, first, weekday) };
}

/** What is usual for a weekday after these days, in logs, and how far from it a day lies by chance. */
function usualLog(
  values: readonly (number | null)[],
  firstWeekday: number,
  weekday: number,
): { middle: number; noise: number } {
  const logs = values.map((value) => (value === null || value <= 0 ? null : Math.log(value)));
  const shape = weeklyShape(logs, firstWeekday);
  const plain = logs.flatMap((log, at) => (log === null ? [] : [log - (shape[weekdayAt(firstWeekday, at)] as number)]));
  const errors = plain.flatMap((log, at) =>
    at < LEAST_CELL_DAYS ? [] : [log - median(plain.slice(Math.max(0, at - LEVEL_DAYS), at))],
  );
  const n = errors.length;
  const seen = spread(errors, median(errors));
  const noise = Math.sqrt((n * seen ** 2 + PRIOR_DAYS * PRIOR_NOISE ** 2) / (n + PRIOR_DAYS));
  return {
    middle: median(plain.slice(-LEVEL_DAYS)) + (shape[weekday] as number),
    noise: noise * Math.sqrt(1 + 1.6 / Math.min(LEVEL_DAYS, plain.length)),
  };
}

/** Cost = calls × tokens per call × price of a token: the one that lies furthest above its usual. */
function causeOf(
  before: readonly (CellDay | null)[],
  day: CellDay,
  firstWeekday: number,
  weekday: number,
): Exclude<Cause, 'new model'> {
  const above = (valueOf: (one: CellDay) => number): number => {
    const value = valueOf(day);
    const usual = usualLog(
      before.map((one) => (one === null || one.cost <= 0 ? null : valueOf(one))),
      firstWeekday,
      weekday,
    );
    return value > 0 ? Math.log(value) - usual.middle : 0;
  };
  const parts = [
    ['calls', above(({ calls }) => calls)],
    ['tokens per call', above(({ tokens, calls }) => (calls > 0 ? tokens / calls : 0))],
    ['price', above(({ cost, tokens }) => (tokens > 0 ? cost / tokens : 0))],
  ] as const;
  return parts.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}
