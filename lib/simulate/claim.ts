/**
 * A rule of thumb beside what the arithmetic says. Figures are ranges as decimal text: money exact to the picodollar, everything else to six
 * significant digits, so that JSON made of them is the same everywhere. The verdict on figures is a rule, not an opinion.
 */
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import type { Sourced } from './claims-data.ts';

/** What a figure counts. `USD/M tokens` runs from the input to the output price. */
export type Unit =
  | 'USD'
  | 'USD/M tokens'
  | 'USD/hour'
  | 'USD/day'
  | 'USD/month'
  | 'USD/query'
  | 'USD/document'
  | 'USD/image'
  | '%'
  | 'tokens'
  | 'times'
  | 'queries/hour'
  | 'queries/day'
  | 'images/day'
  | 'days';

export interface Figure {
  readonly what: string;
  /** decimal text; null = there is no such number, it never happens */
  readonly low: string | null;
  readonly high: string | null;
  readonly unit: Unit;
  /** a part or a condition of the figure before it */
  readonly isPart?: true;
}

/** holds: all recomputed figures lie inside the quoted ones · false: none even touches · partly: anything between · not_comparable: no figure. */
export type Verdict = 'holds' | 'partly' | 'false' | 'not_comparable';

export type Topic = 'prices' | 'workloads' | 'self-hosting' | 'images' | 'optimizations' | 'budgets';

export interface Claim {
  /** stable name */
  readonly id: string;
  readonly topic: Topic;
  /** the rule in a sentence */
  readonly claim: string;
  /** its figures; empty where people quote none */
  readonly quoted: readonly Figure[];
  /** the first ones answer the quoted ones, in their order; the others are what a reader needs beside them */
  readonly recomputed: readonly Figure[];
  readonly verdict: Verdict;
  readonly why: string;
  /** what it stands on, with dates; assumptions say so */
  readonly sources: readonly string[];
  /** the rows themselves: values, source, date, fact or assumption */
  readonly inputs: readonly Sourced[];
}

/** Range of amounts. */
export function moneyRange(what: string, unit: Unit, amounts: readonly Pico[]): Figure {
  const sorted = amounts.map(BigInt).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) throw new RangeError(`${what}: a range needs an amount`);
  return { what, low: usdText(low), high: usdText(high), unit };
}

/** Range of anything that is not somebody's money. Infinity: never. */
export function range(what: string, unit: Unit, values: readonly number[]): Figure {
  if (values.length === 0 || values.some(Number.isNaN)) throw new RangeError(`${what}: a range needs numbers`);
  return { what, low: decimal(Math.min(...values)), high: decimal(Math.max(...values)), unit };
}

/** Marks a figure as a part of the one before it. */
export function part(figure: Figure): Figure {
  return { ...figure, isPart: true };
}

function decimal(value: number): string | null {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : null;
}

/** Puts a rule together: the verdict follows from its figures, the sources from the rows it used. */
export function claimOf(rule: Omit<Claim, 'verdict' | 'sources' | 'inputs'>, rows: readonly Sourced[]): Claim {
  const { why, ...figures } = rule;
  const inputs = [...new Set(rows)];
  const sources = [...new Set(inputs.map(sourceText))];
  return { ...figures, verdict: verdictOf(rule.quoted, rule.recomputed), why, sources, inputs };
}

/** Each quoted figure against the recomputed one at its place. */
export function verdictOf(quoted: readonly Figure[], recomputed: readonly Figure[]): Verdict {
  if (quoted.length === 0) return 'not_comparable';
  const each = quoted.map((figure, at) => compared(figure, recomputed[at]));
  return each.every((verdict) => verdict === each[0]) ? (each[0] as Verdict) : 'partly';
}

function compared(quoted: Figure, found: Figure | undefined): Verdict {
  if (found?.unit !== quoted.unit)
    throw new RangeError(`${quoted.what}: nothing in ${quoted.unit} was recomputed for it`);
  const [low, high] = ends(found);
  const [least, most] = ends(quoted);
  if (low > most || high < least) return 'false';
  return low >= least && high <= most ? 'holds' : 'partly';
}

function ends(figure: Figure): readonly [number, number] {
  return [Number(figure.low ?? Infinity), Number(figure.high ?? Infinity)];
}

function sourceText(row: Sourced): string {
  return row.isFact ? `${row.source} (${row.date})` : `assumed: ${row.source}`;
}
