/**
 * The rule of a provider that was in force at a time, from tables of dated rows. In: rows, provider, model, time. Out: the row that names the
 * model most closely among those valid then, or null where nobody published one: not known is not "no rule". Days are UTC, `[from, to)`.
 */
import { MS_PER_DAY, dayNumber } from '../time.ts';
import { matchCloseness } from './model-pattern.ts';

export interface DatedRule {
  readonly id: string;
  /** provider names as the ledger carries them */
  readonly providers: readonly string[];
  /** ids, or beginnings of families followed by `*` */
  readonly models: readonly string[];
  /** ids within a family that the row does not speak of */
  readonly except?: readonly string[];
  /** first day of validity; null: history not recorded */
  readonly fromDay: string | null;
  /** first day no longer valid; null: still valid */
  readonly toDay: string | null;
  readonly kind: 'fact' | 'assumption';
  readonly source: string;
  readonly date: string;
  /** where sources disagree or say nothing: what was taken, and why */
  readonly doubt: string | null;
}

/** The closest row; between equally close ones the one that began last. */
export function ruleAt<R extends DatedRule>(
  rules: readonly R[],
  provider: string,
  model: string,
  atMs: number,
): R | null {
  let best: R | null = null;
  let bestCloseness = 0;
  for (const rule of rules) {
    if (!rule.providers.includes(provider) || atMs < dayMs(rule.fromDay, -Infinity)) continue;
    if (atMs >= dayMs(rule.toDay, Infinity) || matchCloseness(rule.except ?? [], model) > 0) continue;
    const closeness = matchCloseness(rule.models, model);
    const isCloser =
      closeness > bestCloseness ||
      (closeness === bestCloseness && best !== null && (rule.fromDay ?? '') > (best.fromDay ?? ''));
    if (closeness > 0 && isCloser) [best, bestCloseness] = [rule, closeness];
  }
  return best;
}

/**
 * `of` remembered by kind and UTC day: rules change from one day to the next, and a plan asks for them millions of times. Kinds are told apart
 * as objects: those of one log or table of kinds.
 */
export function rememberedByDay<Kind extends object, T>(
  of: (kind: Kind, timeMs: number) => T,
): (kind: Kind, timeMs: number) => T {
  const known = new Map<Kind, Map<number, T>>();
  return (kind, timeMs) => {
    let byDay = known.get(kind);
    if (byDay === undefined) known.set(kind, (byDay = new Map()));
    const day = Math.floor(timeMs / MS_PER_DAY);
    let found = byDay.get(day);
    if (found === undefined) byDay.set(day, (found = of(kind, timeMs)));
    return found;
  };
}

function dayMs(day: string | null, otherwise: number): number {
  return day === null ? otherwise : dayNumber(day) * MS_PER_DAY;
}
