/**
 * Sources and their silence. A source is a log format × account under a top folder of the inbox, or what config `sources` names. In: what
 * each source brought on each day (table `source_days`), the config's list, the time. Out: their state (table `sources`) and the days that
 * are not complete. Invariant: a day that a known source should have reported and has not is incomplete; silence never looks like saving.
 */
import type { FrozenSet } from './dirty-days.ts';
import { EXPECTED_FROM_DAYS, owedDays } from './rhythm.ts';
import type { ActiveDay, Owed } from './rhythm.ts';
import { MS_PER_DAY, dayOf, isoDay } from '../time.ts';

/** One row of `source_days`, as far as rhythm needs it. */
export interface SourceDay {
  readonly sourceFormat: string;
  readonly billingAccountId: string | null;
  readonly folder: string;
  /** day number since 1970 */
  readonly day: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastObjectMs: number;
}

/** An entry of config `sources`: a source that must deliver. */
export interface ExpectedSource {
  readonly prefix: string;
  readonly source_format?: string | undefined;
  readonly usual_gap_hours?: number | undefined;
}

export interface SourceState {
  /** `any` where config `sources` names a folder without a format */
  readonly sourceFormat: string;
  readonly billingAccountId: string | null;
  readonly prefix: string;
  /** null = it never came */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly firstEventMs: number | null;
  readonly lastEventMs: number | null;
  readonly lastObjectAtMs: number | null;
  /** as config says, else the gap that nine of ten stay within; null before it has a rhythm */
  readonly usualGapHours: number | null;
  /** config `sources` names it */
  readonly isExpected: boolean;
  /** late: it owes something by now; silent: it has for long, or never came */
  readonly status: 'ok' | 'late' | 'silent';
  /** days that should be there and are not, also those before it came back */
  readonly missingDays: readonly string[];
}

export const ANY_FORMAT = 'any';
const MS_PER_HOUR = 3_600_000;
/** A cadence over this many hours leaves days out on purpose. */
const HOURS_PER_DAY = 24;
/** Longer than so many usual gaps is silence, not lateness. */
const SILENT_GAPS = 3;

/** Days, months and years in the place of a folder name: every day would be a source of its own. */
const DATE_FOLDER = /^(\w+=)?(19|20)\d{2}([-_.]?\d{2}){0,3}$/;

/** The top folder of an object with its slash; empty at the top of the inbox and where the folder is a date. */
export function topFolder(object: string): string {
  const cut = object.indexOf('/');
  return cut < 0 || DATE_FOLDER.test(object.slice(0, cut)) ? '' : object.slice(0, cut + 1);
}

/** The folder an object counts under: the longest prefix of config `sources` that holds it, else its top folder. */
export function folderOf(object: string, expected: readonly ExpectedSource[]): string {
  let longest: string | null = null;
  for (const { prefix } of expected)
    if (object.startsWith(prefix) && prefix.length > (longest ?? '').length) longest = prefix;
  return longest ?? topFolder(object);
}

/** An object that came without a single call: it tells that its source is alive, not what day it reported on. */
export interface EmptyObject {
  readonly sourceFormat: string;
  readonly folder: string;
  readonly lastModifiedMs: number;
}

/** Objects of a frozen set that hold lines of a known format and no call. */
export function emptyObjects(set: Pick<FrozenSet, 'objects'>, expected: readonly ExpectedSource[]): EmptyObject[] {
  return set.objects
    .filter(({ commit }) => commit.outcome === 'landed' && commit.records === 0)
    .flatMap(({ commit: { object, formats, lastModifiedMs } }) =>
      Object.keys(formats).map((sourceFormat) => ({
        sourceFormat,
        folder: folderOf(object, expected),
        lastModifiedMs,
      })),
    );
}

/** A source while its days are gathered. */
interface Gathered extends Pick<SourceState, 'sourceFormat' | 'billingAccountId' | 'prefix'> {
  readonly days: Map<number, ActiveDay>;
  firstMs: number;
  lastMs: number;
  lastObjectMs: number;
}

/** An entry of the config with the sources it stands for: where there is just one, that one carries the entry. */
interface AwaitedSource {
  readonly entry: ExpectedSource;
  readonly whole: Gathered;
  readonly parts: Set<Gathered>;
}

/** The state of every source as of `nowMs`, by folder and format. */
export function sourceStates(
  rows: readonly SourceDay[],
  nowMs: number,
  expected: readonly ExpectedSource[] = [],
  empty: readonly EmptyObject[] = [],
): SourceState[] {
  const learned = new Map<string, Gathered>();
  const listed = [
    ...new Map(expected.map((entry) => [`${entry.prefix}\n${entry.source_format ?? ''}`, entry])).values(),
  ];
  const entries = new Map<ExpectedSource, AwaitedSource>(
    listed.map((entry) => [
      entry,
      { entry, whole: gathered(entry.source_format ?? ANY_FORMAT, null, entry.prefix), parts: new Set() },
    ]),
  );
  let ledgerFrom = Infinity;
  for (const row of rows) {
    ledgerFrom = Math.min(ledgerFrom, row.day);
    const entry = entryOf(row, listed);
    const prefix = entry?.prefix ?? topFolder(row.folder);
    const id = JSON.stringify([row.sourceFormat, row.billingAccountId, prefix]);
    let source = learned.get(id);
    if (source === undefined) learned.set(id, (source = gathered(row.sourceFormat, row.billingAccountId, prefix)));
    gather(source, row);
    const awaited = entry && entries.get(entry);
    if (awaited) {
      awaited.parts.add(source);
      gather(awaited.whole, row);
    }
  }
  noteEmpty([...learned.values()], empty);
  const states = [...entries.values()].map(({ entry, whole, parts }) => {
    const [only] = parts;
    if (parts.size !== 1 || only === undefined) return stateOf(whole, nowMs, { entry, ledgerFrom });
    learned.delete(JSON.stringify([only.sourceFormat, only.billingAccountId, only.prefix]));
    return stateOf(only, nowMs, { entry, ledgerFrom });
  });
  for (const source of learned.values()) states.push(stateOf(source, nowMs, null));
  return states.toSorted((a, b) => compareText(sortText(a), sortText(b)));
}

function gathered(sourceFormat: string, billingAccountId: string | null, prefix: string): Gathered {
  const never = { firstMs: Infinity, lastMs: -Infinity, lastObjectMs: -Infinity };
  return { sourceFormat, billingAccountId, prefix, days: new Map(), ...never };
}

function gather(source: Gathered, row: SourceDay): void {
  const known = source.days.get(row.day);
  if (known === undefined || known.lastMs < row.lastMs) source.days.set(row.day, { day: row.day, lastMs: row.lastMs });
  source.firstMs = Math.min(source.firstMs, row.firstMs);
  source.lastMs = Math.max(source.lastMs, row.lastMs);
  source.lastObjectMs = Math.max(source.lastObjectMs, row.lastObjectMs);
}

/** The entry with the longest prefix that holds this folder and names its format or none. */
function entryOf(row: SourceDay, expected: readonly ExpectedSource[]): ExpectedSource | undefined {
  let found: ExpectedSource | undefined;
  for (const entry of expected) {
    const holds = row.folder.startsWith(entry.prefix) && (entry.source_format ?? row.sourceFormat) === row.sourceFormat;
    if (holds && (found === undefined || entry.prefix.length > found.prefix.length)) found = entry;
  }
  return found;
}

function noteEmpty(sources: readonly Gathered[], empty: readonly EmptyObject[]): void {
  const newest = new Map<string, number>();
  for (const { sourceFormat, folder, lastModifiedMs } of empty) {
    const id = JSON.stringify([sourceFormat, folder]);
    newest.set(id, Math.max(newest.get(id) ?? -Infinity, lastModifiedMs));
  }
  for (const source of sources) {
    const atMs = newest.get(JSON.stringify([source.sourceFormat, source.prefix]));
    if (atMs !== undefined) source.lastObjectMs = Math.max(source.lastObjectMs, atMs);
  }
}

interface Expectation {
  readonly entry: ExpectedSource;
  /** first day of the ledger: what never came is owed from there on */
  readonly ledgerFrom: number;
}

function stateOf(source: Gathered, nowMs: number, expectation: Expectation | null): SourceState {
  const today = Math.floor(nowMs / MS_PER_DAY);
  const active = [...source.days.values()].toSorted((a, b) => a.day - b.day);
  const hours = expectation?.entry.usual_gap_hours;
  const isYoung = active.length < EXPECTED_FROM_DAYS;
  const isDaily = expectation !== null && (hours === undefined ? isYoung : hours <= HOURS_PER_DAY);
  const owed = owedDays(active, today, { isDaily, isExpected: expectation !== null });
  const last = active.at(-1)?.day;
  const first = active[0]?.day;
  const since = Math.max(source.lastMs, source.lastObjectMs);
  return {
    sourceFormat: source.sourceFormat,
    billingAccountId: source.billingAccountId,
    prefix: source.prefix,
    firstDay: first === undefined ? null : isoDay(first),
    lastDay: last === undefined ? null : isoDay(last),
    firstEventMs: first === undefined ? null : source.firstMs,
    lastEventMs: first === undefined ? null : source.lastMs,
    lastObjectAtMs: Number.isFinite(source.lastObjectMs) ? source.lastObjectMs : null,
    usualGapHours: hours ?? (owed.usualGapDays === null ? null : owed.usualGapDays * HOURS_PER_DAY),
    isExpected: expectation !== null,
    status: hours === undefined && last !== undefined ? owed.state : statusByHours(nowMs - since, hours ?? 0),
    missingDays: missingDays(owed, last, today, nowMs - since, expectation),
  };
}

function statusByHours(silentMs: number, hours: number): SourceState['status'] {
  if (silentMs <= hours * MS_PER_HOUR) return 'ok';
  return silentMs > SILENT_GAPS * hours * MS_PER_HOUR ? 'silent' : 'late';
}

/** What the rhythm says is owed; where config names a cadence that has passed, or nothing ever came, all days since. */
function missingDays(
  owed: Owed,
  last: number | undefined,
  today: number,
  silentMs: number,
  expectation: Expectation | null,
): string[] {
  const days = [...owed.missing];
  if (expectation !== null) {
    const from = last ?? expectation.ledgerFrom - 1;
    const hours = expectation.entry.usual_gap_hours;
    const isOverdue = last === undefined || (hours !== undefined && silentMs > hours * MS_PER_HOUR);
    const owesSince = days.some((day) => day > from);
    if (isOverdue && !owesSince) for (let day = from + 1; day < today; day++) days.push(day);
  }
  return days.map(isoDay);
}

const sortText = (s: SourceState): string => `${s.prefix}\n${s.sourceFormat}\n${s.billingAccountId ?? ''}`;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Days that are not complete as of `nowMs`: the running day, and every day a source owes. */
export function incompleteDays(sources: readonly SourceState[], nowMs: number): Set<string> {
  const incomplete = new Set(sources.flatMap((source) => source.missingDays));
  incomplete.add(dayOf(nowMs));
  return incomplete;
}
