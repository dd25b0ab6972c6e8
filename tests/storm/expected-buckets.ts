/**
 * What the calls leave of the provider's reports, by the written rules of DESIGN §4 and docs/accuracy.md ("Buckets and calls") and by nothing
 * of the code under test. In: the rows of the reports, sums of the calls. Out: what stands of each day, model and tier, in each meter for
 * itself. Days are whole numbers since 1970.
 * Rules: where the reports of a day tell tiers, each tier is compared for itself, first on the day, then with the day before and after; what
 * calls show beyond that is set against the day's other tier. Where they tell none, a day is compared as a whole. Tiers are compared only
 * where both sides tell them, so nothing is set against the day beside if one of the two days tells tiers and the other does not.
 */
import { MS_PER_DAY } from '../../lib/time.ts';
import { startOfDay } from './buckets.ts';
import type { ScopeSum } from './buckets.ts';
import { tiersOf } from './settings.ts';
import type { ToldRow, Tokens } from './witnesses.ts';

const METERS = ['input', 'read', 'output'] as const;
type Meter = (typeof METERS)[number];

export const dayNumber = (row: { readonly atMs: number }): number => startOfDay(row.atMs) / MS_PER_DAY;

/** What is left of one day, model and tier of the reports. */
export interface BucketRest {
  readonly row: ToldRow;
  readonly tokens: Tokens;
}

/** A name for what is compared: the tier, or nothing on a day whose reports tell none. */
type Told = string;

/** All rests; `counts` is told how often which rule decided. */
export function bucketRests(
  buckets: readonly ToldRow[],
  calls: Iterable<ScopeSum>,
  counts: Record<string, number>,
): BucketRest[] {
  const tells = new Map(buckets.map((row) => [dayNumber(row), row.tellsTier]));
  const toldOf = (day: number, tier: string): Told => (tells.get(day) === true ? tier : '');
  const nets = new Map<string, number>();
  const add = (day: number, model: string, tier: string, tokens: Tokens, sign: 1 | -1): void => {
    for (const meter of METERS) {
      const id = `${day} ${model} ${toldOf(day, tier)} ${meter}`;
      nets.set(id, (nets.get(id) ?? 0) + sign * tokens[meter]);
    }
  };
  for (const row of buckets) add(dayNumber(row), row.model, row.tier, row.tokens, 1);
  // days without a report compare nothing
  for (const { dayMs, model, tier, tokens } of calls)
    if (tells.has(dayMs / MS_PER_DAY)) add(dayMs / MS_PER_DAY, model, tier, tokens, -1);
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const scopes = Map.groupBy(buckets, (row) => `${dayNumber(row)} ${row.model} ${row.tier}`);
  return [...scopes.values()].map((own) => {
    const row = own[0] as ToldRow;
    const day = dayNumber(row);
    const told = toldOf(day, row.tier);
    const rest = (meter: Meter): number => {
      /** positive: what the report shows beyond the calls; negative: an excess of the calls */
      const netOf =
        (as: Told) =>
        (of: number): number =>
          nets.get(`${of} ${row.model} ${as} ${meter}`) ?? 0;
      const near = placed(netOf(told), day);
      if (told !== '' && near.left < Math.max(0, netOf(told)(day)))
        count('meters of a tier set against the day beside');
      if (told === '' || near.left === 0) return near.left;
      const others = tiersOf(row.model).filter((tier) => tier !== row.tier);
      const unplaced = others.reduce((sum, tier) => sum + placed(netOf(tier), day).unplaced, 0);
      if (unplaced > 0) count('meters of a tier set against the other tier');
      return Math.max(0, near.left - unplaced);
    };
    return { row, tokens: { input: rest('input'), read: rest('read'), write: 0, output: rest('output') } };
  });
}

/** An excess is set against what is left of the day before, then of the day after, where the day after that has not used it. */
function placed(net: (day: number) => number, day: number): { left: number; unplaced: number } {
  const left = (of: number): number => Math.max(0, net(of));
  const excess = (of: number): number => Math.max(0, -net(of));
  const back = (of: number): number => Math.min(excess(of), left(of - 1));
  const forth = (of: number): number => Math.min(excess(of) - back(of), left(of + 1) - back(of + 2));
  return {
    left: left(day) - back(day + 1) - forth(day - 1),
    unplaced: excess(day) - back(day) - forth(day),
  };
}
