/**
 * Which two weeks a report compares, and what stands in the way of comparing them. Weeks are seven UTC days; the later one has ended.
 * In: the ledger's span, the day the report is made, what each source has reported. Out: the weeks, and every gap by name.
 * Invariant: silence never looks like saving; a comparison with a gap says so.
 */
import { addDays, daysBetween, weekStart } from '../time.ts';

export interface Week {
  readonly from: string;
  readonly to: string;
}

/** What the seal knows about a source: a log format × account under a top folder of the inbox, or what config `sources` names. */
export interface SourceStatus {
  readonly sourceFormat: string;
  readonly billingAccountId: string | null;
  readonly prefix: string;
  /** null = it never came */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly usualGapHours: number | null;
  readonly status: 'ok' | 'late' | 'silent';
  /** days it should have reported and has not, also those before it came back */
  readonly missingDays: readonly string[];
}

export interface Span {
  readonly firstDay: string;
  readonly lastDay: string;
}

/**
 * silent: a source owes days of these weeks. missing: it owes some although it reports again. stopped: it reported in the earlier week,
 * nothing in the later one. new: it began within the weeks. ledger_begins: the ledger itself does. incomplete: days marked incomplete for
 * another reason. Days of all but `stopped` and `new` are left out of the comparison.
 */
export type GapKind = 'silent' | 'missing' | 'stopped' | 'new' | 'ledger_begins' | 'incomplete';

export interface Gap {
  readonly kind: GapKind;
  readonly source: string | null;
  readonly days: readonly string[];
}

/** After this many days without anything new the ledger counts as a closed one, and its own last week is compared. */
const CLOSED_AFTER_DAYS = 14;

/** How people find a source again: its folder, its format, and its account where calls name one. */
export function sourceName(source: Pick<SourceStatus, 'prefix' | 'sourceFormat' | 'billingAccountId'>): string {
  const account = source.billingAccountId === null ? '' : `account ${source.billingAccountId}`;
  if (source.prefix === '') return account === '' ? source.sourceFormat : `${source.sourceFormat} (${account})`;
  return `${source.prefix} (${[source.sourceFormat, account].filter(Boolean).join(', ')})`;
}

/** True where the ledger's last day lies so far back that it is read as history, not as a feed that fell silent. */
export function isClosed(span: Span, asOfDay: string): boolean {
  return span.lastDay < addDays(asOfDay, -CLOSED_AFTER_DAYS);
}

/**
 * The last week that ended before `asOfDay` (for a closed ledger: before the day after its last) and the one before; null where the
 * ledger holds no such week. `startWeekday` 1 = Monday … 7 = Sunday.
 */
export function weeksToCompare(
  span: Span,
  asOfDay: string,
  startWeekday: number,
): { current: Week; previous: Week | null } | null {
  const end = isClosed(span, asOfDay) ? addDays(span.lastDay, 1) : asOfDay;
  const running = weekStart(end, startWeekday);
  const current = { from: addDays(running, -7), to: addDays(running, -1) };
  if (current.to < span.firstDay) return null;
  const previous = { from: addDays(running, -14), to: addDays(running, -8) };
  return { current, previous: previous.to < span.firstDay ? null : previous };
}

/** Everything that makes two weeks not comparable, each gap named once, in a stable order. */
export function gapsBetween(
  weeks: { current: Week; previous: Week | null },
  span: Span,
  sources: readonly SourceStatus[],
  incomplete: ReadonlySet<string>,
): Gap[] {
  const { current, previous } = weeks;
  const first = previous?.from ?? current.from;
  const inWeeks = (day: string): boolean => day >= first && day <= current.to;
  const gaps: Gap[] = [];
  const explained = new Set<string>();
  for (const source of sources) {
    const gap = gapOf(source, weeks, span, inWeeks);
    if (gap === null) continue;
    gaps.push(gap);
    if (gap.kind === 'silent' || gap.kind === 'missing') for (const day of gap.days) explained.add(day);
  }
  if (span.firstDay > first && inWeeks(span.firstDay)) {
    gaps.push({ kind: 'ledger_begins', source: null, days: [span.firstDay] });
  }
  const rest = daysBetween(first, current.to).filter((day) => incomplete.has(day) && !explained.has(day));
  if (rest.length > 0) gaps.push({ kind: 'incomplete', source: null, days: rest });
  return gaps;
}

function gapOf(
  source: SourceStatus,
  weeks: { current: Week; previous: Week | null },
  span: Span,
  inWeeks: (day: string) => boolean,
): Gap | null {
  const { current, previous } = weeks;
  const name = sourceName(source);
  const owed = source.missingDays.filter(inWeeks);
  if (owed.length > 0) return { kind: source.status === 'ok' ? 'missing' : 'silent', source: name, days: owed };
  const { firstDay, lastDay } = source;
  if (previous === null || firstDay === null || lastDay === null) return null;
  // one day's file is an export, not a source that stopped
  if (lastDay > firstDay && lastDay >= previous.from && lastDay < current.from) {
    return { kind: 'stopped', source: name, days: [lastDay] };
  }
  const began = firstDay > previous.from && inWeeks(firstDay);
  return began && firstDay > span.firstDay ? { kind: 'new', source: name, days: [firstDay] } : null;
}

/**
 * The days of the later week that are complete in both weeks: only these are compared, each with the same weekday a week before. Days
 * before the ledger begins are not complete.
 */
export function comparableDays(
  weeks: { current: Week; previous: Week },
  span: Span,
  incomplete: ReadonlySet<string>,
): string[] {
  return daysBetween(weeks.current.from, weeks.current.to).filter((day) => {
    const before = addDays(day, -7);
    return before >= span.firstDay && !incomplete.has(day) && !incomplete.has(before);
  });
}

/** Days in a row as first and last; the days must be in order. */
export function rangesOf(days: readonly string[]): Week[] {
  const ranges: Week[] = [];
  for (const day of days) {
    const last = ranges.at(-1);
    if (last !== undefined && addDays(last.to, 1) === day) ranges[ranges.length - 1] = { from: last.from, to: day };
    else ranges.push({ from: day, to: day });
  }
  return ranges;
}

/**
 * The last day up to which nothing is owed: the day before the first incomplete one, else yesterday as seen from `asOfDay` (for a
 * closed ledger its own last day). Null if not even the ledger's first day is complete.
 */
export function completeThrough(span: Span, asOfDay: string, incomplete: ReadonlySet<string>): string | null {
  const end = isClosed(span, asOfDay) ? span.lastDay : addDays(asOfDay, -1);
  const gap = daysBetween(span.firstDay, end).find((day) => incomplete.has(day));
  const last = gap === undefined ? end : addDays(gap, -1);
  return last < span.firstDay ? null : last;
}
