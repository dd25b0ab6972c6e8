/**
 * Seals days: one SQL statement per chunk of days writes `usage` and `usage_excluded` of a fresh generation from a frozen set of
 * commits. Nothing is visible until the catalog switches; a crash leaves files that nobody points at.
 */
import type { ObjectCommit } from '../commit.ts';
import { Transient } from '../errors.ts';
import type { CatalogChanges, ObjectStore, PartitionPointer, SqlEngine, WrittenFile } from '../ports.ts';
import type { FrozenSet } from './dirty-days.ts';
import { ROW_KINDS, bucketDays, chunkDays, coreDays, daysInReach, landingKeys, wideRowDays } from './reach.ts';

/** The product's SQL, as text: stages do not read files. */
export interface SealSql {
  /** the statement that writes usage and usage_excluded; the second for days without a bucket near, which costs less to plan */
  readonly seal: string;
  readonly sealWithoutBuckets: string;
  readonly twinDays: string;
  readonly spendDaily: string;
  readonly promptFingerprints: string;
  readonly rejects: string;
  readonly sourceDays: string;
  readonly reconciliation: string;
  readonly documents: string;
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

/** Days, among `near`, that hold a twin of a row of the changed reads; `reads` are these and all live ones. */
export async function twinDays(
  context: SealContext,
  reads: Pick<FrozenSet, 'objects'>,
  changed: readonly ObjectCommit[],
  near: readonly string[],
): Promise<string[]> {
  const { engine, wideDays, landing } = context;
  const own = new Set(changed.flatMap((commit) => Object.keys(commit.days)));
  const reach = daysInReach(own, wideDays, wideRowDays(reads));
  const wanted = new Set(near.filter((day) => reach.has(day)));
  if (wanted.size === 0) return [];
  await engine.files(
    'landing',
    landing.rows,
    landingKeys(reads, ROW_KINDS, (day) => reach.has(day)),
  );
  await engine.table(
    'changed',
    { commit_id: 'string' },
    changed.map((commit) => [commit.commitId]),
  );
  await engine.table('settings', { wide_days: 'bigint' }, [[wideDays]]);
  return (await engine.query(context.sql.twinDays)).map((row) => String(row['day'])).filter((day) => wanted.has(day));
}

/** Writes a generation of each dirty day and returns the pointers to switch to. Days left without rows point at nothing. */
export async function sealDays(context: SealContext, set: FrozenSet, days: readonly string[]): Promise<CatalogChanges> {
  const usage: Record<string, PartitionPointer> = {};
  const excluded: Record<string, PartitionPointer> = {};
  const rowsByDay = new Map<string, number>();
  for (const { commit } of set.objects) {
    for (const [day, rows] of Object.entries(commit.days)) rowsByDay.set(day, (rowsByDay.get(day) ?? 0) + rows);
  }
  const withBuckets = bucketDays(set);
  const wide = wideRowDays(set);
  for (const chunk of chunkDays(days, (day) => rowsByDay.get(day) ?? 0)) {
    await context.engine.reset();
    const generation = context.nextGeneration();
    const core = coreDays(chunk, withBuckets);
    const sql = [...core].some((day) => withBuckets.has(day)) ? context.sql.seal : context.sql.sealWithoutBuckets;
    const files = await sealChunk(context, set, { days: chunk, core, wide, sql }, generation);
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

interface Chunk {
  readonly days: readonly string[];
  readonly core: ReadonlySet<string>;
  readonly wide: ReadonlySet<string>;
  readonly sql: string;
}

async function sealChunk(
  context: SealContext,
  set: FrozenSet,
  { days, core, wide, sql }: Chunk,
  generation: string,
): Promise<WrittenFile[]> {
  const { engine, wideDays } = context;
  const reach = daysInReach(core, wideDays, wide);
  await engine.files(
    'landing',
    context.landing.rows,
    landingKeys(set, ROW_KINDS, (day) => reach.has(day)),
  );
  await registerCommits(engine, {
    objects: set.objects.filter(({ commit }) => Object.keys(commit.days).some((day) => reach.has(day))),
  });
  const asRows = (of: Iterable<string>): string[][] => [...of].map((day) => [day]);
  await engine.table('dirty', { day: 'date' }, asRows(days));
  await engine.table('core', { day: 'date' }, asRows(core));
  await engine.table('settings', { wide_days: 'bigint' }, [[wideDays]]);
  return await engine.write(sql, `v1/sealed/g=${generation}/`, ['kind', 'day']);
}

/** The live commits as the small table `commits`. */
export async function registerCommits(engine: SqlEngine, set: Pick<FrozenSet, 'objects'>): Promise<void> {
  await engine.table(
    'commits',
    { commit_id: 'string', source_object: 'string', ingested_at: 'timestamp', retracted: 'boolean' },
    set.objects.map(({ commit, batch }) => [
      commit.commitId,
      commit.object,
      sqlTime(batch.ingestedAtMs),
      commit.outcome === 'retracted',
    ]),
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
