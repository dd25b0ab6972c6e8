/**
 * Large logs are replayed as a sample of whole sessions and prompt families, and its savings are brought to the bill, which is never sampled.
 * In: how large a period is (`queries/period-size.sql`); later the savings of the sample by group. Out: what `queries/calls.sql` is to take;
 * savings of the whole bill. Invariants: a period within the limits is taken whole; shares of levers sum to the scaled saving of their group to
 * the last picodollar; a group of which nothing was drawn has no saving, and is named.
 *
 * Sampling by hash of what shares a cache: SHARDS (Waldspurger et al., FAST 2015). A ratio of sums instead of a sum times 1/rate, because the
 * bill of each group is known and what a call saves goes with what it costs (ratio estimator, Cochran 1977, chapter 6).
 */
import { divideHalfEven } from '../money.ts';
import { roundedShares } from './rounded-shares.ts';

/** Some 600 bytes a call while they are read, with prompts of which a few blocks are new: more would not fit into a small machine. */
export const MAX_CALLS = 2_000_000;
export const MAX_BLOCK_REFERENCES = 2_000_000_000;
/** Units are taken by so many parts; this threshold takes all. */
export const ALL_PARTS = 65_536;
/** Prompts are kept together by what they share at this length: no provider of 2026-11 but one reads a shorter prefix. */
export const FAMILY_TOKENS = 1_024;

export interface PeriodSize {
  /** rows that are single calls */
  readonly calls: number;
  /** blocks of all their prompts */
  readonly blockReferences: number;
}

export interface Sampling {
  /** parts of 65,536 that are taken */
  readonly threshold: number;
  /** expected share of units */
  readonly rate: number;
}

/** What to take of a period of this size. */
export function samplingOf(
  { calls, blockReferences }: PeriodSize,
  limits: PeriodSize = { calls: MAX_CALLS, blockReferences: MAX_BLOCK_REFERENCES },
): Sampling {
  const share = Math.min(1, limits.calls / calls, limits.blockReferences / blockReferences);
  const threshold = Math.max(1, Math.floor(ALL_PARTS * share));
  return { threshold, rate: threshold / ALL_PARTS };
}

/** Columns and row of the table `sample` that calls.sql reads. */
export function sampleTable(
  threshold: number,
  familyTokens = FAMILY_TOKENS,
): { readonly columns: Readonly<Record<string, string>>; readonly rows: readonly (readonly number[])[] } {
  return { columns: { threshold: 'bigint', family_tokens: 'bigint' }, rows: [[threshold, familyTokens]] };
}

/** Savings by group as the sample has them. */
export interface SampledSavings {
  /** what the sampled calls of each group were billed */
  readonly baselineByGroup: readonly bigint[];
  readonly savingByGroup: readonly bigint[];
  /** by lever, by group; levers sum to the saving of the group */
  readonly shares: readonly (readonly bigint[])[];
}

export interface ScaledSavings {
  readonly savingPico: bigint;
  readonly savingByGroup: readonly bigint[];
  readonly shares: readonly (readonly bigint[])[];
  /** groups that were billed something and of which no billed call was drawn: their saving is not known and is taken as 0 */
  readonly notSampled: readonly number[];
}

/** Brings savings of a sample to the bill. `billByGroup` is what all single calls of each group were billed. */
export function scaleToBill(billByGroup: readonly bigint[], sample: SampledSavings): ScaledSavings {
  const groups = billByGroup.length;
  for (const column of [sample.baselineByGroup, sample.savingByGroup, ...sample.shares])
    if (column.length !== groups) throw new RangeError(`${groups} groups were billed, ${column.length} were sampled`);
  const shares = sample.shares.map(() => [] as bigint[]);
  const savingByGroup: bigint[] = [];
  const notSampled: number[] = [];
  for (const [group, bill] of billByGroup.entries()) {
    const baseline = sample.baselineByGroup[group] as bigint;
    const saving = sample.savingByGroup[group] as bigint;
    const own = sample.shares.map((share) => share[group] as bigint);
    if (shares.length > 0 && own.reduce((sum, share) => sum + share, 0n) !== saving)
      throw new RangeError(`shares of group ${group} do not sum to its saving`);
    if (baseline === 0n && bill !== 0n) notSampled.push(group);
    savingByGroup.push(scaledPico(saving, bill, baseline));
    const scaled =
      baseline === 0n
        ? own.map(() => 0n)
        : roundedShares(
            own.map((share) => share * bill),
            baseline,
            savingByGroup[group] as bigint,
          );
    for (const [lever, share] of scaled.entries()) shares[lever]?.push(share);
  }
  const savingPico = savingByGroup.reduce((sum, saving) => sum + saving, 0n);
  return { savingPico, savingByGroup, shares, notSampled };
}

/** An amount of the sample brought to the bill, rounded once (half-even); 0 where nothing billed was drawn. */
export function scaledPico(amount: bigint, bill: bigint, baseline: bigint): bigint {
  return baseline === 0n ? 0n : divideHalfEven(amount * bill, baseline);
}
