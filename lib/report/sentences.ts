/**
 * The sentences of the first screen, the same in HTML, text and (later) mail. Plain text in, plain text out; names are already made
 * safe to show. Invariant: a fall with a gap is never called a saving, and what is unknown is said beside the figure it is missing from.
 */
import {
  exactMoney,
  UNKNOWN,
  count,
  day,
  dayList,
  dayRange,
  money,
  percent,
  plural,
  shownName,
  signedPercent,
} from './format.ts';
import type { WeekComparison } from './comparison.ts';
import { costOf } from './comparison.ts';
import { UNALLOCATED } from './quality.ts';
import type { Summary } from './summary.ts';
import { sourceName } from './weeks.ts';
import type { Gap, SourceStatus } from './weeks.ts';

/** What the last full week cost and how that compares, in one sentence. */
export function weekSentence(summary: Pick<Summary, 'week' | 'span'>): string {
  const { week, span } = summary;
  if (span === null) return 'The ledger is empty.';
  if (week === null) {
    return `There is no full week yet: the ledger begins on ${day(span.firstDay)}, and a week is compared once it has ended.`;
  }
  if (week.previous === null) return 'There is no earlier week to compare with.';
  const range = dayRange(week.previous.from, week.previous.to);
  if (week.compared === null) {
    return `No comparison with ${range}: data is missing, and no day is complete in both weeks. A lower sum is not a saving.`;
  }
  const before = costOf(week.compared.previous);
  if (week.changePico === null || before === null) {
    return `No comparison with ${range}: the spend of one of the two weeks is not known.`;
  }
  const change = BigInt(week.changePico);
  const isWhole = week.comparedDays.length === DAYS_PER_WEEK;
  const then = isWhole ? `the week before, ${range}` : `the same days of the week before`;
  if (change === 0n) return `Exactly as much as ${isWhole ? 'in' : 'on'} ${then}${leftOut(week)}${caveat(week)}.`;
  const size = money(change < 0n ? -change : change);
  const share = BigInt(before) > 0n ? ` (${signedPercent(week.changePico, before)})` : '';
  return `${size} ${change < 0n ? 'less' : 'more'} than ${isWhole ? '' : 'on '}${then}, which ${isWhole ? 'was' : 'were'} ${money(before)}${share}${leftOut(week)}${caveat(week)}.`;
}

const DAYS_PER_WEEK = 7;

/** Which days are compared, where it is not the whole week. */
function leftOut(week: WeekComparison): string {
  const n = week.comparedDays.length;
  if (n === DAYS_PER_WEEK) return '';
  const days = dayList(week.comparedDays);
  return `. Compared ${n === 1 ? 'is' : 'are'} ${days}, complete in both weeks; the other ${plural(DAYS_PER_WEEK - n, 'day')} ${DAYS_PER_WEEK - n === 1 ? 'is' : 'are'} left out: missing data is not a saving`;
}

/** Sources that came or went are in the compared days, too. */
function caveat(week: WeekComparison): string {
  if (!week.gaps.some(({ kind }) => kind === 'stopped' || kind === 'new')) return '';
  const isFall = week.changePico !== null && BigInt(week.changePico) < 0n;
  return isFall
    ? '; data is missing, so this is not a saving'
    : '; data is missing, so the two weeks cannot be compared';
}

/** One gap, as a sentence. */
export function gapSentence(gap: Gap): string {
  const source = shownName(gap.source ?? '', 80);
  const [first, last] = [gap.days[0] ?? '', gap.days.at(-1) ?? ''];
  const sentences: Record<Gap['kind'], () => string> = {
    silent: () => `${source} is silent: nothing for ${dayList(gap.days)}. That is missing data, not a saving.`,
    missing: () =>
      `${source} left out ${dayList(gap.days)}, although it usually reports. That is missing data, not a saving.`,
    stopped: () => `${source} reported until ${day(first)} and nothing in the later week.`,
    new: () => `${source} began on ${day(first)}; there is nothing of it before.`,
    ledger_begins: () => `The ledger begins on ${day(first)}; the earlier week is not all there.`,
    incomplete: () =>
      gap.days.length === 1
        ? `${day(first)} is not complete.`
        : `${plural(gap.days.length, 'day')} between ${day(first)} and ${day(last)} are not complete.`,
  };
  return sentences[gap.kind]();
}

/** Calls of the compared weeks whose cost is not in them; empty where every call has one. */
export function weekUnknowns(week: WeekComparison): string[] {
  const now = week.current.totals.unpricedCalls;
  const before = week.previous?.totals.unpricedCalls ?? 0;
  if (now + before === 0) return [];
  const earlier = week.previous === null ? '' : ` and ${count(before)} of the week before`;
  return [`${plural(now, 'call')} of this week${earlier} have no price and are in neither sum.`];
}

/** Through which day everything known to report has reported. */
export function completeSentence(summary: Summary): string {
  if (summary.span === null) return '';
  const late = summary.sources.filter((source) => source.status !== 'ok').length;
  const who = late === 0 ? '' : ` (${plural(late, 'source')} late or silent)`;
  if (summary.completeThrough === null) return `No day is complete yet${who}`;
  return `Sources complete through ${day(summary.completeThrough)}${who}`;
}

/** Sources that are late or silent, and those that left days out: one sentence each, the worst first. */
export function sourceSentences(sources: readonly SourceStatus[]): string[] {
  const rank = { silent: 0, late: 1, ok: 2 };
  return sources
    .filter(({ status, missingDays }) => status !== 'ok' || missingDays.length > 0)
    .toSorted((a, b) => rank[a.status] - rank[b.status])
    .map(sourceSentence);
}

function sourceSentence(source: SourceStatus): string {
  const name = shownName(sourceName(source), 80);
  const missing = source.missingDays.length === 0 ? '' : `: missing ${dayList(source.missingDays)}`;
  if (source.lastDay === null) return `${name} has never come, although config sources expects it${missing}.`;
  if (source.status === 'ok') return `${name} reports again, but left out days${missing}.`;
  const usual = source.usualGapHours === null ? '' : `, usually every ${hoursText(source.usualGapHours)}`;
  return `${name} is ${source.status}: last seen ${day(source.lastDay)}${usual}${missing}.`;
}

/** A gap as people say it: `day`, `3 days`, `6 hours`. */
export function hoursText(hours: number): string {
  if (hours === 24) return 'day';
  return hours > 24 && hours % 24 === 0 ? plural(hours / 24, 'day') : `${hours} hours`;
}

/** What the spend does not tell: no price, no proof of billing, no team. One sentence each; empty where all is known. */
export function unknownSentences(summary: Summary): string[] {
  const { totals, byTeam } = summary;
  const sentences: string[] = [];
  if (totals.unpricedCalls > 0) {
    sentences.push(
      `${plural(totals.unpricedCalls, 'call')} (${percent(totals.unpricedCalls, totals.calls)}) have no price and are not in any sum.`,
    );
  }
  if (totals.billingUnknownCalls > 0) {
    const value = totals.billingUnknownValuePico === null ? 'unknown' : money(totals.billingUnknownValuePico);
    sentences.push(
      `${plural(totals.billingUnknownCalls, 'call')} have no proof of how they are billed: list value ${value}, not counted as spend.`,
    );
  }
  const nobody = byTeam.find(({ team }) => team === UNALLOCATED);
  if (nobody?.costPico != null && BigInt(nobody.costPico) > 0n) {
    sentences.push(`${money(nobody.costPico)} (${percent(nobody.costPico, totals.costPico)}) belongs to no team.`);
  }
  const missing = summary.quality.usageBasis.find(({ basis }) => basis === 'missing');
  if (missing) sentences.push(`${plural(missing.calls, 'call')} carry no token counts.`);
  return sentences;
}

/** The two sums that must hold, with their numbers. */
export function sumSentences(summary: Pick<Summary, 'quality'>): { text: string; holds: boolean }[] {
  const o = summary.quality.objects;
  return [
    {
      text: `${plural(o.lines, 'line')} read = ${count(o.usageLines)} with usage + ${count(o.skippedLines)} skipped + ${count(o.rejectedLines)} rejected`,
      holds: o.linesAddUp,
    },
    {
      text: `${plural(o.records, 'record')} landed = ${count(o.usageRows)} in usage + ${count(o.excludedRows)} excluded`,
      holds: o.rowsAddUp,
    },
  ];
}

/** The week's spend as shown and exactly; `–` where none of it is known. */
export function weekSpend(week: WeekComparison): { shown: string; exact: string } {
  const cost = costOf(week.current.totals);
  return cost === null ? { shown: UNKNOWN, exact: 'unknown' } : { shown: money(cost), exact: exactMoney(cost) };
}
