/**
 * How far days look at each other. Twins are found within two steps, of which one may be long where agent sessions or inferred times are
 * involved; buckets look at the excess of two days on either side. A statement reads the days its own days look at, and no more.
 */
import { addDays } from '../time.ts';
import type { LandingFile, LandingKind } from '../commit.ts';
import type { FrozenSet } from './dirty-days.ts';

/** Landing classes that hold rows of usage. */
export const ROW_KINDS: readonly LandingKind[] = ['calls', 'sessions', 'buckets'];

/** Twins without a wide row are at most two steps of one day apart. */
const NARROW_DAYS = 2;
/** What is left of a day's buckets depends on what calls show on this many days before and after. */
const BUCKET_DAYS = 2;

/** The days on which a twin of a row can lie: one long step and one of a day. */
export function twinReach(wideDays: number): number {
  return Math.max(NARROW_DAYS, wideDays + 1);
}

/**
 * Landing files that hold something of these reads, each once. Only these are ever read: what else lies in landing belongs to reads that
 * nothing needs any more, and may be gone.
 */
export function landingFiles(set: Pick<FrozenSet, 'objects'>): LandingFile[] {
  const byBatch = Map.groupBy(set.objects, ({ batch }) => batch);
  return [...byBatch].flatMap(([batch, reads]) => {
    const days = new Set(reads.flatMap(({ commit }) => Object.keys(commit.days)));
    return batch.files.filter((file) => file.kind === 'rejects' || days.has(file.day));
  });
}

/** Keys of the landing files of these kinds and days. */
export function landingKeys(
  set: Pick<FrozenSet, 'objects'>,
  kinds: readonly LandingKind[],
  wants: (day: string) => boolean,
): string[] {
  return landingFiles(set)
    .filter((file) => kinds.includes(file.kind) && wants(file.day))
    .map((file) => file.key);
}

/** Days on which a bucket landed. */
export function bucketDays(set: Pick<FrozenSet, 'objects'>): Set<string> {
  return new Set(
    landingFiles(set)
      .filter((file) => file.kind === 'buckets')
      .map((file) => file.day),
  );
}

/** Days with a landing file in which a row may look for twins far away. */
export function wideRowDays(set: Pick<FrozenSet, 'objects'>): Set<string> {
  const isWide = ({ kind, isNarrow }: LandingFile): boolean => kind === 'sessions' || (kind === 'calls' && !isNarrow);
  return new Set(
    landingFiles(set)
      .filter(isWide)
      .map((file) => file.day),
  );
}

/** The days around one, itself in the middle. */
export function daysAround(day: string, reach: number): string[] {
  return Array.from({ length: 2 * reach + 1 }, (_, i) => addDays(day, i - reach));
}

/** Days with buckets that these days' calls can cover or leave uncovered. */
export function bucketDaysBeside(days: Iterable<string>, withBuckets: ReadonlySet<string>): Set<string> {
  if (withBuckets.size === 0) return new Set();
  return new Set([...days].flatMap((day) => daysAround(day, BUCKET_DAYS).filter((other) => withBuckets.has(other))));
}

/** Days whose twins must be decided in order to seal these: themselves, and what their buckets are compared with. */
export function coreDays(chunk: readonly string[], withBuckets: ReadonlySet<string>): Set<string> {
  return new Set(chunk.flatMap((day) => (withBuckets.has(day) ? daysAround(day, BUCKET_DAYS) : [day])));
}

/**
 * Days whose rows can be twins of rows on the core days: two days around; all days within the wide reach where a wide row is at hand;
 * else only the days around far wide rows. Most logs have none, and then a statement reads little more than what it writes.
 */
export function daysInReach(core: Iterable<string>, wideDays: number, wide: ReadonlySet<string>): Set<string> {
  const reach = new Set<string>();
  for (const day of core) {
    for (const near of daysAround(day, NARROW_DAYS)) reach.add(near);
    const around = daysAround(day, twinReach(wideDays));
    if (daysAround(day, 1).some((near) => wide.has(near))) for (const far of around) reach.add(far);
    else for (const far of around) if (wide.has(far)) for (const near of daysAround(far, 1)) reach.add(near);
  }
  return reach;
}

/** A statement takes at most this many days and rows, so that its memory does not grow with the lake. */
const MAX_DAYS = 50;
const MAX_ROWS = 500_000;

/** Splits days into statements: neighbors together, bounded in days and rows. */
export function chunkDays(days: readonly string[], rowsOf: (day: string) => number): string[][] {
  const chunks: string[][] = [];
  let rows = 0;
  for (const day of days) {
    const current = chunks.at(-1);
    const own = rowsOf(day);
    if (current === undefined || current.length >= MAX_DAYS || rows + own > MAX_ROWS) {
      chunks.push([day]);
      rows = own;
    } else {
      current.push(day);
      rows += own;
    }
  }
  return chunks;
}
