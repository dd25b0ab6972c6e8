/**
 * The rhythm of a source: which weekdays it reports on and what gap it usually leaves. In: the days it has reported on, in order. Out:
 * the days it should have reported on and has not, between them and since the last one.
 * Each gap is judged by the weeks before it, so that a verdict on the past does not change with the clock, and the one longest silence of
 * those weeks is forgiven: an outage or a holiday does not make a source tolerant.
 */
import { MS_PER_DAY } from '../time.ts';

/** A day (number since 1970) on which a source reported, and the instant of its last call. */
export interface ActiveDay {
  readonly day: number;
  readonly lastMs: number;
}

export interface Cadence {
  /** owes every day, whatever it did so far */
  readonly isDaily: boolean;
  /** stays known however long it is silent */
  readonly isExpected: boolean;
}

export interface Owed {
  /** days that should be there and are not, in order */
  readonly missing: readonly number[];
  /** gap in days that nine of ten stay within; null before it has a rhythm */
  readonly usualGapDays: number | null;
  readonly state: 'ok' | 'late' | 'silent';
}

/** What is looked at before a gap: so many days, or so many days with calls where those reach further back. */
const WINDOW_DAYS = 56;
const WINDOW_SIGHTINGS = 9;
/** Days of history before anything is expected. */
export const EXPECTED_FROM_DAYS = 3;
/** Two weeks of history before a silence is forgiven: before that nobody can tell it from a habit. */
const FORGIVING_FROM_DAYS = 13;
/** A source silent for longer has ended, unless its own gaps are of that size. */
const KNOWN_FOR_DAYS = 14;
/** A longer silence that ended was a pause: the source starts anew. */
const PAUSE_DAYS = 45;
/** So many owed days in a row are silence, fewer are lateness. */
const SILENT_FROM_DAYS = 3;

/** Share of a weekday's dates from which one missing date is a sign, and from which a date within an overdue gap is owed. */
const REGULAR_SHARE = 0.9;
const PLAUSIBLE_SHARE = 0.5;
/** One missing date is a sign only where the weekdays of its kind are kept this well together: else some weekday always looks kept. */
const KEPT_SHARE = 0.95;
/** A weekday seen fewer times than this is regular only if all of its kind are. */
const SEEN_OFTEN = 4;
const STEADY_SHARE = 0.8;

/** Gaps are even if the second largest is at most so many times the middle one; then a gap so many times as long is overdue. */
const EVEN_SPREAD = 1.5;
const OVERDUE_TIMES = 1.5;
const SILENT_TIMES = 3;
/** Uneven gaps: a silence this improbable under the source's own shares is overdue, and silent at the square of it. */
const OVERDUE_CHANCE = 0.0015;

/** Fewer days than this do not tell when a day of the source usually ends. */
const ENDS_KNOWN_FROM_DAYS = 10;
const EARLY_END_MS = 3_600_000;

/** What a source owes as of the day `today`, which is still running and owed by nobody. `active` is in ascending order. */
export function owedDays(active: readonly ActiveDay[], today: number, cadence: Cadence): Owed {
  const missing: number[] = [];
  let lifeFrom = 0;
  for (let i = 1; i < active.length; i++) {
    const gapDays = dayAt(active, i) - dayAt(active, i - 1);
    if (gapDays <= 1) continue;
    const rhythm = rhythmAt(active, lifeFrom, i - 1);
    const gap = judgeGap(active, i - 1, dayAt(active, i), rhythm, cadence);
    if (!cadence.isExpected && gapDays > Math.max(PAUSE_DAYS, 3 * (rhythm?.usualGapDays ?? 0))) lifeFrom = i;
    else for (const day of gap.days) missing.push(day);
  }
  const last = active.length - 1;
  const rhythm = last < 0 ? null : rhythmAt(active, lifeFrom, last);
  const usualGapDays = rhythm?.usualGapDays ?? null;
  if (last < 0) return { missing, usualGapDays, state: 'ok' };
  const silentDays = today - dayAt(active, last);
  const isKnown = cadence.isExpected || silentDays <= Math.max(KNOWN_FOR_DAYS, 3 * (rhythm?.usualGapDays ?? 0));
  if (!isKnown || silentDays <= 0) return { missing, usualGapDays, state: 'ok' };
  const tail = judgeGap(active, last, today, rhythm, cadence);
  return { missing: [...missing, ...tail.days], usualGapDays, state: tail.state };
}

interface Rhythm {
  /** by weekday, Monday = 0: a single missing date is a sign */
  readonly regular: readonly boolean[];
  /** by weekday: a date within an overdue gap is owed */
  readonly plausible: readonly boolean[];
  /** by weekday: chance that the source reports on a date */
  readonly chance: readonly number[];
  /** weekdays seen on at least half of their dates; gaps are measured in these, or in all days where there are none */
  readonly usual: readonly boolean[];
  readonly usualGapDays: number;
  /** the largest gap but one, in usual weekdays, where gaps are even; null where they are not */
  readonly evenGap: number | null;
  /** earliest time of day at which one of the days ended; null where too few tell */
  readonly earliestEndMs: number | null;
}

const dayAt = (active: readonly ActiveDay[], i: number): number => active[i]?.day ?? 0;
const endAt = (active: readonly ActiveDay[], i: number): number =>
  (active[i]?.lastMs ?? 0) - dayAt(active, i) * MS_PER_DAY;
/** Monday = 0; 1970-01-01 was a Thursday. */
const weekday = (day: number): number => (day + 3) % 7;
const WEEKDAYS: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
const isWeekend = (w: number): boolean => w >= 5;

/** Days after `from` and up to `to` on which the source usually reports. */
function gapLength(from: number, to: number, usual: readonly boolean[]): number {
  if (!usual.includes(true)) return to - from;
  let length = 0;
  for (let day = from + 1; day <= to; day++) if (usual[weekday(day)]) length++;
  return length;
}

const IN_TIME = { isOverdue: false, isLong: false };

/** Whether a gap is longer than the source's own gaps explain. */
function lengthOf(from: number, until: number, rhythm: Rhythm): typeof IN_TIME {
  if (rhythm.evenGap !== null) {
    const length = gapLength(from, until, rhythm.usual);
    const isOverdue = length > Math.ceil(OVERDUE_TIMES * rhythm.evenGap);
    return { isOverdue, isLong: isOverdue && length > SILENT_TIMES * rhythm.evenGap };
  }
  let chance = 1;
  for (let day = from + 1; day < until; day++) chance *= 1 - (rhythm.chance[weekday(day)] ?? 0);
  return { isOverdue: chance < OVERDUE_CHANCE, isLong: chance < OVERDUE_CHANCE ** 2 };
}

/** The days owed within the gap after sighting `i` and before the day `until`, and how bad that is. */
function judgeGap(
  active: readonly ActiveDay[],
  i: number,
  until: number,
  rhythm: Rhythm | null,
  cadence: Cadence,
): { days: number[]; state: Owed['state'] } {
  const from = dayAt(active, i);
  const silent = Array.from({ length: until - from - 1 }, (_, n) => from + 1 + n);
  const { isOverdue, isLong } = rhythm === null ? IN_TIME : lengthOf(from, until, rhythm);
  const signs = cadence.isDaily ? silent : silent.filter((day) => rhythm?.regular[weekday(day)]);
  const breaksOff = rhythm?.earliestEndMs != null && endAt(active, i) < rhythm.earliestEndMs - EARLY_END_MS;
  const isOpen = i === active.length - 1;
  let days: number[] = [];
  if (cadence.isDaily) days = silent;
  else if (signs.length > 0 || isOverdue) {
    days = silent.filter((day) => rhythm?.plausible[weekday(day)]);
    if (rhythm?.plausible.includes(true) !== true) days = silent;
  }
  const state = signs.length >= SILENT_FROM_DAYS || isLong ? 'silent' : days.length > 0 || breaksOff ? 'late' : 'ok';
  // the day on which it fell silent is not whole; nobody knows whether a day that ended early is whole until another follows
  if (breaksOff && (days.length > 0 || isOpen)) days = [from, ...days];
  return { days, state };
}

/** The rhythm seen in the weeks up to sighting `last`, not before sighting `lifeFrom`; null while there is too little of it. */
function rhythmAt(active: readonly ActiveDay[], lifeFrom: number, last: number): Rhythm | null {
  let first = last;
  const isInside = (i: number): boolean =>
    dayAt(active, i) > dayAt(active, last) - WINDOW_DAYS || last - i < WINDOW_SIGHTINGS;
  while (first > lifeFrom && isInside(first - 1)) first--;
  if (last - first + 1 < EXPECTED_FROM_DAYS) return null;
  const seen = WEEKDAYS.map(() => 0);
  for (let i = first; i <= last; i++) add(seen, weekday(dayAt(active, i)), 1);
  const dates = WEEKDAYS.map(() => 0);
  for (let day = dayAt(active, first); day <= dayAt(active, last); day++) add(dates, weekday(day), 1);
  const isLongEnough = dayAt(active, last) - dayAt(active, first) >= FORGIVING_FROM_DAYS;
  if (isLongEnough) for (const day of longestSilence(active, first, last, seen, dates)) add(dates, weekday(day), -1);
  const pattern = weekdayPattern(seen, dates);
  return {
    ...pattern,
    ...gapPattern(active, first, last, pattern.usual),
    earliestEndMs: earliestEnd(active, first, last),
  };
}

function add(counts: number[], index: number, n: number): void {
  counts[index] = (counts[index] ?? 0) + n;
}

/** Days of the gap that leaves out the most dates on which the source usually reports. */
function longestSilence(
  active: readonly ActiveDay[],
  first: number,
  last: number,
  seen: readonly number[],
  dates: readonly number[],
): number[] {
  const usual = WEEKDAYS.map((w) => (seen[w] ?? 0) >= PLAUSIBLE_SHARE * (dates[w] ?? 0) && (dates[w] ?? 0) > 0);
  let longest: number[] = [];
  for (let i = first + 1; i <= last; i++) {
    const days: number[] = [];
    for (let day = dayAt(active, i - 1) + 1; day < dayAt(active, i); day++) if (usual[weekday(day)]) days.push(day);
    if (days.length > longest.length) longest = days;
  }
  return longest;
}

function weekdayPattern(
  seen: readonly number[],
  dates: readonly number[],
): Pick<Rhythm, 'regular' | 'plausible' | 'usual' | 'chance'> {
  const total = (counts: readonly number[], weekdays: readonly number[]): number =>
    weekdays.reduce((sum, w) => sum + (counts[w] ?? 0), 0);
  const share = (weekdays: readonly number[]): number => total(seen, weekdays) / Math.max(1, total(dates, weekdays));
  const known = WEEKDAYS.filter((w) => (dates[w] ?? 0) > 0);
  const usual = known.filter((w) => share([w]) >= PLAUSIBLE_SHARE);
  const ofKind = (weekdays: readonly number[], w: number): number[] =>
    weekdays.filter((other) => isWeekend(other) === isWeekend(w));
  const isSteady = (w: number): boolean => share(ofKind(known, w)) >= STEADY_SHARE;
  const isRegular = (w: number): boolean => {
    if (share(ofKind(usual, w)) < KEPT_SHARE) return false;
    // a weekday that has not come yet is taken like the others of its kind; a weekend that has not come yet is no sign
    if (!known.includes(w)) return isSteady(w);
    return share([w]) >= REGULAR_SHARE && ((dates[w] ?? 0) >= SEEN_OFTEN || isSteady(w));
  };
  const chanceOf = (w: number): number => {
    const alike = usual.includes(w) ? ofKind(usual, w) : known.filter((other) => !usual.includes(other));
    return known.includes(w) ? (total(seen, alike) + 0.5) / (total(dates, alike) + 1) : 0;
  };
  return {
    regular: WEEKDAYS.map(isRegular),
    plausible: WEEKDAYS.map((w) => (known.includes(w) ? usual.includes(w) : share(known) >= PLAUSIBLE_SHARE)),
    usual: WEEKDAYS.map((w) => usual.includes(w)),
    chance: WEEKDAYS.map(chanceOf),
  };
}

function gapPattern(
  active: readonly ActiveDay[],
  first: number,
  last: number,
  usual: readonly boolean[],
): Pick<Rhythm, 'usualGapDays' | 'evenGap'> {
  const days: number[] = [];
  const lengths: number[] = [];
  for (let i = first + 1; i <= last; i++) {
    const [from, to] = [dayAt(active, i - 1), dayAt(active, i)];
    days.push(to - from);
    lengths.push(gapLength(from, to, usual));
  }
  const [calendar, measured] = [withoutLargest(days), withoutLargest(lengths)];
  const middle = measured[Math.floor((measured.length - 1) / 2)] ?? 1;
  const largest = Math.max(1, measured.at(-1) ?? 1);
  return {
    usualGapDays: calendar[Math.ceil(calendar.length * 0.9) - 1] ?? 1,
    evenGap: largest <= EVEN_SPREAD * Math.max(1, middle) ? largest : null,
  };
}

/** Sorted, without the largest one: one long silence must not make a source tolerant. */
function withoutLargest(gaps: readonly number[]): number[] {
  const sorted = gaps.toSorted((a, b) => a - b);
  return sorted.length > 2 ? sorted.slice(0, -1) : sorted;
}

function earliestEnd(active: readonly ActiveDay[], first: number, last: number): number | null {
  if (last - first < ENDS_KNOWN_FROM_DAYS) return null;
  let earliest = MS_PER_DAY;
  for (let i = first; i < last; i++) earliest = Math.min(earliest, endAt(active, i));
  return earliest;
}
