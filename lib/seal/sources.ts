/**
 * Sources and their silence. A source is a log format under a top folder of the inbox; from the days it has reported on we know how
 * often it usually comes. A day that a known source should have reported and has not is incomplete: silence must not look like saving.
 */
import type { FrozenSet } from './dirty-days.ts';
import { MS_PER_DAY, dayNumber, dayOf, isoDay } from '../time.ts';

export interface SourceState {
  readonly sourceFormat: string;
  readonly prefix: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly lastObjectAtMs: number;
  readonly daysSeen: number;
  /** the gap it usually leaves, in days; the largest it has left is tolerated once */
  readonly usualGapDays: number;
  readonly largestGapDays: number;
  readonly status: 'ok' | 'late' | 'silent';
  /** days since its last one that it should have reported by now */
  readonly missingDays: readonly string[];
}

/** Only sources seen in the last this many days before today can make a day incomplete; later they count as ended. */
const KNOWN_FOR_DAYS = 14;
/** A source must have reported on this many days before anything is expected of it. */
const EXPECTED_FROM_DAYS = 3;

/**
 * What each source has reported, and what it owes as of `nowMs`. The day that is running is owed by nobody; a day is owed
 * once the source has left a longer gap than it ever did before.
 */
export function sourceStates(set: Pick<FrozenSet, 'objects'>, nowMs: number): SourceState[] {
  const found = new Map<string, { format: string; prefix: string; days: Set<number>; lastObjectAtMs: number }>();
  for (const { commit } of set.objects) {
    const prefix = commit.object.includes('/') ? commit.object.slice(0, commit.object.indexOf('/') + 1) : '';
    for (const format in commit.formats) {
      const id = `${format}\n${prefix}`;
      const source = found.get(id) ?? { format, prefix, days: new Set<number>(), lastObjectAtMs: 0 };
      found.set(id, source);
      for (const day in commit.days) source.days.add(dayNumber(day));
      source.lastObjectAtMs = Math.max(source.lastObjectAtMs, commit.lastModifiedMs);
    }
  }
  const today = Math.floor(nowMs / MS_PER_DAY);
  return [...found.values()]
    .filter((source) => source.days.size > 0)
    .map((source) => stateOf(source, today))
    .toSorted((a, b) => (`${a.prefix}\n${a.sourceFormat}` < `${b.prefix}\n${b.sourceFormat}` ? -1 : 1));
}

function stateOf(
  source: { format: string; prefix: string; days: ReadonlySet<number>; lastObjectAtMs: number },
  today: number,
): SourceState {
  const days = [...source.days].toSorted((a, b) => a - b);
  const gaps = days
    .slice(1)
    .map((day, i) => day - (days[i] ?? day))
    .toSorted((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? 1;
  const largest = gaps.at(-1) ?? 1;
  const last = days.at(-1) ?? today;
  const silentDays = today - 1 - last;
  const known = days.length >= EXPECTED_FROM_DAYS && today - last <= KNOWN_FOR_DAYS;
  const owes = known && silentDays >= largest;
  return {
    sourceFormat: source.format,
    prefix: source.prefix,
    firstDay: isoDay(days[0] ?? today),
    lastDay: isoDay(last),
    lastObjectAtMs: source.lastObjectAtMs,
    daysSeen: days.length,
    usualGapDays: usual,
    largestGapDays: largest,
    status: owes ? (silentDays >= 3 * largest ? 'silent' : 'late') : 'ok',
    missingDays: owes ? Array.from({ length: silentDays }, (_, i) => isoDay(last + 1 + i)) : [],
  };
}

/** Days that are not complete as of `nowMs`: the running day, and every day a source still owes. */
export function incompleteDays(sources: readonly SourceState[], nowMs: number): Set<string> {
  const incomplete = new Set(sources.flatMap((source) => source.missingDays));
  incomplete.add(dayOf(nowMs));
  return incomplete;
}
