/**
 * Whether the files of a lake are those that its catalog and commits name. In: the store, the catalog, the commits, the time. Out:
 * findings: pointed-at files that are gone, generations nobody points at, landing files without a commit, commits whose files are gone.
 * One listing of each folder is compared with the names that are wanted; only names that do not fit are kept.
 */
import type { BatchCommit, LandingFile } from '../commit.ts';
import type { CatalogState, ObjectStore } from '../ports.ts';
import { addDays, dayOf } from '../time.ts';
import { freeze } from '../seal/dirty-days.ts';
import { firstPlaces, several } from './finding.ts';
import type { Finding } from './finding.ts';

export interface LakeFiles {
  readonly findings: readonly Finding[];
  /** every file the catalog points to is there, so that tables can be read */
  readonly isReadable: boolean;
  /** landing files of live commits that are there */
  readonly landing: readonly LandingFile[];
  /** ids of live commits whose landing files are all there */
  readonly wholeCommits: ReadonlySet<string>;
}

export interface Keeping {
  readonly nowMs: number;
  /** config keep.old_generations_hours */
  readonly graceMs: number;
  /** config keep.landing_days */
  readonly landingDays: number;
}

/** Compares the lake's folders with its catalog and its commits. */
export async function checkLakeFiles(
  store: ObjectStore,
  state: CatalogState,
  batches: readonly BatchCommit[],
  keeping: Keeping,
): Promise<LakeFiles> {
  const tables = await checkTables(store, state, keeping);
  const landing = await checkLanding(store, batches, keeping);
  return { ...landing, isReadable: tables.isReadable, findings: [...tables.findings, ...landing.findings] };
}

const GENERATION = /^v1\/[a-z]+\/g=([a-z0-9_-]+)\//;
const RETIRED = 'retired/v1/';

async function checkTables(
  store: ObjectStore,
  state: CatalogState,
  keeping: Keeping,
): Promise<Pick<LakeFiles, 'findings' | 'isReadable'>> {
  const wanted = new Set<string>();
  const current = new Set<string>();
  for (const partitions of Object.values(state.tables))
    for (const { keys } of Object.values(partitions))
      for (const key of keys) {
        wanted.add(key);
        current.add(GENERATION.exec(key)?.[1] ?? '');
      }
  const unpointed = new Map<string, { folder: string; files: number; bytes: number }>();
  for await (const { key, bytes } of store.list('v1/')) {
    wanted.delete(key);
    const found = GENERATION.exec(key);
    if (found?.[1] === undefined || current.has(found[1])) continue;
    const known = unpointed.get(found[1]) ?? { folder: found[0], files: 0, bytes: 0 };
    unpointed.set(found[1], { ...known, files: known.files + 1, bytes: known.bytes + bytes });
  }
  const isReadable = wanted.size === 0;
  const missing: Finding = {
    level: 'problem',
    check: 'lake',
    message: `${several(wanted.size, 'file')} that the catalog points to ${wanted.size === 1 ? 'is' : 'are'} missing, first ${[...wanted][0]}`,
    where: firstPlaces(wanted),
    todo: 'restore them from a backup, or delete the lake and run again from the logs',
  };
  return {
    isReadable,
    findings: [...(isReadable ? [] : [missing]), ...(await checkGenerations(store, unpointed, keeping))],
  };
}

/** Generations nobody points at: retired ones go by themselves, others were left by a run that did not end. */
async function checkGenerations(
  store: ObjectStore,
  unpointed: ReadonlyMap<string, { folder: string; files: number; bytes: number }>,
  { nowMs, graceMs }: Keeping,
): Promise<Finding[]> {
  let waiting = 0;
  const left = new Map(unpointed);
  for await (const { key } of store.list(RETIRED)) {
    const generation = key.slice(RETIRED.length).replace(/\.json$/, '');
    if (!left.delete(generation)) continue;
    const bytes = await store.read(key);
    if (bytes === null) continue;
    const { retiredAtMs } = JSON.parse(new TextDecoder().decode(bytes)) as { retiredAtMs: number };
    if (nowMs - retiredAtMs < graceMs) waiting++;
  }
  if (left.size === 0) {
    const kept = waiting === 0 ? '' : `; ${several(waiting, 'old one')} kept for readers until the grace period ends`;
    return [{ level: 'ok', check: 'generations', message: `no generation without a pointer${kept}` }];
  }
  const bytes = [...left.values()].reduce((sum, generation) => sum + generation.bytes, 0);
  return [
    {
      level: 'note',
      check: 'generations',
      message: `${several(left.size, 'generation')} without a pointer (${several(bytes, 'byte')}): left by a run that was killed or overtaken; nothing reads them`,
      where: firstPlaces([...left.values()].map(({ folder }) => folder)),
      todo: 'delete these folders while no run is going on',
    },
  ];
}

async function checkLanding(
  store: ObjectStore,
  batches: readonly BatchCommit[],
  keeping: Keeping,
): Promise<Pick<LakeFiles, 'findings' | 'landing' | 'wholeCommits'>> {
  const committed = new Set(batches.flatMap((batch) => batch.files.map((file) => file.key)));
  const present = new Set<string>();
  let strayFiles = 0;
  const strays: string[] = [];
  for await (const { key } of store.list('landing/')) {
    if (committed.has(key)) present.add(key);
    else if (strayFiles++ < 100) strays.push(key);
  }
  const live = liveFiles(batches, present);
  const oldest = addDays(dayOf(keeping.nowMs), -keeping.landingDays);
  const expired = live.missing.filter(({ file }) => file.day < oldest);
  const gone = live.missing.filter(({ file }) => file.day >= oldest);
  const findings: Finding[] = [strayFinding(strayFiles, strays)];
  if (gone.length > 0) findings.push(goneFinding(gone));
  if (expired.length > 0)
    findings.push({
      level: 'note',
      check: 'landing',
      message: `${several(expired.length, 'landing file')} of days before ${oldest} ${expired.length === 1 ? 'has' : 'have'} expired (keep.landing_days): prices and rules of these days can no longer be changed`,
      where: firstPlaces(expired.map(({ file }) => file.key)),
    });
  return { findings, landing: live.there, wholeCommits: live.whole };
}

interface MissingFile {
  readonly file: LandingFile;
  readonly batch: BatchCommit;
}

/** Files that live commits need, by whether they are there. A file of a batch is needed if a live object of it has rows on its day. */
function liveFiles(
  batches: readonly BatchCommit[],
  present: ReadonlySet<string>,
): { there: LandingFile[]; missing: MissingFile[]; whole: Set<string> } {
  const byBatch = Map.groupBy(freeze(batches).objects, ({ batch }) => batch);
  const there: LandingFile[] = [];
  const missing: MissingFile[] = [];
  const whole = new Set<string>();
  for (const [batch, objects] of byBatch) {
    const days = new Set(objects.flatMap(({ commit }) => Object.keys(commit.days)));
    const needed = batch.files.filter(({ kind, day }) => kind !== 'prompts' && kind !== 'rejects' && days.has(day));
    const goneDays = new Set<string>();
    for (const file of needed) {
      if (present.has(file.key)) there.push(file);
      else {
        missing.push({ file, batch });
        goneDays.add(file.day);
      }
    }
    const named = new Set(needed.map(({ day }) => day));
    for (const { commit } of objects) {
      const own = Object.keys(commit.days);
      if (own.every((day) => named.has(day) && !goneDays.has(day))) whole.add(commit.commitId);
    }
  }
  return { there, missing, whole };
}

function strayFinding(n: number, strays: readonly string[]): Finding {
  return n === 0
    ? { level: 'ok', check: 'landing', message: 'every landing file belongs to a commit' }
    : {
        level: 'note',
        check: 'landing',
        message: `${several(n, 'landing file')} without a commit: left by a run that was killed; ${n === 1 ? 'its' : 'their'} rows do not exist for the ledger`,
        where: firstPlaces(strays),
        todo: 'run again: the same logs are read again and take the files over; what then still stands here can be deleted while no run is going on',
      };
}

function goneFinding(gone: readonly MissingFile[]): Finding {
  const commits = new Set(gone.map(({ batch }) => batch.batchId));
  return {
    level: 'problem',
    check: 'commits',
    message: `${several(commits.size, 'commit')} ${commits.size === 1 ? 'names' : 'name'} ${several(gone.length, 'landing file')} that ${gone.length === 1 ? 'is' : 'are'} gone: the rows stay in usage only until their days are sealed again`,
    where: firstPlaces(gone.map(({ file }) => file.key)),
    todo: `restore the files; or, with the logs still in the inbox, delete the commit records of ${[...commits].slice(0, 5).join(', ')} below commits/v1/ and run again`,
  };
}
