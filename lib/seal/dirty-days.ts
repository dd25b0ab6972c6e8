/**
 * Which days must be sealed again. Nothing marks days: each sealed day names the exact set of commits it is right for, and a day is
 * dirty while that set and today's live commits differ in a commit that reaches it: by its own rows or by a twin of one.
 */
import { createHash } from 'node:crypto';
import { liveObjects } from '../commit.ts';
import type { BatchCommit, ObjectCommit } from '../commit.ts';
import type { ObjectStore, PartitionPointer } from '../ports.ts';
import { bucketDays, bucketDaysBeside, daysAround, twinReach } from './reach.ts';

/** The live commits at one moment: what a seal reads, no more and no less. */
export interface FrozenSet {
  readonly id: string;
  readonly commitIds: ReadonlySet<string>;
  readonly objects: readonly { readonly commit: ObjectCommit; readonly batch: BatchCommit }[];
}

export const SET_PREFIX = 'commit-sets/v1/';

/**
 * Freezes the newest readable version of every object: one that could not be read does not take away what an older one said; one that
 * was retracted keeps its rows, as excluded. The id depends only on which commits are in the set.
 */
export function freeze(batches: readonly BatchCommit[]): FrozenSet {
  const isReadable = ({ outcome }: ObjectCommit): boolean => outcome === 'landed' || outcome === 'retracted';
  const objects = [...liveObjects(batches, isReadable).values()];
  const commitIds = objects.map(({ commit }) => commit.commitId).toSorted();
  const id = createHash('sha256').update(commitIds.join('\n')).digest('hex').slice(0, 24);
  return { id, commitIds: new Set(commitIds), objects };
}

/** Keeps a frozen set so that later runs can compare with it. */
export async function storeSet(store: ObjectStore, set: FrozenSet): Promise<void> {
  await store.putIfAbsent(`${SET_PREFIX}${set.id}.json`, new TextEncoder().encode(JSON.stringify([...set.commitIds])));
}

/** The commits of a frozen set; empty if it is no longer kept, which makes every day look changed and is safe. */
async function loadSet(store: ObjectStore, id: string): Promise<ReadonlySet<string>> {
  const bytes = await store.read(`${SET_PREFIX}${id}.json`);
  return new Set(bytes === null ? [] : (JSON.parse(new TextDecoder().decode(bytes)) as string[]));
}

type Read = FrozenSet['objects'][number];

export interface DirtyInput {
  readonly store: ObjectStore;
  readonly batches: readonly BatchCommit[];
  readonly set: FrozenSet;
  readonly usage: Readonly<Record<string, PartitionPointer>>;
  readonly wideDays: number;
  /** days, among `near`, that hold a twin of a row of the changed reads; `reads` are these and all live ones */
  readonly twinDays: (
    reads: Pick<FrozenSet, 'objects'>,
    changed: readonly ObjectCommit[],
    near: readonly string[],
  ) => Promise<readonly string[]>;
}

/** Days to seal again, in order. */
export async function dirtyDays(input: DirtyInput): Promise<string[]> {
  const { set, usage } = input;
  const dirty = new Set<string>();
  for (const { commit } of set.objects) for (const day in commit.days) if (!(day in usage)) dirty.add(day);
  const groups = [...daysBySet(usage)].filter(([madeFrom]) => madeFrom !== set.id);
  const reads = groups.length === 0 ? new Map<string, Read>() : readsById(input.batches);
  for (const [madeFrom, days] of groups) {
    const changed = await changedReads(input, madeFrom, reads);
    const own = new Set(changed.flatMap(({ commit }) => Object.keys(commit.days)));
    const touched = new Set(days.filter((day) => own.has(day)));
    const reached = new Set([...own].flatMap((day) => daysAround(day, twinReach(input.wideDays))));
    const near = days.filter((day) => !touched.has(day) && reached.has(day));
    if (near.length > 0) {
      const all = { objects: [...new Set([...set.objects, ...changed])] };
      const commits = changed.map(({ commit }) => commit);
      for (const day of await input.twinDays(all, commits, near)) touched.add(day);
    }
    // what calls cover moves with them, also on days the report shows and the calls have left
    const withBuckets = bucketDays({ objects: [...set.objects, ...changed] });
    const beside = bucketDaysBeside([...own, ...touched], withBuckets);
    for (const day of days) if (touched.has(day) || beside.has(day)) dirty.add(day);
  }
  return [...dirty].toSorted();
}

/** Reads that one of the sets has and the other lacks. A commit that is gone changes nothing any more. */
async function changedReads(input: DirtyInput, madeFrom: string, reads: ReadonlyMap<string, Read>): Promise<Read[]> {
  const now = input.set.commitIds;
  const before = await loadSet(input.store, madeFrom);
  const ids = [...[...now].filter((id) => !before.has(id)), ...[...before].filter((id) => !now.has(id))];
  return ids.map((id) => reads.get(id)).filter((read) => read !== undefined);
}

function readsById(batches: readonly BatchCommit[]): Map<string, Read> {
  return new Map(
    batches.flatMap((batch) => batch.objects.map((commit) => [commit.commitId, { commit, batch }] as const)),
  );
}

function daysBySet(usage: Readonly<Record<string, PartitionPointer>>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [day, { madeFrom }] of Object.entries(usage)) {
    const group = groups.get(madeFrom);
    if (group) group.push(day);
    else groups.set(madeFrom, [day]);
  }
  return groups;
}
