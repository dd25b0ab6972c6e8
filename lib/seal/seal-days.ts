/**
 * Seals days: one SQL statement per chunk of days writes `usage` and `usage_excluded` of a fresh generation from a frozen set of
 * commits. Nothing is visible until the catalog switches; a crash leaves files that nobody points at.
 */
import type { ObjectCommit } from '../commit.ts';
import { Transient } from '../errors.ts';
import type { CatalogChanges, ObjectStore, PartitionPointer, SqlEngine, WrittenFile } from '../ports.ts';
import { addDays } from '../time.ts';
import type { FrozenSet } from './dirty-days.ts';

/** A statement takes at most this many days and rows, so that its memory does not grow with the lake. */
const MAX_DAYS = 50;
const MAX_ROWS = 500_000;

/** The product's SQL, as text: stages do not read files. */
export interface SealSql {
  readonly seal: string;
  readonly twinDays: string;
  readonly spendDaily: string;
  readonly promptFingerprints: string;
  readonly rejects: string;
}

/** Column types of the landing folders, from the write stage. */
export interface LandingTypes {
  readonly rows: Readonly<Record<string, string>>;
  readonly prompts: Readonly<Record<string, string>>;
  readonly rejects: Readonly<Record<string, string>>;
}

export interface SealContext {
  readonly store: ObjectStore;
  readonly engine: SqlEngine;
  readonly sql: SealSql;
  readonly landing: LandingTypes;
  readonly wideDays: number;
  /** a name no other attempt has used */
  readonly nextGeneration: () => string;
}

/** Landing objects of the given kinds whose day is wanted and whose batch holds one of the commits. */
function landingKeys(
  set: Pick<FrozenSet, 'objects'>,
  kinds: readonly string[],
  wants: (day: string) => boolean,
): string[] {
  const batches = new Set(set.objects.map(({ batch }) => batch));
  return [...batches]
    .flatMap((batch) => batch.files)
    .filter((file) => kinds.includes(file.kind) && wants(file.day))
    .map((file) => file.key);
}

const between =
  (from: string, to: string) =>
  (day: string): boolean =>
    day >= from && day <= to;

const ROW_KINDS = ['calls', 'sessions', 'buckets'];

/** Days, among `near`, that hold a twin of a row of the changed commits. */
export async function twinDays(
  context: SealContext,
  everything: Pick<FrozenSet, 'objects'>,
  changed: readonly ObjectCommit[],
  near: readonly string[],
): Promise<string[]> {
  const own = changed.flatMap((commit) => Object.keys(commit.days)).toSorted();
  const first = own[0];
  const last = own.at(-1);
  if (first === undefined || last === undefined) return [];
  const { engine } = context;
  const keys = landingKeys(
    everything,
    ROW_KINDS,
    between(addDays(first, -context.wideDays), addDays(last, context.wideDays)),
  );
  await engine.files('landing', context.landing.rows, keys);
  await engine.table(
    'changed',
    { commit_id: 'string' },
    changed.map((commit) => [commit.commitId]),
  );
  await engine.table('settings', { wide_days: 'bigint' }, [[context.wideDays]]);
  const wanted = new Set(near);
  return (await engine.query(context.sql.twinDays)).map((row) => String(row['day'])).filter((day) => wanted.has(day));
}

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

/** Writes a generation of each dirty day and returns the pointers to switch to. Days left without rows point at nothing. */
export async function sealDays(context: SealContext, set: FrozenSet, days: readonly string[]): Promise<CatalogChanges> {
  const usage: Record<string, PartitionPointer> = {};
  const excluded: Record<string, PartitionPointer> = {};
  const rowsByDay = new Map<string, number>();
  for (const { commit } of set.objects) {
    for (const [day, rows] of Object.entries(commit.days)) rowsByDay.set(day, (rowsByDay.get(day) ?? 0) + rows);
  }
  const wide = await daysWithWideRows(context, set, days);
  for (const chunk of chunkDays(days, (day) => rowsByDay.get(day) ?? 0)) {
    await context.engine.reset();
    const generation = context.nextGeneration();
    const files = await sealChunk(context, set, chunk, generation, wide);
    const expected = chunk.reduce((sum, day) => sum + (rowsByDay.get(day) ?? 0), 0);
    const written = files.reduce((sum, file) => sum + file.rows, 0);
    if (written !== expected) {
      throw new Transient(`sealing ${chunk[0]} to ${chunk.at(-1)} wrote ${written} rows of ${expected} that landed`, {
        hint: 'nothing was switched; run again, and if it repeats report it with `doctor` output',
      });
    }
    for (const day of chunk) {
      usage[day] = pointerTo(files, 'usage', day, generation, set.id);
      excluded[day] = pointerTo(files, 'usage_excluded', day, generation, set.id);
    }
  }
  return { usage, usage_excluded: excluded };
}

/** Days, within reach of those to seal, that hold a row whose twins may lie far away (agent sessions, inferred times). */
async function daysWithWideRows(context: SealContext, set: FrozenSet, days: readonly string[]): Promise<Set<string>> {
  const { engine, wideDays, landing } = context;
  const wants = between(addDays(days[0] ?? '', -wideDays), addDays(days.at(-1) ?? '', wideDays));
  await engine.files('landing', landing.rows, landingKeys(set, ROW_KINDS, wants));
  const rows = await engine.query('select distinct day from landing where is_wide');
  return new Set(rows.map((row) => String(row['day'])));
}

/**
 * Days whose rows can be twins of the chunk's: the neighbors; and, up to the wide reach, the days with wide rows, or all days if the
 * chunk itself has wide rows. Most logs have none, and then a statement reads little more than what it writes.
 */
export function daysInReach(chunk: readonly string[], wideDays: number, wide: ReadonlySet<string>): Set<string> {
  const chunkIsWide = chunk.some((day) => wide.has(day));
  const reach = new Set<string>();
  for (const day of chunk) {
    for (let offset = -wideDays; offset <= wideDays; offset++) {
      const other = addDays(day, offset);
      if (Math.abs(offset) <= 1 || chunkIsWide || wide.has(other)) reach.add(other);
    }
  }
  return reach;
}

async function sealChunk(
  context: SealContext,
  set: FrozenSet,
  chunk: readonly string[],
  generation: string,
  wide: ReadonlySet<string>,
): Promise<WrittenFile[]> {
  const { engine, wideDays } = context;
  const reach = daysInReach(chunk, wideDays, wide);
  await engine.files(
    'landing',
    context.landing.rows,
    landingKeys(set, ROW_KINDS, (day) => reach.has(day)),
  );
  await registerCommits(engine, {
    objects: set.objects.filter(({ commit }) => Object.keys(commit.days).some((day) => reach.has(day))),
  });
  await engine.table(
    'dirty',
    { day: 'date' },
    chunk.map((day) => [day]),
  );
  await engine.table('settings', { wide_days: 'bigint' }, [[wideDays]]);
  return await engine.write(context.sql.seal, `v1/sealed/g=${generation}/`, ['kind', 'day']);
}

/** The live commits as the small table `commits`. */
export async function registerCommits(engine: SqlEngine, set: Pick<FrozenSet, 'objects'>): Promise<void> {
  await engine.table(
    'commits',
    { commit_id: 'string', source_object: 'string', ingested_at: 'timestamp' },
    set.objects.map(({ commit, batch }) => [commit.commitId, commit.object, sqlTime(batch.ingestedAtMs)]),
  );
}

/** `YYYY-MM-DD hh:mm:ss.mmm`, which both engines read as a timestamp. */
export function sqlTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

function pointerTo(
  files: readonly WrittenFile[],
  kind: string,
  day: string,
  generation: string,
  madeFrom: string,
): PartitionPointer {
  const own = files.filter((file) => file.partition['kind'] === kind && file.partition['day'] === day);
  return {
    generation,
    keys: own.map((file) => file.key),
    rows: own.reduce((sum, file) => sum + file.rows, 0),
    madeFrom,
  };
}
