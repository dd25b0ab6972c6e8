/**
 * Which days must be sealed again. Nothing marks days: each sealed day names the exact set of commits it is right for, and a day is
 * dirty while that set and today's live commits differ in a commit that reaches it: by its own rows or by a twin of one.
 */
import { createHash } from 'node:crypto';
import { liveObjects } from '../commit.ts';
import type { BatchCommit, ObjectCommit } from '../commit.ts';
import type { ObjectStore, PartitionPointer } from '../ports.ts';
import { addDays } from '../time.ts';

/** The live commits at one moment: what a seal reads, no more and no less. */
export interface FrozenSet {
  readonly id: string;
  readonly commitIds: ReadonlySet<string>;
  readonly objects: readonly { readonly commit: ObjectCommit; readonly batch: BatchCommit }[];
}

const SET_PREFIX = 'commit-sets/v1/';

/**
 * Freezes the newest readable version of every object: one that could not be read does not take away what an older one said.
 * The id depends only on which commits are in the set.
 */
export function freeze(batches: readonly BatchCommit[]): FrozenSet {
  const readable = batches.map((batch) => ({
    ...batch,
    objects: batch.objects.filter((o) => o.outcome === 'landed' || o.outcome === 'retracted'),
  }));
  const objects = [...liveObjects(readable).values()].filter(({ commit }) => commit.outcome === 'landed');
  const commitIds = objects.map(({ commit }) => commit.commitId).toSorted();
  const id = createHash('sha256').update(commitIds.join('\n')).digest('hex').slice(0, 24);
  return { id, commitIds: new Set(commitIds), objects };
}

/** Keeps a frozen set so that later runs can compare with it. */
export async function storeSet(store: ObjectStore, set: FrozenSet): Promise<void> {
  await store.putIfAbsent(`${SET_PREFIX}${set.id}.json`, new TextEncoder().encode(JSON.stringify([...set.commitIds])));
}

async function loadSet(store: ObjectStore, id: string): Promise<ReadonlySet<string>> {
  const bytes = await store.read(`${SET_PREFIX}${id}.json`);
  return new Set(bytes === null ? [] : (JSON.parse(new TextDecoder().decode(bytes)) as string[]));
}

export interface DirtyInput {
  readonly store: ObjectStore;
  readonly batches: readonly BatchCommit[];
  readonly set: FrozenSet;
  readonly usage: Readonly<Record<string, PartitionPointer>>;
  readonly wideDays: number;
  /** days, among `near`, that hold a twin of a row of these commits */
  readonly twinDays: (changed: readonly ObjectCommit[], near: readonly string[]) => Promise<readonly string[]>;
}

/** Days to seal again, in order. */
export async function dirtyDays(input: DirtyInput): Promise<string[]> {
  const { set, usage } = input;
  const dirty = new Set<string>();
  for (const { commit } of set.objects) for (const day in commit.days) if (!(day in usage)) dirty.add(day);
  const byId = new Map(input.batches.flatMap((b) => b.objects).map((commit) => [commit.commitId, commit]));
  for (const [madeFrom, days] of daysBySet(usage)) {
    if (madeFrom === set.id) continue;
    const before = await loadSet(input.store, madeFrom);
    const changed = [...set.commitIds]
      .filter((id) => !before.has(id))
      .concat([...before].filter((id) => !set.commitIds.has(id)));
    const commits = changed.map((id) => byId.get(id)).filter((commit) => commit !== undefined);
    const own = new Set(commits.flatMap((commit) => Object.keys(commit.days)));
    for (const day of days) if (own.has(day)) dirty.add(day);
    const near = days.filter((day) => !dirty.has(day) && withinReach(day, own, input.wideDays));
    if (near.length > 0) for (const day of await input.twinDays(commits, near)) if (day in usage) dirty.add(day);
  }
  return [...dirty].toSorted();
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

function withinReach(day: string, days: ReadonlySet<string>, reach: number): boolean {
  for (let offset = -reach; offset <= reach; offset++) if (days.has(addDays(day, offset))) return true;
  return false;
}
