/**
 * The tables of sources: `source_days`, made per day from the landing rows of the same frozen commits as the day's usage, and `sources`,
 * which follows from all its days, the config and the clock. Landing is read, and not usage, because a row of usage may have taken its
 * account from a twin in another source. A day is read again only when it was sealed again or config names other folders.
 */
import { applyChanges } from '../catalog.ts';
import type { BatchCommit } from '../commit.ts';
import { LedgerError } from '../errors.ts';
import type { CatalogChanges, CatalogState, SqlRow, SqlValue } from '../ports.ts';
import { SOURCES, SOURCE_DAYS, columnTypes } from '../schema.ts';
import { addDays, dayNumber, dayOf, fromIso } from '../time.ts';
import { remake, signature } from './derived.ts';
import type { NewPointers, Pointers } from './derived.ts';
import { freeze } from './dirty-days.ts';
import { ROW_KINDS, landingKeys } from './reach.ts';
import { sqlTime } from './seal-days.ts';
import type { SealContext } from './seal-days.ts';
import { emptyObjects, folderOf, sourceStates } from './sources.ts';
import type { ExpectedSource, SourceDay, SourceState } from './sources.ts';

export interface SourceTables {
  readonly sources: readonly SourceState[];
  readonly changes: CatalogChanges;
}

/** Both tables, and the states they come to. `state` already points at the days sealed in this round. */
export async function remakeSourceTables(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
  expected: readonly ExpectedSource[],
  nowMs: number,
): Promise<SourceTables> {
  const days = { [SOURCE_DAYS.name]: await remakeSourceDays(context, state, batches, expected, nowMs) };
  const rows = await readSourceDays(context, applyChanges(state, days));
  const sources = sourceStates(rows, nowMs, expected, emptyObjects(freeze(batches), expected));
  return { sources, changes: { ...days, [SOURCES.name]: await remakeSources(context, state, sources) } };
}

/** Older days keep the folders they were made with: their landing rows may have expired. */
const FOLDERS_CHANGE_FOR_DAYS = 180;

/** Makes `source_days` of the days that were sealed again. */
async function remakeSourceDays(
  context: SealContext,
  state: CatalogState,
  batches: readonly BatchCommit[],
  expected: readonly ExpectedSource[],
  nowMs: number,
): Promise<NewPointers> {
  const current = state.tables[SOURCE_DAYS.name] ?? {};
  const set = freeze(batches);
  return await remake(context, SOURCE_DAYS, current, wantedDays(state, current, expected, nowMs), async (days) => {
    const chosen = new Set(days);
    const objects = set.objects.filter(
      ({ commit }) => commit.outcome === 'landed' && Object.keys(commit.days).some((day) => chosen.has(day)),
    );
    await context.engine.files(
      'landing',
      context.landing.rows,
      landingKeys({ objects }, ROW_KINDS, (day) => chosen.has(day)),
    );
    await context.engine.table(
      'folders',
      { commit_id: 'string', folder: 'string', object_at: 'timestamp' },
      objects.map(({ commit }) => [commit.commitId, folderOf(commit.object, expected), sqlTime(commit.lastModifiedMs)]),
    );
    return context.sql.sourceDays;
  });
}

function wantedDays(
  state: CatalogState,
  current: Pointers,
  expected: readonly ExpectedSource[],
  nowMs: number,
): Map<string, string> {
  const folders = signature(expected.map(({ prefix }) => prefix).toSorted());
  const oldest = addDays(dayOf(nowMs), -FOLDERS_CHANGE_FOR_DAYS);
  return new Map(
    Object.entries(state.tables['usage'] ?? {}).map(([day, { generation }]) => {
      const rows = signature([generation]);
      const known = current[day]?.madeFrom;
      return [day, day < oldest && known?.startsWith(rows) ? known : `${rows}-${folders}`];
    }),
  );
}

/** What every source brought, day by day, without the split by provider and grain. */
const GATHERED = `
select source_format, billing_account_id, folder, min(first_at) as first_at, max(last_at) as last_at,
  max(last_object_at) as last_object_at, day
from source_days
group by source_format, billing_account_id, folder, day
order by day, folder, source_format, billing_account_id`;

/** Reads `source_days` as the catalog points to it. */
export async function readSourceDays(context: Pick<SealContext, 'engine'>, state: CatalogState): Promise<SourceDay[]> {
  const keys = Object.values(state.tables[SOURCE_DAYS.name] ?? {}).flatMap((pointer) => pointer.keys);
  if (keys.length === 0) return [];
  await context.engine.files(SOURCE_DAYS.name, columnTypes(SOURCE_DAYS), keys);
  return (await context.engine.query(GATHERED)).map(sourceDay);
}

function sourceDay(row: SqlRow): SourceDay {
  const account = row['billing_account_id'];
  return {
    sourceFormat: String(row['source_format']),
    billingAccountId: typeof account === 'string' ? account : null,
    folder: String(row['folder']),
    day: dayNumber(String(row['day'])),
    firstMs: instant(row, 'first_at'),
    lastMs: instant(row, 'last_at'),
    lastObjectMs: instant(row, 'last_object_at'),
  };
}

function instant(row: SqlRow, name: string): number {
  const ms = fromIso(row[name]);
  if (ms === null) throw new LedgerError(`source_days holds no time in column ${name}`);
  return ms;
}

/** Makes `sources` from their states; the same states give the same table. */
async function remakeSources(
  context: SealContext,
  state: CatalogState,
  sources: readonly SourceState[],
): Promise<NewPointers> {
  const rows = sources.map(sourceRow);
  const current = state.tables[SOURCES.name] ?? {};
  return await remake(context, SOURCES, current, new Map([['all', signature([JSON.stringify(rows)])]]), async () => {
    await context.engine.table('source_rows', columnTypes(SOURCES), rows);
    return 'select * from source_rows order by prefix, source_format, billing_account_id';
  });
}

function sourceRow(source: SourceState): SqlValue[] {
  const time = (ms: number | null): string | null => (ms === null ? null : sqlTime(ms));
  return [
    source.sourceFormat,
    source.billingAccountId,
    source.prefix,
    time(source.firstEventMs),
    time(source.lastEventMs),
    time(source.lastObjectAtMs),
    source.usualGapHours,
    source.missingDays,
    source.status,
  ];
}
